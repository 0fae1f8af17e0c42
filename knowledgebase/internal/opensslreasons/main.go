// Command opensslreasons writes signatures/openssl-reasons.yaml: what the reasons of OpenSSL and BoringSSL mean, library by
// library, from their sources and the classification in rules.yaml.
//
//	go run ./internal/opensslreasons OPENSSL-1.1.1-SOURCE OPENSSL-3-SOURCE BORINGSSL-SOURCE
//
// A source of OpenSSL has *_err.c (reasons with their texts) and include/openssl/*err.h (their numbers); one of BoringSSL has
// crypto/err/*.errordata and include/openssl/err.h. Reasons of all versions are joined, since a log does not tell which one wrote it.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed rules.yaml
var rulesFile []byte

type rule struct {
	Libraries []string           `yaml:"libraries"`
	Reason    string             `yaml:"reason"`
	Causes    map[string]float64 `yaml:"causes"`
	pattern   *regexp.Regexp
	used      bool
}

// reason is one reason of one library.
type reason struct {
	text  string
	names map[string]bool // macros without their prefix: NO_SHARED_CIPHER
}

// library is what prints its name before a reason.
type library struct {
	id      string
	names   []string // as printed: "SSL routines"
	number  int
	reasons map[string]*reason
	codes   map[string]string // macro → number
	boring  map[string]string // macro → library and number in BoringSSL
}

// numbered are the libraries whose reasons are also known by their number alone.
var numbered = map[string]bool{"SSL": true, "X509": true, "PEM": true, "EVP": true, "RSA": true, "ASN1": true, "PKCS12": true}

// noded are the libraries whose reasons Node.js makes codes of: ERR_SSL_NO_SHARED_CIPHER, ERR_OSSL_PEM_NO_START_LINE.
var noded = map[string]bool{"SSL": true, "X509": true, "PEM": true, "EVP": true, "ASN1": true, "PKCS12": true, "RSA": true, "EC": true}

var titles = map[string][]string{ // beside what err.c says; BoringSSL calls some of them otherwise
	"EVP": {"public key routines"}, "X509": {"X.509 certificate routines"}, "ASN1": {"ASN.1 encoding routines"},
	"RSA": {"RSA routines"}, "DSA": {"DSA routines"}, "ENGINE": {"ENGINE routines"}, "PKCS8": {"PKCS8 routines"},
	"CIPHER": {"cipher functions"}, "DIGEST": {"digest functions"}, "HKDF": {"HKDF functions"},
}

// skipped are libraries that do not stand in the way of a TLS connection.
var skipped = map[string]bool{"CMP": true, "CRMF": true, "TRUST_TOKEN": true, "TS": true, "ESS": true, "SM2": true, "ASYNC": true, "PROP": true}

// global are the reasons that every library may give (ERR_R_…).
var global = map[string]map[string]float64{
	"malloc failure":          {"resource-exhaustion": 0.85},
	"MALLOC_FAILURE":          {"resource-exhaustion": 0.85},
	"passed a null parameter": {"library-misuse": 0.6, "config-invalid": 0.1},
	"called a function that was disabled at compile-time": {"crypto-feature-unavailable": 0.85},
	"called a function you should not call":               {"library-misuse": 0.7},
	"passed invalid argument":                             {"library-misuse": 0.6, "config-invalid": 0.1},
	"operation fail":                                      {"library-internal-error": 0.5},
	"invalid provider functions":                          {"library-internal-error": 0.5, "crypto-feature-unavailable": 0.2},
	"interrupted or cancelled":                            {"encrypted-private-key": 0.5, "normal-close": 0.2},
	"internal error":                                      {"library-internal-error": 0.75},
	"init fail":                                           {"library-internal-error": 0.6},
	"fetch failed":                                        {"crypto-feature-unavailable": 0.7},
	"disabled for FIPS":                                   {"crypto-feature-unavailable": 0.85},
	"nested asn1 error":                                   {"cert-malformed": 0.46, "key-or-cert-format-invalid": 0.34},
	"missing asn1 eos":                                    {"cert-malformed": 0.46, "key-or-cert-format-invalid": 0.34},
}

