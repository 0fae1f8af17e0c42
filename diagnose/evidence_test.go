package diagnose

import (
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// incidentAt makes an incident with one event at each of the given seconds.
func incidentAt(seconds ...float64) *incident {
	in := &incident{
		signature: &knowledgebase.Signature{}, members: map[string]int64{}, with: map[string]bool{}, scopes: map[string]bool{},
		functions: map[string]bool{}, formats: map[string]bool{}, values: map[string]*valueCounts{}, maxGap: -1, count: int64(len(seconds)),
	}
	for i, s := range seconds {
		at := moment{Timestamp: parsers.Timestamp{Nano: int64(s * 1e9), Kind: parsers.TimeZoned}}
		in.hits = append(in.hits, place{hit: hit{at: at, line: int64(i + 1), text: "x"}, source: &sourceState{name: "x.log"}})
		in.buckets.add(at.Nano, 1)
	}
	return in
}

// observing returns an observer of in inside a system that tells when it started and whom it served.
func observing(t *testing.T, in *incident, prepare ...func(*systemState)) *observer {
	t.Helper()
	base, err := knowledgebase.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s := &systemState{
		id: "test", markers: map[string]*markerState{}, scopes: map[string]moment{}, formats: map[string]bool{},
		seen: map[string]bool{}, incidents: []*incident{in},
	}
	for _, f := range prepare {
		f(s)
	}
	return newObserver(base, s, in)
}

func expect(t *testing.T, o *observer, feature, want string) {
	t.Helper()
	got := "-"
	if v := o.observe(feature); v != nil {
		got = strings.Join(v.values, ",")
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", feature, got, want)
	}
}

func second(s float64) moment {
	return moment{Timestamp: parsers.Timestamp{Nano: int64(s * 1e9), Kind: parsers.TimeZoned}}
}

func marker(kind string, n int64, at float64) func(*systemState) {
	return func(s *systemState) { s.markers[kind] = &markerState{count: n, first: second(at), last: second(at)} }
}

func capture(name, value string) *incident {
	in := incidentAt(0)
	in.values[name] = &valueCounts{counts: map[string]*int64{}}
	in.values[name].add(value, 1)
	return in
}

func TestArrival(t *testing.T) {
	f := func(want string, seconds ...float64) {
		t.Helper()
		expect(t, observing(t, incidentAt(seconds...)), "arrival", want)
	}
	f("single", 5)
	f("single", 5, 5.2)
	f("burst", 5, 5.1, 5.2, 5.9)
	f("periodic", 0, 10, 20, 30.1, 40)
	f("periodic", 0, 10, 21, 30, 40) // a log with whole seconds
	f("steady", 0, 3, 20, 21.8, 60)
	f("steady", 0, 10)
	expect(t, observing(t, incidentAt(0, 30, 60, 90)), "duration", "90")
	expect(t, observing(t, incidentAt(1, 1.1, 1.2, 2.5)), "burst", "3")
	untimed := incidentAt(0)
	untimed.hits[0].at = moment{}
	expect(t, observing(t, untimed), "arrival", "-")
}

func TestGaps(t *testing.T) {
	in := incidentAt(10)
	in.maxGap = int64(6 * time.Second)
	expect(t, observing(t, in), "gap-before", "6")
	in.scopes["broker_tls.c"] = true
	expect(t, observing(t, in, func(s *systemState) {
		s.scopes["broker_tls.c"], s.last = second(10), second(70)
	}), "gap-after", "60")
	expect(t, observing(t, incidentAt(10)), "gap-before", "-")
	expect(t, observing(t, incidentAt(10)), "gap-after", "-")
}

func TestOnset(t *testing.T) {
	f := func(want string, at float64, prepare ...func(*systemState)) {
		t.Helper()
		expect(t, observing(t, incidentAt(at), prepare...), "onset", want)
	}
	f("-", 5)
	f("after-start", 5, marker("start", 1, 0))
	f("later", 500, marker("start", 1, 0))
	f("after-reload", 505, marker("start", 1, 0), marker("reload", 1, 500))
}

func TestPopulation(t *testing.T) {
	expect(t, observing(t, incidentAt(1, 2, 3)), "count", "3")
	expect(t, observing(t, incidentAt(1), marker("success", 99, 0)), "share", "few")
	expect(t, observing(t, incidentAt(1), marker("success", 9, 0)), "share", "some")
	expect(t, observing(t, incidentAt(1, 2, 3), marker("success", 1, 0)), "share", "most")
	expect(t, observing(t, incidentAt(1, 2, 3)), "share", "-") // nobody knows what a success looks like here
	expect(t, observing(t, capture("peer", "203.0.113.9:52044")), "peers", "one")
	expect(t, observing(t, incidentAt(1)), "peers", "-")
	in := capture("peer", "socket://10.0.0.1:5")
	in.values["peer"].add("10.0.0.1:6", 2)
	in.values["peer"].add("[2001:db8::1]:6", 2)
	expect(t, observing(t, in), "peers", "few")
	if p := in.peers(); p.Distinct != 2 || p.Top[0] != (PeerCount{"10.0.0.1", 3}) {
		t.Errorf("peers: %+v", p)
	}
}

func TestFirstBytes(t *testing.T) {
	f := func(bytes, want string) {
		t.Helper()
		expect(t, observing(t, capture("data", bytes)), "first-bytes", want)
	}
	f("GET / HTTP/1.1\r\n", "http")
	f("\x16\x03\x01\x05\ufffd", "tls")
	f("\x15\x03\x01\x00\x02\x02\x28", "alert")
	f(`\x16\x03\x01\x02\x00`, "tls")
	f(`0x160x030x010x02{0x01`, "tls")
	f("22,3,1,0,192,1,0,0", "tls")
	f("22,3,1,0,1921", "-")
	f("104857600: 369295620", "tls")
	f("1347375956", "http")
	f("104857600", "-")
	f("PRI * HTTP/2.0", "http2")
	f("PROXY TCP4 1.2.3.4", "proxy")
	f("\r\n\r\n\x00\r\nQUIT\n\x21", "proxy")
	f("SSH-2.0-x", "ssh")
	f("\x10\x0c\x00\x04MQTT\x04", "mqtt")
	f("\x00\x00\x00\x08\x04\xd2\x16\x2f", "postgres")
	f("\x00\x00\x00\x00\x00", "zero")
	f("hello", "-")
}

func TestAlert(t *testing.T) {
	f := func(text, spelled, name, from string, s ...knowledgebase.Signature) {
		t.Helper()
		in := incidentAt(0)
		if spelled != "" {
			in = capture("alert", spelled)
		}
		in.hits[0].text = text
		if len(s) > 0 {
			in.signature = &s[0]
		}
		o := observing(t, in)
		expect(t, o, "alert", name)
		expect(t, o, "alert-from", from)
	}
	f("remote error: tls: bad certificate", "bad certificate", "bad_certificate", "peer")
	f("local error: tls: bad record MAC", "bad record MAC", "bad_record_mac", "local")
	f("received fatal alert: UnknownCA", "UnknownCA", "unknown_ca", "peer")
	f("remote error: tls: unknown certificate authority", "unknown certificate authority", "unknown_ca", "peer")
	f("remote error: tls: something new", "something new", "-", "-")
	f("is a fatal alert message (msg 70)", "70", "protocol_version", "-")
	f("is a fatal alert message (msg 71)", "71", "insufficient_security", "peer", knowledgebase.Signature{AlertFrom: "peer"})
	// OpenSSL's message is about one alert, which its signature names.
	f("tlsv1 alert unknown ca", "", "unknown_ca", "peer", knowledgebase.Signature{Alert: "unknown_ca", AlertFrom: "peer"})
	f("no shared cipher", "", "-", "-")
}

func TestIdentity(t *testing.T) {
	expect(t, observing(t, capture("reqURL", "http://10.0.0.1:5001/x")), "url-scheme", "http")
	expect(t, observing(t, capture("reqURL", "10.0.0.1:5001/x")), "url-scheme", "none")
	expect(t, observing(t, capture("address", "10.0.0.1:5001")), "address-kind", "ip")
	expect(t, observing(t, capture("address", "im.example.com:5001")), "address-kind", "name")
	expect(t, observing(t, capture("address", "$(reboot):5001")), "address-kind", "-")
	ports := func(s *systemState) { s.profile = &knowledgebase.System{Ports: map[string]string{"5001": "http"}} }
	expect(t, observing(t, capture("address", "10.0.0.1:5001"), ports), "port-role", "http")
	for file, want := range map[string]string{
		"/nonexistent/ca.pem": "ca", "/etc/ssl/certs/ca-certificates.crt": "ca", `C:\tls\rootCA.crt`: "ca", "'/srv/tls/server.key'": "key",
		"/etc/letsencrypt/live/x/privkey.pem": "key", "/srv/tls/server.crt": "certificate", "/srv/tls/ca.crl": "crl", "/srv/cat/7.png": "other", "openssl.cnf": "config",
	} {
		expect(t, observing(t, capture("file", file)), "file-role", want)
	}
	o := observing(t, incidentAt(1), func(s *systemState) { s.version, _ = knowledgebase.ParseVersion("0.22.6") })
	if holds, observable, _ := o.holds("version", ">=0.22.0 <0.22.8"); !holds || !observable {
		t.Error("0.22.6 is not in its range")
	}
	if _, observable, _ := observing(t, incidentAt(1)).holds("version", ">=0.22.0"); observable {
		t.Error("an unknown version was observed")
	}
}

func TestCompanions(t *testing.T) {
	in, other := incidentAt(10), incidentAt(11)
	other.group, other.members["sig"] = "grp", 1
	with := func(s *systemState) {
		s.incidents = append(s.incidents, other)
		s.seen["sig"], s.seen["grp"] = true, true
	}
	o := observing(t, in, with)
	for feature, want := range map[string]bool{"companion": true, "companion-near": true, "companion-after": true, "companion-before": false} {
		if holds, _, _ := o.holds(feature, "grp"); holds != want {
			t.Errorf("%s: %v", feature, holds)
		}
	}
}

// TestCommandsTakeNoHostileText: what does not parse as an address stays a placeholder.
func TestCommandsTakeNoHostileText(t *testing.T) {
	f := func(address, want string) {
		t.Helper()
		if got := capture("address", address).placeholders().Replace("openssl s_client -connect {host}:{port} -servername {sni}"); got != want {
			t.Errorf("%q: %s", address, got)
		}
	}
	f("im.example.com:5210", "openssl s_client -connect im.example.com:5210 -servername im.example.com")
	f("wss://10.0.0.1:5210", "openssl s_client -connect 10.0.0.1:5210 -servername {sni}")
	f("x;rm -rf /:5210", "openssl s_client -connect {host}:5210 -servername {sni}")
	f("$(id):80|sh", "openssl s_client -connect {host}:{port} -servername {sni}")
	f("-oProxyCommand=x:22", "openssl s_client -connect {host}:22 -servername {sni}")
	f("host:99999", "openssl s_client -connect host:{port} -servername host")
}
