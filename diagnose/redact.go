package diagnose

import (
	"regexp"
	"strings"
)

// secrets are the places in log text whose values must not leave the program. Each match keeps its first group and
// loses the rest. Only text for output goes through them, never a line of the hot path.
var secrets = []*regexp.Regexp{
	// key=value, key: value, "key":"value" of names that hold secrets; the scheme word of an
	// Authorization header is kept.
	regexp.MustCompile(`(?i)("?\b(?:password|passwd|pwd|passphrase|secret|client_secret|api[_-]?key|apikey|access[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|auth[_-]?token|manager token|token|private[_-]?key|session(?:id)?|credential)"?\s*[:=]+\s*"?)([^\s"',;&}\]]+)`),
	regexp.MustCompile(`(?i)(\b(?:authorization|proxy-authorization)"?\s*[:=]\s*"?(?:(?:basic|bearer|digest|negotiate|token)\s+)?)([^\s"',;}]+)`),
	regexp.MustCompile(`(?i)(\b(?:set-)?cookie"?\s*[:=]\s*"?)([^"\r\n}]+)`),
	regexp.MustCompile(`(?i)(\bbearer\s+)([A-Za-z0-9._~+/=-]{8,})`),
	// Credentials inside a URL.
	regexp.MustCompile(`(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@"']+@`),
	// JSON web tokens and PEM keys.
	regexp.MustCompile(`()eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?`),
	regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`),
	// WuKongIM: who and what was sent.
	regexp.MustCompile(`("(?:uid|fromUid|from_uid|toUid|payload|data|deviceId|clientMsgNo)"\s*:\s*")((?:[^"\\]|\\.)*)`),
}

// hints lets redact skip the expressions for the many lines that hold nothing of the kind.
var hints = []string{
	"pass", "pwd", "secret", "key", "token", "session", "credential", "authorization", "cookie", "bearer", "://", "eyj", "private",
	"uid", "payload", "\"data\"", "deviceid", "clientmsgno",
}

const redacted = "[redacted]"

// redact removes secrets from text that is going to be shown or written, and makes control bytes visible.
func redact(s string) string {
	lower := strings.ToLower(s)
	for _, h := range hints {
		if !strings.Contains(lower, h) {
			continue
		}
		for _, re := range secrets {
			s = re.ReplaceAllString(s, "${1}"+redacted)
		}
		break
	}
	return s
}

// Redacted removes secrets from a text that comes from a log and is going to be shown or written.
func Redacted(s string) string { return redact(s) }
