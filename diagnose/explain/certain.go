package explain

import (
	"cmp"
	"slices"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/knowledgebase"
)

// surely is the share from which a message leaves nothing else worth naming.
const surely = 0.8

// leaders returns the causes that a message makes likely, the most likely first, and the share of the first.
func leaders(w knowledgebase.Weights) (ids []string, share float64) {
	for id := range w {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(-cmp.Compare(w[a], w[b]), cmp.Compare(a, b)) })
	if len(ids) > 0 {
		share = w[ids[0]]
	}
	return ids, share
}

// question puts first what decides when the same message means one thing in a server's log and another in a client's.
func (x *explainer) question(f *diagnose.Finding) {
	if len(f.Causes) < 2 || !f.Doubtful() {
		return
	}
	leads := func(id string) bool { return id == f.Causes[0].ID || id == f.Causes[1].ID }
	for _, id := range f.Signatures {
		s := x.base.Signature(id)
		if s == nil {
			continue
		}
		server, client := x.bySide(s, "server"), x.bySide(s, "client")
		if server == client || !leads(server) || !leads(client) {
			continue
		}
		check := diagnose.Check{
			Run:     "look whose log it is",
			LookFor: "a server's: " + x.title(server) + "; a client's: " + x.title(client),
		}
		f.Causes[0].Checks = append([]diagnose.Check{check}, f.Causes[0].Checks...)
		return
	}
}

// bySide is the leading cause of a message in the log of a server or of a client, as far as its conditions tell.
func (x *explainer) bySide(s *knowledgebase.Signature, side string) string {
	for i := range s.When {
		w := &s.When[i]
		if w.Facts["side"] == side {
			return top(w.Suggests)
		}
		for _, id := range w.With {
			if other := x.base.Signature(id); other != nil && other.Side == side {
				return top(w.Suggests)
			}
		}
	}
	return ""
}

func top(w knowledgebase.Weights) string {
	if ids, _ := leaders(w); len(ids) > 0 {
		return ids[0]
	}
	return ""
}
