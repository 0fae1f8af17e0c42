package diagnose

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

const sampleSize = parsers.SampleSize

// States of a live source; any other says what it waits for, "" is that of one whose past is being read.
const (
	StateLive  = "live"
	StateEnded = "ended"
)

// liveSource turns the events of one followed file into partials. It is used by one goroutine.
//
// The format of a source is a pure function of its first bytes, but a live source has few of them for a while. Until it
// has as many as a batch run looks at, they are kept, and when there are twice as many as at the last look, the format
// is chosen again and the source is read anew from what is kept. So the format is in the end the one that a batch
// run chooses, and until then it is the best guess.
type liveSource struct {
	engine *Engine
	number int
	source source.Live
	clock  parsers.Clock
	rows   *rows.Feed // nil when nobody wants to see the log itself
	tally  rows.Tally // where the bytes lie that were read since the last merge

	past     func(file *os.File, size int64) (stop func()) // reads what is before the tail
	stopPast func()                                        // nil when there is none

	detection *parsers.Detection
	stream    *parsers.Stream
	collector *collector
	seq       int
	lines     int64  // in the partials that are merged
	origin    origin // of the line that was read last

	caughtUp bool // all that was there has been read, but for a record that may be open

	head   []piece // nil once the format is fixed
	bytes  int     // in head
	chosen int     // bytes in head when the format was chosen
	fixed  bool
}

// piece is a run of whole lines at the beginning of a source.
type piece struct {
	data            []byte
	offset, dropped int64
	generation      int   // of the file
	line            int64 // number of the first line in the file, 0 when unknown
}

// newLiveSource registers a source with the engine and, unless it is nil, with the list of rows.
func newLiveSource(e *Engine, in source.Live, list *rows.Store) *liveSource {
	s := &liveSource{engine: e, number: e.addSource(in.Name(), nil), source: in, clock: e.clock(in.ModTime())}
	if list != nil {
		s.rows = list.Add(in.Name(), in.Path())
	}
	s.begin(nil)
	s.update(func(src *sourceState) { src.stream = in.Path() == "" })
	return s
}

// begin chooses the format by a sample and makes the source empty.
func (s *liveSource) begin(sample []byte) {
	var d *parsers.Detection
	if f := s.engine.options.Format; f != nil {
		d = parsers.Force(f)
	} else {
		d = parsers.Detect(sample, s.clock)
	}
	s.detection = d
	if d.Forced || len(sample) > 0 {
		s.rows.Format(d, s.clock)
	}
	s.engine.restart(s.number, d)
	s.collector = newCollector(s.engine.base)
	s.seq, s.lines, s.origin = 0, 0, origin{}
	s.collector.read(s.seq)
	s.stream = parsers.NewStream(d, s.clock, s.engine.options.Window, func(r *parsers.Record, f *parsers.Format) {
		// A partial counts lines from its own beginning. A record that was open then begins before it.
		r.Position.Line -= s.lines
		s.collector.record(r, f)
	})
}

// endFirst makes what comes the tail of the source. The rest is read by others.
func (s *liveSource) endFirst(e source.Event) error {
	if !s.fixed || s.stream.Count.Lines+s.lines > 0 {
		e.File.Close()
		return fmt.Errorf("%w: the past of %s comes after its data", errOverlap, s.source.Name())
	}
	s.engine.split(s.number, e.Offset)
	s.seq = tailChunk
	s.collector.read(s.seq)
	s.stopPast = s.past(e.File, e.Offset)
	return nil
}

// fix chooses the format by a sample for good.
func (s *liveSource) fix(sample []byte) error {
	if source.Binary(sample) {
		return source.ErrBinary
	}
	s.begin(sample)
	s.head, s.fixed = nil, true
	return nil
}

// take handles an event of the source.
func (s *liveSource) take(e source.Event) error {
	s.rows.Take(e)
	switch e.Kind {
	case source.Data:
		s.pastRead()
		return s.feed(e)
	case source.Head:
		if s.stream.Count.Lines+s.lines == 0 && len(s.head) == 0 {
			return s.fix(e.Data)
		}
	case source.Past:
		return s.endFirst(e)
	case source.Quiet:
		s.stream.Idle()
		if err := s.merge(); err != nil {
			return err
		}
		s.pastRead()
	case source.CaughtUp:
		s.caughtUp = true
		if s.stream.Count.Lines == 0 { // no record is open
			s.pastRead()
		}
	case source.Rotated:
		s.stream.Close()
		s.update(func(src *sourceState) { src.rotations++; src.growing().origins.moveOn(e.Generation, e.Names) })
		return s.merge()
	case source.Truncated:
		if s.stopPast != nil {
			s.stopPast() // what it would read is gone
		}
		s.stream.Close()
		s.update(func(src *sourceState) {
			src.truncations++
			src.lost += e.Lost
			src.atRisk += e.AtRisk
			src.growing().origins.moveOn(e.Generation, e.Names)
		})
		return s.merge()
	case source.Gone:
		s.state(fmt.Sprintf("waiting: %v", e.Err))
	case source.Back:
		s.state(StateLive)
	case source.Elsewhere:
		s.state("read as " + e.Text)
	case source.Notice:
		s.update(func(src *sourceState) { src.notice(e.Text) })
	case source.Counted:
		s.update(func(src *sourceState) { src.growing().origins.counted(e.Generation, e.Line) })
	}
	return nil
}

