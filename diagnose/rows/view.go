package rows

import (
	"bytes"
	"context"
	"time"

	"github.com/whytls/whytls/parsers"
)

// view is a source as it is at one moment. It is used by one goroutine.
type view struct {
	ctx    context.Context // of the call that looks
	feed   *Feed
	format *format
	parts  []*reader // those with bytes
	latest int64     // times after it are not believed

	// stream parses single records again, one after the other, and hands them to emit.
	stream *parsers.Stream
	emit   func(*parsers.Record, *parsers.Format)
}

// farFuture is how far in the future a time may lie to be believed: clocks differ by zones at most.
const farFuture = 24 * time.Hour

// look returns the source as it is now.
func (f *Feed) look(ctx context.Context) *view {
	f.mu.Lock()
	parts := f.parts
	v := &view{ctx: ctx, feed: f, format: f.format, latest: time.Now().Add(farFuture).UnixNano()}
	f.mu.Unlock()
	for _, p := range parts {
		if low, high := p.bounds(); low < high {
			v.parts = append(v.parts, &reader{part: p, view: v, at: len(v.parts), low: low, high: high})
		}
	}
	if len(v.parts) == 0 {
		return v
	}
	v.guess()
	f.indexes.Lock()
	defer f.indexes.Unlock()
	for _, r := range v.parts {
		r.prepare()
	}
	return v
}

// guess chooses the format by the first bytes, and again when there are twice as many.
func (v *view) guess() {
	first := v.parts[0]
	size := min(first.high-first.low, parsers.SampleSize)
	if fm := v.format; fm != nil && (fm.guessed < 0 || size < 2*fm.guessed && size < parsers.SampleSize || fm.guessed >= parsers.SampleSize) {
		return
	}
	clock := parsers.Clock{Year: time.Now().Year()}
	if p, ok := first.said(first.low); ok {
		clock.Year = time.Unix(0, p.came).Year()
	}
	d := parsers.Detect(first.window(first.low, first.low+size), clock)
	f := v.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.format == nil || f.format.guessed >= 0 && f.format.guessed < size {
		f.epoch++
		f.format = &format{epoch: f.epoch, detection: d, clock: clock, guessed: size}
	}
	v.format = f.format
}

// begin returns the place of the first record of part at, or of the next one that has one.
func (v *view) begin(at int) (int64, bool) {
	for ; at < len(v.parts); at++ {
		if r := v.parts[at]; r.first() < r.blocks() {
			return r.key(r.first()), true
		}
	}
	return 0, false
}

// times returns the first times of the records in data that can be believed, at most n.
func (v *view) times(data []byte, offset int64, n int) []int64 {
	var times []int64
	s := parsers.NewStream(v.format.detection, v.format.clock, parsers.Everything, func(r *parsers.Record, _ *parsers.Format) {
		if r.Time.Absolute() && r.Time.Nano <= v.latest {
			times = append(times, r.Time.Nano)
		}
	})
	for len(data) > 0 && len(times) < n {
		line, rest, _ := bytes.Cut(data, []byte{'\n'})
		s.Line(line, offset)
		offset += int64(len(data) - len(rest))
		data = rest
	}
	s.Close()
	return times[:min(n, len(times))]
}
