package diagnose

import (
	"maps"
	"sort"
	"strings"
	"time"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// nearby is how close two events must be to be companions in time.
const nearby = int64(2 * time.Second)

func init() {
	registerFeature("companion", func(o *observer) *observation {
		set := maps.Clone(o.system.seen)
		for _, other := range o.system.incidents {
			if id := other.likely(o.base); other != o.in && id != "" {
				set["cause:"+id] = true
			}
		}
		return setOf(set, nil).orEmpty()
	})
	registerFeature("companion-before", func(o *observer) *observation {
		first, _, ok := o.in.span()
		return o.companions(ok, func(f, _ int64, _ *incident) bool { return f <= first })
	})
	registerFeature("companion-after", func(o *observer) *observation {
		first, _, ok := o.in.span()
		return o.companions(ok, func(_, l int64, _ *incident) bool { return l >= first })
	})
	registerFeature("companion-near", func(o *observer) *observation {
		return o.companions(true, func(_, _ int64, other *incident) bool { return other != nil && o.in.near(other) })
	})
	registerFeature("marker", func(o *observer) *observation {
		v := &observation{}
		for name := range o.system.markers {
			if !strings.HasPrefix(name, "id:") {
				v.values = append(v.values, name)
			}
		}
		sort.Strings(v.values)
		return v
	})
}

func (v *observation) orEmpty() *observation {
	if v == nil {
		return &observation{}
	}
	return v
}

// companions lists signatures, groups and likely causes ("cause:ID") of other incidents, and signatures of markers, that
// satisfy a relation in time.
func (o *observer) companions(timed bool, related func(first, last int64, other *incident) bool) *observation {
	if !timed {
		return nil
	}
	set := make(map[string]bool)
	for _, other := range o.system.incidents {
		if other == o.in {
			continue
		}
		first, last, ok := other.span()
		if !ok || !related(first, last, other) {
			continue
		}
		set[other.group] = true
		for id := range other.members {
			set[id] = true
		}
		if id := other.likely(o.base); id != "" {
			set["cause:"+id] = true
		}
	}
	for name, m := range o.system.markers {
		if id, ok := strings.CutPrefix(name, "id:"); ok && m.first.Kind != parsers.TimeNone && related(m.first.Nano, m.last.Nano, nil) {
			set[id] = true
		}
	}
	return setOf(set, nil).orEmpty()
}

// likely returns the cause that the message of the incident alone makes likelier than all others together, "" when there
// is none. It asks for no evidence, so that causes may be evidence for each other.
func (in *incident) likely(base *knowledgebase.Base) string {
	if in.signature == nil {
		return ""
	}
	for id, w := range base.Alone(in.signature, in.code, in.whens) {
		if w > 0.5 {
			return id
		}
	}
	return ""
}

// near reports whether two incidents have events close to each other.
func (in *incident) near(other *incident) bool {
	i, j := 0, 0
	for i < len(in.hits) && j < len(other.hits) {
		a, b := in.hits[i].at, other.hits[j].at
		if a.Kind == parsers.TimeNone {
			i++
			continue
		}
		if b.Kind == parsers.TimeNone {
			j++
			continue
		}
		if d := a.Nano - b.Nano; d >= -nearby && d <= nearby {
			return true
		} else if d < 0 {
			i++
		} else {
			j++
		}
	}
	return false
}
