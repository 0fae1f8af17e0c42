package diagnose

import (
	"net/netip"
	"sort"
	"strings"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

func init() {
	registerFeature("count", func(o *observer) *observation {
		return number(float64(o.in.count), o.in.anyHit())
	})
	registerFeature("successes", func(o *observer) *observation {
		return number(float64(o.system.successes()), nil)
	})
	registerFeature("share", func(o *observer) *observation {
		good, bad := o.system.successes(), o.in.count
		v := &observation{at: o.in.anyHit(), words: map[string]string{}}
		switch {
		case good == 0 && (bad < 3 || !o.system.tellsSuccess(o)):
			return nil
		case good == 0:
			v.values = []string{"all"}
		case bad*2 >= good+bad:
			v.values = []string{"most"}
		case bad*20 >= good+bad:
			v.values = []string{"some"}
		default:
			v.values = []string{"few"}
		}
		v.words["value"] = v.values[0]
		v.words["successes"] = trimNumber(float64(good))
		return v
	})
	registerFeature("peers", func(o *observer) *observation {
		peers := o.in.peers()
		v := &observation{at: o.in.anyHit(), words: map[string]string{"value": trimNumber(float64(peers.Distinct))}}
		switch {
		case peers.Distinct == 0:
			return nil
		case peers.Distinct == 1:
			v.values = []string{"one"}
		case peers.Distinct <= 5:
			v.values = []string{"few"}
		default:
			v.values = []string{"many"}
		}
		return v
	})
}

func (s *systemState) successes() int64 {
	if m := s.markers["success"]; m != nil {
		return m.count
	}
	return 0
}

// tellsSuccess reports whether the knowledge base knows a success marker of the system at all, so that its
// absence means something.
func (s *systemState) tellsSuccess(o *observer) bool {
	if s.profile != nil && s.profile.SuccessAt != "" && s.verbose > parsers.ParseSeverity([]byte(s.profile.SuccessAt)) {
		return false
	}
	for _, sig := range o.base.Signatures {
		if sig.Marker != "success" || sig.System != s.id || s.id == "" {
			continue
		}
		// A version that does not print the marker yet cannot show its absence.
		if r, err := knowledgebase.ParseRange(sig.Proves); sig.Proves != "" && err == nil {
			if _, no := s.version.Within(r); no {
				continue
			}
		}
		return true
	}
	return false
}

// peers sums up who was at the other end: addresses without their ephemeral ports.
func (in *incident) peers() Peers {
	counts := make(map[string]int64)
	for _, name := range [...]string{"peer", "client"} {
		v := in.values[name]
		if v == nil {
			continue
		}
		for value, n := range v.counts {
			if host := peerHost(value); host != "" {
				counts[host] += *n
			}
		}
		break
	}
	p := Peers{Distinct: int64(len(counts)), Top: []PeerCount{}}
	for host, n := range counts {
		p.Top = append(p.Top, PeerCount{host, n})
	}
	sort.Slice(p.Top, func(i, j int) bool {
		if p.Top[i].Count != p.Top[j].Count {
			return p.Top[i].Count > p.Top[j].Count
		}
		return p.Top[i].Peer < p.Top[j].Peer
	})
	if len(p.Top) > 5 {
		p.Top = p.Top[:5]
	}
	return p
}

// peerHost returns the address of a peer without scheme and port, "" when it is none.
func peerHost(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s = strings.Trim(s, "\"'() ")
	if a, err := netip.ParseAddrPort(s); err == nil {
		return a.Addr().Unmap().String()
	}
	s = strings.Trim(s, "[]")
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().String()
	}
	if host, port, ok := strings.Cut(s, ":"); ok && isPort(port) && isDNSName(host) {
		return host
	}
	return ""
}
