package check

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// parseNanoMQOld reads the format before 0.14 (still read with --old_conf): key=value lines, # in front of comments.
func (r *run) parseNanoMQOld(d *document) {
	s := settings{}
	for i, raw := range bytes.Split(skipMark(d.data), []byte("\n")) {
		line := strings.TrimRight(string(raw), "\r")
		text := strings.TrimSpace(line)
		if text == "" || text[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(text, "=")
		if !ok || strings.ContainsAny(strings.TrimSpace(key), " {}") {
			r.report(ruleSyntax, systemNanoMQ, d.place(i+1, 1, text), "the line is no key=value", "NanoMQ passes over the line: the setting has its default", "write key=value, one a line")
			continue
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		at := strings.IndexByte(line, '=') + 1
		column := utf8.RuneCountInString(line[:at]) + utf8.RuneCountInString(line[at:]) - utf8.RuneCountInString(strings.TrimLeft(line[at:], " \t")) + 1
		s.put(setting{key: key, value: value, unknown: unknownValue(value), at: d.place(i+1, column, key+"="+value)})
	}
	n := &nanomq{d: d, settings: s, old: true}
	n.oldListeners()
	n.oldBridges()
	r.nanomqs = append(r.nanomqs, n)
}

// oldListeners maps the old names onto listeners.
func (n *nanomq) oldListeners() {
	s := n.settings
	if v := s.get("url"); v.given() {
		n.listeners = append(n.listeners, &nanoListener{kind: "tcp", name: "url", bind: v, at: v.at})
	}
	if tls := s.get("tls.enable"); tls.yes() {
		n.listeners = append(n.listeners, &nanoListener{
			kind: "ssl", name: "tls", at: tls.at, bind: s.get("tls.url"), certificate: s.get("tls.certfile"), key: s.get("tls.keyfile"),
			ca: s.get("tls.cacertfile"), password: s.get("tls.key_password"), verify: s.get("tls.verify_peer"), fail: s.get("tls.fail_if_no_peer_cert"),
		})
		if v := s.get("websocket.tls_url"); v.given() {
			n.listeners = append(n.listeners, &nanoListener{kind: "wss", name: "websocket.tls_url", bind: v, at: v.at})
		}
	}
	if s.get("websocket.enable").yes() {
		if v := s.get("websocket.url"); v.given() {
			n.listeners = append(n.listeners, &nanoListener{kind: "ws", name: "websocket.url", bind: v, at: v.at})
		}
	}
}

// oldBridges maps bridge.mqtt.NAME.… onto bridges.
func (n *nanomq) oldBridges() {
	names := map[string]bool{}
	for _, v := range n.settings.sorted() {
		parts := strings.Split(v.key, ".")
		if len(parts) < 4 || parts[0] != "bridge" || parts[1] != "mqtt" || names[parts[2]] {
			continue
		}
		names[parts[2]] = true
		prefix := "bridge.mqtt." + parts[2] + "."
		b := &nanoBridge{name: parts[2], server: n.settings.get(prefix + "address"), tls: n.settings.get(prefix + "tls.enable"),
			certificate: n.settings.get(prefix + "tls.certfile"), key: n.settings.get(prefix + "tls.keyfile"), ca: n.settings.get(prefix + "tls.cacertfile"),
			password: n.settings.get(prefix + "tls.key_password")}
		if n.settings.get(prefix+"enable").known() && !n.settings.get(prefix+"enable").yes() || n.settings.get(prefix+"bridge_mode").known() && !n.settings.get(prefix+"bridge_mode").yes() {
			continue
		}
		n.bridges = append(n.bridges, b)
	}
}
