package parsers

import "testing"

func TestTextFormats(t *testing.T) {
	f := func(format, line, want string) {
		t.Helper()
		if got := describe(t, format, line); got != want {
			t.Errorf("%s: %s\n got %s\nwant %s", format, line, got, want)
		}
	}
	f("gnet", "[gnet] 2026-11-22T00:06:24.1Z\tINFO\tlogging/logger.go:256\tLaunching gnet", `2026-11-22T00:06:24.1+00:00 INFO scope:gnet line:256 "Launching gnet" caller="logging/logger.go:256"`)
	f("gnet", "[gnet] stopped", "")
	f("zap-console", "2026-11-22T00:00:00.7Z\tERROR\tbasichost\tfailed\t{\"error\": \"EOF\"}", `2026-11-22T00:00:00.7+00:00 ERROR scope:basichost "failed" error="EOF"`)
	f("zap-console", "2026-11-22T00:00:00.7Z\tERROR\tready", `2026-11-22T00:00:00.7+00:00 ERROR "ready"`)
	f("zap-console", "2026-11-22T00:00:00.7Z\tERROR\tready\t{\"a\": 1}", `2026-11-22T00:00:00.7+00:00 ERROR "ready" a="1"`)

	f("go-log", "2026/11/22 00:00:00 http: TLS handshake error from 203.0.113.9:1: EOF", `2026-11-22T00:00:00  "http: TLS handshake error from 203.0.113.9:1: EOF"`)
	f("go-log", "2026/11/22 00:00:01.123456 server.go:3215: x", `2026-11-22T00:00:01.123456  line:3215 "x" caller="server.go:3215"`)
	f("go-log", "myapp: 2026/11/22 00:00:02 x", `2026-11-22T00:00:02  scope:myapp "x"`)
	f("go-log", "2026/11/22 00:00:04 [WARN] agent: x", `2026-11-22T00:00:04 WARN "agent: x"`)
	f("go-log", "2026/11/22 00:00:04 ERROR: x", `2026-11-22T00:00:04 ERROR "x"`)
	f("go-log", "2026/11/22 00:00:04 error in x", `2026-11-22T00:00:04  "error in x"`)
	f("go-log", "2026/11/22 00:27:23 [info] 28339#28339: *1 x", "")
	f("klog", "E1122 15:12:00.000001    1234 reflector.go:150] x", `2026-11-22T15:12:00.000001 ERROR thread:1234 line:150 "x" caller="reflector.go:150"`)

	f("logfmt", `time="2026-11-22T00:00:00Z" level=error msg="a \"b\"" peer=c`, `2026-11-22T00:00:00+00:00 ERROR "a \"b\"" peer="c"`)
	f("logfmt", `level=error ts=2026-11-22T00:00:02Z caller=e.go:461 err="EOF"`, `2026-11-22T00:00:02+00:00 ERROR line:461 "level=error ts=2026-11-22T00:00:02Z caller=e.go:461 err=\"EOF\"" caller="e.go:461" err="EOF"`)
	f("logfmt", `ERRO[0012] Cannot ping a=b here                error="EOF" n=1`, `+12s ERROR "Cannot ping a=b here" error="EOF" n="1"`)
	f("logfmt", `INFO[0001] System: x`, `+1s INFO "System: x"`)
	f("logfmt", `level=error`, "")
	f("logfmt", `t=1 is not a log line`, "")

	f("gin", `[GIN] 2026/11/22 - 00:00:00 | 502 |      1.2ms |     203.0.113.9 | GET      "/route"`,
		`2026-11-22T00:00:00  scope:GIN "502 | 1.2ms | 203.0.113.9 | GET /route" status="502" latency="1.2ms" client="203.0.113.9" method="GET" path="/route"`)
	f("gin", `[GIN-debug] [WARNING] Running in "debug" mode.`, ` WARN scope:GIN-debug "Running in \"debug\" mode."`)
	f("gin", `[GIN-debug] GET    /route --> x.(*T).M (4 handlers)`, ` DEBUG scope:GIN-debug "GET    /route --> x.(*T).M (4 handlers)"`)
	f("gin", `[GIN] up`, "")

	f("python-log", "ERROR:root:handshake: x", ` ERROR scope:root "handshake: x"`)
	f("python-log", "ERROR: x: y", "")
}

