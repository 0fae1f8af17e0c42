package shape

// Properties of a byte; a token collects those of all its bytes.
const (
	isDelimiter uint8 = 1 << iota
	isDigit
	isHexLetter
	isLetter // letters beyond f, and all bytes of non-ASCII runes
	isDot
	isSlash
	isMark // - + _ @ # % * $ ^ ~ ` \ and control bytes
	isLead // may begin a full-width delimiter such as 【 or ！
)

var class = func() (t [256]uint8) {
	for c := 0; c < 256; c++ {
		switch {
		case c <= ' ' || c == 0x7f:
			t[c] = isDelimiter
		case c >= '0' && c <= '9':
			t[c] = isDigit
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			t[c] = isHexLetter
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z', c >= 0x80:
			t[c] = isLetter
		case c == '.':
			t[c] = isDot
		case c == '/' || c == '\\':
			t[c] = isSlash
		default:
			t[c] = isMark
		}
	}
	for _, c := range []byte("=:,;()[]{}\"'|<>!?&") {
		t[c] = isDelimiter
	}
	t[0xe3] |= isLead
	t[0xef] |= isLead
	return t
}()

// wide reports whether b begins with a full-width delimiter: 、。〈〉《》「」『』【】 or ！（），：；？.
func wide(b []byte) bool {
	if len(b) < 3 {
		return false
	}
	switch c := b[2]; {
	case b[0] == 0xe3 && b[1] == 0x80:
		return c == 0x81 || c == 0x82 || c >= 0x88 && c <= 0x91
	case b[0] == 0xef && b[1] == 0xbc:
		return c == 0x81 || c == 0x88 || c == 0x89 || c == 0x8c || c == 0x9a || c == 0x9b || c == 0x9f
	}
	return false
}

// tokenize appends the tokens of text to list.
func tokenize(list []Token, text []byte, segment uint16) []Token {
	first := len(list)
	for i := 0; i < len(text); {
		if c := class[text[i]]; c&(isDelimiter|isLead) != 0 {
			if c&isDelimiter != 0 {
				i++
				continue
			}
			if wide(text[i:]) {
				i += 3
				continue
			}
		}
		start := i
		var seen uint8
		for i < len(text) {
			c := class[text[i]]
			if c&(isDelimiter|isLead) != 0 {
				if c&isDelimiter != 0 || wide(text[i:]) {
					break
				}
				c &^= isLead
			}
			seen |= c
			i++
		}
		// Full stops and commas end a sentence, not a word.
		end := i
		for end > start+1 && text[end-1] == '.' {
			end--
		}
		tok := Token{Start: uint32(start), End: uint32(end), Segment: segment}
		if seen&^(isHexLetter|isLetter|isMark) == 0 && (i >= len(text) || text[i] != ':' || i+1 >= len(text) || !joins(text[i+1])) {
			if isConstant(text[start:end]) {
				tok.Kind = Bool
			} else {
				tok.Hash = hashWord(text[start:end])
			}
		} else {
			tok.Kind, end = classify(text, start, end, seen)
			tok.End = uint32(end)
			i = max(i, end)
			switch tok.Kind {
			case Word:
				tok.Hash = hashWord(text[start:end])
			case Identifier:
				if n := constantPrefix(text[start:end]); n > 0 {
					tok.Hash = hashWord(text[start : start+n])
				}
			case Host:
				if isDottedName(text[start:end]) {
					tok.Hash = hashWord(text[start:end])
				}
			}
		}
		if tok.Kind != Word {
			// A list of values of one kind is one value.
			if n := len(list); n > first && list[n-1].Kind == tok.Kind && tok.Hash == 0 && list[n-1].Hash == 0 && listed(text[list[n-1].End:tok.Start]) {
				list[n-1].End = tok.End
				list[n-1].Values = min(list[n-1].Values+1, Many)
				continue
			}
			tok.Values = 1
		}
		list = append(list, tok)
	}
	return list
}

