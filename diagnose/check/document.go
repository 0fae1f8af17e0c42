package check

import (
	"bytes"
	"io/fs"
	"sort"
	"unicode/utf8"
)

// document is the text of a file, or of a part of one that holds another file (a key of a ConfigMap).
type document struct {
	name string // as shown
	path string // in the file system
	data []byte
	mode fs.FileMode
	// line and column are what the first character of data adds to positions: where the part stands in its file. The
	// column holds for every line (a block of YAML is indented as a whole).
	line, column int
	// fixed marks a part whose characters have no place of their own (base64): all stands where the part begins.
	fixed bool

	starts []int // offsets of the lines, made on demand

	// The latest position, from which the next one of the same line is counted: a file may be one long line.
	lastLine, lastOffset, lastColumn int
}

// position returns line and column of an offset.
func (d *document) position(offset int) (line, column int) {
	if d.fixed {
		return d.line, d.column
	}
	if d.starts == nil {
		d.starts = []int{0}
		for i, c := range d.data {
			if c == '\n' {
				d.starts = append(d.starts, i+1)
			}
		}
	}
	offset = min(max(offset, 0), len(d.data))
	n := sort.SearchInts(d.starts, offset+1) - 1
	if n != d.lastLine || offset < d.lastOffset || d.lastOffset < d.starts[n] {
		d.lastLine, d.lastOffset, d.lastColumn = n, d.starts[n], 0
	}
	d.lastColumn += utf8.RuneCount(d.data[d.lastOffset:offset])
	d.lastOffset = offset
	return d.line + n + 1, d.column + d.lastColumn + 1
}

// at is the place of an offset; text is what stands there.
func (d *document) at(offset int, text string) Place {
	line, column := d.position(offset)
	return Place{d.name, line, column, show(text)}
}

// place is a place whose line and column a parser gave, counted from 1 within this document.
func (d *document) place(line, column int, text string) Place {
	if d.fixed {
		return Place{d.name, d.line, d.column, show(text)}
	}
	return Place{d.name, d.line + line, d.column + column, show(text)}
}

// lineText returns a line of the document, counted from 1.
func (d *document) lineText(line int) string {
	d.position(0)
	if line < 1 || line > len(d.starts) {
		return ""
	}
	rest := d.data[d.starts[line-1]:]
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	return string(bytes.TrimRight(rest, "\r"))
}

// whole is the place of the document as a whole.
func (d *document) whole() Place { return d.place(1, 1, "") }
