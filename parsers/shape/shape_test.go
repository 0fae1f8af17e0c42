package shape

import (
	"testing"

	"github.com/whytls/whytls/parsers"
)

func TestTemplate(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		var tokens Tokens
		tokens.ReadText([]byte(text))
		if got := tokens.Template(); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
	f("connect nego error rv:(26) Cryptographic error", "connect nego error rv:(<num>) Cryptographic error")
	f("http: TLS handshake error from 203.0.113.9:52044: EOF", "http: TLS handshake error from <ip>: EOF")
	f("ws closed: 1005 ", "ws closed: <num> ")
	f("remote error: tls: bad certificate handshakeStatus13ReadClientFinished", "remote error: tls: bad certificate handshakeStatus13ReadClientFinished")
	f("error:0A00009C:SSL routines::http request", "error:<hex>:SSL routines::http request")
	f("at 12:34:56.789 and 2026-11-22T00:02:31.375+00:00 x", "at <time> and <time> x")
	f("open /etc/ssl/a.pem: no such file or directory", "open <path>: no such file or directory")
	f(`Get "http://10.0.0.1:5001/user?x=1": EOF`, `Get "<url>": EOF`)
	f("dial tcp [fe80::1]:5001: connect", "dial tcp [<ip>]:<num>: connect")
	f("took 12.285µs 64KB 87% 10m35s", "took <num> <num> <num>% <num>")
	f("x509: certificate signed by unknown authority", "x509: certificate signed by unknown authority")
	f("a.b.example.com:443 localhost:80 v2.2.5-20260422", "<host> <host> <id>")
	f("id 6ba7b810-9dad-11d1-80b4-00c04fd430c8 mac 00:1a:2b:3c:4d:5e", "id <uuid> mac <mac>")
	f("uid u0 ok=true 【ReactorSub-4】", "uid u0 ok=<bool> 【ReactorSub-<num>】")
	f("tls: bad record MAC", "tls: bad record MAC")
	f("【conn[127.0.21.3:11110]】conn success", "【conn[<ip>]】conn success")
	f("节点下线 『3』", "节点下线 『<num>』")
	f("[1, 2, 3]", "[<num>, <num>, <num>]")
	f("[1, 2, 3, 4, 5, 6, 7, 8, 9]", "[<num>]")
	f("node-129 is down, core.2275", "node-<num> is down, core.<num>")
	f("blk_-160 rdd_2_0 en0 IPV6 8-bit 3/4 7-12", "<id> <id> en0 IPV6 8-bit <num>/<num> <num>-<num>")
	f("1##2##33", "<num>##<num>##<num>")
	f("src: /10.0.0.1:50010 dest: web/10.0.0.2:80", "src: <ip> dest: <ip>")
	f("app-12.log MININT-75DGDAM1 jetty-6.1.26", "app-<id>.log MININT-<id> jetty-<num>")
	f("org.apache.Committer is deprecated: api.example.com", "org.apache.Committer is deprecated: <host>")
	f("main.go:12 example.com:12 worker-3:9000", "main.go:<num> <host> <host>")
	f("2026/11/22 read/write/execute TLSv1.2 SHA-1", "<time> read/write/execute TLSv1.2 SHA-1")
	f("a\n\tb   c", "a b c")
}

func BenchmarkRead(b *testing.B) {
	text := []byte("connect nego error rv:(26) Cryptographic error MQTT reason code 0 from 203.0.113.9:52044 in 12.5ms")
	var tokens Tokens
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		tokens.ReadText(text)
	}
}

func TestFullWidthDelimiters(t *testing.T) {
	f := func(text, same string) {
		t.Helper()
		var a, b Tokens
		a.ReadText([]byte(text))
		b.ReadText([]byte(same))
		if a.Hash != b.Hash {
			t.Errorf("%q has another shape than %q", text, same)
		}
	}
	f("【ReactorSub-4】failed to read", "ReactorSub-4 failed to read")
	f("请求webhook失败！", "请求webhook失败")
	f("收到连接。。。", "收到连接")
	f("解码包[CONNECT]失败！： x", "解码包 CONNECT 失败 x")
}

// The shape knows how many values stand in a row, and what stands before the varying part of an identifier.
func TestHash(t *testing.T) {
	f := func(a, b string, same bool) {
		t.Helper()
		var x, y Tokens
		x.ReadText([]byte(a))
		y.ReadText([]byte(b))
		if (x.Hash == y.Hash) != same {
			t.Errorf("%q and %q: the same shape = %v", a, b, !same)
		}
	}
	f("node-1 up", "node-22 up", true)
	f("node-1 up", "gate-1 up", false)
	f("fans 1 2", "fans 3 4", true)
	f("fans 1 2", "fans 1 2 3", false)
	f("fans 1 2 3 4 5 6 7 8", "fans 1 2 3 4 5 6 7 8 9", true)
	f("from a.example.com", "from b.example.net", true)
	f("load com.example.Reader", "load com.example.Writer", false)
}

// A sample read again has the shape that it was taken from.
func TestSample(t *testing.T) {
	var a, b Tokens
	r := parsers.Record{Body: []byte("dial 10.0.0.1:5001: connection refused"), Fields: []parsers.Field{{Name: []byte("error"), Value: []byte("EOF after 12 bytes")}}}
	a.Read(&r)
	sample, _ := a.Sample(nil)
	b.ReadSample(sample)
	if a.Hash != b.Hash || a.Template() != b.Template() {
		t.Errorf("%016x %q, read again %016x %q", a.Hash, a.Template(), b.Hash, b.Template())
	}
}

// BenchmarkCount shapes and counts lines of six kinds as logs have them: the floor under everything that is done with a line.
// The Go map takes 3 ns (6 shapes) to 12 ns (60,000) of it, an open-addressing table would take 1 to 5: a hundredth of what the
// whole pipeline spends on a line, which is not worth a second kind of map.
func BenchmarkCount(b *testing.B) {
	lines := [][]byte{
		[]byte("connect nego error rv:(26) Cryptographic error MQTT reason code 0"),
		[]byte("http: TLS handshake error from 203.0.113.9:52044: EOF"),
		[]byte("【Conn[[reactor-3]48211]】conn auth success"),
		[]byte("nano_msg_notify: sensor-31415 online!"),
		[]byte("Response status=200 OK duration=12.345ms"),
		[]byte("accept connection failed error=Custom { kind: Other, error: \"unexpected EOF\" }"),
	}
	size := 0
	for _, l := range lines {
		size += len(l)
	}
	var tokens Tokens
	counts := make(map[uint64]int64)
	b.ReportAllocs()
	b.SetBytes(int64(size / len(lines)))
	i := 0
	for b.Loop() {
		tokens.ReadText(lines[i])
		counts[tokens.Hash]++
		if i++; i == len(lines) {
			i = 0
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mlines/s")
}
