package check

import (
	"strconv"
	"strings"
)

// hocon is a parsed file of NanoMQ: its values and the places of its blocks, by their dotted keys.
type hocon struct {
	settings settings
	blocks   map[string]Place
}

// hoconParser reads the subset of HOCON that NanoMQ's own grammar (nng/src/supplemental/nanolib/hocon) has: blocks,
// dotted keys, strings, bare values to the end of the line, arrays with or without commas, includes, comments with # and //.
// The parser goes once over the text, byte by byte, and never deeper than deepest.
type hoconParser struct {
	run  *run
	d    *document
	text string
	pos  int
	out  *hocon
	// fault is the first fault: what follows one is guesswork.
	failed bool
}

// deepest bounds the nesting of blocks.
const deepest = 64

const noParse = "NanoMQ prints 'Parser syntax error' without a line on standard output, and does not start"

// parseHOCON parses a file. A fault is reported with its place; what stood before it is returned.
func (r *run) parseHOCON(d *document) *hocon {
	p := &hoconParser{run: r, d: d, text: string(d.data), out: &hocon{settings{}, map[string]Place{}}}
	if strings.HasPrefix(p.text, string(byteOrderMark)) {
		p.fail(0, `\ufeff`, "the file begins with a byte order mark")
		return p.out
	}
	if at := strings.IndexByte(p.text, 0); at >= 0 {
		p.fail(at, "", "the file holds a null byte: it is damaged or no text")
		return p.out
	}
	p.block("", -1, 0)
	return p.out
}

func (p *hoconParser) fail(at int, text, problem string) {
	if !p.failed {
		p.run.report(ruleSyntax, systemNanoMQ, p.d.at(at, text), problem, noParse, "correct the place; every block needs its closing brace, every key a value")
	}
	p.failed = true
}

// block reads keys and values up to the closing brace, or to the end of the file at the outermost level (open < 0).
func (p *hoconParser) block(key string, open, depth int) {
	for !p.failed {
		p.blank(true)
		switch {
		case p.pos >= len(p.text):
			if open >= 0 {
				p.fail(open, p.lineAt(open), "this brace is never closed")
			}
			return
		case p.text[p.pos] == '}':
			if open < 0 {
				p.fail(p.pos, p.lineAt(p.pos), "a closing brace without an opening one")
			}
			p.pos++
			return
		case p.text[p.pos] == '{' && open < 0 && depth == 0:
			at := p.pos // the whole file may stand in braces
			p.pos++
			p.block(key, at, depth+1)
		default:
			p.pair(key, depth)
		}
	}
}

// pair reads one key and its value.
func (p *hoconParser) pair(outer string, depth int) {
	start := p.pos
	name := p.name()
	if p.failed {
		return
	}
	if name == "" {
		p.fail(start, p.lineAt(start), "a key is expected here")
		return
	}
	p.blank(false)
	if name == "include" {
		p.include()
		return
	}
	key := join(outer, name)
	if p.pos < len(p.text) && p.text[p.pos] == '{' {
		p.object(key, start, depth)
		return
	}
	if p.pos < len(p.text) && strings.IndexByte("=:", p.text[p.pos]) >= 0 {
		p.pos++
		p.blank(false)
		p.value(key, start, depth)
		return
	}
	if strings.HasPrefix(p.text[p.pos:], "+=") {
		p.pos += 2
		p.blank(false)
		p.value(key, start, depth)
		return
	}
	p.blank(true)
	if p.pos < len(p.text) && p.text[p.pos] == '{' { // the brace on the next line
		p.object(key, start, depth)
		return
	}
	p.fail(start, p.lineAt(start), "the key "+strconv.Quote(show(name))+" has neither = nor { after it")
}

func (p *hoconParser) object(key string, start, depth int) {
	if depth >= deepest {
		p.fail(p.pos, "", "blocks are nested deeper than any configuration")
		return
	}
	if _, ok := p.out.blocks[key]; !ok {
		p.out.blocks[key] = p.d.at(start, p.lineAt(start))
	}
	at := p.pos
	p.pos++
	p.block(key, at, depth+1)
}

// include takes the name of another file, which is not read: NanoMQ looks for it on its own machine.
func (p *hoconParser) include() {
	if p.pos < len(p.text) && p.text[p.pos] == '"' {
		_ = p.quoted()
		return
	}
	p.fail(p.pos, p.lineAt(p.pos), "include needs the name of a file in quotes")
}

// name reads a key: bare words and strings, joined with dots.
func (p *hoconParser) name() string {
	var b strings.Builder
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"':
			b.WriteString(p.quoted())
			if p.failed {
				return ""
			}
		case c <= ' ', strings.IndexByte("=:{}[],#;", c) >= 0, strings.HasPrefix(p.text[p.pos:], "+="), strings.HasPrefix(p.text[p.pos:], "//"):
			return b.String()
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	return b.String()
}

