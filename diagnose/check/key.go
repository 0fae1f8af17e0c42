package check

import (
	"os"
	"path/filepath"
	"strings"
)

// judgeKeys checks the private keys of a file: that they can be used without somebody typing a password, and who may read them.
func (r *run) judgeKeys(c *certificateFile) {
	if len(c.keys) == 0 {
		return
	}
	for _, k := range c.keys {
		if k.encrypted && !c.password {
			rule := ruleEncrypted
			if !r.used[c.d.id()] {
				rule = rule.as("watch") // nobody is known to use it
			}
			r.report(rule, c.system(), k.at, "the private key is encrypted, and no configuration gives its password",
				"the program does not start, or waits for a password that nobody types", "give the password by the program's own setting (NanoMQ: key_password, nginx: ssl_password_file), or decrypt it: openssl pkey -in KEY -out plain.pem")
			break
		}
	}
	if onUnix && c.kind != kindPKCS12 && c.d.mode.Perm()&0o006 != 0 && c.d.name == c.d.path {
		r.report(ruleReadable, c.system(), c.keys[0].at, "everybody on this machine may read the private key (mode "+strings.TrimPrefix(c.d.mode.Perm().String(), "-")+")",
			"whoever reads it can pretend to be this server", "chmod 0640 or 0600, owned by the user that runs the program")
	}
	if len(c.certificates) > 0 {
		r.pair(c, c, c.system())
	}
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

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
