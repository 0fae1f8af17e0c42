package shape

import "bytes"

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
	slashes, last, plain := 0, 0, true
	for i, c := range tok {
		switch {
		case c == '/' || c == '\\':
			slashes++
			last = i + 1
		case class[c]&isDigit == 0:
			plain = false
		}
	}
	switch {
	case len(tok) > 7 && isIPv4(tok[last:]): // /10.0.0.1 and host/10.0.0.1, as Java prints addresses
		return IP
	case plain && slashes == 2 && len(tok) >= 8: // 2026/11/22
		return Clock
	case tok[0] == '/' || tok[0] == '\\':
		if len(tok) == 1 {
			return Word
		}
		return Path
	case plain && slashes == 1: // 3/4
		return Identifier
	case tok[0] == '.' || tok[0] == '~':
		return Path
	case slashes >= 2 && (digitCount(tok) > 0 || dots(tok) > 0): // seq/ack/win are words
		return Path
	case dots(tok) > 0 && digitCount(tok) <= 1 && class[tok[len(tok)-1]]&(isLetter|isHexLetter) != 0:
		return Path // logging/logger.go
	case digitCount(tok) > 2 || allDigits(tok[last:]):
		return Identifier
	}
	return Word
}

// allVersion reports whether b holds nothing but digits and dots.
func allVersion(b []byte) bool { return digitCount(b)+dots(b) == len(b) }

func allDigits(b []byte) bool { return len(b) > 0 && digitCount(b) == len(b) }

// isMarkByte reports whether c sets the parts of an identifier off from each other. An underscore does not: it joins the
// words of a name, and job_1_0 is one value.
func isMarkByte(c byte) bool {
	switch c {
	case '-', '.', '+', '@', '#', '$', '%', '/':
		return true
	}
	return false
}

// hasNumberPart reports that a word has a part that is nothing but a number, behind a mark or underscore (ReactorSub-4,
// rdd_2_0), or consists of such parts (1-2). Digits that stand at letters (en0, metrics2, 8-bit) are part of a name.
func hasNumberPart(tok []byte) bool {
	if isVersionWord(tok) {
		return false
	}
	start, parts, numbers, behind := 0, 0, 0, false
	for i := 0; i <= len(tok); i++ {
		if i < len(tok) && tok[i] != '_' && !isMarkByte(tok[i]) {
			continue
		}
		if i > start {
			parts++
			if allDigits(tok[start:i]) {
				numbers++
				// TLSv1.2 is a version, core.2275 a value.
				behind = behind || start == 0 && i < len(tok) && tok[i] == '_' || start > 0 && (tok[start-1] != '.' || start < 2 || class[tok[start-2]]&isDigit == 0)
			}
		}
		start = i + 1
	}
	return behind || numbers > 1 && numbers == parts
}

// constantPrefix returns the length of what stands before the varying part of an identifier: "node-" of node-129. It
// ends with a mark, holds no digit, and belongs to the shape.
func constantPrefix(tok []byte) int {
	n := 0
	for i, c := range tok {
		if class[c]&isDigit != 0 {
			break
		}
		if isMarkByte(c) && c != '/' {
			if i > 0 && tok[i-1] == '_' { // blk_-160: a negative number in a name
				break
			}
			n = i + 1
		}
	}
	return n
}

func isConstant(tok []byte) bool {
	switch len(tok) {
	case 3:
		return string(tok) == "nil"
	case 4:
		switch string(tok) {
		case "true", "null", "True", "TRUE", "NULL":
			return true
		}
	case 5:
		return string(tok) == "false" || string(tok) == "False" || string(tok) == "FALSE"
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

// isVersionWord recognises the names of protocols, digests and ciphers that carry a number: SHA-1, TLS-1.3.
func isVersionWord(tok []byte) bool {
	if len(tok) < 4 || len(tok) > 12 {
		return false
	}
	switch string(tok[:3]) {
	case "SHA", "TLS", "SSL", "AES", "sha", "tls", "ssl", "aes":
		return true
	}
	return false
}

// isDottedName reports whether a dotted name is one that programs give: a class, a package, a property. Such names are few and
// tell messages apart, so they belong to the shape; names of hosts do not, because there is no end of them.
func isDottedName(tok []byte) bool {
	return bytes.IndexByte(tok, ':') < 0 && bytes.IndexByte(tok, '@') < 0 && !hasDomain(tok) && digitCount(tok) <= 2 && !hasNumberPart(tok)
}

// hasDomain reports whether a dotted name ends as names of hosts do.
func hasDomain(tok []byte) bool {
	switch string(tok[bytes.LastIndexByte(tok, '.')+1:]) {
	case "com", "net", "org", "io", "edu", "gov", "mil", "info", "biz", "dev", "app", "cloud", "local", "localdomain", "internal", "lan", "corp",
		"home", "arpa", "svc", "cluster", "example", "test", "cn", "de", "uk", "fr", "jp", "ru", "us", "eu", "tw", "hk", "kr", "br", "au", "ca",
		"nl", "it", "es", "ch", "tv", "cc", "me", "co":
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
