package shape

import "testing"

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
	f("took 12.285µs 64KB 87% 10m35s", "took <num>")
	f("x509: certificate signed by unknown authority", "x509: certificate signed by unknown authority")
	f("a.b.example.com:443 localhost:80 v2.2.5-20260422", "<host> <id>") // hosts in a row are one value
	f("id 6ba7b810-9dad-11d1-80b4-00c04fd430c8 mac 00:1a:2b:3c:4d:5e", "id <uuid> mac <mac>")
	f("uid u0 ok=true 【ReactorSub-4】", "uid u0 ok=<bool> 【ReactorSub-4】")
	f("tls: bad record MAC", "tls: bad record MAC")
	f("【conn[127.0.21.3:11110]】conn success", "【conn[<ip>]】conn success")
	f("节点下线 『3』", "节点下线 『<num>』")
	f("[1, 2, 3]", "[<num>]")
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
