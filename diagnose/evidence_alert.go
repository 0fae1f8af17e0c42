package diagnose

import (
	"cmp"

	"github.com/whytls/whytls/knowledgebase"
)

func init() {
	registerFeature("alert", func(o *observer) *observation {
		name, _ := o.in.alert()
		if name == "" {
			return nil
		}
		return &observation{values: []string{name}, at: o.in.anyHit(), words: map[string]string{"value": name}}
	})
	registerFeature("alert-from", func(o *observer) *observation {
		name, from := o.in.alert()
		if name == "" || from == "" {
			return nil
		}
		return &observation{values: []string{from}, at: o.in.anyHit(), words: map[string]string{"value": name}}
	})
}

// alert returns the RFC name of the TLS alert that the incident is about and who sent it: "peer", "local" or "". A
// signature names the one alert that it tells of, or captures its name or number as <alert>. Who sent it the signature
// says, else the words around it.
func (in *incident) alert() (name, from string) {
	s := in.signature
	name = cmp.Or(knowledgebase.AlertName(in.topValue("alert")), s.Alert)
	if name == "" || s.AlertFrom != "" {
		return name, s.AlertFrom
	}
	if at := in.anyHit(); at != nil {
		from = knowledgebase.AlertSender(at.text)
	}
	return name, from
}
