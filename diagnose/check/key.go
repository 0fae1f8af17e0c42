package check

import (
	"runtime"
	"strings"
)

var (
	ruleEncrypted = newRule("key-encrypted", "outage", "encrypted-private-key", "a private key is encrypted and nobody gives the password")
	ruleReadable  = newRule("key-readable-by-all", "watch", "", "a private key may be read or written by everybody")
)

// onUnix reports whether the modes of files mean something.
const onUnix = runtime.GOOS != "windows"

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
