package parsers

import (
	"fmt"
	"sort"
)

// Format is one way of writing log records. Formats register themselves from init in their own file and are
// stateless: everything they need is the line and the record that is filled.
//
// A format must be deterministic and must not keep references to the line beyond the record's life.
type Format struct {
	// Name is the stable identifier, such as "wukongim-json".
	Name string
	// Title is what a person reads in `whytls formats`.
	Title string
	// System is the program that writes this format and no other, or "".
	System string
	// Rank orders formats that take the same line: the higher is the more specific. Generic formats
	// stay under 10, formats of one program are at 50 or more.
	Rank int
	// First lists the bytes that a head can begin with, after envelopes and colours are gone; "" means any. It keeps a
	// line away from the formats that cannot take it: trying all of them cost half of the speed of JSON and
	// timestamped text (BenchmarkParse).
	First string
	// Parse fills r from a line that begins a record and reports whether it does. A false return may
	// leave r half filled: the caller resets it.
	Parse func(line []byte, r *Record, c *Clock) bool
	// Claims reports that line continues the open record although another format might take it as a
	// head (goroutine dumps). Nil means never.
	Claims func(line []byte, r *Record) bool
	// Continues reports that line, which no format takes as a head, belongs to the open record of this
	// format. Nil means the generic rule: indented lines and stack frames.
	Continues func(line []byte, r *Record) bool
	// Join adds a continuation line to the open record. Nil means the generic rule: messages of causes
	// and panics are joined to the body, frames are only counted.
	Join func(line []byte, r *Record)
	// RawLines is set when the writer does not escape line feeds in messages, so that Continues takes
	// lines of any look. It is not asked in plain text, where any line may stand alone.
	RawLines bool
	// Split returns the offset at which a second record begins inside a head line (torn by two
	// writers), or -1. Nil means never.
	Split func(line []byte) int
	// Mixed is set for formats that are recognised on single lines inside a source of another format.
	Mixed bool
	// Timed is set when every head carries a time of its own, so that a head tells where a record
	// begins without its neighbours; sources are cut into chunks at such lines. A head whose time is no
	// absolute one (tracing's uptime) may occur all the same: no cut is made there.
	Timed bool
}

var registry []*Format

// Register adds a format. It panics on a duplicate or incomplete one, which is a programming error.
func Register(f Format) {
	if f.Name == "" || f.Title == "" || f.Parse == nil {
		panic("parsers: incomplete format " + f.Name)
	}
	for _, g := range registry {
		if g.Name == f.Name {
			panic("parsers: duplicate format " + f.Name)
		}
	}
	registry = append(registry, &f)
	sort.SliceStable(registry, func(i, j int) bool {
		if registry[i].Rank != registry[j].Rank {
			return registry[i].Rank > registry[j].Rank
		}
		return registry[i].Name < registry[j].Name
	})
}

// Formats returns all registered formats, the most specific first. The slice is shared: do not change it.
func Formats() []*Format { return registry }

// Lookup returns the format called name.
func Lookup(name string) (*Format, error) {
	for _, f := range registry {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("unknown format %q", name)
}
