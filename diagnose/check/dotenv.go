package check

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// variable is one NAME=value of an environment.
type variable struct {
	name    string
	value   string
	at      Place
	unknown bool
}

// parseDotenv reads NAME=value lines as compose and systemd do: quotes around a value are taken off, # begins a comment, and
// a line may begin with "export". What is no such line is left alone: the programs that read these files differ in it.
func parseDotenv(d *document) (list []variable) {
	for i, raw := range bytes.Split(skipMark(d.data), []byte("\n")) {
		line := strings.TrimRight(string(raw), "\r")
		text := strings.TrimLeft(line, " \t")
		if text == "" || text[0] == '#' {
			continue
		}
		text = strings.TrimPrefix(text, "export ")
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		column := utf8.RuneCountInString(line[:strings.IndexByte(line, '=')]) + 2
		value, single := unquoteDotenv(value)
		list = append(list, variable{name, value, d.place(i+1, column, name+"="+value), !single && unknownValue(value)})
	}
	return list
}

// unquoteDotenv takes the quotes and a comment off a value. single tells that it stood in single quotes, which keep $.
func unquoteDotenv(value string) (text string, single bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", false
	}
	if quote := value[0]; quote == '"' || quote == '\'' {
		for i := 1; i < len(value); i++ {
			switch {
			case value[i] == '\\' && quote == '"':
				i++
			case value[i] == quote:
				text := value[1:i]
				if quote == '"' {
					text = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n").Replace(text)
				}
				return text, quote == '\''
			}
		}
		return value, false
	}
	if i := strings.Index(value, " #"); i >= 0 {
		value = strings.TrimSpace(value[:i])
	}
	return value, false
}

// programs splits variables into the settings of WuKongIM (WK_) and NanoMQ (NANOMQ_).
func programs(list []variable) (wukongim, nanomq settings) {
	wukongim, nanomq = settings{}, settings{}
	for i := len(list) - 1; i >= 0; i-- { // of equal names the last counts
		v := list[i]
		if name, ok := strings.CutPrefix(v.name, "WK_"); ok {
			wukongim.put(setting{key: name, label: v.name, value: v.value, at: v.at, unknown: v.unknown})
		} else if name, ok := strings.CutPrefix(v.name, "NANOMQ_"); ok {
			nanomq.put(setting{key: name, label: v.name, value: v.value, at: v.at, unknown: v.unknown})
		}
	}
	return wukongim, nanomq
}

// parseEnvironment takes a file of variables for a program of its own, unless a compose file or a unit reads it.
func (r *run) parseEnvironment(d *document) {
	wk, nano := programs(parseDotenv(d))
	if len(wk) == 0 && len(nano) == 0 && damagedText(d) {
		r.report(ruleSyntax, "", d.at(firstControl(d), ""), "this is no file of NAME=value lines: it holds control bytes",
			"the program does not see its settings", "restore the file as plain text")
		return
	}
	if len(wk) > 0 {
		r.wukongims = append(r.wukongims, &wukongim{d: d, settings: wk, environment: true, v3: isV3(wk)})
	}
	if len(nano) > 0 {
		r.nanomqs = append(r.nanomqs, nanomqFromEnvironment(d, nano))
	}
}

// firstControl is the offset of the first byte that no text file has.
func firstControl(d *document) int {
	return max(bytes.IndexFunc(d.data, func(c rune) bool { return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == utf8.RuneError }), 0)
}

func damagedText(d *document) bool {
	return bytes.IndexByte(d.data, 0) >= 0 || !utf8.Valid(d.data)
}
