package parsers

import (
	"strings"
	"testing"
)

func TestWukongimRaw(t *testing.T) {
	f := func(format, line, want string) {
		t.Helper()
		if got := describe(t, format, line); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
	f("wukongim-raw", "-------------------------->握手失败！--------------------------> EOF handshakeStatusUnknown",
		` ERROR "-------------------------->握手失败！--------------------------> EOF handshakeStatusUnknown"`)
	f("wukongim-raw", "proxyproto: proxy protocol v2", `  "proxyproto: proxy protocol v2"`)
	f("wukongim-raw", "✗ Startup failed at gateway: EOF", ` FATAL "✗ Startup failed at gateway: EOF"`)
	f("wukongim-raw", "-----", "")
	f("lumberjack-error", "2026-11-22 00:06:43.525658087 +0000 UTC m=+1.950425490 write error: can't open new logfile: open error.log: too many open files",
		`2026-11-22T00:06:43.525658087+00:00 ERROR "write error: can't open new logfile: open error.log: too many open files"`)
	f("lumberjack-error", "2026-11-22 08:06:43 +0800 CST write error: x", `2026-11-22T08:06:43+08:00 ERROR "write error: x"`)
	f("lumberjack-error", "2026-11-22 08:06:43 +0800 user had a write error: x", "")
}

func TestWukongimBanner(t *testing.T) {
	data := string(sampleFiles(t)["testdata/wukongim-banner/v2.2.5.log"])
	// Two starts and what the failed one printed after its banner.
	got := records(t, data+data+"Error: resource temporarily unavailable\nUsage:\n  wk [flags]\n\nFlags:\n  -h\n\nUse \"wk [command] --help\" for more information about a command.\n\nresource temporarily unavailable\nlast\n")
	if len(got) != 4 {
		t.Fatalf("%d records, want 4: %q", len(got), got)
	}
	for _, banner := range got[:2] {
		for _, want := range []string{"wukongim-banner ", "Version: v2.2.5-20260422", "Mode: 🐛 debug", `\nWebSocket Secure: wss://127.0.21.1:5210\n`} {
			if !strings.Contains(banner, want) {
				t.Errorf("no %q in %s", want, banner)
			}
		}
	}
	if want := `plain 7   "Error: resource temporarily unavailable"`; got[2] != want {
		t.Errorf("got %s, want %s", got[2], want)
	}
}
