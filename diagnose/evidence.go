package diagnose

import (
	"github.com/whytls/whytls/knowledgebase"
)

// observation is what a feature shows for an incident: its values, the line that shows it best, and words that
// a rule's "why" may use in braces.
type observation struct {
	values []string
	at     *place
	words  map[string]string
}

// observer looks at one incident in the light of everything known about its system.
type observer struct {
	base   *knowledgebase.Base
	system *systemState
	in     *incident
	cache  map[string]*observation
}

// feature computes an observation; nil means that this log cannot show the feature, which counts neither for nor
// against any cause.
type feature func(*observer) *observation

// features holds the observation of each feature of the knowledge base. Each one registers itself in its own file.
var features = map[string]feature{}

func registerFeature(name string, f feature) {
	if _, ok := knowledgebase.Features[name]; !ok {
		panic("diagnose: feature " + name + " is not declared in the knowledge base")
	}
	features[name] = f
}

func newObserver(base *knowledgebase.Base, s *systemState, in *incident) *observer {
	return &observer{base: base, system: s, in: in, cache: map[string]*observation{}}
}

func (o *observer) observe(name string) *observation {
	if v, ok := o.cache[name]; ok {
		return v
	}
	var v *observation
	if f := features[name]; f != nil {
		v = f(o)
	}
	o.cache[name] = v
	return v
}

// holds tests a condition. observable is false when the log cannot show the feature.
func (o *observer) holds(feature, is string) (holds, observable bool, seen *observation) {
	if feature == "version" {
		r, err := knowledgebase.ParseRange(is)
		if err != nil {
			return false, false, nil
		}
		yes, no := o.system.version.Within(r)
		v := o.observe("version")
		return yes, yes || no, v
	}
	v := o.observe(feature)
	if v == nil {
		return false, false, nil
	}
	holds = knowledgebase.Test(is, v.values)
	if holds && feature == "config" {
		v = o.showing(is, v)
	}
	return holds, true, v
}

// applies reports whether a rule is meant for this incident.
func (o *observer) applies(e *knowledgebase.Evidence) bool {
	if len(e.For) > 0 && !e.For.Has(o.system.id) {
		return false
	}
	if len(e.On) == 0 {
		return true
	}
	if e.On.Has(o.in.group) {
		return true
	}
	for id := range o.in.members {
		if e.On.Has(id) {
			return true
		}
	}
	return false
}

// anyHit returns the first kept hit that has a text.
func (in *incident) anyHit() *place {
	for i := range in.hits {
		if in.hits[i].text != "" {
			return &in.hits[i]
		}
	}
	if len(in.hits) > 0 {
		return &in.hits[0]
	}
	return nil
}