// joins reports whether a byte after ":" may belong to the token before it (clock, port, MAC, "//").
func joins(c byte) bool {
	return c == '/' || c == '\\' || c == ':' || class[c]&(isDigit|isHexLetter) != 0
}

// listed reports whether between two values stand only blanks, commas or colons.
func listed(gap []byte) bool {
	for _, c := range gap {
		if c != ' ' && c != ',' && c != ':' {
			return false
		}
	}
	return true
}

// classify types the token text[start:end], whose bytes have the properties seen, and returns its end,
// which lies further when the token goes on behind a colon.
func classify(text []byte, start, end int, seen uint8) (Kind, int) {
	tok := text[start:end]
	rest := text[end:]
	if len(rest) > 2 && rest[0] == ':' {
		if rest[1] == '/' && rest[2] == '/' && seen&(isDigit|isSlash|isDot) == 0 {
			return URL, end + urlEnd(rest)
		}
		if len(tok) == 1 && rest[1] == '\\' {
			return Path, end + urlEnd(rest)
		}
	}
	if seen&(isHexLetter|isDigit) != 0 && seen&(isLetter|isSlash|isMark|isDot) == 0 && len(tok) <= 4 && len(rest) > 2 && rest[0] == ':' && (joins(rest[1])) {
		if kind, n := colonGroups(text[start:]); n > 0 {
			return kind, start + n
		}
	}
	if seen&isSlash != 0 {
		kind := slashed(tok)
		if kind == IP {
			end += port(rest)
		}
		return kind, end
	}
	if seen&isDigit == 0 {
		if seen&isDot != 0 && dots(tok) >= 2 && tok[0] != '.' {
			return Host, end + port(rest)
		}
		if n := port(rest); n > 0 && (string(tok) == "localhost" || seen&isDot != 0 && hasDomain(tok)) {
			return Host, end + n
		}
		if isConstant(tok) {
			return Bool, end
		}
		return Word, end
	}
	if seen&isDot != 0 && isIPv4(tok) {
		return IP, end + port(rest)
	}
	if c := tok[0]; class[c]&isDigit != 0 || ((c == '-' || c == '+' || c == '.') && len(tok) > 1 && class[tok[1]]&isDigit != 0) {
		switch {
		case seen&(isHexLetter|isLetter|isMark) == 0:
			return Number, end
		case len(tok) > 2 && tok[0] == '0' && tok[1]|0x20 == 'x':
			return Hex, end
		case isDate(tok):
			if len(rest) > 2 && rest[0] == ':' && len(tok) >= 13 {
				for n := 0; n < len(rest) && (class[rest[n]]&isDigit != 0 || rest[n] == ':' || rest[n] == '.' || rest[n] == '+' || rest[n] == '-' || rest[n] == 'Z'); n++ {
					end++
				}
			}
			return Clock, end
		case isNumberWithUnit(tok):
			return Number, end
		}
	}
	if isUUID(tok) {
		return UUID, end
	}
	if seen&(isLetter|isMark|isDot) == 0 && len(tok) >= 8 {
		return Hex, end
	}
	if seen&isDot != 0 && dots(tok) >= 2 {
		if len(tok) > 1 && tok[0]|0x20 == 'v' && class[tok[1]]&isDigit != 0 {
			return Identifier, end // v2.2.5-20260422
		}
		if n := constantPrefix(tok); n > 0 && tok[n-1] == '-' && allVersion(tok[n:]) {
			return Identifier, end // jetty-6.1.26
		}
		return Host, end + port(rest)
	}
	if n := port(rest); n > 0 && (seen&isDot != 0 && hasDomain(tok) || n > 2 && constantPrefix(tok) > 0) {
		return Host, end + n
	}
	switch digits := digitCount(tok); {
	case isCryptoWord(tok):
		return Word, end
	case seen&(isLetter|isMark|isDot) == 0 && len(tok) >= 6:
		return Hex, end
	case digits > 2 || hasNumberPart(tok):
		return Identifier, end
	}
	return Word, end
}
