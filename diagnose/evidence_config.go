package diagnose

import (
	"github.com/whytls/whytls/knowledgebase"
)

// Fact is what a configuration beside the log says: evidence for the ranking.
type Fact struct {
	// Value is a value of the feature "config": the id of a rule of package check that was broken.
	Value string
	// System is the program that the configuration is for, "" for any.
	System string
	// Source, Line and Text say where it stands; the text is redacted.
	Source string
	Line   int
	Text   string
}

func init() {
	registerFeature("config", func(o *observer) *observation {
		var v *observation
		for i := range o.system.configuration {
			if !o.system.configuration[i].concerns(o.system.id) {
				continue
			}
			if v == nil {
				v = &observation{}
			}
			v.values = append(v.values, o.system.configuration[i].Value)
		}
		return v
	})
}

// concerns reports whether a fact bears on incidents of a system. What stands in front of a program and what is signed bears on all.
func (f *Fact) concerns(system string) bool {
	return f.System == "" || f.System == system || system == "" || f.System == "nginx"
}

// showing narrows an observation of configuration to the facts that a rule asks for, so that the factor shows the line that
// gave it.
func (o *observer) showing(is string, v *observation) *observation {
	for i := range o.system.configuration {
		f := &o.system.configuration[i]
		if f.concerns(o.system.id) && knowledgebase.Test(is, []string{f.Value}) {
			return &observation{values: []string{f.Value}, at: &place{hit: hit{line: int64(f.Line), text: f.Text}, source: &sourceState{name: f.Source}}, words: map[string]string{"value": f.Text}}
		}
	}
	return v
}
