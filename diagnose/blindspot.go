package diagnose

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// blindSpots returns what the system does not log, where its conditions say that it bears on this log.
func blindSpots(s *systemState) []BlindSpot {
	if s.profile == nil {
		return nil
	}
	var out []BlindSpot
	for i := range s.profile.BlindSpots {
		spot := &s.profile.BlindSpots[i]
		bears := true
		for _, c := range spot.When {
			if !s.satisfies(c) {
				bears = false
				break
			}
		}
		if bears {
			out = append(out, BlindSpot{ID: spot.ID, System: s.id, Text: spot.Text, Remedy: spot.Remedy})
		}
	}
	return out
}

// satisfies tests a condition on the whole log of the system.
func (s *systemState) satisfies(c knowledgebase.Condition) bool {
	switch c.Feature {
	case "version":
		r, err := knowledgebase.ParseRange(c.Is)
		if err != nil {
			return false
		}
		yes, _ := s.version.Within(r)
		return yes
	case "scope":
		// Scopes are given as prefixes.
		is, negated := strings.CutPrefix(c.Is, "!")
		for scope := range s.scopes {
			for _, prefix := range strings.Split(is, "|") {
				if strings.HasPrefix(scope, prefix) {
					return !negated
				}
			}
		}
		return negated
	}
	return knowledgebase.Test(c.Is, s.values(c.Feature))
}

func (s *systemState) values(feature string) []string {
	n := func(v int64) []string { return []string{strconv.FormatInt(v, 10)} }
	switch feature {
	case "successes":
		return n(s.successes())
	case "findings":
		return n(int64(s.loud))
	case "noise":
		return n(int64(s.noise))
	case "records":
		return n(s.records)
	case "verbosity":
		return []string{verbosity(s.verbose)}
	case "duration":
		if s.first.Kind == parsers.TimeNone {
			return n(0)
		}
		return n((s.last.Nano - s.first.Nano) / 1e9)
	case "seen":
		return slices.Sorted(maps.Keys(s.seen))
	case "cause":
		return slices.Sorted(maps.Keys(s.causes))
	case "format":
		return slices.Sorted(maps.Keys(s.formats))
	case "marker":
		var out []string
		for name := range s.markers {
			if !strings.HasPrefix(name, "id:") {
				out = append(out, name)
			}
		}
		sort.Strings(out)
		return out
	}
	return nil
}

// verbosity names the most verbose severity seen.
func verbosity(s parsers.Severity) string {
	if s == 0 {
		return "none"
	}
	return strings.ToLower(s.String())
}
