package shape

import (
	"encoding/binary"
	"math/bits"
)

// hashWord hashes eight bytes at a time. It never returns 0, which stands for "not a word".
func hashWord(b []byte) uint32 {
	h := uint64(len(b)) * 0x9e3779b97f4a7c15
	for len(b) >= 8 {
		h = (h ^ binary.LittleEndian.Uint64(b)) * 0xff51afd7ed558ccd
		h = bits.RotateLeft64(h, 29)
		b = b[8:]
	}
	var tail uint64
	for i := len(b) - 1; i >= 0; i-- {
		tail = tail<<8 | uint64(b[i])
	}
	h = (h ^ tail) * 0xc4ceb9fe1a85ec53
	return uint32(h>>32) | 1
}

// WordHash returns the hash that a word token with this text has.
func WordHash(word []byte) uint32 { return hashWord(word) }
