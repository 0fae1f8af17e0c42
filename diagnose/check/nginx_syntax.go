package check

import (
	"slices"
	"strings"
)

// directive is one directive of nginx with its arguments and, for a block, what stands inside.
type directive struct {
	name string
	args []string
	at   Place
	line int // in its document
	d    *document
	// block is nil for a simple directive; body is what stands in the block.
	block bool
	body  []*directive
	// lost is set on a block with an include whose files are not here: what is not in it may be in them.
	lost bool

	names     map[string][]*directive // of body, made on demand
	upstreams map[string]*directive   // of body, by their names, made on demand
}

// all returns the directives of a name in a block.
func (x *directive) all(name string) []*directive {
	if x.names == nil {
		x.names = make(map[string][]*directive, len(x.body))
		for _, y := range x.body {
			x.names[y.name] = append(x.names[y.name], y)
		}
	}
	return x.names[name]
}

// upstream returns the upstream block of a name, nil when there is none.
func (x *directive) upstream(name string) *directive {
	if x.upstreams == nil {
		x.upstreams = map[string]*directive{}
		for _, y := range x.all("upstream") {
			x.upstreams[y.arg(0)] = y
		}
	}
	return x.upstreams[name]
}

// arg returns an argument, "" when it is not there.
func (x *directive) arg(i int) string {
	if x == nil || i >= len(x.args) {
		return ""
	}
	return x.args[i]
}

// find returns the last directive of a name in a block, as nginx takes it, nil when there is none.
func (x *directive) find(name string) *directive {
	list := x.all(name)
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// nginxToken is a word, a string or one of ; { }.
type nginxToken struct {
	text   string
	offset int
	quoted bool
}

// nginxParser reads the syntax of nginx (ngx_conf_read_token of src/core/ngx_conf_file.c): words and strings, ended by ; or a
// block in braces. It goes once over the text.
type nginxParser struct {
	run    *run
	d      *document
	text   string
	pos    int
	failed bool
	left   int // directives that may still come
}

const noNginx = "nginx refuses the configuration (nginx -t) and does not start, or keeps the former one on a reload"

// mostDirectives bounds a file.
const mostDirectives = 200000

// parseNginx returns the directives of a file. A fault is reported with its place, and what stood before it is returned.
func (r *run) parseNginx(d *document) []*directive {
	p := &nginxParser{run: r, d: d, text: string(d.data), left: mostDirectives}
	if strings.HasPrefix(p.text, string(byteOrderMark)) {
		p.fail(0, `\ufeff`, "the file begins with a byte order mark, which nginx takes for a directive")
		return nil
	}
	if at := strings.IndexByte(p.text, 0); at >= 0 {
		p.fail(at, "", "the file holds a null byte: it is damaged or no text")
		return nil
	}
	return p.body(nginxToken{offset: -1}, 0)
}

func (p *nginxParser) fail(at int, text, problem string) {
	if !p.failed {
		p.run.report(ruleSyntax, systemNginx, p.d.at(at, text), problem, noNginx, "correct the place; every directive ends with ; and every block with }")
	}
	p.failed = true
}

// body reads directives up to the closing brace of the block that open began.
func (p *nginxParser) body(open nginxToken, depth int) (list []*directive) {
	var words []nginxToken
	for !p.failed {
		t, ok := p.token()
		switch {
		case p.failed:
		case !ok && len(words) > 0:
			p.fail(words[0].offset, p.directiveText(words), "the directive "+show(words[0].text)+" is not ended by ;")
		case !ok && open.offset >= 0:
			p.fail(open.offset, "{", "this brace is never closed")
		case !ok:
			return list
		case t.quoted || t.text != ";" && t.text != "{" && t.text != "}":
			words = append(words, t)
		case t.text == ";":
			if len(words) > 0 {
				list = append(list, p.directive(words))
			}
			words = nil
		case t.text == "{":
			if len(words) == 0 || depth >= deepest {
				p.fail(t.offset, "{", "a block without a name, or nested too deep")
				continue
			}
			x := p.directive(words)
			x.block = true
			if strings.HasSuffix(x.name, "_by_lua_block") {
				p.skipLua(t)
			} else {
				x.body = p.body(t, depth+1)
			}
			list = append(list, x)
			words = nil
		case len(words) > 0:
			p.fail(words[0].offset, p.directiveText(words), "the directive "+show(words[0].text)+" is not ended by ;")
		case open.offset < 0:
			p.fail(t.offset, "}", "a closing brace without an opening one")
		default:
			return list
		}
	}
	return list
}

func (p *nginxParser) directiveText(words []nginxToken) string {
	var b strings.Builder
	for _, w := range words {
		if b.Len() > longestText {
			break
		}
		b.WriteString(w.text + " ")
	}
	return strings.TrimSpace(b.String())
}

func (p *nginxParser) directive(words []nginxToken) *directive {
	if p.left--; p.left < 0 {
		p.fail(words[0].offset, "", "more directives than any configuration has")
	}
	x := &directive{name: words[0].text, at: p.d.at(words[0].offset, p.directiveText(words)), d: p.d}
	x.line, _ = p.d.position(words[0].offset)
	for i, w := range words[1:] {
		if !w.quoted && p.beginsLine(w.offset) && knownDirective(w.text) && !multiline[x.name] {
			p.fail(words[0].offset, p.directiveText(words[:i+1]), "the directive "+show(x.name)+" is not ended by ;")
		}
		x.args = append(x.args, w.text)
	}
	return x
}

// beginsLine reports whether nothing but blanks stands in front of an offset.
func (p *nginxParser) beginsLine(offset int) bool {
	for i := offset - 1; i >= 0; i-- {
		switch p.text[i] {
		case '\n':
			return true
		case ' ', '\t', '\r':
		default:
			return false
		}
	}
	return true
}

// multiline are directives whose arguments are words on lines of their own.
var multiline = map[string]bool{"log_format": true, "map": true, "valid_referers": true, "server_name": true, "split_clients": true, "geo": true, "types": true, "set": true, "return": true}

// knownDirective recognises the names of directives, to find the one in front that lacks its semicolon.
func knownDirective(word string) bool {
	if strings.HasPrefix(word, "proxy_") || strings.HasPrefix(word, "ssl_") {
		return !strings.ContainsAny(word, ":/.$")
	}
	return slices.Contains([]string{"listen", "server_name", "location", "server", "upstream", "include", "root", "access_log", "error_log", "add_header", "return", "rewrite", "client_max_body_size", "keepalive_timeout", "worker_connections"}, word)
}

// token returns the next token; ok is false at the end.
func (p *nginxParser) token() (t nginxToken, ok bool) {
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; c {
		case ' ', '\t', '\r', '\n':
			p.pos++
		case '#':
			if i := strings.IndexByte(p.text[p.pos:], '\n'); i >= 0 {
				p.pos += i
			} else {
				p.pos = len(p.text)
			}
		case ';', '{', '}':
			p.pos++
			return nginxToken{text: string(c), offset: p.pos - 1}, true
		case '"', '\'':
			return p.quoted(c)
		default:
			return p.word(), true
		}
	}
	return t, false
}

