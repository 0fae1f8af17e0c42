package diagnose

import "sort"

func init() {
	registerFeature("code", func(o *observer) *observation {
		if o.in.signature.Code == "" {
			return nil
		}
		return &observation{values: []string{o.in.code}, at: o.in.anyHit(), words: map[string]string{"value": o.in.code}}
	})
	registerFeature("with", func(o *observer) *observation {
		return setOf(o.in.with, o.in.anyHit())
	})
	registerFeature("capture", func(o *observer) *observation {
		v := &observation{at: o.in.anyHit()}
		for name := range o.in.values {
			v.values = append(v.values, name)
			if top := o.in.topValue(name); top != "" {
				v.values = append(v.values, name+"="+top)
			}
		}
		sort.Strings(v.values)
		return v
	})
}
