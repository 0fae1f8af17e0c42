package diagnose

import (
	"net/url"
	"sort"
	"strings"
)

// addressCaptures are the names of captures that hold an address or URL that the program was told to use.
var addressCaptures = []string{"url", "reqURL", "address", "addr", "target", "endpoint"}

func init() {
	registerFeature("version", func(o *observer) *observation {
		if !o.system.version.Known() {
			return nil
		}
		return &observation{values: []string{o.system.version.String()}, words: map[string]string{"value": o.system.version.String()}, at: nil}
	})
	registerFeature("system", func(o *observer) *observation {
		if o.system.id == "" {
			return nil
		}
		return &observation{values: []string{o.system.id}}
	})
	registerFeature("side", func(o *observer) *observation {
		if side := o.in.signature.Side; side == "server" || side == "client" {
			return &observation{values: []string{side}, at: o.in.anyHit()}
		}
		return nil
	})
	registerFeature("scope", func(o *observer) *observation { return setOf(o.in.scopes, o.in.anyHit()) })
	registerFeature("format", func(o *observer) *observation { return setOf(o.in.formats, o.in.anyHit()) })
	registerFeature("url-scheme", func(o *observer) *observation {
		for _, name := range addressCaptures {
			if v := o.in.topValue(name); v != "" {
				scheme := "none"
				if s, _, ok := strings.Cut(v, "://"); ok {
					scheme = strings.ToLower(s)
				}
				return &observation{values: []string{scheme}, at: o.in.anyHit(), words: map[string]string{"value": scheme, "address": v}}
			}
		}
		return nil
	})
	registerFeature("address-kind", func(o *observer) *observation {
		host, _ := o.in.endpoint()
		if host == "" {
			return nil
		}
		kind := "name"
		if isIP(host) {
			kind = "ip"
		}
		return &observation{values: []string{kind}, at: o.in.anyHit(), words: map[string]string{"value": host}}
	})
	registerFeature("port-role", func(o *observer) *observation {
		_, port := o.in.endpoint()
		if port == "" || o.system.profile == nil {
			return nil
		}
		role := o.system.profile.Ports[port]
		if role == "" {
			return nil
		}
		return &observation{values: []string{role}, at: o.in.anyHit(), words: map[string]string{"value": role, "port": port}}
	})
}

func setOf(set map[string]bool, at *place) *observation {
	if len(set) == 0 {
		return nil
	}
	v := &observation{at: at}
	for s := range set {
		v.values = append(v.values, s)
	}
	sort.Strings(v.values)
	return v
}

// topValue returns the most frequent value of a capture, of equals the smallest, "" when there is none.
func (in *incident) topValue(name string) string {
	v := in.values[name]
	if v == nil {
		return ""
	}
	best, most := "", int64(0)
	for value, n := range v.counts {
		if *n > most || *n == most && value < best {
			best, most = value, *n
		}
	}
	return best
}

// endpoint returns the host and port of the address that the incident is about, each "" when unknown or invalid.
func (in *incident) endpoint() (host, port string) {
	for _, name := range addressCaptures {
		v := in.topValue(name)
		if v == "" {
			continue
		}
		v = strings.Trim(v, "\"' ")
		if strings.Contains(v, "://") {
			if u, err := url.Parse(v); err == nil {
				host, port = u.Hostname(), u.Port()
			}
		} else if i := strings.LastIndexByte(v, ':'); i >= 0 {
			host, port = strings.Trim(v[:i], "[]"), v[i+1:]
		} else {
			host = v
		}
		if !isIP(host) && !isDNSName(host) {
			host = ""
		}
		if !isPort(port) {
			port = ""
		}
		if host != "" || port != "" {
			return host, port
		}
	}
	if host = in.topValue("host"); !isIP(host) && !isDNSName(host) {
		host = ""
	}
	if port = in.topValue("port"); !isPort(port) {
		port = ""
	}
	return host, port
}
