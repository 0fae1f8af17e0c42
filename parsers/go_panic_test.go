package parsers

import "testing"

func TestGoPanic(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		checkRecords(t, text, want...)
	}
	f("panic: a [recovered]\n\tpanic: b\n[signal SIGSEGV: x]\n\ngoroutine 7 [running]:\nlog.Panic(0x1)\n\t/l.go:1\npanic({0x1?, 0x2?})\n\t/p.go:1\nx/y.(*T).M(0x1, {0x2})\n\t/y.go:1 +0x2\ncreated by x/y.Start in goroutine 1\n\t/y.go:9\n\ngoroutine 1 [select]:\nmain.main()\n\t/m.go:3\nexit status 2\nafter\n",
		`go-panic 16  FATAL thread:7 function:x/y.(*T).M "panic: a [recovered]\npanic: b\n[signal SIGSEGV: x]"`,
		`plain 1   "after"`)
	f("unexpected fault address 0x1\nfatal error: fault\n[signal SIGBUS: x]\n\ngoroutine 1 [running]:\nmain.main()\n\t/m.go:3\nrax    0x0\n",
		`go-panic 7  FATAL thread:1 function:main.main "unexpected fault address 0x1\nfatal error: fault\n[signal SIGBUS: x]"`)
	f("fatal error: all goroutines are asleep - deadlock!\npanic: again\npanic: and again\n",
		`go-panic 1  FATAL "fatal error: all goroutines are asleep - deadlock!"`,
		`go-panic 1  FATAL "panic: again"`,
		`go-panic 1  FATAL "panic: and again"`)
	f("goroutine 16 [running]:\na/b.C(0x1)\n\t/b.go:1\nmain.main()\n",
		`go-panic 4  FATAL thread:16 function:a/b.C "goroutine 16 [running]:\na/b.C\nmain.main"`)
	// a message of several lines
	f("panic: invalid configuration:\nno certificate\ngoroutine 1 [running]:\n",
		`go-panic 3  FATAL thread:1 "panic: invalid configuration:\nno certificate"`)
	// a stack below the line of net/http belongs to it
	f("2026/11/22 00:00:05 http: panic serving 203.0.113.9:1: x\ngoroutine 19 [running]:\nnet/http.(*conn).serve.func1()\n\t/s.go:1\n",
		`go-log 4 2026-11-22T00:00:05  "http: panic serving 203.0.113.9:1: x"`)
	// in the middle of another program's lines
	f("{\"level\":\"info\",\"time\":\"2026-11-22 00:00:00\",\"msg\":\"x\"}\npanic: y\n\ngoroutine 1 [running]:\nmain.main()\n{\"level\":\"info\",\"time\":\"2026-11-22 00:00:01\",\"msg\":\"z\"}\n",
		`wukongim-json 1 2026-11-22T00:00:00 INFO "x"`,
		`go-panic 3  FATAL thread:1 function:main.main "panic: y"`,
		`wukongim-json 1 2026-11-22T00:00:01 INFO "z"`)
}
