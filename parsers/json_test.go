package parsers

import "testing"

func TestJSON(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if got := describe(t, "json", line); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
	f(`{"level":"error","ts":1795307156.5,"logger":"a","caller":"b.go:42","msg":"x","error":"EOF"}`,
		`2026-11-22T00:25:56.5+00:00 ERROR scope:a line:42 "x" caller="b.go:42" error="EOF"`)
	f(`{"time":"2026-11-22T00:00:02.5+01:00","level":"WARN","source":{"function":"main.f","file":"/m.go","line":17},"msg":"x","n":null}`,
		`2026-11-22T00:00:02.5+01:00 WARN function:main.f line:17 "x" source.file="/m.go"`)
	f(`{"name":"app","pid":1,"level":50,"msg":"x","time":"2026-11-22T00:00:04.000Z","v":0}`,
		`2026-11-22T00:00:04+00:00 ERROR scope:app "x" pid="1" v="0"`)
	f(`{"@timestamp":"2026-11-22T00:00:05Z","log.level":"ERROR","message":"x","error":{"message":"y"}}`,
		`2026-11-22T00:00:05+00:00 ERROR "x" error.message="y"`)
	f(`{"event":"x","level":"warning","timestamp":"2026-11-22T00:00:06Z"}`, `2026-11-22T00:00:06+00:00 WARN "x"`)
	f(`{"event":"x","level":"warning","msg":"y"}`, ` WARN "y" event="x"`)
	f(`{"version":"1.1","short_message":"x","timestamp":1795307156,"level":3}`, `2026-11-22T00:25:56+00:00 ERROR "x" version="1.1"`)
	f(`{"level":"info","status":200}`, ` INFO "{\"level\":\"info\",\"status\":200}" status="200"`)
	f(`{"a":1,"b":2}`, "")
	f(`{"msg":"x"`, "")
	f(`["msg"]    `, "")
	f(`{}`, "")
}
