package parsers

import (
	"strings"
	"testing"
)

func TestRotationFamily(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		if got := RotationFamily(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	f("nanomq.log", "nanomq.log")
	f("/tmp/nanomq.log.3", "/tmp/nanomq.log")
	f("app.log.2.gz", "app.log")
	f("app.log.2.zst", "app.log")
	f("app.log.gz", "app.log")
	f("app.log-20261122.gz", "app.log")
	f("salvo.log.2026-11-22", "salvo.log")
	f("salvo.log.2026-11-22-00", "salvo.log")
	f("salvo.log.2026-11-22-00-03", "salvo.log")
	f("app.2026-11-22.log", "app.log")
	f("info-2026-11-22T00-06-43.525.log", "info.log")
	f("info-2026-11-22T00-06-43.525.log.gz", "info.log")
	// Dates and numbers that are the whole name, a directory or a port say nothing of rotation.
	f("2026-11-22-00.log", "2026-11-22-00.log")
	f("2026-11-22/app.log", "2026-11-22/app.log")
	f("node-1.log", "node-1.log")
	f("server-28883.log", "server-28883.log")
	f("v1.2.json", "v1.2.json")
	f(".1", ".1")
	f("", "")
}

func TestRotationOrder(t *testing.T) {
	// seconds are the first times; 0 stands for none.
	f := func(names string, seconds []int64, want string) {
		t.Helper()
		list := strings.Fields(names)
		first := make([]Timestamp, len(list))
		for i, s := range seconds {
			if s > 0 {
				first[i] = Timestamp{Nano: s * 1e9, Kind: TimeLocal}
			}
		}
		var got []string
		for _, i := range RotationOrder(list, first) {
			got = append(got, list[i])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", names, strings.Join(got, " "), want)
		}
	}
	f("", nil, "")
	// NanoMQ wrapped around: .1 and .2 are newer than .3.
	f("n.log n.log.1 n.log.2 n.log.3", []int64{60, 40, 50, 30}, "n.log.3 n.log.1 n.log.2 n.log")
	f("n.log n.log.1", []int64{7, 7}, "n.log.1 n.log")
	f("a.log a.log.1 a.log.2.gz", nil, "a.log.2.gz a.log.1 a.log")
	f("a.log a.log.1 a.log.2", []int64{3, 2, 0}, "a.log.2 a.log.1 a.log")
	f("s.log.2026-11-22-01 s.log.2026-11-22-00", nil, "s.log.2026-11-22-00 s.log.2026-11-22-01")
	f("info.log info-2026-11-22T00-06-43.525.log", []int64{9, 8}, "info-2026-11-22T00-06-43.525.log info.log")
	// Families do not mix.
	f("b.log a.log.1 b.log.1 a.log", []int64{4, 1, 3, 2}, "b.log.1 b.log a.log.1 a.log")
}
