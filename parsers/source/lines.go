package source

import (
	"bytes"

	"github.com/whytls/whytls/parsers"
)

// lineCutter makes events of whole lines from blocks that end anywhere.
type lineCutter struct {
	emit     func(Event) error
	rest     []byte // of a line whose end has not come
	offset   int64  // of rest in the stream
	line     int64  // number of the line that rest begins
	skipping bool   // the line is longer than parsers.MaxLine and its kept part is out
	// sift decides about each line, with its line feed, nil for all; see Command.
	sift func(line []byte) (verdict, error)
}

// write takes the next block of the stream.
func (c *lineCutter) write(data []byte) error {
	if c.skipping {
		n := bytes.IndexByte(data, '\n') + 1
		c.skipping = n == 0
		if c.skipping {
			n = len(data)
		}
		if err := c.out(nil, n); err != nil {
			return err
		}
		data = data[n:]
	}
	last := bytes.LastIndexByte(data, '\n') + 1
	if last > 0 && len(c.rest) > 0 {
		first := bytes.IndexByte(data, '\n') + 1
		c.rest = append(c.rest, data[:first]...)
		if err := c.flush(); err != nil {
			return err
		}
		data, last = data[first:], last-first
	}
	if last > 0 {
		if err := c.out(data[:last], 0); err != nil {
			return err
		}
		data = data[last:]
	}
	c.rest = append(c.rest, data...)
	if len(c.rest) > parsers.MaxLine+1 {
		c.skipping = true
		return c.flush()
	}
	return nil
}

// flush hands out what is kept of one line. As in Cut, one byte more than MaxLine goes out, so that the reader sees
// the cut.
func (c *lineCutter) flush() error {
	kept, dropped := c.rest, 0
	if n := parsers.MaxLine + 1; len(bytes.TrimSuffix(kept, []byte{'\n'})) > n {
		kept, dropped = kept[:n], len(kept)-n
	}
	c.rest = c.rest[:0]
	return c.out(kept, dropped)
}

// end hands out the unfinished last line.
func (c *lineCutter) end() error { return c.flush() }

// out hands on lines, without those that are sifted out.
func (c *lineCutter) out(data []byte, dropped int) error {
	if c.sift == nil || len(data) == 0 {
		return c.hand(data, dropped)
	}
	from := 0
	for at := 0; at < len(data); {
		end := at + bytes.IndexByte(data[at:], '\n') + 1
		if end == at {
			end = len(data)
		}
		keep, err := c.sift(data[at:end])
		if err != nil {
			return err
		}
		if keep == leaveOut {
			if err := c.hand(data[from:at], 0); err != nil {
				return err
			}
			from = end
		}
		at = end
	}
	return c.hand(data[from:], dropped)
}

func (c *lineCutter) hand(data []byte, dropped int) error {
	if len(data)+dropped == 0 {
		return nil
	}
	e := Event{Kind: Data, Data: data, Dropped: int64(dropped), Offset: c.offset, Line: c.line, Generation: 1}
	c.offset += int64(len(data) + dropped)
	c.line += linesIn(data)
	return c.emit(e)
}

// linesIn counts the lines in a run of them; the last one may lack its line feed.
func linesIn(data []byte) int64 {
	n := int64(bytes.Count(data, []byte{'\n'}))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		n++
	}
	return n
}
