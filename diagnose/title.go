package diagnose

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// doubt is the confidence below which a leading cause is only the likeliest of several: the title names two of them.
const doubt = 0.5

// sure is the confidence from which on the cause says what happened better than the message does.
const sure = 0.6

// title says what happened: the cause where it is sure, else what the message says; where no cause is even
// as likely as all others together, the two that lead.
func title(says string, f *Finding) string {
	if len(f.Causes) == 0 {
		return says
	}
	lead := f.Causes[0]
	switch {
	case f.Doubtful() && says != "":
		return says + ": " + guess(f.Causes)
	case f.Doubtful():
		return guess(f.Causes)
	case says != "" && lead.Confidence < sure:
		return says
	}
	return lead.Title
}

// Doubtful reports whether no cause is as likely as all others together.
func (f *Finding) Doubtful() bool {
	return f.Urgency != "noise" && len(f.Causes) > 0 && f.Causes[0].Confidence < doubt
}

// Headline is the title without the causes, for where these stand below it.
func (f *Finding) Headline() string {
	if f.Doubtful() {
		return cmp.Or(f.Event, f.Title)
	}
	return f.Title
}

// guess names the two causes that lead.
func guess(causes []Cause) string {
	text := "probably " + uncapitalised(causes[0].Title)
	if len(causes) > 1 {
		text += ", or " + uncapitalised(causes[1].Title)
	}
	return text
}

// uncapitalised takes the capital off the first word of a sentence, unless it is a name.
func uncapitalised(s string) string {
	s = strings.TrimSuffix(s, ".")
	word, _, _ := strings.Cut(s, " ")
	first, n := utf8.DecodeRuneInString(s)
	if strings.ContainsFunc(word[min(n, len(word)):], unicode.IsUpper) || strings.TrimSuffix(word, "'s") == "Salvo" {
		return s
	}
	return string(unicode.ToLower(first)) + s[n:]
}

// separating puts first, among the checks of the leading cause in doubt, the one that tells it from the second: the first of
// either card that says so, else a command that stands on both.
func separating(f *Finding) {
	if !f.Doubtful() || len(f.Causes) < 2 {
		return
	}
	lead, second := &f.Causes[0], &f.Causes[1]
	both := slices.Concat(lead.Checks, second.Checks)
	i := slices.IndexFunc(both, func(c Check) bool {
		return slices.Contains(c.separates, lead.ID) && slices.Contains(c.separates, second.ID)
	})
	if i < 0 {
		i = slices.IndexFunc(lead.Checks, func(c Check) bool {
			return slices.ContainsFunc(second.Checks, func(other Check) bool { return other.Run == c.Run })
		})
	}
	if i < 0 {
		return
	}
	others := slices.DeleteFunc(slices.Clone(lead.Checks), func(c Check) bool { return c.Run == both[i].Run })
	lead.Checks = append([]Check{both[i]}, others...)
}
