package diagnose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/parsers/source"
)

// Publishing. A snapshot is made from everything at once (BenchmarkLiveSnapshot), so its cost bounds its rate: at most
// ten a second, at most a hundredth of one core as long as that means one a second or more, and at most a tenth in any
// case. What comes after a pause is published at once.
const (
	publishEvery  = 100 * time.Millisecond
	publishShare  = 100
	publishSeldom = time.Second
	publishMost   = 10
	// firstWait is how long the first snapshot waits for the ends of all sources: one that shows half of a small log
	// for a moment helps nobody.
	firstWait = 100 * time.Millisecond
)

// Live runs an Engine over sources that grow. Each source is followed by a goroutine of its own, which turns what came
// since its last look into a partial, so that a snapshot of a live run is computed from the same states, in the same
// way, as that of a batch run. Snapshots are published as the latest value: a reader that is slow sees fewer of them.
type Live struct {
	engine  *Engine
	sources []source.Live
	later   *source.Discovery // nil when no source can appear

	latest     atomic.Pointer[Snapshot]
	generation uint64
	behind     atomic.Int64  // sources of the start that have not caught up
	ready      chan struct{} // closed when none is behind
	shown      chan struct{} // closed when a snapshot was published that holds something
	pasts      chan struct{} // holds a value while the past of a source is read
	rows       *rows.Store   // the log as a list, nil when nobody wants it
	changes    *Changes
	speed      speed
	changed    chan struct{} // a snapshot was published
	dirty      chan struct{} // the engine knows more than the latest snapshot
}

// NewLive prepares to follow sources, and those that a discovery finds later (nil for none). It reads nothing yet;
// Latest is an empty snapshot from the start.
func NewLive(o Options, sources []source.Live, later *source.Discovery) (*Live, error) {
	engine, err := NewEngine(o)
	if err != nil {
		return nil, err
	}
	l := &Live{engine: engine, sources: sources, later: later, ready: make(chan struct{}), shown: make(chan struct{}), pasts: make(chan struct{}, 1), changes: NewChanges(), changed: make(chan struct{}, 1), dirty: make(chan struct{}, 1)}
	l.publish()
	return l, nil
}

// Rows makes the run keep the log itself as a list and returns it. It is called before Run; whoever calls it closes the
// list when the run has ended.
func (l *Live) Rows() *rows.Store {
	if l.rows == nil {
		l.rows = rows.New(rows.Options{Base: l.engine.base, Redact: redact})
	}
	return l.rows
}

// Latest returns the latest snapshot. It is never nil.
func (l *Live) Latest() *Snapshot { return l.latest.Load() }

// SystemTitle names a system as people write it.
func (l *Live) SystemTitle(id string) string { return l.engine.base.SystemTitle(id) }

// Changed gets a value when there is a snapshot that was not there at the last receive. It is for one receiver.
func (l *Live) Changed() <-chan struct{} { return l.changed }

// IsInternal reports whether an error of Run is a fault of this program.
func IsInternal(err error) bool { return errors.Is(err, ErrInternal) }

// Run follows the sources until all have ended (files never do) or the context ends. What was read by then is in the
// last snapshot, the records that were open included. The error is never that of the context: to end is what a live
// run is asked for.
func (l *Live) Run(ctx context.Context) error {
	r := &liveRun{Live: l}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	// All are registered first: sources are numbered in the order of the arguments.
	var all []*liveSource
	for _, s := range l.sources {
		all = append(all, newLiveSource(l.engine, s, l.rows))
	}
	l.behind.Store(int64(len(all)))
	for _, s := range all {
		r.follow(s)
	}
	if l.later != nil {
		r.start(func() {
			l.later.Run(r.ctx, func(s source.Live) { r.follow(newLiveSource(l.engine, s, l.rows)) })
		})
	}
	done := make(chan struct{})
	go func() {
		r.running.Wait()
		close(done)
	}()
	l.publishing(done)
	l.publish()
	if cause := context.Cause(r.ctx); IsInternal(cause) {
		return cause
	}
	return nil
}

// liveRun is what runs at the same time.
type liveRun struct {
	*Live
	ctx     context.Context
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
}