// value reads what stands after = of a key that began at start.
func (p *hoconParser) value(key string, start, depth int) {
	at := p.pos
	if p.pos >= len(p.text) || strings.IndexByte("\n\r}],#", p.text[p.pos]) >= 0 {
		p.fail(start, p.lineAt(start), "the key "+strconv.Quote(show(key))+" has no value")
		return
	}
	switch p.text[p.pos] {
	case '{':
		p.object(key, start, depth)
	case '[':
		p.array(key, depth)
	case '"':
		text := p.quoted()
		rest := p.pos
		if !p.failed {
			p.put(key, text, at)
			p.after(key, rest)
		}
	default:
		p.put(key, p.bare(), at)
	}
}

// after refuses text behind a string on its line.
func (p *hoconParser) after(key string, at int) {
	p.blank(false)
	if p.pos < len(p.text) && strings.IndexByte("\n\r},]#", p.text[p.pos]) < 0 && p.pos == at {
		p.fail(p.pos, p.lineAt(p.pos), "something stands behind the string of "+show(key))
	}
}

func (p *hoconParser) put(key, value string, at int) {
	p.out.settings.put(setting{key: key, value: value, unknown: unknownValue(value), at: p.d.at(at, lastKey(key)+" = "+value)})
}

// array reads a list: its scalars become items, its blocks keys with numbers.
func (p *hoconParser) array(key string, depth int) {
	open := p.pos
	list := setting{key: key, at: p.d.at(open, p.lineAt(open))}
	if depth >= deepest {
		p.fail(open, "", "lists are nested deeper than any configuration")
		return
	}
	p.pos++
	for n := 0; !p.failed; n++ {
		p.blank(true)
		if p.pos >= len(p.text) {
			p.fail(open, p.lineAt(open), "this bracket is never closed")
			return
		}
		at := p.pos
		switch c := p.text[p.pos]; c {
		case ']':
			p.pos++
			if len(list.items) > 0 {
				list.value = list.items[0].value
			}
			p.out.settings.put(list)
			return
		case '}':
			p.fail(open, p.lineAt(open), "this bracket is closed by a brace")
		case '{':
			p.object(join(key, strconv.Itoa(n)), at, depth+1)
		case '[':
			p.array(join(key, strconv.Itoa(n)), depth+1)
		default:
			var text string
			if c == '"' {
				text = p.quoted()
			} else if text = p.bare(); text == "" {
				p.fail(at, p.lineAt(at), "a value is expected here")
			}
			list.items = append(list.items, setting{key: key, value: text, at: p.d.at(at, text), set: true})
		}
	}
}

// quoted reads a string in quotes, or in three of them over several lines.
func (p *hoconParser) quoted() string {
	open := p.pos
	if strings.HasPrefix(p.text[p.pos:], `"""`) {
		end := strings.Index(p.text[p.pos+3:], `"""`)
		if end < 0 {
			p.fail(open, p.lineAt(open), "the string is never closed")
			p.pos = len(p.text)
			return ""
		}
		text := p.text[p.pos+3 : p.pos+3+end]
		p.pos += end + 6
		return text
	}
	var b strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; c {
		case '"':
			p.pos++
			return b.String()
		case '\n':
			p.fail(open, p.lineAt(open), "the string is not closed on its line")
			return ""
		case '\\':
			if p.pos+1 < len(p.text) {
				p.pos++
				b.WriteByte(p.text[p.pos])
			}
		default:
			b.WriteByte(c)
		}
	}
	p.fail(open, p.lineAt(open), "the string is never closed")
	return ""
}

// bare reads a value without quotes: to the end of the line, to a comma or a closing bracket, or to a comment after a blank.
func (p *hoconParser) bare() string {
	start, braces := p.pos, 0 // of ${variables}
	for ; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		if c == '\n' || c == ',' || c == ']' || c == '}' && braces == 0 {
			break
		}
		switch c {
		case '{':
			braces++
		case '}':
			braces--
		}
		if p.pos > start && (p.text[p.pos-1] == ' ' || p.text[p.pos-1] == '\t') && (c == '#' || strings.HasPrefix(p.text[p.pos:], "//")) {
			break
		}
	}
	return strings.TrimSpace(p.text[start:p.pos])
}

// blank skips blanks and comments, and with lines also line ends and commas.
func (p *hoconParser) blank(lines bool) {
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			p.pos++
		case lines && (c == '\n' || c == ',' || c == ';'):
			p.pos++
		case c == '#' || strings.HasPrefix(p.text[p.pos:], "//"):
			if !lines {
				return
			}
			if i := strings.IndexByte(p.text[p.pos:], '\n'); i >= 0 {
				p.pos += i
			} else {
				p.pos = len(p.text)
			}
		default:
			return
		}
	}
}

// lineAt is the line that an offset stands in, without what surrounds it.
func (p *hoconParser) lineAt(at int) string {
	at = min(at, len(p.text))
	first, last := max(at-longestText, 0), min(at+longestText, len(p.text))
	start := first + strings.LastIndexByte(p.text[first:at], '\n') + 1
	if i := strings.IndexByte(p.text[at:last], '\n'); i >= 0 {
		last = at + i
	}
	return strings.ToValidUTF8(p.text[start:last], "")
}
