package diagnose

import (
	"fmt"
	"sort"
)

// A live source is one stream of lines, counted from 1 to its end, although it may come from several files: those that
// bore the name, or one file that was truncated. Evidence names a file and a line that exist, so the source knows which
// runs of its lines come from where.

// origin is where a run of lines of a source comes from.
type origin struct {
	from       int64 // lines of the source before the run
	generation int   // of the file; see source.Event
	line       int64 // number in the file of the first line of the run, 0 when unknown
	lines      int64 // in the run, of the latest one only
}

// leaves reports that a piece does not go on where the run ends.
func (o *origin) leaves(p piece) bool {
	return p.generation != o.generation || p.line != 0 && o.line != 0 && p.line != o.line+o.lines
}

// maxOrigins bounds the runs that are remembered. A rotation makes one; a writer that adds to two files in turn could make
// any number.
const maxOrigins = 1024

// origins are the runs of a source in their order.
type origins struct {
	runs   []origin
	names  map[int]string // of earlier generations, where they are known
	last   int            // the latest generation
	before int64          // lines of the source before those that runs to come are counted from
}

func (o *origins) add(run origin) {
	o.last = max(o.last, run.generation)
	run.from += o.before
	if n := len(o.runs); n > 0 && run.line == 0 && o.runs[n-1].generation == run.generation {
		return // it goes on where the past of the file has ended
	}
	if len(o.runs) >= maxOrigins {
		o.runs = append(o.runs[:0:0], o.runs[len(o.runs)/2:]...)
		o.runs[0].from, o.runs[0].line = 0, 0 // what came before is of files that nobody knows any more
	}
	o.runs = append(o.runs, run)
}

// shift puts a number of lines before all runs; the first run goes on from them, and they begin its file.
func (o *origins) shift(lines int64) {
	if len(o.runs) == 0 {
		o.runs = []origin{{generation: 1}}
	}
	for i := range o.runs {
		if i == 0 && o.runs[i].line == 0 {
			o.runs[i].line = 1
			continue
		}
		o.runs[i].from += lines
	}
	o.before = lines
}

// moveOn notes that the name belongs to the file of a later generation, and what earlier ones are called now.
func (o *origins) moveOn(generation int, names map[int]string) {
	o.last = max(o.last, generation)
	if names != nil {
		o.names = names
	}
}

// counted learns the number of the first line that was read of a file.
func (o *origins) counted(generation int, line int64) {
	for i := range o.runs {
		r := &o.runs[i]
		if r.generation != generation || r.line != 0 {
			continue
		}
		r.line = line
		if i+1 < len(o.runs) {
			line += o.runs[i+1].from - r.from
		}
	}
}

// place says in which file a line of the source stands and where, 0 when the line is not known.
func (s *sourceState) place(line int64) (name string, number int64) {
	o := &s.origins
	i := sort.Search(len(o.runs), func(i int) bool { return o.runs[i].from >= line }) - 1
	if i < 0 {
		return s.name, line
	}
	run := o.runs[i]
	if run.line > 0 {
		number = run.line + line - 1 - run.from
	}
	switch name := o.names[run.generation]; {
	case run.generation == o.last:
		return s.name, number
	case name != "":
		return name, number
	}
	return fmt.Sprintf("%s (an earlier file)", s.name), number
}