var (
	entry  = regexp.MustCompile(`\{\s*ERR_PACK\(\s*ERR_LIB_(\w+)\s*,\s*0\s*,\s*(\w+)\s*\),\s*((?:"[^"]*"\s*)+)\}`)
	quoted = regexp.MustCompile(`"([^"]*)"`)
	number = regexp.MustCompile(`#\s*define\s+([A-Z0-9]+_R_\w+)\s+([0-9]+)`)
	// The libraries of BoringSSL are an enumeration from 1 on.
	boringLib = regexp.MustCompile(`(?m)^  ERR_LIB_(\w+)(?: = 1)?,$`)
	libNum    = regexp.MustCompile(`#\s*define\s+ERR_LIB_(\w+)\s+([0-9]+)`)
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: opensslreasons OPENSSL-1.1.1-SOURCE OPENSSL-3-SOURCE BORINGSSL-SOURCE")
		os.Exit(2)
	}
	if err := run(os.Args[1:3], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "opensslreasons:", err)
		os.Exit(1)
	}
}

func run(openssl []string, boring string) error {
	var rules []*rule
	if err := yaml.Unmarshal(rulesFile, &rules); err != nil {
		return err
	}
	for _, r := range rules {
		var err error
		if r.pattern, err = regexp.Compile("^(?:" + r.Reason + ")$"); err != nil {
			return err
		}
	}
	libraries := map[string]*library{}
	for _, dir := range openssl {
		if err := readOpenSSL(dir, libraries); err != nil {
			return err
		}
	}
	if err := readBoring(boring, libraries); err != nil {
		return err
	}
	numbers, err := readAlerts("signatures/openssl.yaml")
	if err != nil {
		return err
	}
	out := write(libraries, rules, numbers)
	for _, r := range rules {
		if !r.used {
			fmt.Fprintf(os.Stderr, "rule matches nothing: %v %s\n", r.Libraries, r.Reason)
		}
	}
	return os.WriteFile("signatures/openssl-reasons.yaml", out, 0o644)
}

func get(libraries map[string]*library, id string) *library {
	l := libraries[id]
	if l == nil {
		l = &library{id: id, reasons: map[string]*reason{}, codes: map[string]string{}, boring: map[string]string{}}
		libraries[id] = l
	}
	return l
}

func (l *library) add(text, name string) {
	r := l.reasons[text]
	if r == nil {
		r = &reason{text: text, names: map[string]bool{}}
		l.reasons[text] = r
	}
	r.names[name] = true
}

func readOpenSSL(dir string, libraries map[string]*library) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() || !strings.HasSuffix(name, "err.c") && !strings.HasSuffix(name, "err.h") && name != "err.h.in" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range libNum.FindAllSubmatch(data, -1) {
			n, _ := strconv.Atoi(string(m[2]))
			if !strings.HasSuffix(name, ".c") {
				get(libraries, string(m[1])).number = n
			}
		}
		for _, m := range number.FindAllSubmatch(data, -1) {
			id, macro, _ := strings.Cut(string(m[1]), "_R_")
			get(libraries, id).codes[macro] = string(m[2])
		}
		for _, m := range entry.FindAllSubmatch(data, -1) {
			text := ""
			for _, part := range quoted.FindAllSubmatch(m[3], -1) {
				text += string(part[1])
			}
			l := get(libraries, string(m[1]))
			if string(m[2]) == "0" {
				l.title(text)
				continue
			}
			_, macro, _ := strings.Cut(string(m[2]), "_R_")
			l.add(text, macro)
		}
		return nil
	})
}

func (l *library) title(text string) {
	for _, t := range l.names {
		if t == text {
			return
		}
	}
	l.names = append(l.names, text)
}

