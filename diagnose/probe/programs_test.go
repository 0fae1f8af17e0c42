package probe_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/whytls/whytls/diagnose/probe"
)

// port asks the system for a free port.
func port(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, p, _ := net.SplitHostPort(l.Addr().String())
	return p
}

// need skips a test where a program is not installed.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed", program)
	}
	return path
}

// start runs a server until the test ends, once it takes connections on its port. The address returned counts.
func start(t *testing.T, port, program string, args ...string) endpoint {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(need(t, program), args...)
	cmd.Stdout, cmd.Stderr = &output, &output
	in, err := cmd.StdinPipe() // open, for some servers end with their input
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		_ = in.Close()
	})
	address := net.JoinHostPort("127.0.0.1", port)
	for {
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", program, output.String())
		case <-time.After(20 * time.Millisecond):
		}
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return forward(t, address)
		}
	}
}

// running makes the start of a set-up out of a program; args may hold PORT, CERT and KEY.
func running(byName bool, prepare func(t *testing.T, root *authority) (tls.Certificate, []string)) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		pair, args := prepare(t, root)
		need(t, args[0])
		p := port(t)
		fill := []string{"PORT", p}
		if len(pair.Certificate) > 0 {
			certificates, key := writePEM(t, pair)
			fill = append(fill, "CERT", certificates, "KEY", key)
		}
		replacer := strings.NewReplacer(fill...)
		for i := range args {
			args[i] = replacer.Replace(args[i])
		}
		e := start(t, p, args[0], args[1:]...)
		if byName {
			return e.byName(), e.count
		}
		return e.byIP(), e.count
	}
}

// openssl is `openssl s_server` with a good certificate and more arguments.
func openssl(more ...string) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return running(true, func(t *testing.T, root *authority) (tls.Certificate, []string) {
		return root.issueFor(newRSAKey(t, 2048)), append([]string{"openssl", "s_server", "-www", "-accept", "127.0.0.1:PORT", "-cert", "CERT", "-key", "KEY"}, more...)
	})
}

// certless is `openssl s_server` without a certificate.
func certless(more ...string) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return running(true, func(*testing.T, *authority) (tls.Certificate, []string) {
		return tls.Certificate{}, append([]string{"openssl", "s_server", "-www", "-accept", "127.0.0.1:PORT", "-nocert"}, more...)
	})
}

// gnutls is gnutls-serv with a priority string.
func gnutls(priority string, more ...string) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return running(true, func(t *testing.T, root *authority) (tls.Certificate, []string) {
		return root.issueFor(newRSAKey(t, 2048)), append([]string{"gnutls-serv", "--http", "--port", "PORT", "--x509certfile", "CERT", "--x509keyfile", "KEY", "--priority", priority}, more...)
	})
}

// nginx is nginx with one server block.
func nginx(prefix, block string) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		need(t, "nginx")
		folder := t.TempDir()
		certificates, key := writePEM(t, root.issue())
		p := port(t)
		authorities, _ := writePEM(t, tls.Certificate{Certificate: [][]byte{root.certificate.Raw}, PrivateKey: root.key})
		config := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr crit;
