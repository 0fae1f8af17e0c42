package shape

import (
	"encoding/binary"
	"math/bits"
)

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
			if tok.Kind == Word {
				tok.Hash = hashWord(text[start:end])
			}
		}
		// A list of values of one kind is one value.
		if n := len(list); n > first && tok.Kind != Word && list[n-1].Kind == tok.Kind && listed(text[list[n-1].End:tok.Start]) {
			list[n-1].End = tok.End
			continue
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
		return slashed(tok), end
	}
	if seen&isDigit == 0 {
		if seen&isDot != 0 && dots(tok) >= 2 && tok[0] != '.' {
			return Host, end + port(rest)
		}
		if n := port(rest); n > 0 && string(tok) == "localhost" {
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
		return Host, end + port(rest)
	}
	if n := port(rest); n > 0 && seen&isDot != 0 {
		return Host, end + n
	}
	if digitCount(tok) <= 2 || isCryptoWord(tok) {
		return Word, end
	}
	return Identifier, end
}

// urlEnd returns the number of bytes up to the end of a URL or path.
func urlEnd(b []byte) int {
	for i, c := range b {
		switch c {
		case ' ', '"', '\'', '<', '>', ')', ']', '}', ',', '|', '\t', '\n', ';':
			return i
		}
	}
	return len(b)
}

// port returns the length of ":123" at the beginning of b, or 0.
func port(b []byte) int {
	if len(b) < 2 || b[0] != ':' {
		return 0
	}
	n := 1
	for n < len(b) && n <= 6 && class[b[n]]&isDigit != 0 {
		n++
	}
	if n == 1 || n > 6 || (n < len(b) && class[b[n]]&isDelimiter == 0) {
		return 0
	}
	return n
}

// colonGroups reads clocks (12:34:56.789), MAC addresses and IPv6 addresses.
func colonGroups(b []byte) (Kind, int) {
	n, colons, digitsOnly, longest, group := 0, 0, true, 0, 0
	double := false
	for n < len(b) {
		c := b[n]
		if c == ':' {
			if n+1 < len(b) && b[n+1] == ':' {
				double = true
			} else if n+1 >= len(b) || class[b[n+1]]&(isDigit|isHexLetter) == 0 {
				break
			}
			colons++
			group = 0
			n++
			continue
		}
		if class[c]&isDigit == 0 {
			if class[c]&isHexLetter == 0 {
				break
			}
			digitsOnly = false
		}
		group++
		longest = max(longest, group)
		n++
	}
	ends := n == len(b) || class[b[n]]&isDelimiter != 0 || b[n] == '.' || b[n] == '%' || b[n] == '/'
	switch {
	case !ends:
		return Word, 0
	case digitsOnly && longest <= 2 && (colons == 1 || colons == 2) && !double:
		if n < len(b) && b[n] == '.' {
			for n++; n < len(b) && class[b[n]]&isDigit != 0; n++ {
			}
		}
		return Clock, n
	case colons == 5 && longest == 2 && !double:
		return MAC, n
	case (double || colons == 7) && longest <= 4 && colons >= 2:
		return IP, n
	}
	return Word, 0
}

func slashed(tok []byte) Kind {
	slashes := 0
	for _, c := range tok {
		if c == '/' || c == '\\' {
			slashes++
		}
	}
	switch {
	case tok[0] == '/' || tok[0] == '\\':
		if len(tok) == 1 {
			return Word
		}
		return Path
	case slashes >= 2 || tok[0] == '.' || tok[0] == '~':
		return Path
	case dots(tok) > 0 && digitCount(tok) <= 1 && class[tok[len(tok)-1]]&(isLetter|isHexLetter) != 0:
		return Path // logging/logger.go
	case digitCount(tok) > 2:
		return Identifier
	}
	return Word
}

func isConstant(tok []byte) bool {
	switch len(tok) {
	case 3:
		return string(tok) == "nil"
	case 4:
		return string(tok) == "true" || string(tok) == "null" || string(tok) == "True"
	case 5:
		return string(tok) == "false" || string(tok) == "False"
	}
	return false
}

