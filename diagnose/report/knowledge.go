package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
)

// CardOf makes the card of a cause, a signature, a system or a table, nil when nothing is known by the id. A table that
// is named as a signature is asked for as "table:" and its name.
func CardOf(base *knowledgebase.Base, id string) *Card {
	name, asked := strings.CutPrefix(id, "table:")
	switch {
	case asked && base.Table(name) != nil:
		return tableCard(base, name)
	case base.Causes[id] != nil:
		return causeCard(base, base.Causes[id])
	case base.Signature(id) != nil:
		return signatureCard(base, base.Signature(id))
	case base.Systems[id] != nil:
		return systemCard(base.Systems[id])
	case base.Table(id) != nil:
		return tableCard(base, id)
	}
	return nil
}

// facts joins what is told below the title.
func facts(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " · ")
}

func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + " " + value
}

// only says for which systems something holds.
func only(systems knowledgebase.Strings, text string) string {
	if len(systems) == 0 {
		return text
	}
	return strings.Join(systems, ", ") + ": " + text
}

func texts(list []string, code bool) []Item {
	items := make([]Item, 0, len(list))
	for _, text := range list {
		items = append(items, Item{Text: text, Code: code})
	}
	return items
}

func causeCard(base *knowledgebase.Base, c *knowledgebase.Cause) *Card {
	card := &Card{Label: c.Urgency, Title: c.Title, Facts: facts("cause "+c.ID, c.Family)}
	card.add("meaning", Item{Text: c.Meaning})
	var evidence []Item
	for _, e := range c.Evidence {
		condition := e.Feature + " is " + alternatives(e.Is)
		if len(e.On) > 0 {
			condition += ", on " + strings.Join(e.On, ", ")
		}
		evidence = append(evidence, Item{Mark: ratio(e.Ratio), Text: only(e.For, e.Why), Note: condition})
	}
	card.add("evidence", evidence...)
	var checks, do, never []Item
	for _, check := range c.Checks {
		checks = append(checks, Item{Text: check.Run, Code: true, Note: only(check.For, check.LookFor) + decides(check.Separates)})
	}
	for _, fix := range c.Fixes {
		if fix.Do != "" {
			do = append(do, Item{Text: only(fix.For, fix.Do)})
		} else {
			never = append(never, Item{Text: only(fix.For, fix.Never)})
		}
	}
	card.add("check", checks...)
	card.add("fix", do...)
	card.add("never", never...)
	card.add("leads to", related(base, c.LeadsTo)...)
	card.add("messages", messagesOf(base, c.ID)...)
	card.add("see", texts(c.References, false)...)
	return card
}

// decides says which causes the answer to a check tells from the card's own.
func decides(causes knowledgebase.Strings) string {
	if len(causes) == 0 {
		return ""
	}
	return "; it tells this cause from " + strings.Join(causes, ", ")
}

// alert says which TLS alert a message tells of and who sent it.
func alert(s *knowledgebase.Signature) string {
	sender := map[string]string{"peer": "the peer", "local": "this side"}[s.AlertFrom]
	switch {
	case s.Alert == "" && sender == "":
		return ""
	case sender == "":
		return "alert " + s.Alert
	}
	return strings.TrimSpace("alert "+s.Alert) + " of " + sender
}

// alternatives writes what a feature must be in words.
func alternatives(is string) string {
	is = strings.ReplaceAll(cmp.Or(is, "there"), "|", " or ")
	if rest, ok := strings.CutPrefix(is, "!"); ok {
		return "none of " + rest
	}
	return is
}

func related(base *knowledgebase.Base, ids []string) []Item {
	var items []Item
	for _, id := range ids {
		item := Item{Text: id}
		if c := base.Causes[id]; c != nil {
			item.Text = c.Title + " (" + id + ")"
		}
		items = append(items, item)
	}
	return items
}

// shownMessages is how many signatures the card of a cause names.
const shownMessages = 8

// messagesOf lists the signatures that make a cause likely, the surest first.
func messagesOf(base *knowledgebase.Base, cause string) []Item {
	var list []*knowledgebase.Signature
	for _, s := range base.Signatures {
		if s.Suggests[cause] > 0 {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b *knowledgebase.Signature) int {
		return -cmp.Compare(a.Suggests[cause], b.Suggests[cause])
	})
	var items []Item
	for i, s := range list {
		if i == shownMessages {
			items = append(items, Item{Text: fmt.Sprintf("and %d more: whytls kb list --cause %s", len(list)-i, cause)})
			break
		}
		items = append(items, Item{Mark: percent(s.Suggests[cause]), Text: s.ID})
	}
	return items
}

