package diagnose

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	f := func(text, want string, vague bool) {
		t.Helper()
		d := parseDate(text)
		got := ""
		if d.known {
			got = time.Unix(d.unix, 0).UTC().Format(time.RFC3339)
		}
		if got != want || d.vague != vague {
			t.Errorf("%q: got %q, vague %v; want %q, vague %v", text, got, d.vague, want, vague)
		}
	}
	f("2026-11-22T00:31:16Z", "2026-11-22T00:31:16Z", false)
	f("2026-11-22T08:31:16.25+08:00", "2026-11-22T00:31:16Z", false)
	f("1795306563", "2026-11-22T00:16:03Z", false)
	f("Nov 21 00:20:13 2026 GMT", "2026-11-21T00:20:13Z", false)
	f("Nov  1 00:20:13 2026 GMT", "2026-11-01T00:20:13Z", false)
	f("Sat Nov 21 00:20:12 UTC 2026", "2026-11-21T00:20:12Z", false)
	f("Sat Nov 21 00:20:12 XYZ 2026", "2026-11-21T00:20:12Z", true)
	f("Sat, 21 Nov 2026 00:20:12 GMT", "2026-11-21T00:20:12Z", false)
	f("`2026-11-21 00:20:12 UTC'", "2026-11-21T00:20:12Z", false)
	f("2026-11-21", "2026-11-21T00:00:00Z", true)
	f("2024-03-03T19:26:48+8000:00", "", false)
	f("03/04/2026", "", false)
	f("", "", false)
}

// TestClock sets the date that a message prints, the dates of the certificate and the time of the log against each other.
func TestClock(t *testing.T) {
	f := func(want, logged, now, notBefore, notAfter string) {
		t.Helper()
		in := incidentAt()
		if logged != "" {
			at, err := time.Parse(time.RFC3339, logged)
			if err != nil {
				t.Fatal(err)
			}
			in = incidentAt(float64(at.Unix()))
		}
		for name, value := range map[string]string{"now": now, "not-before": notBefore, "not-after": notAfter} {
			if value != "" {
				in.values[name] = &valueCounts{counts: map[string]*int64{}}
				in.values[name].add(value, 1)
			}
		}
		expect(t, observing(t, in), "clock", want)
	}
	f("unset,far-early", "", "1970-01-01T00:02:11Z", "2025-11-20T00:00:00Z", "")
	f("unset", "2000-01-01T00:00:31Z", "", "", "")
	f("minutes-early", "", "2026-11-22T00:31:16Z", "2026-11-22T00:45:00Z", "")
	f("hours-early", "", "2026-11-22T00:31:16Z", "2026-11-22T08:31:00Z", "")
	f("days-early", "", "2026-11-22T00:31:16Z", "2026-12-01T00:00:00Z", "")
	f("late", "", "1795306563", "", "1792713341")
	f("minutes-late", "", "1795306563", "", "1795306500")
	f("far-late", "", "2050-01-01T00:00:00Z", "", "2026-11-22T00:31:16Z")
	f("late,ahead-of-log", "2026-11-22T00:31:16Z", "2027-06-19T03:14:07Z", "", "2026-12-22T00:45:00Z")
	f("late", "2026-11-22T00:46:00Z", "2026-11-22T00:31:16Z", "", "2026-10-22T00:45:00Z") // a quarter of an hour explains nothing
	f("days-early,behind-log", "2026-11-22T00:31:16Z", "2026-10-01T00:00:00Z", "2026-10-22T00:45:00Z", "")
	f("inside", "2026-11-22T00:31:16Z", "", "", "Sat Nov 28 00:20:12 UTC 2026")
	f("-", "2026-11-22T00:31:16Z", "", "", "") // nothing to compare with
	f("-", "", "", "", "Nov 21 00:20:13 2026 GMT")
	f("-", "2026-11-22T00:31:16Z", "", "", "Sun Nov 22 05:20:12 XYZ 2026") // the zone decides, and nobody knows it
}

func TestClockOfOtherLogs(t *testing.T) {
	const noon = 1795348800.0
	f := func(want, system string, from, to float64) {
		t.Helper()
		in := incidentAt(noon)
		in.bySource = map[int]map[line]int64{0: {}}
		in.values["not-before"] = &valueCounts{counts: map[string]*int64{}}
		in.values["not-before"].add("2026-11-30T00:00:00Z", 1)
		other := newPartial()
		other.first, other.last = second(noon+from), second(noon+to)
		other.systems[system] = 1
		o := observing(t, in, func(s *systemState) {
			s.sources = []*sourceState{{name: "a.log"}, {name: "b.log", merged: other}}
		})
		expect(t, o, "clock", want)
	}
	f("days-early,others-agree", "other", -60, 60)
	f("days-early,others-agree", "test", -60, 60)
	f("days-early,others-differ", "other", 10*86400, 11*86400)
	f("days-early", "test", 10*86400, 11*86400)  // a rotated log of the same program
	f("days-early", "other", -9*86400, -8*86400) // another day, but the certificate was not valid then either
}

// TestValidityOfLines: dates on lines of their own, as openssl and curl print them, in whatever order they are merged.
func TestValidityOfLines(t *testing.T) {
	a := validity{notAfter: parseDate("Nov 21 00:20:13 2026 GMT")}
	b := validity{notAfter: parseDate("Nov 21 00:20:13 2036 GMT"), notBefore: parseDate("Nov 21 00:20:13 2020 GMT")}
	x, y := a, b
	x.merge(b)
	y.merge(a)
	if x != y || x.notAfter != a.notAfter || x.notBefore != b.notBefore {
		t.Errorf("got %v and %v", x, y)
	}
	s, _ := diagnoseFiles(t, Options{}, map[string][]byte{"s_client.log": []byte(
		"2026-11-22T00:31:16Z verify error:num=10:certificate has expired\n2026-11-22T00:31:16Z notAfter=Nov 21 00:20:13 2026 GMT\n")})
	found := false
	for _, why := range s.Findings[0].Causes[0].Why {
		found = found || why.Text == "it ended on 2026-11-21 00:20:13 UTC, 1 day before the checker's 2026-11-22 00:31:16 UTC"
	}
	if !found || s.Findings[0].Causes[0].ID != "cert-expired" {
		t.Errorf("got %+v", s.Findings[0].Causes[0])
	}
}
