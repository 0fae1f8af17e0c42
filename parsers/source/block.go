package source

import (
	"runtime"
	"sync"

	"github.com/whytls/whytls/parsers"
)

// Sizes of the blocks that files are read in: what a trickle needs, and what lets any line fit that is not too long, with
// its line end.
const (
	smallBlock = 64 << 10
	blockSize  = parsers.MaxLine + 2
)

// block is memory to read into. Blocks are shared by all files: a thousand of them would hold a gigabyte otherwise.
type block struct {
	bytes []byte
	large bool // and one of the few
}

// Large blocks make reading fast as long as every core has one; beyond that they only cost memory.
var (
	largeBlocks = make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	spareLarge  = sync.Pool{New: func() any { return new([blockSize]byte) }}
	spareSmall  = sync.Pool{New: func() any { return new([smallBlock]byte) }}
)

// takeBlock returns a block for a file of which so many bytes are not read yet.
func takeBlock(behind int64) *block {
	if behind > smallBlock {
		select {
		case largeBlocks <- struct{}{}:
			return &block{spareLarge.Get().(*[blockSize]byte)[:], true}
		default:
		}
	}
	return &block{bytes: spareSmall.Get().(*[smallBlock]byte)[:]}
}

// largeBlock returns a block for a line that does not fit into a small one, which happens to few files at a time.
func largeBlock() *block { return &block{bytes: spareLarge.Get().(*[blockSize]byte)[:]} }

func (b *block) giveBack() {
	if len(b.bytes) == smallBlock {
		spareSmall.Put((*[smallBlock]byte)(b.bytes))
	} else {
		spareLarge.Put((*[blockSize]byte)(b.bytes))
	}
	if b.large {
		<-largeBlocks
	}
}
