package explain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

// alertOf names the alert that a message of a signature tells of, nil for none. key is the code that the signature took.
func alertOf(s *knowledgebase.Signature, key, message string) *Alert {
	number := -1
	switch {
	case s.Alert != "":
		number = knowledgebase.AlertNumber(s.Alert)
	case s.Code == "alert" || slices.Contains(alertTables, s.Table):
		number = knowledgebase.AlertNumber(key)
	default:
		number = alertReason(message)
	}
	return newAlert(number, sender(message)) // by the words, not the signature: the message may have been put into its words
}

// alertTables hold alerts whose signatures call the code otherwise.
var alertTables = []string{
	"tls-alert", "quic-crypto-error", "erlang-received-by-server", "erlang-received-by-client", "erlang-generated-by-server", "erlang-generated-by-client",
}

// newAlert returns the alert with a number, nil when there is none.
func newAlert(number int, from string) *Alert {
	name := knowledgebase.AlertName(strconv.Itoa(number))
	if name == "" {
		return nil
	}
	if from == "local" {
		from = "self"
	}
	return &Alert{Number: number, Name: name, Sender: from}
}

// nameOf returns the name under which a table keeps a value besides, "" for none: a name with underscores before words,
// small letters before capitals.
func nameOf(base *knowledgebase.Base, table, value string) string {
	best := ""
	rank := func(name string) int {
		r := 0
		if !strings.Contains(name, "_") {
			r += 2
		}
		if strings.ToLower(name) != name {
			r++
		}
		return r
	}
	for name, e := range base.Table(table) {
		if e.As != value || strings.Trim(name, "-0123456789abcdefxABCDEF") == "" {
			continue
		}
		if best == "" || rank(name) < rank(best) || rank(name) == rank(best) && name < best {
			best = name
		}
	}
	return best
}

// alertReason finds the alert in an error of OpenSSL or BoringSSL: a received alert n is reason 1000+n (ssl/ssl_local.h,
// SSL_AD_REASON_OFFSET).
func alertReason(message string) int {
	for _, word := range packedWords(message) {
		for _, key := range knowledgebase.OpenSSLKeys(word) {
			library, reason, _ := strings.Cut(key, ":")
			n, err := strconv.Atoi(reason)
			if err == nil && (library == "20" || library == "boringssl 16") && n >= 1000 && n < 1256 {
				return n - 1000
			}
		}
	}
	return -1
}

// sender tells who sent the alert that a message speaks of. OpenSSL puts those that the peer sent into its codes.
func sender(message string) string {
	if from := knowledgebase.AlertSender(message); from != "" {
		return from
	}
	if alertReason(message) >= 0 {
		return "peer"
	}
	return ""
}

func (a *Alert) proves() []string {
	switch {
	case a.Number == 0:
		return []string{"the connection was closed in order, not torn"}
	case a.Sender == "peer":
		return []string{"the way there works and the other side speaks TLS; it ended the handshake or connection, this side did not"}
	case a.Sender == "self":
		return []string{"the side that logs refused; the other side saw only the alert"}
	}
	return []string{"both sides speak TLS; the text does not tell which of them refused"}
}
