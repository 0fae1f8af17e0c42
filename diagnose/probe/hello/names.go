package hello

import (
	"crypto/tls"
	"fmt"
	"strconv"

	"github.com/whytls/whytls/knowledgebase"
)

// VersionName names a protocol version.
func VersionName(v uint16) string {
	if v == SSL30 {
		return "SSL 3.0"
	}
	return tls.VersionName(v)
}

// AlertName names an alert with its number: "handshake_failure (40)".
func AlertName(n uint8) string {
	if name := knowledgebase.AlertName(strconv.Itoa(int(n))); name != "" {
		return fmt.Sprintf("%s (%d)", name, n)
	}
	return fmt.Sprintf("alert %d", n)
}

// groupNames are the groups of IANA's TLS Supported Groups.
var groupNames = map[uint16]string{
	9: "sect283k1", 14: "sect571r1", 19: "secp192r1", 21: "secp224r1", 22: "secp256k1", 23: "secp256r1", 24: "secp384r1",
	25: "secp521r1", 26: "brainpoolP256r1", 27: "brainpoolP384r1", 28: "brainpoolP512r1", 29: "x25519", 30: "x448",
	31: "brainpoolP256r1tls13", 32: "brainpoolP384r1tls13", 33: "brainpoolP512r1tls13",
	256: "ffdhe2048", 257: "ffdhe3072", 258: "ffdhe4096", 259: "ffdhe6144", 260: "ffdhe8192",
	4587: "SecP256r1MLKEM768", 4588: "X25519MLKEM768", 4589: "SecP384r1MLKEM1024",
}

// GroupName names a key exchange group, "" for none.
func GroupName(id uint16) string {
	if id == 0 {
		return ""
	}
	if name, ok := groupNames[id]; ok {
		return name
	}
	return fmt.Sprintf("group %d", id)
}

// GroupOffered reports whether clients of today offer the group.
func GroupOffered(id uint16) bool {
	switch id {
	case 23, 24, 25, 29, 4587, 4588, 4589:
		return true
	}
	return false
}
