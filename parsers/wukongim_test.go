package parsers

import "testing"

func TestWukongimJSON(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if got := describe(t, "wukongim-json", line); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
	// v1: local time without a fraction
	f(`{"level":"warn","time":"2026-11-22 00:09:58","msg":"【ReactorSub-1】failed to read","error":"ws closed: 1005 "}`,
		`2026-11-22T00:09:58 WARN scope:ReactorSub "【ReactorSub-1】failed to read" error="ws closed: 1005 "`)
	// v2.0.0 to v2.0.5: milliseconds
	f(`{"level":"info","time":"2026-11-22 00:10:10.542","msg":"【replica[1001:config]】become leader","term":1}`,
		`2026-11-22T00:10:10.542 INFO scope:replica "【replica[1001:config]】become leader" term="1"`)
	// v2.0.6 and later: the zone and 0 to 9 digits
	f(`{"level":"debug","time":"2026-11-22T00:02:32.815461386+00:00","msg":"【ReactorSub-1】close connn","error":"EOF","id":1,"fd":151}`,
		`2026-11-22T00:02:32.815461386+00:00 DEBUG scope:ReactorSub thread:1 "【ReactorSub-1】close connn" error="EOF" id="1" fd="151"`)
	f(`{"level":"debug","time":"2026-11-22T08:26:20+08:00","linenum":"/go/src/x/pkg/wknet/reactor_sub.go:124","msg":"【Conn[[reactor-1]5]】x"}`,
		`2026-11-22T08:26:20+08:00 DEBUG scope:Conn line:124 "【Conn[[reactor-1]5]】x" linenum="/go/src/x/pkg/wknet/reactor_sub.go:124"`)
	f(`{"level":"info","time":"2026-11-22T00:02:36.2+00:00","msg":"webhook backend","lvl":"INFO","args":["wk_webhook_q"]}`,
		`2026-11-22T00:02:36.2+00:00 INFO "webhook backend" lvl="INFO" args="[\"wk_webhook_q\"]"`)
	f(`{"level":"panic","time":"2026-11-22T00:06:36.3+00:00","msg":"【Acceptor】initWSSListener() failed","error":"bind: address already in use","stacktrace":"a\n\tb"}`,
		`2026-11-22T00:06:36.3+00:00 FATAL scope:Acceptor "【Acceptor】initWSSListener() failed" error="bind: address already in use" stacktrace="a\n\tb"`)
	// bytes of a wrong protocol arrive unescaped
	f(`{"level":"warn","time":"2026-11-22T00:02:43+00:00","msg":"【Server】frameType is not CONNECT","data":"\u0016\u0003\u0001"}`,
		`2026-11-22T00:02:43+00:00 WARN scope:Server "【Server】frameType is not CONNECT" data="\x16\x03\x01"`)
	// a wrapper's own time in front
	f(`2023/08/19 22:20:49 {"level":"info","time":"2023-08-19 22:20:48","msg":"【Server】  Mode:  debug"}`,
		`2023-08-19T22:20:48 INFO scope:Server "【Server】  Mode:  debug"`)
	// cut short
	f(`{"level":"error","time":"2026-11-22 00:09:58","msg":"【Server】no space \"left\" on dev`,
		`2026-11-22T00:09:58 ERROR scope:Server "【Server】no space \"left\" on dev"`)
	f(`{"level":"warn","time":"2026-11-22 00:09:58","msg":"【Server】frameType is not CONNECT","data":"\u0016\u0003\u00`,
		`2026-11-22T00:09:58 WARN scope:Server "【Server】frameType is not CONNECT" data="\x16\x03"`)
	f(`{"level":"warn","time":"2026-11-22 00:09:58","msg":"【Server】x","fd":15`,
		`2026-11-22T00:09:58 WARN scope:Server "【Server】x" fd="15"`)

	// others
	f(`{"level":"info","time":"2026-11-22T00:00:00Z","msg":"x"}`, "")
	f(`{"level":"info","time":"2026-11-22T00:00:00+00:00","message":"x"}`, "")
	f(`{"level":"INFO","time":"2026-11-22T00:00:00+00:00","msg":"x"}`, "")
	f(`{"level":"info","time":"2026-11-22T00:00:00+00:00","msg":"x","caller":"a.go:1"}`, "")
	f(`{"level":"info","ts":1795307156.1,"msg":"x"}`, "")
	f(`{"level":"","time":"2026-11-22T00:00:00+00:00","msg":"x"}`, "")
	f(`no json`, "")
}

func TestWukongimV3(t *testing.T) {
	f := func(format, line, want string) {
		t.Helper()
		if got := describe(t, format, line); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
	f("wukongim-v3-json", `{"level":"ERROR","time":"2026-11-22 00:24:40.943","module":"access.gateway.conn","caller":"gateway/handler.go:180","msg":"gateway listener error","error":"EOF"}`,
		`2026-11-22T00:24:40.943 ERROR scope:access.gateway.conn line:180 "gateway listener error" caller="gateway/handler.go:180" error="EOF"`)
	f("wukongim-v3-json", `{"level":"error","time":"2026-11-22 00:24:40.943","module":"a","msg":"x"}`, "")
	f("wukongim-v3-json", `{"level":"ERROR","time":"2026-11-22 00:24:40.943","caller":"a.go:1","msg":"x"}`, "")

	f("wukongim-v3-console", "2026-11-22 00:23:48.296\tWARN\t[access.gateway.conn]\tgateway/handler.go:257\tgateway session error\t{\"sessionID\": 12, \"error\": \"read: connection reset by peer\"}",
		`2026-11-22T00:23:48.296 WARN scope:access.gateway.conn line:257 "gateway session error" caller="gateway/handler.go:257" sessionID="12" error="read: connection reset by peer"`)
	f("wukongim-v3-console", "2026-11-22 00:23:48.296\tWARN\tgateway/handler.go:257\tgateway session error", "")

	checkRecords(t, "2026-11-22 00:23:40.702\tERROR\t[a]\tb.go:1\tx\na/b.(*T).M\n\t/a/b.go:1\nmain.main\n\t/a/main.go:2\n2026-11-22 00:23:40.703\tINFO\t[a]\tb.go:2\ty\n",
		`wukongim-v3-console 5 2026-11-22T00:23:40.702 ERROR scope:a line:1 "x" caller="b.go:1"`,
		`wukongim-v3-console 1 2026-11-22T00:23:40.703 INFO scope:a line:2 "y" caller="b.go:2"`)
}