// start runs f; its panic becomes the result of the run: a screen must be able to leave the terminal as it was.
func (r *liveRun) start(f func()) {
	r.running.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				r.cancel(fmt.Errorf("%w: %v\n%s", ErrInternal, v, debug.Stack()))
			}
		}()
		f()
	})
}

// follow reads a source in a goroutine of its own, and its past in another one when its end comes first.
func (r *liveRun) follow(s *liveSource) {
	s.past = func(file *os.File, size int64) (stop func()) {
		past, stop := context.WithCancel(r.ctx)
		j := job{source: s.number, clock: s.clock, detect: s.detection, rows: s.rows}
		r.start(func() {
			defer stop()
			r.settle(s, r.readPast(r.ctx, past, j, file, size))
		})
		return stop
	}
	r.start(func() { r.settle(s, r.run(r.ctx, s)) })
}

// settle takes the outcome of a source. A fault of this program ends the run.
func (r *liveRun) settle(s *liveSource, err error) {
	switch {
	case err == nil:
		return
	case errors.Is(err, errOverlap):
		r.cancel(fmt.Errorf("%w: %w", ErrInternal, err))
	case errors.Is(err, ErrInternal):
		r.cancel(err)
	case errors.Is(err, source.ErrBinary):
		s.rows.Clear()
	}
	r.failed(s.source, err)
}

// failed notes that a source could not be read (on).
func (l *Live) failed(s source.Live, err error) {
	if s.Found() && errors.Is(err, source.ErrBinary) {
		l.engine.passOver(s.Name(), err)
	} else {
		l.engine.fail(s.Name(), err, source.Hint(err))
	}
	l.touch()
}

// run follows one source.
func (l *Live) run(ctx context.Context, s *liveSource) error {
	arrive := sync.OnceFunc(l.arrive)
	defer arrive()
	err := s.source.Follow(ctx, func(e source.Event) error {
		defer l.touch()
		if err := s.take(e); err != nil {
			return err
		}
		if e.Kind == source.CaughtUp || e.Kind == source.Gone {
			arrive()
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer l.touch()
	if ctx.Err() == nil {
		s.state("ended")
	}
	return s.close()
}

// arrive notes that the end of one more source is known.
func (l *Live) arrive() {
	if l.behind.Add(-1) == 0 {
		close(l.ready)
	}
}

// touch notes that there is something to publish.
func (l *Live) touch() { signal(l.dirty) }

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// publishing makes snapshots while there is news, until all sources are done.
func (l *Live) publishing(done <-chan struct{}) {
	show := sync.OnceFunc(func() { close(l.shown) })
	defer show()
	select {
	case <-done:
		return
	case <-l.ready:
	case <-time.After(firstWait):
	}
	l.touch() // that there is nothing to read is news, too
	idle := time.NewTicker(time.Second)
	defer idle.Stop()
	for {
		select {
		case <-done:
			return
		case <-idle.C:
			l.cool()
			continue
		case <-l.dirty:
		}
		cost := l.publish()
		show()
		pause := time.NewTimer(max(publishEvery, min(publishShare*cost, publishSeldom), publishMost*cost))
		select {
		case <-done:
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

// publish makes a snapshot the latest one and returns what it cost.
func (l *Live) publish() time.Duration {
	start := time.Now()
	s := l.engine.Snapshot()
	l.changes.Observe(s, start)
	l.store(s, start)
	return time.Since(start)
}

// cool lets the rates of a run fall to which nothing comes any more. The rest of the snapshot stays as it is.
func (l *Live) cool() {
	latest := l.latest.Load()
	if !latest.warm() {
		return
	}
	s := *latest
	s.Input.Sources = slices.Clone(s.Input.Sources)
	l.store(&s, time.Now())
}

func (l *Live) store(s *Snapshot, now time.Time) {
	l.speed.measure(s, now)
	s.Status = l.changes.Status(now)
	l.generation++
	s.Generation = l.generation
	l.latest.Store(s)
	signal(l.changed)
}

// warm reports that a snapshot tells of a rate that falls by itself.
func (s *Snapshot) warm() bool {
	if s.Rates != (Rates{}) {
		return true
	}
	for _, status := range s.Status {
		for _, n := range status.Recent {
			if n > 0 {
				return true
			}
		}
	}
	return false
}
