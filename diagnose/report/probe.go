package report

import (
	"fmt"
	"strings"

	"github.com/whytls/whytls/diagnose/probe"
	"github.com/whytls/whytls/knowledgebase"
)

// ProbeCard renders the result of a probe: what is confirmed with its remedy, what was seen, what stays open, what is
// refuted. Verbose adds the reasons of what is refuted, further remedies and every connection.
func ProbeCard(base *knowledgebase.Base, r *probe.Result, verbose bool) *Card {
	c := &Card{Label: "fine", Title: r.Summary}
	facts := []string{r.Target}
	if r.Address != "" && r.Address != r.Target {
		facts = append(facts, r.Address)
	}
	c.Facts = strings.Join(append(facts, fmt.Sprintf("%s in %s", count(int64(r.Connections), "connection", "connections"), seconds(r.Seconds))), " · ")
	if r.Problem() {
		c.Label = "watch"
		if known := base.Causes[r.Confirmed()[0].ID]; known != nil {
			c.Label = known.Urgency
		}
	}
	var other, consequences, open, refuted []probe.Cause
	for _, cause := range r.Causes {
		switch {
		case cause.Verdict == probe.Open:
			open = append(open, cause)
		case cause.Verdict == probe.Refuted:
			refuted = append(refuted, cause)
		case cause.Elsewhere:
			other = append(other, cause)
		case cause.Consequence:
			consequences = append(consequences, cause)
		default:
			c.add("cause", probeCause(cause))
			c.add("fix", probeFixes(base.Causes[cause.ID], verbose)...)
		}
	}
	c.add("seen as", probeCauses(consequences, verbose)...)
	c.add("others", probeCauses(other, true)...)
	c.add("tls", probeTLS(r)...)
	c.add("chain", probeChain(r)...)
	c.add("notes", probeNotes(r)...)
	c.add("open", probeCauses(open, verbose || r.Problem())...)
	c.add("refuted", probeCauses(refuted, verbose)...)
	if verbose {
		c.add("tried", probeAttempts(r)...)
	}
	return c
}

// probeCauses are causes in full, or their ids alone.
func probeCauses(causes []probe.Cause, full bool) []Item {
	var items []Item
	var ids []string
	for _, cause := range causes {
		items, ids = append(items, probeCause(cause)), append(ids, cause.ID)
	}
	if full || len(ids) == 0 {
		return items
	}
	return []Item{{Text: strings.Join(ids, ", ")}}
}

// probeCause is a cause with what was seen of it.
func probeCause(c probe.Cause) Item {
	note := c.Why
	if c.Affects != "" {
		note += " (hits " + c.Affects + ")"
	}
	return Item{Text: c.Title, Note: note}
}

// probeFixes are the remedies of a cause for any program.
func probeFixes(cause *knowledgebase.Cause, verbose bool) []Item {
	var items []Item
	if cause == nil {
		return nil
	}
	for _, fix := range cause.Fixes {
		if fix.Do == "" || len(fix.For) > 0 && !verbose {
			continue
		}
		items = append(items, Item{Mark: join(fix.For), Text: fix.Do})
		if !verbose {
			break
		}
	}
	return items
}

func join(words knowledgebase.Strings) string { return strings.Join(words, ", ") }

// probeTLS tells versions, suites, ALPN and what is asked of clients.
func probeTLS(r *probe.Result) []Item {
	if r.TLS == nil {
		return nil
	}
	var items []Item
	var refused []string
	for _, v := range r.TLS.Versions {
		if !v.Accepted {
			refused = append(refused, v.Version+" ("+v.Answer+")")
			continue
		}
		text := v.Version + "  " + v.Suite
		if v.Group != "" {
			text += ", " + v.Group
		}
		item := Item{Text: text}
		if all := r.TLS.Suites[v.Version]; len(all) > 0 {
			item.Note = count(int64(len(all)), "suite", "suites") + ": " + strings.Join(all, ", ")
		}
		items = append(items, item)
	}
	if len(refused) > 0 {
		items = append(items, Item{Text: "refused: " + strings.Join(refused, ", ")})
	}
	var more []string
	if r.TLS.StartTLS != "" {
		more = append(more, "after the plaintext step of "+probe.Service(r.TLS.StartTLS))
	}
	if r.TLS.ALPN != "" {
		more = append(more, "ALPN "+r.TLS.ALPN)
	}
	if r.TLS.ServerName != "" {
		sni := "SNI " + r.TLS.ServerName
		if r.TLS.WithoutServerName != "" {
			sni += " (without: " + r.TLS.WithoutServerName + ")"
		}
		more = append(more, sni)
	}
	switch client := r.TLS.ClientCertificate; {
	case client.Required:
		more = append(more, "client certificate required")
	case client.Requested:
		more = append(more, "client certificate asked for")
	default:
		more = append(more, "no client certificate asked for")
	}
	if len(r.TLS.ClientCertificate.Authorities) > 0 {
		more = append(more, "of "+strings.Join(r.TLS.ClientCertificate.Authorities, " or "))
	}
	if r.Inside != "" {
		more = append(more, "speaks "+probe.Service(r.Inside)+" inside")
	}
	if r.Clock != nil {
		more = append(more, fmt.Sprintf("clock %+.0f s", *r.Clock))
	}
	more = append(more, "OCSP staple: "+r.TLS.Staple)
	return append(items, Item{Text: strings.Join(more, " · ")})
}

// probeChain tells each certificate, and what a verifier says.
func probeChain(r *probe.Result) []Item {
	if r.Chain == nil {
		return nil
	}
	var items []Item
	for i, c := range r.Chain.Certificates {
		if c.Error != "" {
			items = append(items, Item{Mark: fmt.Sprint(i + 1), Text: "cannot be read: " + c.Error})
			continue
		}
		issuer := "by " + c.Issuer
		if c.SelfSigned {
			issuer = "signed by itself"
		}
		facts := []string{issuer, c.NotBefore[:10] + " → " + c.NotAfter[:10], c.Key, c.Signature}
		if len(c.Names) > 0 {
			facts = append(facts, strings.Join(c.Names, " "))
		}
		items = append(items, Item{Mark: fmt.Sprint(i + 1), Text: c.Subject, Note: strings.Join(facts, " · ")})
	}
	verdict := "a verifier says: " + r.Chain.Problem
	if r.Chain.Problem == "" {
		verdict = "trusted, complete, in order and good for the name"
		if r.Chain.Trusted == "ca" {
			verdict += " (by the file of --ca)"
		}
	}
	return append(items, Item{Text: verdict})
}

func probeNotes(r *probe.Result) []Item {
	var items []Item
	for _, n := range r.Notes {
		items = append(items, Item{Text: n})
	}
	return items
}

// probeAttempts tells every connection.
func probeAttempts(r *probe.Result) []Item {
	var items []Item
	for _, a := range r.Attempts {
		item := Item{Text: a.What + ": " + a.Outcome}
		if a.Bytes != "" {
			item.Note = a.Bytes
		}
		items = append(items, item)
	}
	return items
}
