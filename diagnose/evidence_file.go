package diagnose

import (
	"path"
	"strings"
)

// fileCaptures are the names of captures and fields that hold a file which the program was told to use.
var fileCaptures = []string{"file", "path", "filename", "fopen"}

func init() {
	registerFeature("file-role", func(o *observer) *observation {
		for _, name := range fileCaptures {
			if v := strings.Trim(o.in.topValue(name), "\"'` "); v != "" {
				role := fileRole(v)
				return &observation{values: []string{role}, at: o.in.anyHit(), words: map[string]string{"value": role, "file": v}}
			}
		}
		return nil
	})
}

// fileRole tells from its name what a file is for: ca, key, crl, certificate, config or other.
func fileRole(file string) string {
	name := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	words := strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' })
	ext := strings.TrimPrefix(path.Ext(name), ".")
	is := func(list ...string) bool {
		for _, w := range words {
			for _, l := range list {
				if w == l {
					return true
				}
			}
		}
		return false
	}
	switch {
	case is("crl"):
		return "crl"
	case ext == "key" || is("key", "privkey", "private", "keyfile", "keystore"):
		return "key"
	case is("ca", "cas", "cacert", "cacerts", "cafile", "ca1", "cachain", "rootca", "root", "roots", "truststore", "trust", "bundle") || strings.HasPrefix(name, "ca-"):
		return "ca"
	}
	switch ext {
	case "pem", "crt", "cer", "der", "p12", "pfx", "jks", "p7b":
		return "certificate"
	case "conf", "cnf", "cfg", "yaml", "yml", "toml", "ini", "json":
		return "config"
	}
	return "other"
}
