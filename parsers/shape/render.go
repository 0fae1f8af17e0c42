package shape

// Template renders the shape of the record with typed placeholders, which fall on exactly the text that varies: of
// node-129 only the number, and the values of a short list one by one. Blanks in a row become one.
func (t *Tokens) Template() string {
	var out []byte
	i := 0
	for s, seg := range t.Segments {
		if seg.Name != nil {
			out = append(out, ' ')
			out = append(out, seg.Name...)
			out = append(out, '=')
		}
		at := uint32(0)
		for ; i < len(t.List) && int(t.List[i].Segment) == s; i++ {
			tok := t.List[i]
			out = AppendConstant(out, seg.Text[at:tok.Start])
			if tok.Kind == Word || tok.Kind == Host && tok.Hash != 0 {
				out = append(out, seg.Text[tok.Start:tok.End]...)
			} else {
				out = AppendPlaceholder(out, seg.Text[tok.Start:tok.End], tok)
			}
			at = tok.End
		}
		out = AppendConstant(out, seg.Text[at:])
	}
	return string(out)
}

// AppendConstant appends text between tokens: every run of blanks becomes one.
func AppendConstant(out, text []byte) []byte {
	for _, c := range text {
		if c == '\n' || c == '\t' || c == '\r' {
			c = ' '
		}
		if c == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
			continue
		}
		out = append(out, c)
	}
	return out
}

// AppendPlaceholder appends what stands for the value text of the token tok.
func AppendPlaceholder(out, text []byte, tok Token) []byte {
	if tok.Values <= 1 || tok.Values >= Many || tok.Kind == Clock {
		return appendValue(out, text, tok.Kind)
	}
	for len(text) > 0 {
		n := 0
		for n < len(text) && text[n] != ' ' && text[n] != ',' && text[n] != ':' {
			n++
		}
		if tok.Kind == IP || tok.Kind == Host || tok.Kind == MAC || tok.Kind == URL { // colons are part of the values
			for n < len(text) && text[n] != ' ' && text[n] != ',' {
				n++
			}
		}
		if n > 0 {
			out = appendValue(out, text[:n], tok.Kind)
			text = text[n:]
			continue
		}
		out = AppendConstant(out, text[:1])
		text = text[1:]
	}
	return out
}

func appendValue(out, text []byte, kind Kind) []byte {
	switch kind {
	case Number:
		if n := len(text); n > 1 && text[n-1] == '%' {
			return append(out, "<num>%"...)
		}
	case Identifier:
		prefix := constantPrefix(text)
		out = append(out, text[:prefix]...)
		text = text[prefix:]
		if parts, ok := numberParts(out, text); ok {
			return parts
		}
		suffix := constantSuffix(text)
		if text[len(text)-1] == '-' {
			suffix = 1
		}
		out = append(out, "<id>"...)
		return append(out, text[len(text)-suffix:]...)
	}
	out = append(out, '<')
	out = append(out, kind.String()...)
	return append(out, '>')
}

// numberParts renders what begins with a number and has digits in each of its parts: 10-20 and 1##2##3.
func numberParts(out, text []byte) ([]byte, bool) {
	n := len(out)
	for i := 0; i < len(text); {
		if c := text[i]; isMarkByte(c) && c != '.' || c == '*' || c == '^' || c == '~' {
			out = append(out, c)
			i++
			continue
		}
		start, digits, plain := i, 0, true
		for ; i < len(text) && (!isMarkByte(text[i]) || text[i] == '.') && text[i] != '*' && text[i] != '^' && text[i] != '~'; i++ {
			if class[text[i]]&isDigit != 0 {
				digits++
			} else if text[i] != '.' {
				plain = false
			}
		}
		switch {
		case digits == 0 || start == 0 && !plain:
			return out[:n], false
		case plain:
			out = append(out, "<num>"...)
		default:
			out = append(out, "<id>"...)
		}
	}
	return out, true
}

// constantSuffix returns the length of a file name's extension behind the varying part: ".log" of app-12.log.
func constantSuffix(tok []byte) int {
	for i := len(tok) - 1; i > 0 && len(tok)-i <= 8; i-- {
		if tok[i] == '.' {
			if i < len(tok)-1 {
				return len(tok) - i
			}
			break
		}
		if class[tok[i]]&(isLetter|isHexLetter) == 0 {
			break
		}
	}
	return 0
}
