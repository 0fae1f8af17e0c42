package rows

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/whytls/whytls/parsers/source"
)

// part is one run of bytes of a source with offsets of its own: a file from the day it got the source's name, a file
// since it was truncated in place, or what a pipe or a command has printed. Its bytes lie in the file as long as
// that has them, else in the ring.
type part struct {
	number int // of the file among those of the source, from 1
	ring   *ring

	mu    sync.Mutex
	file  *file  // nil when the bytes are in the ring only
	strip *strip // nil when there are none in the ring
	high  int64  // behind the last byte
	// shifted is set when the ring lacks bytes that count for the reader of the source: of lines that are too long.
	shifted bool
	marks   marks // what was said about places in the part when its bytes came

	counting sync.Mutex
	tallies  tallies // what others counted

	checked bool   // it is the file that the reader of the source reads; guarded by the lock of the source
	index   *index // guarded by the lock of the source's indexes
}

// bounds are the offsets of the first byte that can be read and of the one behind the last.
func (p *part) bounds() (low, high int64) {
	p.mu.Lock()
	file, strip, high := p.file, p.strip, p.high
	p.mu.Unlock()
	if file == nil && strip != nil {
		low, high = strip.bounds()
	} else if file == nil {
		low = high
	}
	return low, high
}

// beginsLine reports whether a line is known to begin at the first byte that can be read.
func (p *part) beginsLine(low int64) bool {
	p.mu.Lock()
	file, strip := p.file, p.strip
	p.mu.Unlock()
	return low == 0 || file == nil && strip != nil && strip.beginsLine(low)
}

// ReadAt fills b from offset on, as far as there are bytes; fewer are no error.
func (p *part) ReadAt(b []byte, offset int64) (int, error) {
	for {
		p.mu.Lock()
		file, strip := p.file, p.strip
		p.mu.Unlock()
		if file == nil {
			if strip == nil {
				return 0, errGone
			}
			return strip.ReadAt(b, offset)
		}
		n, err := file.ReadAt(b, offset)
		switch {
		case n > 0 || err == nil || err == io.EOF:
			return n, nil
		case !errors.Is(err, os.ErrClosed):
			return 0, err
		}
		// The bytes have just moved to the ring.
	}
}

// sharesOffsets reports whether an offset means the same to the reader of the source as here.
func (p *part) sharesOffsets() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.shifted
}

// said returns what was said about the place of an offset.
func (p *part) said(offset int64) (place, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.marks.before(offset)
}

// is reports whether the part lies in the file that info tells of.
func (p *part) is(info os.FileInfo) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return true
	}
	have, err := p.file.Stat()
	return err == nil && os.SameFile(have, info)
}

// take notes lines that were read, and keeps them where nobody else does.
func (p *part) take(e source.Event, live bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	offset := e.Offset
	if p.file == nil {
		// What was dropped leaves no gap.
		_, offset = p.strip.bounds()
		p.shifted = p.shifted || offset != e.Offset
	}
	came := time.Now().UnixNano()
	if first, ok := p.marks.before(0); ok && !live {
		came = first.came // it was there already
	}
	p.marks.add(place{offset, e.Line, came})
	switch {
	case p.file == nil:
		p.strip.append(e.Data, offset)
		if n := len(e.Data); e.Dropped > 0 && n > 0 && e.Data[n-1] != '\n' {
			p.strip.append(lineFeed, offset+int64(n))
		}
		_, p.high = p.strip.bounds()
		return
	case live:
		if p.strip == nil {
			p.strip = &strip{ring: p.ring, spare: true, low: offset, high: offset}
		}
		p.strip.append(e.Data, offset)
		if e.Dropped > 0 {
			p.strip.append(nil, offset+int64(len(e.Data))+e.Dropped)
		}
	}
	p.high = max(p.high, offset+int64(len(e.Data))+e.Dropped)
}

var lineFeed = []byte{'\n'}

// lose gives the file up, whose bytes are gone.
func (p *part) lose() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return nil
	}
	if p.strip == nil {
		p.strip = &strip{ring: p.ring, low: p.high, high: p.high}
	}
	p.strip.keep()
	var low int64
	low, p.high = p.strip.bounds()
	p.ring.lose(low)
	err := p.file.Close()
	p.file = nil
	return err
}

// leave moves the newest bytes to the ring when the file has no name any more: nobody else can free its space.
func (p *part) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil {
		return
	}
	if info, err := p.file.Stat(); err != nil || !nameless(info) {
		return
	}
	if p.strip != nil {
		p.strip.release()
	}
	low := max(p.high-p.ring.share(), 0)
	p.ring.lose(low)
	p.strip = &strip{ring: p.ring, low: low, high: low, mid: low > 0}
	buffer := make([]byte, pageSize)
	for at := low; at < p.high; {
		n, err := p.file.ReadAt(buffer[:min(p.high-at, pageSize)], at)
		if n == 0 && err != nil {
			break
		}
		p.strip.append(buffer[:n], at)
		at += int64(n)
	}
	p.file.Close() // it was only read
	p.file = nil
}

// close gives the file and the memory of a part back.
func (p *part) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	if p.file != nil {
		err = p.file.Close()
	}
	if p.strip != nil {
		p.strip.release()
	}
	p.file, p.strip = nil, nil
	return err
}
