package check

import (
	"bytes"
	"strings"
)

// parseUnit reads the environment of a systemd unit: Environment= and the files of EnvironmentFile=, in the syntax of
// systemd.exec(5) and systemd.syntax(7).
func (r *run) parseUnit(d *document) {
	var list []variable
	section, lines := "", bytes.Split(skipMark(d.data), []byte("\n"))
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(string(lines[i]))
		first := i
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + " " + strings.TrimSpace(string(lines[i]))
		}
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			if !strings.HasSuffix(line, "]") {
				r.report(ruleSyntax, "", d.place(first+1, 1, line), "the section header has no closing bracket",
					"systemd ignores the line, and what follows belongs to another section", "write [Service]")
				continue
			}
			section = line
		case section == "[Service]":
			key, value, ok := strings.Cut(line, "=")
			if !ok {
				continue
			}
			switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); key {
			case "Environment":
				list = append(list, unitVariables(d, first+1, value)...)
			case "EnvironmentFile":
				list = append(list, r.environmentFile(d, d.place(first+1, 1, line), strings.TrimPrefix(value, "-"))...)
			}
		}
	}
	wk, nano := programs(list)
	if len(wk) > 0 {
		r.wukongims = append(r.wukongims, &wukongim{d: d, settings: wk, environment: true, public: true, v3: isV3(wk)})
	}
	if len(nano) > 0 {
		r.nanomqs = append(r.nanomqs, nanomqFromEnvironment(d, nano))
	}
}

// unitVariables splits the value of Environment= at blanks, with quotes around an assignment or its value.
func unitVariables(d *document, line int, value string) (list []variable) {
	d.position(0) // makes the starts of the lines
	from := d.starts[line-1]
	for _, word := range shellWords(value) {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			continue
		}
		if i := bytes.Index(d.data[from:], []byte(name+"=")); i >= 0 {
			from += i
		}
		list = append(list, variable{name, value, d.at(from, word), strings.Contains(value, "%")})
		from = min(from+len(name), len(d.data))
	}
	return list
}

// shellWords splits at blanks outside of quotes and takes the quotes off.
func shellWords(text string) (words []string) {
	var word strings.Builder
	var quote byte
	open := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && quote != '\'':
			i++
			word.WriteByte(text[i])
			open = true
		case quote != 0:
			if c == quote {
				quote = 0
			} else {
				word.WriteByte(c)
			}
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ' || c == '\t':
			if open || word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
		default:
			word.WriteByte(c)
		}
	}
	if open || word.Len() > 0 {
		words = append(words, word.String())
	}
	return words
}

// environmentFile reads the variables of a file that d names; it stops being a program of its own.
func (r *run) environmentFile(d *document, at Place, name string) []variable {
	if unknownValue(name) || strings.ContainsAny(name, "*%") || name == "" {
		return nil
	}
	env := r.open(d.beside(name))
	if env == nil {
		r.notChecked(at, "the file "+show(name)+" is not here")
		return nil
	}
	r.claimed[absolute(env.path)] = true
	return parseDotenv(env)
}