// pastRead makes the source live once the last record of its past is told: what comes from here on is now.
func (s *liveSource) pastRead() {
	if s.caughtUp {
		s.caughtUp = false
		s.state(StateLive)
	}
}

// feed reads whole lines.
func (s *liveSource) feed(e source.Event) error {
	s.engine.read.Add(int64(len(e.Data)) + e.Dropped)
	s.update(func(src *sourceState) { src.arrived = time.Now() })
	p := piece{e.Data, e.Offset, e.Dropped, e.Generation, e.Line}
	if !s.fixed {
		kept := p
		kept.data = bytes.Clone(e.Data)
		s.head = append(s.head, kept)
		s.bytes += len(e.Data)
		if s.bytes >= sampleSize || s.bytes >= 2*s.chosen {
			return s.reread()
		}
	}
	s.read(p)
	return s.merge()
}

// reread chooses the format by what is kept of the beginning and reads that again.
func (s *liveSource) reread() error {
	pieces := s.head
	var sample []byte
	for _, p := range pieces {
		if sample = append(sample, p.data...); len(sample) >= sampleSize {
			sample = sample[:sampleSize]
			break
		}
	}
	if source.Binary(sample) {
		return source.ErrBinary
	}
	s.begin(sample)
	s.chosen = s.bytes
	if s.bytes >= sampleSize {
		s.head, s.fixed = nil, true
	}
	for _, p := range pieces {
		s.read(p)
	}
	return s.merge()
}

func (s *liveSource) read(p piece) {
	if len(p.data) > 0 && s.origin.leaves(p) {
		at := s.lines + s.stream.Count.Lines
		s.origin = origin{from: at, generation: p.generation, line: p.line}
		s.update(func(src *sourceState) { src.growing().origins.add(s.origin) })
	}
	if p.generation != s.tally.Generation || p.offset != s.tally.To {
		s.tally = rows.Tally{Generation: p.generation, From: p.offset}
	}
	s.tally.To = p.offset + int64(len(p.data)) + p.dropped
	before := s.stream.Count.Lines
	s.stream.Block(p.data, p.offset)
	s.origin.lines += s.stream.Count.Lines - before
	s.stream.Count.Bytes += p.dropped
}

// merge hands what was read since the last call to the engine. The lines of the record that is open stay here until it
// is complete, so that the accounting of every snapshot is balanced.
func (s *liveSource) merge() error {
	count := &s.stream.Count
	open := count.Lines - count.Accounted()
	count.Lines -= open
	p := s.collector.close(count)
	s.stream.Count = parsers.Accounting{Lines: open}
	s.lines += p.count.Lines
	s.tally.Records = rows.Counts(p.levels.counts)
	s.rows.Count(s.tally)
	s.tally.From = s.tally.To
	seq := s.seq
	s.seq++
	s.collector.read(s.seq)
	return s.engine.merge(s.number, seq, p)
}

// close ends the source: what is open is complete.
func (s *liveSource) close() error {
	if !s.fixed && s.bytes > s.chosen {
		if err := s.reread(); err != nil {
			return err
		}
	}
	s.stream.Close()
	return s.merge()
}

func (s *liveSource) state(text string) {
	s.update(func(src *sourceState) { src.state = text })
}

func (s *liveSource) update(f func(src *sourceState)) { s.engine.update(s.number, f) }

// restart makes a source empty and gives it a detection.
func (e *Engine) restart(n int, d *parsers.Detection) {
	e.update(n, func(s *sourceState) {
		s.detection, s.merged, s.next, s.tail = d, newPartial(), 0, nil
		s.origins = origins{names: s.origins.names, last: s.origins.last}
	})
}

// update changes a source between snapshots.
func (e *Engine) update(n int, f func(s *sourceState)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(e.sources[n])
}

// turns says what happened to a live source that its reader must know.
func (s *sourceState) turns() []Warning {
	var out []Warning
	if n := s.truncations; n > 0 {
		text := fmt.Sprintf("truncated in place %d %s: %d unread bytes are lost", n, plural(n, "time", "times"), s.lost)
		if s.atRisk > 0 {
			text += fmt.Sprintf(", and about %d that were written in the last moment before are at risk", s.atRisk)
		}
		out = append(out, Warning{Code: "truncated", Source: s.name, Text: text})
	}
	if n := s.rotations; n > 0 {
		out = append(out, Warning{Code: "rotated", Source: s.name, Text: fmt.Sprintf(
			"rotated %d %s while it was read", n, plural(n, "time", "times"))})
	}
	for _, text := range s.notices {
		out = append(out, Warning{Code: "source", Source: s.name, Text: redact(text)})
	}
	if s.unnoticed > 0 {
		out = append(out, Warning{Code: "source", Source: s.name, Text: fmt.Sprintf(
			"%d earlier %s not shown", s.unnoticed, plural(s.unnoticed, "message is", "messages are"))})
	}
	return out
}

// maxNotices bounds what is kept of the messages of a source: the latest ones.
const maxNotices = 8

func (s *sourceState) notice(text string) {
	for _, have := range s.notices {
		if have == text {
			return
		}
	}
	if len(s.notices) >= maxNotices {
		s.notices = s.notices[1:]
		s.unnoticed++
	}
	s.notices = append(s.notices[:len(s.notices):len(s.notices)], text)
}