func (p *nginxParser) quoted(quote byte) (t nginxToken, ok bool) {
	start := p.pos
	var b strings.Builder
	for p.pos++; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; {
		case c == quote:
			p.pos++
			return nginxToken{b.String(), start, true}, true
		case c == '\\' && p.pos+1 < len(p.text):
			p.pos++
			b.WriteByte(p.text[p.pos])
		default:
			b.WriteByte(c)
		}
	}
	p.fail(start, p.text[start:min(start+longestText, len(p.text))], "the string is never closed")
	return t, false
}

// word reads to a blank, ; or {; ${name} belongs to it.
func (p *nginxParser) word() nginxToken {
	start := p.pos
	for ; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		if c == '\\' {
			p.pos++
			continue
		}
		if c == '$' && strings.HasPrefix(p.text[p.pos:], "${") {
			if i := strings.IndexAny(p.text[p.pos:min(p.pos+200, len(p.text))], "}\n"); i > 0 && p.text[p.pos+i] == '}' {
				p.pos += i
				continue
			}
		}
		if strings.IndexByte(" \t\r\n;{", c) >= 0 || c == '}' && p.pos > start && p.text[p.pos-1] != '\\' && !strings.ContainsAny(p.text[start:min(p.pos, start+64)], "(^[") {
			break
		}
	}
	p.pos = min(max(p.pos, start+1), len(p.text))
	return nginxToken{text: p.text[start:p.pos], offset: start}
}

// skipLua passes over a block of Lua, whose braces match.
func (p *nginxParser) skipLua(open nginxToken) {
	for depth := 1; p.pos < len(p.text); p.pos++ {
		switch p.text[p.pos] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				p.pos++
				return
			}
		}
	}
	p.fail(open.offset, "{", "this brace is never closed")
}
