package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/whytls/whytls/diagnose"
)

// Place is where something stands. Lines and columns count from 1, columns in characters; 0 means that the file as a whole
// is meant.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Text is the offending text, redacted and on one line.
	Text string `json:"text"`
}

// Finding is one fault.
type Finding struct {
	// Rule is the id of the rule that was broken. The ids are the values of the feature "config" of the knowledge base.
	Rule string `json:"rule"`
	// Urgency is that of a cause: outage (it will not work), degraded, watch (a risk, or later), noise (good to know).
	Urgency string `json:"urgency"`
	Place
	// Problem is what is wrong, Consequence what happens then, Fix what to do.
	Problem     string `json:"problem"`
	Consequence string `json:"consequence"`
	// Cause is the id of the root cause that a log will show, "" when none.
	Cause string `json:"cause,omitempty"`
	Fix   string `json:"fix"`
	// System is the program that it concerns, "" for any.
	System string `json:"system,omitempty"`
}

// rule is what findings of one kind have in common.
type rule struct {
	id      string
	urgency string
	cause   string
	// summary says the rule in a few words, for SARIF and documentation.
	summary string
}

// rules holds all rules by id.
var rules = map[string]*rule{}

// newRule registers a rule. Its id must be a value of the feature "config", so that evidence may use it.
func newRule(id, urgency, cause, summary string) *rule {
	r := &rule{id, urgency, cause, summary}
	if rules[id] != nil {
		panic("check: rule " + id + " is defined twice")
	}
	rules[id] = r
	return r
}

// as is the rule with another urgency, where less or more is at stake.
func (r *rule) as(urgency string) *rule {
	other := *r
	other.urgency = urgency
	return &other
}

// Rules returns the ids and summaries of all rules, in the order of the ids.
func Rules() (list [][2]string) {
	for _, r := range rules {
		list = append(list, [2]string{r.id, r.summary})
	}
	slices.SortFunc(list, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	return list
}

// Result is what a run found. Everything is in a fixed order.
type Result struct {
	Schema string `json:"schema"` // whytls.check/1
	// Findings come worst first, then by place.
	Findings []Finding `json:"findings"`
	// FindingsRest is the number of findings beyond those listed.
	FindingsRest int `json:"findings_rest,omitempty"`
	// Notes are what a linter of certificates says; they count for nothing.
	Notes []Note `json:"notes"`
	// Files are those that were recognised and checked.
	Files []File `json:"files"`
	// PassedOver counts files in folders that are none of check's, by reason.
	PassedOver map[string]int `json:"passed_over"`
	// NotChecked lists what a configuration names and what was not there to be read.
	NotChecked []NotChecked `json:"not_checked"`
	// Unreadable lists inputs that could not be read.
	Unreadable []Unreadable `json:"unreadable"`
}

// File is a file that was checked.
type File struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// NotChecked is something that a configuration names and that was not there.
type NotChecked struct {
	Place
	Why string `json:"why"`
}

// Unreadable is an input that could not be read.
type Unreadable struct {
	File string `json:"file"`
	Why  string `json:"why"`
	Err  error  `json:"-"`
}

// Facts returns the findings as evidence for the ranking of causes in a log.
func (r *Result) Facts() []diagnose.Fact {
	var list []diagnose.Fact
	for _, f := range r.Findings {
		list = append(list, diagnose.Fact{Value: f.Rule, System: f.System, Source: f.File, Line: f.Line, Text: f.Text})
	}
	return list
}

// Worst returns the highest urgency among the findings, "" when there is none.
func (r *Result) Worst() string {
	worst := ""
	for _, f := range r.Findings {
		if worst == "" || diagnose.UrgencyRank(f.Urgency) > diagnose.UrgencyRank(worst) {
			worst = f.Urgency
		}
	}
	return worst
}

// sortFindings orders findings worst first, then by place, and drops what is there twice.
func sortFindings(list []Finding) []Finding {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(
			-cmp.Compare(diagnose.UrgencyRank(a.Urgency), diagnose.UrgencyRank(b.Urgency)),
			comparePlaces(a.Place, b.Place, a.Rule, b.Rule), cmp.Compare(a.Problem, b.Problem))
	})
	return slices.CompactFunc(list, func(a, b Finding) bool {
		return a.Rule == b.Rule && a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Problem == b.Problem
	})
}

// comparePlaces orders by place, and at one place by a word.
func comparePlaces(a, b Place, x, y string) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(x, y))
}

// longestText bounds the offending text that is shown.
const longestText = 160

// show makes a text of a file fit to be shown: one line, no secrets, not too long.
func show(text string) string {
	text = strings.Join(strings.Fields(diagnose.Redacted(text)), " ")
	if r := []rune(text); len(r) > longestText {
		text = string(r[:longestText]) + "…"
	}
	return text
}
