package diagnose

import "github.com/whytls/whytls/parsers"

func init() {
	// A silence of the whole source that ends with an event: something blocked everything.
	registerFeature("gap-before", func(o *observer) *observation {
		if o.in.maxGap < 0 {
			return nil
		}
		v := number(float64(o.in.maxGap)/1e9, &o.in.gapHit)
		v.words["value"] = formatSeconds(float64(o.in.maxGap) / 1e9)
		return v
	})
	// A component that says nothing more while the rest of the program goes on: it died or was cut off.
	registerFeature("gap-after", func(o *observer) *observation {
		s := o.system
		if len(o.in.scopes) == 0 || s.last.Kind == parsers.TimeNone {
			return nil
		}
		last := int64(-1 << 62)
		found := false
		for scope := range o.in.scopes {
			if m, ok := s.scopes[scope]; ok {
				last, found = max(last, m.Nano), true
			}
		}
		if !found {
			return nil
		}
		var at *place
		if n := len(o.in.hits); n > 0 {
			at = &o.in.hits[n-1]
		}
		v := number(float64(s.last.Nano-last)/1e9, at)
		v.words["value"] = formatSeconds(float64(s.last.Nano-last) / 1e9)
		return v
	})
}