func TestTimestamped(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		if got := describe(t, "timestamped", line); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
	f("2026-11-22 00:00:00,123 ERROR [main] com.x.Y - msg", `2026-11-22T00:00:00.123 ERROR scope:com.x.Y thread:main "msg"`)
	f("2026-11-22 00:00:00,123 [pool-1] ERROR com.x.y.Z: msg", `2026-11-22T00:00:00.123 ERROR scope:com.x.y.Z thread:pool-1 "msg"`)
	f("2026-11-22 00:00:00.123  INFO 12345 --- [           main] c.e.App      : msg", `2026-11-22T00:00:00.123 INFO scope:c.e.App thread:main "msg"`)
	f("2026-11-22 00:00:00,123 - app.tls - ERROR - msg", `2026-11-22T00:00:00.123 ERROR scope:app.tls "msg"`)
	f("[2026-11-22T15:53:45,221][ERROR][logstash.x] msg", `2026-11-22T15:53:45.221 ERROR scope:logstash.x "msg"`)
	f("2026/11/22 00:27:23 [info] 12#34: *56 SSL_do_handshake() failed", `2026-11-22T00:27:23 INFO thread:56 "SSL_do_handshake() failed"`)
	f("2026-11-22T00:00:00.1+00:00 [error] msg: x, y: z", `2026-11-22T00:00:00.1+00:00 ERROR "msg: x, y: z"`)
	f("2026-11-22 00:00:00.000 UTC [123] LOG:  msg", `2026-11-22T00:00:00+00:00 INFO thread:123 "msg"`)
	f("2026-11-22 00:00:00.000 GMT [1] [unknown]@[unknown] FATAL:  msg", `2026-11-22T00:00:00+00:00 FATAL thread:1 "msg" user="[unknown]@[unknown]"`)
	f("2026-11-22 00:00:00.000 CET msg", `2026-11-22T00:00:00  "CET msg"`)
	f("2026-11-22 09:03:13+00:00 [error] <0.999.0> msg", `2026-11-22T09:03:13+00:00 ERROR thread:<0.999.0> "msg"`)
	f("1795307156: msg", `2026-11-22T00:25:56+00:00  "msg"`)
	f("[Thu May 05 14:01:45.741166 2022] [ssl:emerg] [pid 1:tid 2] msg", `2022-05-05T14:01:45.741166 FATAL scope:ssl thread:pid 1:tid 2 "msg"`)
	f("2026-04-14 14:22:09 2026-04-14T06:22:09.2Z    info    msg", `2026-04-14T06:22:09.2+00:00 INFO "msg"`)
	f("11:21:33.715 [exec-15] INFO  o.a.Http - msg", ` INFO scope:o.a.Http thread:exec-15 "msg"`)
	f("2026/11/22 00:00:00 http: TLS handshake error from x", `2026-11-22T00:00:00  "http: TLS handshake error from x"`)
	f("2026-11-22T00:00:00Z error: self signed certificate", `2026-11-22T00:00:00+00:00 ERROR "self signed certificate"`)
	f("2026-11-22T00:00:00Z", "")
	f("2026-11-22T00:00:00Zulu", "")
	f("no time at all", "")

	checkRecords(t, "2026-11-22 00:00:00,123 ERROR [main] com.x.Y - a\njavax.net.ssl.SSLHandshakeException: b\n\tat x.Y(Z.java:1)\nCaused by: c.D: e\n2026-11-22 00:00:01,123 ERROR [main] com.x.Y - f\n",
		`timestamped 4 2026-11-22T00:00:00.123 ERROR scope:com.x.Y thread:main "a\njavax.net.ssl.SSLHandshakeException: b\nCaused by: c.D: e"`,
		`timestamped 1 2026-11-22T00:00:01.123 ERROR scope:com.x.Y thread:main "f"`)
}
