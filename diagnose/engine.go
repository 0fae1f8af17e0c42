package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/whytls/whytls/diagnose/rows"
	"github.com/whytls/whytls/diagnose/template"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

// Options say how logs are read. The zero value reads everything, in UTC, on all cores, with the embedded knowledge.
type Options struct {
	// Base is the knowledge to use; nil means the embedded one.
	Base *knowledgebase.Base
	// Format forces one format for all sources; nil means detection.
	Format *parsers.Format
	// Location is assumed for times without a zone; nil means UTC.
	Location *time.Location
	// Window limits the records by time; the zero value means no limit.
	Window parsers.Window
	// Configuration is what configuration beside the logs says, as evidence.
	Configuration []Fact
	// Lines keeps the template of each line, for Engine.Templates.
	Lines bool
	// Skew is how far the clocks of two programs may differ when their logs are joined; 0 means DefaultSkew.
	Skew time.Duration
	// Workers is the number of goroutines that parse; 0 means one a core.
	Workers int
	// ChunkSize is for tests; 0 means source.ChunkSize.
	ChunkSize int
}

// DefaultSkew is the difference of clocks that joining the logs of both sides tolerates.
const DefaultSkew = 2 * time.Minute

// Engine collects the states of sources and makes snapshots of them. It is safe for concurrent use.
type Engine struct {
	base    *knowledgebase.Base
	options Options

	mu      sync.Mutex
	sources []*sourceState
	views   template.Builder
	faults  []Fault
	passed  []Warning

	read atomic.Int64 // bytes handed to workers
}

// Fault is an input, or a part of one, that could not be read.
type Fault struct {
	Source string
	Err    error
	Hint   string
}

// sourceState is one source: its merged state and the partials that wait for an earlier one.
type sourceState struct {
	name      string
	detection *parsers.Detection
	merged    *partial
	next      int
	waiting   map[int]*partial
	covers    []cover       // of the chunks that are merged; none for a live source
	tables    []*shapeTable // that wait for chunks to be merged

	// Of a live source: how it is, and what happened to it.
	state                                string
	stream                               bool // it has no past
	arrived                              time.Time
	rotations, truncations, lost, atRisk int64
	notices                              []string
	unnoticed                            int64 // notices that are not kept
	origins                              origins

	// Of a live source whose end was read first, until its past is read.
	tail     *sourceState
	whole    *sourceState // of a tail: the source that it belongs to
	pastSize int64        // bytes
}

// NewEngine returns an engine without sources.
func NewEngine(o Options) (*Engine, error) {
	if o.Base == nil {
		base, err := knowledgebase.Embedded()
		if err != nil {
			return nil, err
		}
		o.Base = base
	}
	if o.Window == (parsers.Window{}) {
		o.Window = parsers.Everything
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Skew <= 0 {
		o.Skew = DefaultSkew
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.ChunkSize <= 0 {
		o.ChunkSize = source.ChunkSize
	}
	return &Engine{base: o.Base, options: o}, nil
}

// Base returns the knowledge in use.
func (e *Engine) Base() *knowledgebase.Base { return e.base }

// BytesRead is the number of bytes handed to the workers so far.
func (e *Engine) BytesRead() int64 { return e.read.Load() }

// collector returns a collector for the records of this engine.
func (e *Engine) collector() *collector {
	c := newCollector(e.base)
	c.rows = e.options.Lines
	return c
}

// addSource registers a source; sources are numbered in the order of this call.
func (e *Engine) addSource(name string, d *parsers.Detection) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sources = append(e.sources, &sourceState{name: name, detection: d, merged: newPartial(), waiting: make(map[int]*partial)})
	return len(e.sources) - 1
}

func (e *Engine) setDetection(n int, d *parsers.Detection) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sources[n].detection = d
}

// fail notes that (the rest of) a source could not be read.
func (e *Engine) fail(name string, err error, hint string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, Fault{name, err, hint})
}

// passOver notes a file that was found beside logs and is none.
func (e *Engine) passOver(name string, why error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.passed = append(e.passed, Warning{Code: "no-log", Text: "left out: " + why.Error(), Source: name})
}

func (e *Engine) name(n int) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sources[n].name
}

// errOverlap is returned when a chunk is merged twice.
var errOverlap = errors.New("overlapping partial states")

