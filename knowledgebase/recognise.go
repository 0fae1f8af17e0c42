package knowledgebase

import (
	"bytes"
	"strings"

	"github.com/whytls/whytls/parsers"
)

// SystemOf returns the system that a record belongs to by its format or scope, or "".
func (b *Base) SystemOf(f *parsers.Format, scope []byte) string {
	if f.System != "" {
		return f.System
	}
	for _, s := range b.systems {
		if s.Formats.Has(f.Name) {
			return s.ID
		}
		for _, prefix := range s.Scopes {
			if len(scope) > 0 && bytes.HasPrefix(scope, []byte(prefix)) {
				return s.ID
			}
		}
	}
	return ""
}

// FingerprintOf returns what the code position of a record proves about the version of its system.
func (b *Base) FingerprintOf(system string, r *parsers.Record) Versions {
	s := b.Systems[system]
	if s == nil {
		return Versions{}
	}
	for i := range s.Fingerprints {
		f := &s.Fingerprints[i]
		if f.Scope != "" && !bytes.HasPrefix(r.Scope, []byte(f.Scope)) {
			continue
		}
		if f.Line != 0 && f.Line != r.CodeLine {
			continue
		}
		if f.Body != "" && f.Body != string(r.Body) {
			continue
		}
		if f.Path != "" {
			before, after, captured := strings.Cut(f.Path, "<version>")
			path := string(r.Field("code.file.path"))
			at := strings.Index(path, before)
			if path == "" || at < 0 {
				continue
			}
			if captured {
				rest := path[at+len(before):]
				end := strings.Index(rest, after)
				if after == "" {
					end = strings.IndexAny(rest, "/\\")
				}
				if end <= 0 {
					continue
				}
				if v, ok := ParseVersion(rest[:end]); ok {
					return v
				}
				continue
			}
		}
		if v, err := ParseRange(f.Version); err == nil && v.Known() {
			return v
		}
	}
	return Versions{}
}

// Speaks reports whether a hit of s with the given code says anything about causes.
func (s *Signature) Speaks(b *Base, code string) bool {
	if len(s.Suggests) > 0 || len(s.When) > 0 {
		return true
	}
	if s.Table != "" {
		return len(b.Table(s.Table)[code].Suggests) > 0
	}
	return false
}

// StaticWhens returns, as a bit set, the When entries whose conditions on the record itself hold; what
// depends on the version or on facts is decided later.
func (s *Signature) StaticWhens(with []string, system, scope, code string) uint32 {
	var set uint32
	for i := range s.When {
		if i >= 32 {
			break
		}
		w := &s.When[i]
		if len(w.With) > 0 && !overlap(w.With, with) || overlap(w.Without, with) {
			continue
		}
		if len(w.System) > 0 && !w.System.Has(system) || len(w.Code) > 0 && !w.Code.Has(code) {
			continue
		}
		if len(w.Scope) > 0 && !prefixed(w.Scope, scope) {
			continue
		}
		set |= 1 << i
	}
	return set
}

func overlap(a Strings, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

func prefixed(prefixes Strings, s string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// Alone returns what a message makes likely by itself: without its program's version and without any other line. whens is
// the set of StaticWhens.
func (b *Base) Alone(s *Signature, code string, whens uint32) Weights {
	for i := range s.When {
		if w := &s.When[i]; i < 32 && whens&(1<<i) != 0 && w.Version == "" && len(w.Facts) == 0 {
			return w.Suggests
		}
	}
	if e, ok := b.Table(s.Table)[code]; ok && len(e.Suggests) > 0 {
		return e.Suggests
	}
	return s.Suggests
}

// Suggested is the set of causes that the message can make likely, whatever its code and its circumstances.
func (s *Signature) Suggested(b *Base) map[string]bool {
	set := make(map[string]bool)
	add := func(w Weights) {
		for id := range w {
			set[id] = true
		}
	}
	add(s.Suggests)
	for i := range s.When {
		add(s.When[i].Suggests)
	}
	for _, e := range b.Table(s.Table) {
		add(e.Suggests)
	}
	return set
}
