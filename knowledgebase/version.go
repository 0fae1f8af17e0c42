package knowledgebase

import (
	"fmt"
	"strings"

	"golang.org/x/mod/semver"
)

// Versions is what is known about the version of a program: all versions from Min (inclusive) to Max
// (exclusive). Empty bounds are open. Exact is set when one version is known.
type Versions struct {
	Min, Max string // canonical, with "v"
	Exact    string
}

// Known reports whether anything is known.
func (v Versions) Known() bool { return v.Min != "" || v.Max != "" }

// String renders the version or range for a person, "" when nothing is known.
func (v Versions) String() string {
	switch {
	case v.Exact != "":
		return strings.TrimPrefix(v.Exact, "v")
	case v.Min != "" && v.Max != "":
		return "≥ " + strings.TrimPrefix(v.Min, "v") + ", < " + strings.TrimPrefix(v.Max, "v")
	case v.Min != "":
		return "≥ " + strings.TrimPrefix(v.Min, "v")
	case v.Max != "":
		return "< " + strings.TrimPrefix(v.Max, "v")
	}
	return ""
}

// ParseVersion reads one version as programs print it ("v2.2.5-20260422", "0.24.14-3", "1.1.0").
func ParseVersion(text string) (Versions, bool) {
	v := "v" + strings.TrimLeft(strings.TrimSpace(text), "vV")
	if !semver.IsValid(v) {
		// A build tag with a leading zero or a date is no semver pre-release: keep the numbers.
		if i := strings.IndexAny(v, "-+_ "); i > 0 {
			v = v[:i]
		}
		if !semver.IsValid(v) {
			return Versions{}, false
		}
	}
	// What follows a dash is a build number with these programs, not a pre-release, except for the usual words.
	if pre := semver.Prerelease(v); pre != "" && !strings.Contains(pre, "alpha") && !strings.Contains(pre, "beta") && !strings.Contains(pre, "rc") {
		v = strings.TrimSuffix(strings.TrimSuffix(v, semver.Build(v)), pre)
	}
	v = semver.Canonical(v)
	return Versions{Min: v, Max: v, Exact: v}, true
}

// ParseRange reads a range such as ">=0.22.0 <0.22.8".
func ParseRange(text string) (Versions, error) {
	var r Versions
	for _, part := range strings.Fields(text) {
		switch {
		case strings.HasPrefix(part, ">="):
			r.Min = "v" + part[2:]
		case strings.HasPrefix(part, "<"):
			r.Max = "v" + part[1:]
		default:
			return r, fmt.Errorf("version range %q: want >= and < terms", text)
		}
	}
	for _, v := range []string{r.Min, r.Max} {
		if v != "" && !semver.IsValid(v) {
			return r, fmt.Errorf("version range %q: %q is no version", text, v)
		}
	}
	return r, nil
}

// Intersect narrows v by w. Contradictions keep v: the first proof stands.
func (v Versions) Intersect(w Versions) Versions {
	if v.Exact != "" || !w.Known() {
		return v
	}
	if !v.Known() {
		return w
	}
	if w.Exact != "" {
		return w
	}
	out := v
	if w.Min != "" && (out.Min == "" || semver.Compare(w.Min, out.Min) > 0) {
		out.Min = w.Min
	}
	if w.Max != "" && (out.Max == "" || semver.Compare(w.Max, out.Max) < 0) {
		out.Max = w.Max
	}
	if out.Min != "" && out.Max != "" && semver.Compare(out.Min, out.Max) >= 0 {
		return v
	}
	return out
}

// Within reports whether v certainly lies inside the range (yes), certainly outside (no), or neither.
func (v Versions) Within(r Versions) (yes, no bool) {
	if !v.Known() {
		return false, false
	}
	if v.Exact != "" {
		in := (r.Min == "" || semver.Compare(v.Exact, r.Min) >= 0) && (r.Max == "" || semver.Compare(v.Exact, r.Max) < 0)
		return in, !in
	}
	yes = (r.Min == "" || (v.Min != "" && semver.Compare(v.Min, r.Min) >= 0)) && (r.Max == "" || (v.Max != "" && semver.Compare(v.Max, r.Max) <= 0))
	no = (r.Max != "" && v.Min != "" && semver.Compare(v.Min, r.Max) >= 0) || (r.Min != "" && v.Max != "" && semver.Compare(v.Max, r.Min) <= 0)
	return yes, no
}