// merge adds the partial of chunk seq of source n. Partials may arrive in any order.
func (e *Engine) merge(n, seq int, p *partial) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sources[n].part(seq)
	if seq < s.next || s.waiting[seq] != nil {
		return fmt.Errorf("merging chunk %d of %s: %w", seq, s.name, errOverlap)
	}
	s.waiting[seq] = p
	for {
		q := s.waiting[s.next]
		if q == nil {
			return nil
		}
		delete(s.waiting, s.next)
		s.append(q)
		s.fold()
	}
}

// append merges the next chunk.
func (s *sourceState) append(q *partial) {
	before := cover{s.merged.count.Lines, s.merged.last.Timestamp}
	s.merged.append(q)
	s.next++
	if q.table == nil { // a worker has it
		s.covers = append(s.covers, before)
		return
	}
	s.merged.fold(q.table, func(int) cover { return before })
}

// hand takes a table of source n from a worker.
func (e *Engine) hand(n int, t *shapeTable) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.sources[n]
	s.tables = append(s.tables, t)
	s.fold()
}

// fold adds the tables whose chunks are merged.
func (s *sourceState) fold() {
	s.tables = slices.DeleteFunc(s.tables, func(t *shapeTable) bool {
		if t.until > s.next {
			return false
		}
		s.merged.fold(t, func(seq int) cover { return s.covers[seq] })
		return true
	})
}

// clock returns the clock that the times of a source are read against that was last written at modified, zero when
// unknown.
func (e *Engine) clock(modified time.Time) parsers.Clock {
	c := parsers.Clock{Location: e.options.Location, Year: time.Now().Year()}
	if !modified.IsZero() {
		c.Year = modified.In(e.options.Location).Year()
	}
	return c
}

// job is a chunk on its way to a worker.
type job struct {
	source int
	chunk  source.Chunk
	clock  parsers.Clock
	detect *parsers.Detection
	rows   *rows.Feed // is told what was counted; nil for nobody
}

// Run reads all inputs to their ends, in parallel. Inputs that cannot be read become faults of the snapshot; the error
// returned is that of the context or an internal one. When the context ends, what was read so far counts.
func (e *Engine) Run(ctx context.Context, inputs []*source.Input) error {
	jobs := make(chan job, e.options.Workers)
	var readers sync.WaitGroup
	var internal atomic.Value
	wait := e.crew(jobs, &internal, nil)
	slots := make(chan struct{}, e.options.Workers)
	for _, in := range inputs {
		n := e.addSource(in.Name, nil)
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		readers.Add(1)
		go func() {
			defer readers.Done()
			defer func() { <-slots }()
			err := e.readSafely(ctx, n, in, jobs)
			switch {
			case errors.Is(err, ErrInternal):
				internal.CompareAndSwap(nil, failure{err})
			case err == nil || ctx.Err() != nil:
			case in.Found && (errors.Is(err, source.ErrEmpty) || errors.Is(err, source.ErrBinary)):
				e.passOver(in.Name, err)
			default:
				e.fail(in.Name, err, source.Hint(err))
			}
		}()
	}
	readers.Wait()
	close(jobs)
	wait()
	if f, ok := internal.Load().(failure); ok {
		return f.error
	}
	return ctx.Err()
}

// crew starts workers that parse jobs until the channel is closed; wait waits for them. The first internal error goes to
// fault. Somebody who looks on is told of each job by told (nil for nobody), and then tables do not stay with the
// workers to the end.
func (e *Engine) crew(jobs <-chan job, fault *atomic.Value, told func()) (wait func()) {
	var workers sync.WaitGroup
	for range e.options.Workers {
		workers.Go(func() {
			w := worker{engine: e, collector: e.collector()}
			done := 0
			for j := range jobs {
				if err := w.work(j); err != nil {
					fault.CompareAndSwap(nil, failure{err})
					w.collector = e.collector() // a panic may have left it in any state
				}
				if told != nil {
					if done++; done%handEvery == 0 || done&(done-1) == 0 {
						w.keep(0)
					}
					told()
				}
			}
			w.keep(0)
		})
	}
	return workers.Wait
}

// handEvery is after how many chunks a worker hands its tables over when somebody looks on, and it does so after the
// first ones.
const handEvery = 64

// failure lets errors of any type into one atomic value.
type failure struct{ error }

// ErrInternal is the class of errors that are bugs of this program.
var ErrInternal = errors.New("internal error")