func readBoring(dir string, libraries map[string]*library) error {
	files, err := filepath.Glob(filepath.Join(dir, "crypto", "err", "*.errordata"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no errordata in %s (%v)", dir, err)
	}
	header, err := os.ReadFile(filepath.Join(dir, "include", "openssl", "err.h"))
	if err != nil {
		return err
	}
	order := map[string]int{}
	for i, m := range boringLib.FindAllSubmatch(header, -1) {
		order[string(m[1])] = i + 1
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, line := range strings.Split(string(data), "\n") {
			part := strings.Split(strings.TrimSpace(line), ",")
			if len(part) == 3 {
				l := get(libraries, part[0])
				text := strings.ToLower(strings.ReplaceAll(part[2], "_", " "))
				for _, r := range l.reasons { // OpenSSL's own text for the same name
					if r.names[part[2]] {
						text = r.text
					}
				}
				l.add(text, part[2])
				l.boring[part[2]] = fmt.Sprintf("boringssl %d:%s", order[part[0]], part[1])
			}
		}
	}
	return nil
}

// readAlerts returns what the alerts mean, by number, as the hand-written table says.
func readAlerts(path string) (map[string]map[string]float64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f struct {
		Tables map[string]map[string]struct {
			Suggests map[string]float64 `yaml:"suggests"`
		} `yaml:"tables"`
	}
	if err := yaml.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	alerts := map[string]map[string]float64{}
	for n, e := range f.Tables["openssl-alert-number"] {
		alerts[n] = e.Suggests
	}
	return alerts, nil
}

func write(libraries map[string]*library, rules []*rule, alerts map[string]map[string]float64) []byte {
	var out, signatures, codes, node bytes.Buffer
	out.WriteString("# Written by internal/opensslreasons from the sources of OpenSSL 1.1.1, OpenSSL 3 and BoringSSL. Do not edit: change\n" +
		"# internal/opensslreasons/rules.yaml and run it again. What signatures/openssl.yaml says of a reason goes before this.\n" +
		"library: openssl\ngenerated: internal/opensslreasons\nversions: OpenSSL 1.1.1, 3.0-3.6; BoringSSL\ntables:\n")
	signatures.WriteString("signatures:\n")
	ids := make([]string, 0, len(libraries))
	for id := range libraries {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		l := libraries[id]
		for _, t := range titles[id] {
			l.title(t)
		}
		if skipped[id] || len(l.reasons) == 0 || len(l.names) == 0 {
			continue
		}
		table := "openssl-" + strings.ToLower(strings.ReplaceAll(id, "_", "-"))
		entries, example, name := l.entries(rules, alerts, &codes, &node)
		if len(entries) == 0 {
			continue
		}
		fmt.Fprintf(&out, "  %s:\n%s", table, strings.Join(entries, ""))
		fmt.Fprintf(&signatures, "  - id: %s-reason\n    text: [", table)
		for i, title := range l.names {
			if i > 0 {
				signatures.WriteString(", ")
			}
			fmt.Fprintf(&signatures, "%q, %q", title+" <function:any?> <reason:table>", title+" function <function:any?> reason <reason:table>")
		}
		if numbered[id] {
			fmt.Fprintf(&signatures, ", \"lib(%d) <function:any?> reason(<reason:table>)\", \"lib(%d):func(<function:num>):reason(<reason:table>)\", %q", l.number, l.number, l.names[0]+" <function:any?> reason(<reason:table>)")
		}
		if id != "SYS" {
			fmt.Fprintf(&signatures, ", %q", id+" <reason:key>")
		}
		fmt.Fprintf(&signatures, "]\n    code: reason\n    table: %s\n    source: \"OpenSSL 1.1.1w and 3.6: *_err.c; BoringSSL crypto/err/*.errordata\"\n", table)
		examples := []string{"error:0A000000:" + l.names[0] + "::" + example}
		if name != "" {
			examples = append(examples, "["+id+": "+name+"] (_ssl.c:1006)")
		}
		fmt.Fprintf(&signatures, "    examples: [%s]\n    counter-examples: [%q]\n", quoteAll(examples), "error:0A000000:"+l.names[0]+"::no reason that anybody knows")
	}
	fmt.Fprintf(&out, "  openssl-node-codes:\n%s", node.String())
	fmt.Fprintf(&out, "  openssl-codes:\n%s", codes.String())
	out.Write(signatures.Bytes())
	out.WriteString(`  - id: openssl-code
    fallback: true
    text: ["error <code:hex>", "error <code:num>", "OpenSSL error code <code:hex>"]
    code: code
    table: openssl-codes
    fold: openssl-code
    source: "OpenSSL include/openssl/err.h, ERR_PACK: library and reason of a code whose text is not loaded"
    examples: ["error:0A0000C1", "error:1408A0C1"]
    counter-examples: ["code 0A0000C1"]
  - id: openssl-node-code
    text: ["<code:key>"]
    code: code
    table: openssl-node-codes
    source: "Node.js src/crypto/crypto_util.cc, Decorate: library and reason in capitals"
    examples: ["{ code: 'ERR_SSL_BAD_KEY_SHARE' }", "Error: ERR_SSL_TOO_MANY_KEY_UPDATES"]
    counter-examples: ["ERR_SSL_NOTHING_THAT_ANYBODY_KNOWS"]
`)
	return out.Bytes()
}

func quoteAll(list []string) string {
	for i := range list {
		list[i] = strconv.Quote(list[i])
	}
	return strings.Join(list, ", ")
}

var alertNumber = map[string]string{
	"close notify": "0", "unexpected message": "10", "bad record mac": "20", "decryption failed": "21", "record overflow": "22",
	"decompression failure": "30", "handshake failure": "40", "no certificate": "41", "bad certificate": "42",
	"unsupported certificate": "43", "certificate revoked": "44", "certificate expired": "45", "certificate unknown": "46",
	"illegal parameter": "47", "unknown ca": "48", "access denied": "49", "decode error": "50", "decrypt error": "51",
	"export restriction": "60", "protocol version": "70", "insufficient security": "71", "internal error": "80",
	"inappropriate fallback": "86", "user cancelled": "90", "no renegotiation": "100", "missing extension": "109",
	"unsupported extension": "110", "certificate unobtainable": "111", "unrecognized name": "112",
	"bad certificate status response": "113", "bad certificate hash value": "114", "unknown psk identity": "115",
	"certificate required": "116", "no application protocol": "120", "ech required": "121",
}

var alertPrefix = regexp.MustCompile(`^(?:sslv3|tlsv1|tlsv13|ssl/tls) (?:alert )?(.*)$`)

func (l *library) entries(rules []*rule, alerts map[string]map[string]float64, codes, node *bytes.Buffer) (entries []string, example, name string) {
	texts := make([]string, 0, len(l.reasons))
	for text := range l.reasons {
		texts = append(texts, text)
	}
	sort.Strings(texts)
	known := map[string]bool{}
	put := func(key, value string) {
		if !known[key] {
			known[key] = true
			entries = append(entries, fmt.Sprintf("    %q: {%s}\n", key, value))
		}
	}
	for _, text := range texts {
		r := l.reasons[text]
		causes := l.causes(text, rules, alerts)
		if causes == nil {
			continue
		}
		key := strings.TrimRight(text, ")") // a delimiter at the end is no part of a token
		put(key, fmt.Sprintf("says: %q, suggests: %s", text, flow(causes)))
		if noded[l.id] {
			prefix := "ERR_OSSL_" + l.id + "_"
			if l.id == "SSL" {
				prefix = "ERR_SSL_"
			}
			code := prefix + strings.ToUpper(strings.ReplaceAll(text, " ", "_"))
			if !strings.ContainsAny(code, ",'()/") && !known[code] {
				known[code] = true
				fmt.Fprintf(node, "    %s: {says: %q, suggests: %s}\n", code, text, flow(causes))
			}
		}
		names := make([]string, 0, len(r.names))
		for n := range r.names {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			packed := []string{l.boring[n]}
			if code := l.codes[n]; code != "" {
				packed = append(packed, fmt.Sprintf("%d:%s", l.number, code))
				if numbered[l.id] {
					put(code, fmt.Sprintf("as: %q", key))
				}
			}
			for _, code := range packed {
				if code != "" && !known[code] {
					known[code] = true
					fmt.Fprintf(codes, "    %q: {says: %q, suggests: %s}\n", code, text, flow(causes))
				}
			}
			if strings.ToLower(strings.ReplaceAll(n, "_", " ")) != key { // the others are known by the text
				put(n, fmt.Sprintf("as: %q", key))
			}
		}
		if _, alert := alertOf(text); !alert && (example == "" || len(text) > len(example) && len(text) < 40) && !strings.Contains(text, "/") {
			example, name = text, names[0]
		}
	}
	return entries, example, name
}

func alertOf(text string) (string, bool) {
	m := alertPrefix.FindStringSubmatch(strings.ToLower(text))
	if m == nil {
		return "", false
	}
	n, ok := alertNumber[m[1]]
	return n, ok
}

func (l *library) causes(text string, rules []*rule, alerts map[string]map[string]float64) map[string]float64 {
	if l.id == "SSL" {
		if n, ok := alertOf(text); ok {
			return alerts[n]
		}
	}
	plain := strings.ToLower(text)
	for _, r := range rules {
		for _, id := range r.Libraries {
			if id == l.id && r.pattern.MatchString(plain) {
				r.used = true
				return r.Causes
			}
		}
	}
	return global[text]
}

// flow writes causes in one line, the likeliest first.
func flow(causes map[string]float64) string {
	ids := make([]string, 0, len(causes))
	for id := range causes {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool {
		if causes[ids[i]] != causes[ids[j]] {
			return causes[ids[i]] > causes[ids[j]]
		}
		return ids[i] < ids[j]
	})
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: %s", id, strconv.FormatFloat(causes[id], 'g', -1, 64))
	}
	return "{" + b.String() + "}"
}
