package diagnose

import (
	"time"

	"github.com/whytls/whytls/parsers"
)

// onsetWindow is how long after a start or reload an onset is still tied to it.
const onsetWindow = int64(15 * time.Second)

func init() {
	registerFeature("onset", func(o *observer) *observation {
		first, _, ok := o.in.span()
		if !ok {
			return nil
		}
		near := func(kind string) (yes, known bool) {
			m := o.system.markers[kind]
			if m == nil || m.first.Kind == parsers.TimeNone {
				return false, false
			}
			for _, at := range [2]moment{m.first, m.last} {
				if d := first - at.Nano; d >= -int64(time.Second) && d <= onsetWindow {
					return true, true
				}
			}
			return false, true
		}
		reload, known1 := near("reload")
		if reload {
			return &observation{values: []string{"after-reload"}, at: o.in.anyHit()}
		}
		start, known2 := near("start")
		ready, known3 := near("ready")
		switch {
		case start || ready:
			return &observation{values: []string{"after-start"}, at: o.in.anyHit()}
		case known1 || known2 || known3:
			return &observation{values: []string{"later"}, at: o.in.anyHit()}
		}
		return nil
	})
}