// readSafely is readInput, whose panics end the input, not the program.
func (e *Engine) readSafely(ctx context.Context, n int, in *source.Input, jobs chan<- job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: reading %s: %v\n%s", ErrInternal, in.Name, p, debug.Stack())
		}
	}()
	return e.readInput(ctx, n, in, jobs)
}

// worker parses chunks of any source.
type worker struct {
	engine    *Engine
	collector *collector
	tables    []heldTable // of the sources that it reads, the latest first
}

type heldTable struct {
	source int
	table  *shapeTable
}

// heldTables is the number of sources whose tables a worker keeps; files are read one after the other, a few at a time.
const heldTables = 4

// work parses a chunk and merges the outcome. A panic ends the chunk, not the program: the rest is still reported, and
// the worker goes on to drain its jobs.
func (w *worker) work(j job) (err error) {
	e := w.engine
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: reading %s near byte %d: %v\n%s", ErrInternal, e.name(j.source), j.chunk.Offset, p, debug.Stack())
			_ = e.merge(j.source, j.chunk.Seq, newPartial()) // so that the chunks behind it count
		}
	}()
	t := w.table(j.source)
	w.collector.table = t
	p := e.parse(w.collector, j)
	p.table = nil
	j.rows.Count(rows.Tally{
		From: j.chunk.Offset, To: j.chunk.Offset + int64(len(j.chunk.Data)) + j.chunk.Dropped, Lines: p.count.Lines, Records: rows.Counts(p.levels.counts),
	})
	j.chunk.Release()
	if err := e.merge(j.source, j.chunk.Seq, p); err != nil {
		return fmt.Errorf("%w: %w", ErrInternal, err)
	}
	if t.used > maxShapes {
		w.keep(0)
	}
	return nil
}

// table returns the table of a source and makes it the latest.
func (w *worker) table(source int) *shapeTable {
	for i, h := range w.tables {
		if h.source == source {
			copy(w.tables[1:i+1], w.tables[:i])
			w.tables[0] = h
			return h.table
		}
	}
	w.keep(heldTables - 1)
	h := heldTable{source, newShapeTable()}
	w.tables = slices.Insert(w.tables, 0, h)
	return h.table
}

// keep hands all but the latest tables to the engine.
func (w *worker) keep(latest int) {
	for len(w.tables) > latest {
		h := w.tables[len(w.tables)-1]
		w.tables = w.tables[:len(w.tables)-1]
		w.engine.hand(h.source, h.table)
	}
}

// parse turns a chunk into a partial.
func (e *Engine) parse(c *collector, j job) *partial {
	c.read(j.chunk.Seq)
	stream := parsers.NewStream(j.detect, j.clock, e.options.Window, c.record)
	stream.Block(j.chunk.Data, j.chunk.Offset)
	stream.Close()
	stream.Count.Bytes += j.chunk.Dropped
	e.read.Add(int64(len(j.chunk.Data)) + j.chunk.Dropped)
	return c.close(&stream.Count)
}

// readInput detects the format of an input and cuts it into jobs.
func (e *Engine) readInput(ctx context.Context, n int, in *source.Input, jobs chan<- job) error {
	r, err := in.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	head := make([]byte, 0, max(parsers.SampleSize, e.options.ChunkSize))
	head, err = readSome(r, head, parsers.SampleSize)
	if err != nil && err != io.EOF && len(head) == 0 {
		return err
	}
	if len(head) == 0 {
		return source.ErrEmpty
	}
	if source.Binary(head) {
		return source.ErrBinary
	}
	clock := e.clock(in.ModTime)
	var d *parsers.Detection
	if e.options.Format != nil {
		d = parsers.Force(e.options.Format)
	} else {
		d = parsers.Detect(head, clock)
	}
	e.setDetection(n, d)
	body := io.Reader(r)
	if err != nil && err != io.EOF {
		fault := err
		body = readerFunc(func([]byte) (int, error) { return 0, fault })
	}
	return source.Cut(body, head, d, clock, e.options.ChunkSize, func(c source.Chunk) error {
		// Workers take jobs to the end, so this cannot block for good; what was read when the context
		// ended is part of the report.
		jobs <- job{source: n, chunk: c, clock: clock, detect: d}
		return ctx.Err()
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// readSome reads until b holds n bytes or the source ends.
func readSome(r io.Reader, b []byte, n int) ([]byte, error) {
	for len(b) < n {
		k, err := r.Read(b[len(b):n])
		b = b[:len(b)+k]
		if err != nil {
			return b, err
		}
	}
	return b, nil
}
