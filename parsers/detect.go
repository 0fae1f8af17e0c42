package parsers

import (
	"bytes"
	"fmt"
	"strings"
)

// SampleSize is the number of bytes at the beginning of a source that detection looks at.
const SampleSize = 256 << 10

const sampleLines = 512

// loosePerHead is the number of loose lines for each head up to which a mixed format still owns a source: a
// message may have several lines.
const loosePerHead = 4

// Detection is the choice of a format for a source and the reason for it.
type Detection struct {
	// Format takes most lines of the source; other lines are tried one by one with the mixed formats.
	Format *Format
	// Forced is set when the caller named the format: no other is tried.
	Forced bool
	// Envelope names what surrounds the lines, "" for nothing.
	Envelope string
	// Lines is the number of lines looked at, Votes how many of them each format would take as a head.
	Lines int
	Votes []Vote
	// Loose is the number of lines looked at that no format takes and that do not look like a continuation.
	Loose int
	order [256][]*Format // the formats to try, by the first byte of the line
	// peeler is the state of the envelopes that a stream begins with.
	peeler peeler
}

// Vote is the number of sampled lines that a format takes.
type Vote struct {
	Format *Format
	Heads  int
}

// Force returns a detection that uses f and nothing else.
func Force(f *Format) *Detection { return &Detection{Format: f, Forced: true} }

// Detect chooses the format of a source by its first bytes. It is a pure function of the sample: of the
// formats that take at least half as many lines as the best one, the most specific wins; a timed format of the same
// program beats an untimed. A mixed format that takes few lines among many loose ones is a guest in plain text, which
// keeps its lines apart.
func Detect(sample []byte, clock Clock) *Detection {
	d := &Detection{Format: plain, peeler: peeler{wholeLogs: wholeDockerLogs(sample)}}
	votes := make([]int, len(registry))
	var r Record
	for len(sample) > 0 && d.Lines < sampleLines {
		line := sample
		used := bytes.IndexByte(sample, '\n') + 1
		if used == 0 {
			used = len(sample)
			if d.Lines > 0 && len(sample) > MaxLine/16 {
				break // an unfinished line says little
			}
		} else {
			line = sample[:used-1]
		}
		sample = sample[used:]
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if len(line) > MaxLine {
			line = line[:MaxLine]
		}
		r.Reset()
		line = d.peeler.peel(line, &r, &clock)
		if r.Envelope.Partial || isBinary(line) {
			continue
		}
		if line = stripANSI(line, &r); isBlank(line) {
			continue
		}
		if d.Envelope == "" {
			d.Envelope = r.Envelope.Kind
		}
		d.Lines++
		taken := false
		for i, f := range registry {
			if f == plain {
				continue
			}
			if f.Parse(line, &r, &clock) {
				votes[i]++
				taken = true
			}
			r.again()
		}
		if !taken && !genericContinues(line) {
			d.Loose++
		}
	}
	best := 0
	for i, f := range registry {
		if votes[i] > 0 {
			d.Votes = append(d.Votes, Vote{f, votes[i]})
		}
		best = max(best, votes[i])
	}
	for i, f := range registry { // the most specific first
		if votes[i] > 0 && votes[i]*2 >= best {
			if !f.Mixed || votes[i]*loosePerHead >= d.Loose {
				d.Format = f
			}
			break
		}
	}
	// What a program prints past its logger says less of a source than one line of the log.
	if !d.Format.Timed && d.Format.System != "" {
		for _, v := range d.Votes {
			if v.Format.Timed && v.Format.System == d.Format.System {
				d.Format = v.Format
				break
			}
		}
	}
	d.prepare()
	return d
}

// specific is the rank from which on a format is that of one program or logger: what it takes is its own.
const specific = 30

// prepare fixes the order in which the formats are tried on a line. The format of the source comes first, unless it is
// a generic one: then a line that a more specific format takes belongs to that format, wherever in the source it stands.
func (d *Detection) prepare() {
	var order []*Format
	placed := d.Format == plain
	for _, f := range registry {
		switch {
		case f == d.Format || f == plain || !f.Mixed:
			continue
		case !placed && (d.Format.Rank >= specific || f.Rank <= d.Format.Rank):
			order = append(order, d.Format)
			placed = true
		}
		order = append(order, f)
	}
	if !placed {
		order = append(order, d.Format)
	}
	for c := range d.order {
		for _, f := range order {
			if f.First == "" || strings.IndexByte(f.First, byte(c)) >= 0 {
				d.order[c] = append(d.order[c], f)
			}
		}
	}
}

// match finds the format that takes line as a head and fills r, or returns nil.
func (d *Detection) match(line []byte, r *Record, c *Clock) *Format {
	if d.Forced {
		if d.try(d.Format, line, r, c) {
			return d.Format
		}
		return nil
	}
	for _, f := range d.order[line[0]] {
		if d.try(f, line, r, c) {
			return f
		}
	}
	return nil
}

func (d *Detection) try(f *Format, line []byte, r *Record, c *Clock) bool {
	if f.Parse(line, r, c) {
		return true
	}
	r.again()
	return false
}

// Why explains the choice in one line.
func (d *Detection) Why() string {
	if d.Forced {
		return "named by the caller"
	}
	if len(d.Votes) == 0 {
		return fmt.Sprintf("no format takes any of the %d lines sampled", d.Lines)
	}
	var parts []string
	if d.Format == plain {
		parts = append(parts, fmt.Sprintf("%d stand alone", d.Loose))
	}
	for _, v := range d.Votes {
		parts = append(parts, fmt.Sprintf("%s takes %d", v.Format.Name, v.Heads))
	}
	return fmt.Sprintf("of %d lines sampled %s; the most specific of those that take half as many as the best wins",
		d.Lines, strings.Join(parts, ", "))
}