// isCryptoWord names the words with three and more digits that are words to anybody who reads TLS logs.
func isCryptoWord(tok []byte) bool {
	if len(tok) > 8 && string(tok[:8]) == "MBEDTLS_" {
		return true // MBEDTLS_ERR_X509_CERT_VERIFY_FAILED
	}
	switch string(tok) {
	case "x509", "X509", "X.509", "sha256", "SHA256", "sha384", "SHA384", "sha512", "SHA512", "utf-8", "RFC5746",
		"pkcs12", "PKCS12", "mbedtls_x509_crt_parse", "X509_check_private_key", "RFC5280", "http://", "base64":
		return true
	}
	return false
}

func dots(tok []byte) int {
	n := 0
	for _, c := range tok {
		if c == '.' {
			n++
		}
	}
	return n
}

func digitCount(tok []byte) int {
	n := 0
	for _, c := range tok {
		if class[c]&isDigit != 0 {
			n++
		}
	}
	return n
}

func isIPv4(tok []byte) bool {
	parts, value, size := 0, 0, 0
	for i := 0; i <= len(tok); i++ {
		if i == len(tok) || tok[i] == '.' {
			if size == 0 || size > 3 || value > 255 {
				return false
			}
			parts++
			value, size = 0, 0
			continue
		}
		if class[tok[i]]&isDigit == 0 {
			return false
		}
		value = value*10 + int(tok[i]-'0')
		size++
	}
	return parts == 4
}

// isDate recognises 2026-11-22 and 2026-11-22T00:… up to the first colon, and 2026/11/22.
func isDate(tok []byte) bool {
	if len(tok) < 10 || tok[4] != '-' || tok[7] != '-' {
		return false
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if class[tok[i]]&isDigit == 0 {
			return false
		}
	}
	return len(tok) == 10 || tok[10] == 'T'
}

func isNumberWithUnit(tok []byte) bool {
	i := 0
	if tok[0] == '-' || tok[0] == '+' {
		i++
	}
	for i < len(tok) && (class[tok[i]]&isDigit != 0 || tok[i] == '.' || tok[i] == ',') {
		i++
	}
	unit := tok[i:]
	if len(unit) == 0 {
		return true
	}
	if last := unit[len(unit)-1]; last == 's' || last == 'm' || last == 'h' {
		// Compound durations: 10m35s, 1h2m3.5s; µs is two bytes.
		duration := true
		for _, c := range unit {
			if class[c]&isDigit == 0 && c != 'h' && c != 'm' && c != 's' && c != 'n' && c != 'u' && c != '.' && c < 0x80 {
				duration = false
			}
		}
		if duration {
			return true
		}
	}
	if len(unit) > 4 {
		return false
	}
	for _, c := range unit {
		if class[c]&(isLetter|isHexLetter) == 0 && c != '%' {
			return false
		}
	}
	return true
}

func isUUID(tok []byte) bool {
	if len(tok) != 36 {
		return false
	}
	for i, c := range tok {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if class[c]&(isDigit|isHexLetter) == 0 {
			return false
		}
	}
	return true
}

// hashWord hashes eight bytes at a time. It never returns 0, which stands for "not a word".
func hashWord(b []byte) uint32 {
	h := uint64(len(b)) * 0x9e3779b97f4a7c15
	for len(b) >= 8 {
		h = (h ^ binary.LittleEndian.Uint64(b)) * 0xff51afd7ed558ccd
		h = bits.RotateLeft64(h, 29)
		b = b[8:]
	}
	var tail uint64
	for i := len(b) - 1; i >= 0; i-- {
		tail = tail<<8 | uint64(b[i])
	}
	h = (h ^ tail) * 0xc4ceb9fe1a85ec53
	return uint32(h>>32) | 1
}

// WordHash returns the hash that a word token with this text has.
func WordHash(word []byte) uint32 { return hashWord(word) }
