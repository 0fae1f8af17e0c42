package knowledgebase

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/whytls/whytls/parsers/shape"
)

// keys are the values of a table as token sequences, so that a placeholder can take exactly one of them out of a longer
// text ("no shared cipher" out of "no shared cipher:../ssl/statem/statem_srvr.c:2226:").
type keys struct {
	known   map[uint64]bool // hashes of token sequences
	names   map[uint64]bool // those of keys written as constants
	first   map[uint32]bool // hashes of the words that keys begin with
	longest int
}

// keyStore holds the keys of the tables that were asked for.
type keyStore struct {
	lock  sync.Mutex
	known map[string]*keys
}

// keysOf returns the keys of a table, nil when there is none of that name. Typed tokens of keys are compared by their
// kind, since a match holds for all records of a shape; the table itself decides about the value.
func (b *Base) keysOf(table string) *keys {
	b.keys.lock.Lock()
	defer b.keys.lock.Unlock()
	entries := b.Table(table)
	if k := b.keys.known[table]; k != nil || entries == nil {
		return k
	}
	k := &keys{known: make(map[uint64]bool, len(entries)), names: make(map[uint64]bool, len(entries)), first: make(map[uint32]bool)}
	var t shape.Tokens
	add := func(text string) {
		t.ReadText([]byte(text))
		h := keySeed
		for i, token := range t.List {
			h = keyHash(h, token.Kind, token.Hash)
			if i == 0 && token.Kind == shape.Word {
				k.first[token.Hash] = true
			}
		}
		k.known[h] = true
		if len(t.List) == 1 && t.List[0].Hash != 0 && nameOf(text) == text {
			k.names[h] = true
		}
		k.longest = max(k.longest, len(t.List))
	}
	for text := range entries {
		add(text)
		if name := nameOf(text); name != text {
			add(name)
		}
	}
	b.keys.known[table] = k
	return k
}

// nameOf writes a key as programs name constants: NO_SHARED_CIPHER for "no shared cipher".
func nameOf(key string) string { return strings.ToUpper(strings.ReplaceAll(key, " ", "_")) }

// Entry returns the entry of the signature's table for a value as printed, and the value that stands for it. A key may also
// be printed as a constant is named.
func (b *Base) Entry(s *Signature, printed []byte) (code string, e TableEntry, ok bool) {
	entries := b.Table(s.Table)
	if s.Fold == "openssl-code" {
		for _, code := range OpenSSLKeys(string(printed)) {
			if e, ok := entries[code]; ok {
				return code, e, true
			}
		}
		return "", TableEntry{}, false
	}
	code = string(printed)
	if e, ok = entries[code]; !ok && strings.ToUpper(code) == code {
		code = strings.ToLower(strings.ReplaceAll(code, "_", " "))
		e, ok = entries[code]
	}
	if !ok {
		return "", TableEntry{}, false
	}
	if e.As != "" {
		code = e.As
	}
	return code, e, true
}

// OpenSSLKeys returns what a packed error code of eight hexadecimal digits may stand for, as LIBRARY:REASON: in OpenSSL 3 the
// library is above bit 23; in 1.x and LibreSSL it is above bit 24 and a function lies between it and the lowest twelve
// bits; BoringSSL has the form of 1.x without functions and numbers its libraries in its own way.
func OpenSSLKeys(code string) []string {
	v, err := strconv.ParseUint(strings.TrimPrefix(code, "0x"), 16, 32)
	if err != nil || len(code) < 8 {
		return nil
	}
	keys := []string{fmt.Sprintf("%d:%d", v>>23&0xff, v&0x7fffff)}
	if v&0xfff000 == 0 {
		return append(keys, fmt.Sprintf("boringssl %d:%d", v>>24, v&0xfff), fmt.Sprintf("%d:%d", v>>24, v&0xfff))
	}
	return append(keys, fmt.Sprintf("%d:%d", v>>24, v&0xfff))
}

const keySeed = uint64(0x9e3779b97f4a7c15)

func keyHash(h uint64, kind shape.Kind, hash uint32) uint64 {
	h ^= uint64(kind)<<32 | uint64(hash)
	h *= 0xff51afd7ed558ccd
	return h ^ h>>32
}

// lengths returns how many of the tokens may be taken for a key, the longest first.
func (k *keys) lengths(list []token, one bool) []int {
	var found []int
	h := keySeed
	for n := 0; n < len(list) && n < k.longest; n++ {
		h = keyHash(h, list[n].kind, list[n].hash)
		if one {
			if k.names[h] {
				found = append(found, 1)
			}
			break
		}
		if k.known[h] {
			found = append([]int{n + 1}, found...)
		}
	}
	return found
}
