package source

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"time"

	"github.com/whytls/whytls/parsers"
)

// growing is one open file that a program writes, whatever it is called by now. It hands out whole lines; a last line
// without its line feed stays in the file until the rest has come.
//
// It reads by position, in blocks: 25 million lines a second against the 1.3 million of hpcloud/tail. So it does all
// reading that there is much of (the past of a file, a burst, a line without end), and a tailer the trickle.
type growing struct {
	file  *os.File
	info  os.FileInfo
	entry *reading // of the ledger
	// compared is set when it is known to be no copy of a log that is being read.
	compared bool

	offset int64 // of the first byte that was not handed out
	line   int64 // number of the line that is handed out next, from where reading began as long as inside is set
	inside bool  // reading began inside the file, and the lines before are not counted

	generation int      // see Event
	read       position // as handed out last

	skipping bool  // inside a line beyond parsers.MaxLine whose kept part is out
	hole     bool  // the file was truncated under a writer that keeps its position: zero bytes come first
	size     int64 // when last looked at
	seen     int64 // size when last read to the end

	looked time.Time // last
	rate   float64   // of growth, in bytes a second, over the last looks

	past *os.File // what is before the first offset, for a receiver that has not got it yet; nil for none

	first []byte // of the file, to notice a truncation that was outgrown between two looks
	print fingerprint
}

// maxHeld is how long an unfinished line may be for a tailer to wait for its end: it reads that line again at
// every poll.
const maxHeld = 64 << 10

func openGrowing(path string) (*growing, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		file.Close()
		return nil, ErrNotRegular
	}
	return &growing{file: file, info: info, size: info.Size(), line: 1}, nil
}

// beginning returns the first bytes of the file, as far as they can be read.
func (g *growing) beginning() []byte {
	b := make([]byte, firstBytes)
	n, _ := g.file.ReadAt(b, 0)
	return b[:n]
}

// toEnd moves to the end of the file, or to the beginning of the line that is being written there.
func (g *growing) toEnd() error {
	block := make([]byte, maxHeld)
	from := max(g.size-int64(len(block)), 0)
	n, err := g.file.ReadAt(block, from)
	if err != nil && err != io.EOF {
		return cause(err)
	}
	if i := bytes.LastIndexByte(block[:n], '\n'); i >= 0 {
		g.offset = from + int64(i) + 1
	} else {
		g.offset, g.skipping = from+int64(n), from > 0
		if from == 0 {
			g.offset = 0
		}
	}
	return nil
}

// catchUp hands out all whole lines that are there. held is the length of the unfinished line at the end.
func (g *growing) catchUp(ctx context.Context, emit func(Event) error) (held int, err error) {
	buf := takeBlock(g.size - g.offset)
	defer func() { buf.giveBack() }()
	for {
		if err := ctx.Err(); err != nil {
			return 0, nil // the caller knows
		}
		n, err := g.file.ReadAt(buf.bytes, g.offset)
		if err != nil && err != io.EOF {
			return 0, &readError{cause(err)}
		}
		block, end := buf.bytes[:n], err == io.EOF
		if g.hole {
			kept := bytes.TrimLeft(block, "\x00")
			if zeros := len(block) - len(kept); zeros > 0 {
				if err := g.out(emit, nil, zeros); err != nil {
					return 0, err
				}
			}
			if g.hole = len(kept) == 0; !g.hole || !end {
				continue
			}
			return 0, nil
		}
		last := bytes.LastIndexByte(block, '\n') + 1
		switch {
		case g.skipping:
			i := bytes.IndexByte(block, '\n') + 1
			if g.skipping = i == 0; g.skipping {
				i = n
			}
			if err := g.out(emit, nil, i); err != nil {
				return 0, err
			}
			if end && i == n {
				return 0, nil
			}
		case last > 0:
			if err := g.out(emit, block[:last], 0); err != nil {
				return 0, err
			}
			if end {
				return n - last, nil
			}
		case !end && n < blockSize:
			buf.giveBack()
			buf = largeBlock()
		case !end:
			// The buffer holds no end of this line. As in Cut, one byte more than MaxLine goes out, so that the
			// reader sees the cut.
			g.skipping = true
			if err := g.out(emit, block[:parsers.MaxLine+1], 0); err != nil {
				return 0, err
			}
		default:
			return n, nil
		}
	}
}

