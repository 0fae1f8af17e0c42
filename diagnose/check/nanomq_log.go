package check

import (
	"slices"
	"strings"
)

var ruleLogLevel = newRule("log-level-unknown", "watch", "config-invalid", "log.level is no level")

var levels = []string{"trace", "debug", "info", "warn", "error", "fatal"}

// logLevel reports a level that is none.
func (r *run) logLevel(n *nanomq) {
	if v := n.settings.get("log.level"); v.known() && !slices.Contains(levels, strings.ToLower(v.value)) {
		r.report(ruleLogLevel, systemNanoMQ, v.at, show(v.value)+" is no level: "+strings.Join(levels, ", "),
			"NanoMQ takes it for error without a word, and the reasons of failures are not logged", "write "+nearestLevel(v.value))
	}
}

// nearestLevel guesses what a word was meant to be.
func nearestLevel(word string) string {
	switch word = strings.ToLower(word); {
	case strings.HasPrefix(word, "w"):
		return "warn"
	case strings.HasPrefix(word, "i"), strings.HasPrefix(word, "n"):
		return "info"
	case strings.HasPrefix(word, "d"), strings.HasPrefix(word, "v"):
		return "debug"
	}
	return "warn or info"
}