func signatureCard(base *knowledgebase.Base, s *knowledgebase.Signature) *Card {
	card := &Card{Label: "message", Title: cmp.Or(s.Says, s.ID)}
	side := s.Side
	if side == "either" {
		side = "server or client"
	}
	card.Facts = facts("signature "+s.ID, "library "+s.Library, labelled("system", s.System), labelled("logged by a", side), labelled("marks", s.Marker), alert(s))
	card.add("text", texts(s.Text, true)...)
	var rules []Item
	rule := func(text string) { rules = append(rules, Item{Text: text}) }
	if s.Whole {
		rule("the whole message, error field or wrapped reason")
	}
	for label, list := range map[string]knowledgebase.Strings{"in records of": s.OnlyIn, "in the formats": s.Formats, "logged from": s.Scope} {
		if len(list) > 0 {
			rule(label + " " + strings.Join(list, ", "))
		}
	}
	slices.SortFunc(rules, func(a, b Item) int { return cmp.Compare(a.Text, b.Text) })
	if s.Wraps != "" {
		rule("wraps another message in <" + s.Wraps + ">")
	}
	if s.Fallback {
		rule("speaks only where nothing else is known")
	}
	if s.Quiet {
		rule("is ordinary and not reported")
	}
	if s.Proves != "" {
		rule("proves the version " + s.Proves)
	}
	if s.Table != "" {
		rule("<" + s.Code + "> is explained by the table: whytls kb show table:" + s.Table)
	}
	card.add("holds", rules...)
	card.add("suggests", weights(base, s.Suggests)...)
	for i := range s.When {
		w := &s.When[i]
		items := weights(base, w.Suggests)
		items = append([]Item{{Text: conditions(w)}}, items...)
		card.add("when", items...)
	}
	card.add("example", texts(s.Examples, true)...)
	card.add("not", texts(s.CounterExamples, true)...)
	card.add("source", texts([]string{s.Source}, false)...)
	return card
}

// conditions says in words when other weights hold.
func conditions(w *knowledgebase.When) string {
	var list []string
	for _, c := range []struct {
		label  string
		values []string
	}{
		{"with", w.With}, {"without", w.Without}, {"in", w.System}, {"logged from", w.Scope}, {"the code is", w.Code},
	} {
		if len(c.values) > 0 {
			list = append(list, c.label+" "+strings.Join(c.values, ", "))
		}
	}
	if w.Version != "" {
		list = append(list, "the version is "+w.Version)
	}
	for _, feature := range slices.Sorted(maps.Keys(w.Facts)) {
		list = append(list, feature+" is "+alternatives(w.Facts[feature]))
	}
	text := strings.Join(list, "; ")
	if w.Says != "" {
		text += ": " + w.Says
	}
	return text
}

// weights lists causes, the likeliest first, and what they leave undetermined.
func weights(base *knowledgebase.Base, w knowledgebase.Weights) []Item {
	ids := slices.SortedFunc(maps.Keys(w), func(a, b string) int { return cmp.Or(-cmp.Compare(w[a], w[b]), cmp.Compare(a, b)) })
	var items []Item
	rest := 1.0
	for _, id := range ids {
		text := id
		if c := base.Causes[id]; c != nil {
			text = c.Title + " (" + id + ")"
		}
		items = append(items, Item{Mark: percent(w[id]), Text: text})
		rest -= w[id]
	}
	if len(items) > 0 && rest > 0.005 {
		items = append(items, Item{Mark: percent(rest), Text: "undetermined"})
	}
	return items
}

func systemCard(s *knowledgebase.System) *Card {
	card := &Card{Label: "system", Title: cmp.Or(s.Title, s.ID)}
	card.Facts = facts("system "+s.ID, labelled("formats", strings.Join(s.Formats, ", ")), labelled("successes are logged at", s.SuccessAt))
	card.add("scopes", texts(s.Scopes, true)...)
	var ports []Item
	for _, port := range slices.SortedFunc(maps.Keys(s.Ports), func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }) {
		ports = append(ports, Item{Mark: port, Text: s.Ports[port]})
	}
	card.add("ports", ports...)
	var blind []Item
	for _, b := range s.BlindSpots {
		blind = append(blind, Item{Text: b.Text, Note: b.Remedy})
	}
	card.add("blind", blind...)
	var causes []Item
	for _, id := range slices.Sorted(maps.Keys(s.Causes)) {
		n := s.Causes[id]
		causes = append(causes, Item{Text: id, Note: fmt.Sprintf("%d pieces of evidence, %d checks, %d fixes of its own", len(n.Evidence), len(n.Checks), len(n.Fixes))})
	}
	card.add("causes", causes...)
	card.add("see", texts(s.References, false)...)
	return card
}

func tableCard(base *knowledgebase.Base, name string) *Card {
	table := base.Table(name)
	card := &Card{Label: "table", Title: name, Facts: count(int64(len(table)), "value", "values")}
	for _, value := range slices.SortedFunc(maps.Keys(table), func(a, b string) int { return cmp.Or(byNumber(a, b), cmp.Compare(a, b)) }) {
		e := table[value]
		text := e.Says
		if e.As != "" {
			text = "the same as " + e.As
		}
		if e.Quiet {
			text = facts(text, "ordinary, not reported")
		}
		items := []Item{{Text: facts(value, text)}}
		card.add("value", append(items, weights(base, e.Suggests)...)...)
	}
	return card
}

// byNumber puts short numbers before long ones.
func byNumber(a, b string) int {
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	if digits(a) && digits(b) {
		return cmp.Compare(len(a), len(b))
	}
	return 0
}