// readError is a fault of the file, as opposed to one of the receiver.
type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

func (g *growing) out(emit func(Event) error, data []byte, dropped int) error {
	at := g.offset
	g.offset += int64(len(data) + dropped)
	if len(data)+dropped == 0 {
		return nil
	}
	return emit(g.event(data, dropped, at))
}

// event is data that was read at an offset of this file.
func (g *growing) event(data []byte, dropped int, offset int64) Event {
	e := Event{Kind: Data, Data: data, Dropped: int64(dropped), Offset: offset, Generation: g.generation, Info: g.info}
	if !g.inside {
		e.Line = g.line
	}
	g.line += linesIn(data)
	return e
}

// position is where the file has been read to when e was the last event.
func (g *growing) position(e Event) position {
	if g.print.length != len(g.first) {
		g.print = fingerprintOf(g.first)
	}
	at := position{offset: g.offset, first: g.print}
	if !g.inside {
		at.line = g.line
	}
	if e.Dropped == 0 {
		at.last = fingerprintOf(e.Data[max(len(e.Data)-lastBytes, 0):])
	}
	return at
}

// finish hands out what is left, unless the file is to be resumed with the unfinished last line: nobody waits for its
// end any more.
func (g *growing) finish(resumable bool, emit func(Event) error) error {
	held, err := g.catchUp(context.Background(), emit)
	if err != nil || held == 0 || resumable {
		return err
	}
	rest := make([]byte, held)
	n, err := g.file.ReadAt(rest, g.offset)
	if err != nil && err != io.EOF {
		return &readError{cause(err)}
	}
	return g.out(emit, rest[:n], 0)
}

// look reports how the file has changed since the last look. lost is the number of bytes that were seen in it and
// not read before it was truncated; what was written after the last look and before the truncation is not in it.
// info is what the system has just said of the file, nil when it was not asked.
func (g *growing) look(info os.FileInfo) (grown, truncated bool, lost int64, err error) {
	if info == nil {
		if info, err = g.file.Stat(); err != nil {
			return false, false, 0, &readError{cause(err)}
		}
	}
	before := g.size
	g.size = info.Size()
	grown = g.size != before
	g.measure(before)
	if g.size < g.offset {
		return grown, true, max(before-g.offset, 0), nil
	}
	if grown && g.offset > 0 || len(g.first) == 0 {
		first := make([]byte, firstBytes)
		n, err := g.file.ReadAt(first, 0)
		if err != nil && err != io.EOF {
			return grown, false, 0, &readError{cause(err)}
		}
		first = first[:n]
		if k := min(n, len(g.first)); !bytes.Equal(first[:k], g.first[:k]) {
			return grown, true, max(before-g.offset, 0), nil
		}
		if n > len(g.first) {
			g.first = slices.Clone(first)
		}
	}
	return grown, false, 0, nil
}

// measure follows the rate at which the file grows.
func (g *growing) measure(before int64) {
	const weight = 0.25 // of the latest look
	now := time.Now()
	if since := now.Sub(g.looked).Seconds(); !g.looked.IsZero() && since > 0 && g.size >= before {
		g.rate += weight * (float64(g.size-before)/since - g.rate)
	}
	if g.size >= before { // or it was truncated at an unknown moment since
		g.looked = now
	}
}

// atRisk estimates what was written after the last look and before a truncation, which nobody has seen.
func (g *growing) atRisk() int64 { return int64(g.rate * time.Since(g.looked).Seconds()) }

// restart reads the file from its start again after a truncation.
func (g *growing) restart(generation int) {
	g.offset, g.line, g.inside, g.generation = 0, 1, false, generation
	g.skipping, g.hole, g.seen, g.first = false, true, 0, nil
	g.print, g.read, g.looked = fingerprint{}, position{}, time.Now()
}
