package parsers

import "bytes"

func init() {
	Register(Format{
		Name:   "wukongim-raw",
		First:  "-p\xe2",
		Title:  "WuKongIM: what it prints past its logger (failed handshakes, failed start)",
		System: "wukongim",
		Rank:   65,
		Mixed:  true,
		Parse:  parseWukongimRaw,
	})
	Register(Format{
		Name:   "wukongim-banner",
		Title:  "WuKongIM: the banner at start, with version, mode and listeners",
		System: "wukongim",
		Rank:   64,
		Mixed:  true,
		Parse:  parseWukongimBanner,
		Claims: claimsBanner,
		Join:   joinBanner,
	})
	Register(Format{
		Name:  "lumberjack-error",
		First: "0123456789",
		Title: "zap reporting that its log file cannot be written (lumberjack)",
		Rank:  60,
		Mixed: true,
		Timed: true,
		Parse: parseLumberjackError,
	})
}

var (
	handshakeFailed = []byte("-------------------------->握手失败！")
	proxyProtocol   = []byte("proxyproto: ")
	startupFailed   = []byte("✗ Startup failed at ")
	startingServer  = []byte("🚀 Starting WuKongIM")
	boxTop          = []byte("╔══")
	asciiArt        = []byte("__      __       ____  __.")
)

// parseWukongimRaw takes the lines that have neither time nor level. The failed handshake is the only trace
// of a TLS fault in release mode, and it names no client.
func parseWukongimRaw(line []byte, r *Record, _ *Clock) bool {
	switch {
	case bytes.HasPrefix(line, handshakeFailed):
		r.Severity = SeverityError
	case bytes.HasPrefix(line, startupFailed):
		r.Severity = SeverityFatal
	case !bytes.HasPrefix(line, proxyProtocol):
		return false
	}
	r.Body = line
	return true
}

func parseWukongimBanner(line []byte, r *Record, _ *Clock) bool {
	if c := line[0]; c != ' ' && c != '\t' && c != startingServer[0] && c != boxTop[0] {
		return false
	}
	text := bytes.TrimLeft(line, " \t")
	if !bytes.HasPrefix(text, boxTop) && !bytes.HasPrefix(text, startingServer) && !bytes.HasPrefix(text, asciiArt) {
		return false
	}
	r.Severity = SeverityInfo
	r.Body = text
	return true
}

// maxBanner bounds the lines of a banner, should something indented follow it for ever.
const maxBanner = 60

// claimsBanner holds the start banner together: one start is one record, and its version, mode and listeners
// can be matched in one body.
func claimsBanner(line []byte, r *Record) bool {
	if r.Lines > maxBanner {
		return false
	}
	if line[0] == ' ' || line[0] == '\t' {
		return !bytes.HasPrefix(bytes.TrimLeft(line, " \t"), boxTop) // another start
	}
	if bytes.HasPrefix(line, startingServer) {
		return !bytes.Contains(r.Body, startingServer)
	}
	for _, title := range [...]string{"📋 ", "🌐 ", "⚙", "💡 ", "━━", "║", "╚"} {
		if len(line) > len(title) && string(line[:len(title)]) == title {
			return true
		}
	}
	return false
}

// joinBanner keeps the lines that say something, without the tree in front of them.
func joinBanner(line []byte, r *Record) {
	text := bytes.Trim(line, " \t")
	if bytes.HasPrefix(text, []byte("║")) {
		text = bytes.Trim(bytes.TrimSuffix(text[len("║"):], []byte("║")), " ")
	}
	for _, branch := range [...]string{"├─ ", "└─ "} {
		if len(text) > len(branch) && string(text[:len(branch)]) == branch {
			text = text[len(branch):]
		}
	}
	if isArt(text) {
		return
	}
	if bytes.HasPrefix(r.Body, boxTop) || bytes.HasPrefix(r.Body, asciiArt) {
		r.Body = nil
	}
	r.JoinBody(text)
}

// isArt reports that a line of the banner is drawing only: no three letters in a row.
func isArt(text []byte) bool {
	letters := 0
	for _, c := range text {
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			if letters++; letters == 3 {
				return false
			}
		} else {
			letters = 0
		}
	}
	return true
}

var writeError = []byte(" write error: ")

// parseLumberjackError takes what zap prints when the writer behind it fails: the entry's time in the form of
// time.Time.String, with or without the monotonic reading.
func parseLumberjackError(line []byte, r *Record, c *Clock) bool {
	t, n := c.ParseTime(line)
	if n == 0 || n >= len(line) || line[n] != ' ' {
		return false
	}
	t, zone := zoneAfter(line[n:], t)
	if zone == 0 {
		return false
	}
	rest := line[n+zone:]
	at := bytes.Index(rest[:min(len(rest), 80)], writeError)
	if at < 0 {
		return false
	}
	for middle := trimSeparators(rest[:at]); len(middle) > 0; middle = trimSeparators(middle) {
		word := firstWord(middle)
		middle = middle[len(word):]
		if !bytes.HasPrefix(word, []byte("m=")) && !isZoneName(word) {
			return false
		}
	}
	r.Time = t
	r.Severity = SeverityError
	r.Body = rest[at+1:]
	return true
}