events {}
http { access_log off; client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
server { %[2]s } }`, folder, strings.NewReplacer("PORT", "127.0.0.1:"+p, "TLS", "ssl_certificate "+certificates+"; ssl_certificate_key "+key+";", "CA", authorities).Replace(block))
		file := filepath.Join(folder, "nginx.conf")
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		e := start(t, p, "nginx", "-p", folder, "-c", file, "-e", "stderr")
		return prefix + e.byName(), e.count
	}
}

// mosquitto is a mosquitto broker with one listener.
func mosquitto(prefix, listener string) func(*testing.T, *authority, *probe.Options) (string, *atomic.Int64) {
	return func(t *testing.T, root *authority, _ *probe.Options) (string, *atomic.Int64) {
		need(t, "mosquitto")
		certificates, key := writePEM(t, root.issue())
		authorities, _ := writePEM(t, tls.Certificate{Certificate: [][]byte{root.certificate.Raw}, PrivateKey: root.key})
		p := port(t)
		file := filepath.Join(t.TempDir(), "mosquitto.conf")
		config := "user root\nallow_anonymous true\nlistener " + p + " 127.0.0.1\n" +
			strings.NewReplacer("TLS", "certfile "+certificates+"\nkeyfile "+key, "CA", "cafile "+authorities).Replace(listener) + "\n"
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		e := start(t, p, "mosquitto", "-c", file)
		return prefix + e.byName(), e.count
	}
}

var programSetups = []setup{
	{name: "openssl, healthy", speaks: "tls", start: openssl()},
	{name: "openssl, TLS 1.0", speaks: "tls", cause: "protocol-version-mismatch", start: openssl("-tls1", "-cipher", "ALL:@SECLEVEL=0")},
	{name: "openssl, TLS 1.3", speaks: "tls", cause: "protocol-version-mismatch", start: openssl("-tls1_3")},
	{name: "openssl, DHE", speaks: "tls", cause: "no-shared-cipher", start: openssl("-tls1_2", "-cipher", "DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256")},
	{name: "openssl, CCM in TLS 1.3", speaks: "tls", cause: "no-shared-cipher", start: openssl("-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")},
	{name: "openssl, one suite", speaks: "tls", cause: "no-shared-cipher", start: openssl("-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305")},
	{name: "openssl, X448", speaks: "tls", cause: "no-shared-group", start: openssl("-groups", "X448")},
	{name: "openssl, brainpool", speaks: "tls", cause: "no-shared-group", start: openssl("-tls1_2", "-groups", "brainpoolP256r1")},
	{name: "openssl, no certificate", speaks: "tls", cause: "server-cert-missing", start: certless("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0")},
	{name: "openssl, pre-shared key", speaks: "tls", cause: "psk-mismatch", start: certless("-tls1_2", "-cipher", "PSK", "-psk", "1a2b3c")},
	{name: "openssl, client certificate", speaks: "tls", cause: "missing-client-cert", start: openssl("-Verify", "1", "-verify_return_error")},
	{name: "openssl, client certificate, TLS 1.2", speaks: "tls", cause: "missing-client-cert", start: openssl("-Verify", "1", "-verify_return_error", "-tls1_2")},
	{name: "openssl, private ALPN", speaks: "tls", cause: "alpn-mismatch", start: openssl("-alpn", "private/1")},
	{name: "openssl, SNI", speaks: "tls", cause: "sni-missing-or-unrecognized", start: openssl("-servername", "im.example", "-servername_fatal", "-cert2", "CERT", "-key2", "KEY")},
	{name: "openssl, Ed448", speaks: "tls", cause: "no-shared-signature-algorithm", also: []string{"self-signed-cert"}, start: running(true, func(t *testing.T, _ *authority) (tls.Certificate, []string) {
		folder := t.TempDir()
		cmd := exec.Command(need(t, "openssl"), "req", "-x509", "-newkey", "ed448", "-nodes", "-keyout", folder+"/key", "-out", folder+"/cert", "-days", "9", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return tls.Certificate{}, []string{"openssl", "s_server", "-www", "-accept", "127.0.0.1:PORT", "-cert", folder + "/cert", "-key", folder + "/key"}
	})},
	{name: "gnutls, healthy", speaks: "tls", start: gnutls("NORMAL", "--disable-client-cert")},
	{name: "gnutls, TLS 1.1", speaks: "tls", cause: "protocol-version-mismatch", start: gnutls("NORMAL:-VERS-ALL:+VERS-TLS1.1:%VERIFY_ALLOW_SIGN_WITH_SHA1", "--disable-client-cert")},
	{name: "gnutls, finite field", speaks: "tls", cause: "no-shared-group", start: gnutls("NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-FFDHE2048", "--disable-client-cert")},
	{name: "gnutls, client certificate", speaks: "tls", cause: "missing-client-cert", start: gnutls("NORMAL", "--require-client-cert")},
	{name: "nginx, healthy", speaks: "tls", start: nginx("https://", "listen PORT ssl; TLS")},
	{name: "nginx, plain", speaks: "http", cause: "tls-to-plaintext-port", start: nginx("", "listen PORT;")},
	{name: "nginx, plain port where wss is meant", speaks: "http", cause: "url-scheme-mismatch", also: []string{"tls-to-plaintext-port", "websocket-upgrade-failed"}, start: nginx("wss://", "listen PORT;")},
	{name: "nginx, PROXY header", speaks: "tls", cause: "proxy-protocol-mismatch", start: nginx("", "listen PORT ssl proxy_protocol; TLS")},
	{name: "nginx, PROXY header, plain", speaks: "http", cause: "proxy-protocol-mismatch", also: []string{"tls-to-plaintext-port"}, start: nginx("", "listen PORT proxy_protocol;")},
	{name: "nginx, handshakes rejected", speaks: "tls", cause: "sni-missing-or-unrecognized", start: nginx("", "listen PORT ssl; ssl_reject_handshake on;")},
	{name: "nginx, client certificate", speaks: "tls", cause: "missing-client-cert", start: nginx("https://", "listen PORT ssl; TLS ssl_client_certificate CA; ssl_verify_client on;")},
	{name: "nginx, upstream gone", speaks: "tls", cause: "upstream-unreachable", start: nginx("wss://", "listen PORT ssl; TLS location / { proxy_pass http://127.0.0.1:1; }")},
	{name: "nginx, upgrade not passed on", speaks: "tls", cause: "websocket-upgrade-failed", start: nginx("wss://", "listen PORT ssl; TLS location / { return 400; }")},
	{name: "mosquitto, plain", speaks: "mqtt", cause: "tls-to-plaintext-port", start: mosquitto("", "")},
	{name: "mosquitto, TLS", speaks: "tls", start: mosquitto("mqtts://", "TLS")},
	{name: "mosquitto, client certificate", speaks: "tls", cause: "missing-client-cert", start: mosquitto("mqtts://", "TLS\nCA\nrequire_certificate true")},
	{name: "mosquitto, plain MQTT to the TLS port", speaks: "tls", cause: "plaintext-to-tls-port", also: []string{"url-scheme-mismatch"}, start: mosquitto("mqtt://", "TLS")},
	{name: "sshd", speaks: "ssh", cause: "wrong-port-or-service", also: []string{"tls-to-plaintext-port"}, start: running(false, func(t *testing.T, _ *authority) (tls.Certificate, []string) {
		sshd, err := exec.LookPath("/usr/sbin/sshd")
		if err != nil {
			t.Skip("sshd is not installed")
		}
		folder := t.TempDir()
		if out, err := exec.Command(need(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", folder+"/key").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if os.Geteuid() == 0 {
			if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
				t.Skipf("sshd needs its folder: %v", err)
			}
		}
		return tls.Certificate{}, []string{sshd, "-D", "-e", "-f", "/dev/null", "-h", folder + "/key", "-o", "ListenAddress=127.0.0.1", "-p", "PORT", "-o", "PidFile=none"}
	})},
	{name: "redis", speaks: "redis", cause: "wrong-port-or-service", also: []string{"tls-to-plaintext-port"}, start: running(false, func(*testing.T, *authority) (tls.Certificate, []string) {
		return tls.Certificate{}, []string{"redis-server", "--port", "PORT", "--bind", "127.0.0.1", "--save", ""}
	})},
}

// TestPrograms probes real servers.
func TestPrograms(t *testing.T) {
	for _, s := range programSetups {
		t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}

// A client certificate that the server asks for is taken from --cert.
func TestClientCertificateWithNginx(t *testing.T) {
	s := setup{name: "nginx, good client certificate", speaks: "tls", cause: "missing-client-cert", fine: true, start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		pair := root.issue()
		o.Certificate = &pair
		return nginx("https://", "listen PORT ssl; TLS ssl_client_certificate CA; ssl_verify_client on;")(t, root, o)
	}}
	r := s.run(t)
	if c := r.TLS.ClientCertificate; !c.Required || c.Accepted == nil || !*c.Accepted || len(c.Authorities) != 1 {
		t.Errorf("client certificate: %+v", c)
	}
}

// All suites of a server are listed, in its order, and no other.
func TestSuites(t *testing.T) {
	s := setup{name: "suites", speaks: "tls", start: func(t *testing.T, root *authority, o *probe.Options) (string, *atomic.Int64) {
		o.Suites = true
		e := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{root.issue()}, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}})
		return e.byName(), e.count
	}}
	r := s.run(t)
	if got := len(r.TLS.Suites["TLS 1.3"]); got != 3 {
		t.Errorf("%d suites of TLS 1.3: %q", got, r.TLS.Suites)
	}
	if got := r.TLS.Suites["TLS 1.2"]; len(got) != 2 {
		t.Errorf("suites of TLS 1.2: %q", got)
	}
}
