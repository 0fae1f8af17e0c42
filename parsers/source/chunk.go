package source

import (
	"bytes"
	"io"
	"slices"
	"sync"

	"github.com/whytls/whytls/parsers"
)

// Chunk is a run of whole lines of a source. The receiver owns Data until it calls Release.
type Chunk struct {
	buffer *[]byte
	Seq    int   // 0, 1, 2 … in the order of the source
	Offset int64 // of Data in the (decompressed) source
	Data   []byte
	// Dropped is the number of bytes of the last line that were read and not kept, because the line
	// exceeds parsers.MaxLine.
	Dropped int64
}

// Release gives the memory of Data back for a later chunk. Nothing may point into it any more.
func (c *Chunk) Release() {
	if c.buffer != nil && cap(*c.buffer) <= 2*ChunkSize {
		pool.Put(c.buffer)
	}
	c.Data, c.buffer = nil, nil
}

// pool holds the buffers of released chunks: a fresh megabyte costs its clearing and a garbage collection every few
// chunks (BenchmarkPipeline).
var pool sync.Pool

// ChunkSize is the size that chunks aim at: large enough to hide the cost of handing them over, small enough
// for many workers to have work and for memory to stay small. A log of 60,000 kinds of lines takes a tenth less time than
// with 1 MiB, because each chunk meets each kind anew.
const ChunkSize = 2 << 20

// maxChunk is where a source without a place to cut (one endless record) is cut all the same.
const maxChunk = 32 << 20

// Cut reads r to its end and hands out chunks that begin where a record begins for every possible past, so that the
// records do not depend on the chunks. head is what was read from r already (the sample for detection). A read error
// ends the source: what came before is handed out first and the error returned.
func Cut(r io.Reader, head []byte, d *parsers.Detection, clock parsers.Clock, size int, emit func(Chunk) error) error {
	c := cutter{r: r, detection: d, clock: clock, size: size, emit: emit, buf: head}
	return c.run()
}

type cutter struct {
	r         io.Reader
	detection *parsers.Detection
	clock     parsers.Clock
	size      int
	emit      func(Chunk) error

	buf    []byte
	offset int64 // of buf in the source
	seq    int
	line   int // beginning of the last, unfinished line in buf
}

func (c *cutter) run() error {
	end := false
	var fault error
	for {
		if !end {
			target := c.size
			for len(c.buf) >= target && target < maxChunk {
				target *= 2
			}
			fault, end = c.fill(target)
		}
		if done, err := c.long(&end, &fault); err != nil {
			return err
		} else if done {
			continue
		}
		if end {
			if len(c.buf) > 0 {
				if err := c.out(len(c.buf), 0); err != nil {
					return err
				}
			}
			return fault
		}
		at := c.detection.Cut(c.buf, c.clock)
		if at <= 0 && len(c.buf) >= maxChunk {
			at = bytes.LastIndexByte(c.buf, '\n') + 1
		}
		if at > 0 {
			if err := c.out(at, 0); err != nil {
				return err
			}
		}
	}
}

// fill reads until the buffer holds target bytes or the source ends.
func (c *cutter) fill(target int) (fault error, end bool) {
	for len(c.buf) < target {
		c.buf = slices.Grow(c.buf, target-len(c.buf))
		n, err := c.r.Read(c.buf[len(c.buf):target])
		c.buf = c.buf[:len(c.buf)+n]
		if err == io.EOF {
			return nil, true
		}
		if err != nil {
			return err, true
		}
	}
	return nil, false
}

// out hands out the first n bytes; the rest moves to a new buffer.
func (c *cutter) out(n int, dropped int64) error {
	data := c.buf[:n:n]
	rest := c.buf[n:]
	var next []byte
	if b, ok := pool.Get().(*[]byte); ok && cap(*b) >= max(c.size, len(rest)) {
		next = (*b)[:0]
	} else {
		next = make([]byte, 0, max(c.size, len(rest)))
	}
	whole := c.buf
	c.buf = append(next, rest...)
	chunk := Chunk{Seq: c.seq, Offset: c.offset, Data: data, Dropped: dropped, buffer: &whole}
	c.seq++
	c.offset += int64(n) + dropped
	c.line = 0
	return c.emit(chunk)
}

// long looks for a line beyond MaxLine. It ends its chunk there, wherever the chunks would end otherwise: the
// kept part goes out, the rest of the line is read and dropped.
func (c *cutter) long(end *bool, fault *error) (bool, error) {
	for c.line < len(c.buf) {
		window := c.buf[c.line:]
		if len(window) > parsers.MaxLine+2 {
			window = window[:parsers.MaxLine+2]
		}
		if i := bytes.LastIndexByte(window, '\n'); i >= 0 {
			c.line += i + 1
			continue
		}
		if len(window) < parsers.MaxLine+2 {
			return false, nil
		}
		// The line is too long. One byte more than MaxLine is kept, so that the reader sees the cut.
		kept := c.line + parsers.MaxLine + 1
		rest := c.buf[kept:]
		var dropped int64
		for {
			if i := bytes.IndexByte(rest, '\n'); i >= 0 {
				dropped += int64(i + 1)
				rest = rest[i+1:]
				break
			}
			dropped += int64(len(rest))
			rest = nil
			if *end {
				break
			}
			scratch := make([]byte, c.size)
			n, err := c.r.Read(scratch)
			rest = scratch[:n]
			if err != nil {
				*end = true
				if err != io.EOF {
					*fault = err
				}
			}
		}
		rest = bytes.Clone(rest)
		c.buf = c.buf[:kept]
		if err := c.out(kept, dropped); err != nil {
			return false, err
		}
		c.buf = append(c.buf, rest...)
		return true, nil
	}
	return false, nil
}
