package check

import (
	"crypto"
	"fmt"
	"path/filepath"
	"strings"
)

var ruleMismatch = newRule("key-does-not-match", "outage", "cert-key-mismatch", "certificate and key do not belong together")

// pair checks that a certificate and a key belong together. It says so once for each pair.
func (r *run) pair(chain, key *certificateFile, system string) {
	if chain == nil || key == nil || len(chain.certificates) == 0 || len(key.keys) == 0 {
		return
	}
	leaf, k := chain.certificates[0], key.keys[0]
	if k.public == nil || samePublic(leaf.PublicKey, k.public) {
		return
	}
	at := chain.places[0]
	problem := fmt.Sprintf("the certificate and the key in %s do not belong together", show(key.d.name))
	for i, x := range chain.certificates {
		if i > 0 && samePublic(x.PublicKey, k.public) {
			problem = "the key belongs to another certificate of the file, not to its first one"
			at = chain.places[i]
		}
	}
	r.report(ruleMismatch, system, at, problem, "Go and OpenSSL refuse to start (private key does not match); NanoMQ and rustls start, and every handshake fails",
		"deploy certificate and key of one issuance together; compare openssl x509 -noout -pubkey and openssl pkey -pubout")
}

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// pairByName checks certificates and keys that nothing but their names joins: server.crt and server.key, cert.pem and
// key.pem, fullchain.pem and privkey.pem.
func (r *run) pairByName() {
	for _, id := range sortedKeys(r.chains) {
		key := r.chains[id]
		if len(key.keys) == 0 || len(key.certificates) > 0 || r.used[id] || key.d.name != key.d.path {
			continue
		}
		for _, name := range partners(filepath.Base(key.d.path)) {
			path := filepath.Join(filepath.Dir(key.d.path), name)
			if chain := r.chains[absolute(path)]; chain != nil && chain != key && !r.used[absolute(path)] {
				r.pair(chain, key, "")
			}
		}
	}
}

// pairAlone checks the one key of a folder against its one certificate, whatever they are called.
func (r *run) pairAlone() {
	type folder struct{ keys, chains []*certificateFile }
	folders := map[string]*folder{}
	for _, id := range sortedKeys(r.chains) {
		c := r.chains[id]
		if c.d.name != c.d.path || r.used[id] || len(c.keys) > 0 && len(c.certificates) > 0 {
			continue
		}
		name := filepath.Dir(c.d.path)
		if folders[name] == nil {
			folders[name] = &folder{}
		}
		switch {
		case len(c.keys) > 0:
			folders[name].keys = append(folders[name].keys, c)
		case len(c.certificates) > 0 && !c.isBundle():
			folders[name].chains = append(folders[name].chains, c)
		}
	}
	for _, name := range sortedKeys(folders) {
		f := folders[name]
		if len(f.keys) == 1 && len(f.chains) == 1 && !r.owned(f.keys[0]) {
			r.pair(f.chains[0], f.keys[0], "")
		}
	}
}

// owned reports whether any certificate that was given belongs to a key.
func (r *run) owned(key *certificateFile) bool {
	for _, c := range r.chains {
		for _, x := range c.certificates {
			if k := key.keys[0].public; k != nil && samePublic(x.PublicKey, k) {
				return true
			}
		}
	}
	return false
}

// partners are the names that the certificate of a key usually has.
func partners(key string) (list []string) {
	stem := strings.TrimSuffix(key, filepath.Ext(key))
	for _, ext := range []string{".crt", ".pem", ".cer", ".cert"} {
		if filepath.Ext(key) == ".key" {
			list = append(list, stem+ext)
		}
		switch {
		case stem == "privkey":
			list = append(list, "fullchain"+ext, "cert"+ext)
		case stem == "key":
			list = append(list, "cert"+ext, "fullchain"+ext)
		case strings.HasSuffix(stem, "key"):
			list = append(list, strings.TrimSuffix(stem, "key")+"cert"+ext, strings.TrimSuffix(stem, "key")+"crt"+ext)
			list = append(list, strings.TrimRight(strings.TrimSuffix(stem, "key"), "-_.")+ext)
		}
	}
	return list
}
