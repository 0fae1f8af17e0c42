package check

import (
	"cmp"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// setting is one value of a configuration, wherever it was written.
type setting struct {
	key   string
	label string // how the file calls it, where this is not the key: WK_WSSADDR
	value string
	items []setting // of a list
	at    Place
	// unknown is set when the value is filled in elsewhere (a variable, a secret): no rule may judge it.
	unknown bool
	set     bool
}

// name is how the setting is called in its file.
func (s setting) name() string { return cmp.Or(s.label, s.key) }

// given reports whether the setting is there with a value.
func (s setting) given() bool { return s.set && (s.unknown || s.value != "" || len(s.items) > 0) }

// known reports whether there is a value to judge.
func (s setting) known() bool { return s.set && !s.unknown && s.value != "" }

// settings are the values of one program. Keys are folded, so that all notations of a setting meet: "external.wssAddr" and
// WK_EXTERNAL_WSSADDR are EXTERNAL_WSSADDR.
type settings map[string]setting

// fold is how a key is looked up.
func fold(key string) string { return strings.ToUpper(separators.Replace(key)) }

var separators = strings.NewReplacer(".", "_", "-", "_")

// get returns a setting; the zero setting when it is not there.
func (s settings) get(key string) setting { return s[fold(key)] }

// put sets a value unless a stronger one is there.
func (s settings) put(v setting) {
	v.set = true
	if _, ok := s[fold(v.key)]; !ok {
		s[fold(v.key)] = v
	}
}

// overlay returns s with the values of weaker where s has none.
func (s settings) overlay(weaker settings) settings {
	out := settings{}
	for k, v := range weaker {
		out[k] = v
	}
	for k, v := range s {
		out[k] = v
	}
	return out
}

// sorted returns the settings by place, for rules that look at all of them.
func (s settings) sorted() []setting {
	list := make([]setting, 0, len(s))
	for _, v := range s {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b setting) int {
		if a.at.File != b.at.File {
			return strings.Compare(a.at.File, b.at.File)
		}
		if a.at.Line != b.at.Line {
			return a.at.Line - b.at.Line
		}
		return strings.Compare(a.key, b.key)
	})
	return list
}

// yes reports whether a setting is on.
func (s setting) yes() bool {
	switch strings.ToLower(s.value) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}

// address is a network address in a setting: [scheme://]host[:port][/path].
type address struct {
	scheme, host, port, path string
}

// parseAddress takes an address apart without judging it. ok is false when it cannot be one.
func parseAddress(text string) (a address, ok bool) {
	rest := strings.TrimSpace(text)
	if i := strings.Index(rest, "://"); i >= 0 {
		a.scheme, rest = strings.ToLower(rest[:i]), rest[i+3:]
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest, a.path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	switch {
	case strings.HasPrefix(rest, "["):
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return a, false
		}
		a.host, rest = rest[1:end], rest[end+1:]
		if rest != "" {
			if rest[0] != ':' {
				return a, false
			}
			a.port = rest[1:]
		}
	case strings.Count(rest, ":") == 1:
		a.host, a.port, _ = strings.Cut(rest, ":")
	case strings.Contains(rest, ":"):
		return a, false
	default:
		a.host = rest
	}
	return a, a.host != "" || a.port != ""
}

// isIP reports whether the host is an IP address.
func (a address) isIP() bool {
	_, err := netip.ParseAddr(a.host)
	return err == nil
}

// isAny reports whether the host stands for all addresses of the machine.
func (a address) isAny() bool {
	ip, err := netip.ParseAddr(a.host)
	return err == nil && ip.IsUnspecified()
}

// isLoopback reports whether the host is this machine itself.
func (a address) isLoopback() bool {
	ip, err := netip.ParseAddr(a.host)
	return err == nil && ip.IsLoopback() || strings.EqualFold(a.host, "localhost")
}

// validURL reports whether net/url takes the text, as programs in Go do.
func validURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
