package source

import (
	"os"
	"time"
)

// EventKind says what happened to a live source.
type EventKind int

// What a live source reports.
const (
	// Data is one or more whole lines.
	Data EventKind = iota
	// CaughtUp comes once: all that was there has been read.
	CaughtUp
	// Quiet comes when nothing has been written for QuietAfter: a record that waits for more lines is complete.
	Quiet
	// Rotated: the name belongs to another file, which is read from its start from here on.
	Rotated
	// Truncated: the file was cut in place (copytruncate) and is read from its start from here on.
	Truncated
	// Gone: the source leads nowhere or has stopped (Err says why). A file that bore the name is still read; the name
	// is waited for, a command started again.
	Gone
	// Back: the source is there again.
	Back
	// Elsewhere: the name leads to a file that another source of this run reads, called Text.
	Elsewhere
	// Notice: something that the reader must know, in Text. It may come from a program and is not to be trusted.
	Notice
	// Head comes before the data of a file that is read from somewhere inside: Data is its beginning, which tells the
	// format and is no part of what is read.
	Head
	// Past comes after Head when the end of a file is handed out first (FollowOptions.EndFirst): what stands before Offset
	// is wanted too and is left to the receiver, who reads it from File and closes that.
	Past
	// Counted: the lines before the place where reading began in a file have been counted. Line is the number of the
	// first line that was handed out of Generation.
	Counted
)

// QuietAfter is how long a source is silent before the record that is open is taken for complete.
const QuietAfter = 300 * time.Millisecond

// Event is something that happened to a live source. Events come in order, one at a time.
type Event struct {
	Kind EventKind
	// Data are whole lines, the last one possibly without its line feed when no more of it can come. It is borrowed:
	// it may change when the receiver returns.
	Data []byte
	// Offset is the position of Data in its file.
	Offset int64
	// Line is the number of the first line of Data in its file, from 1; 0 when unknown.
	Line int64
	// Generation is the number of the file that Data comes from among those that bore the name, from 1; a file that was
	// truncated in place counts as another one. Offsets and lines count in each anew, and a lagging writer may still add to
	// an earlier one.
	Generation int
	// Info tells which file Data comes from, nil for what is no file.
	Info os.FileInfo
	// Dropped is the number of bytes after Data that were read and not kept: the rest of a line beyond
	// parsers.MaxLine, or a hole.
	Dropped int64
	// Lost is the number of bytes that were seen and not read when the file was truncated, nor in a copy of it. AtRisk
	// estimates, by the rate of growth, what was written between the last look and the truncation; it is 0 where a copy
	// was found.
	Lost, AtRisk int64
	// Names are what earlier generations are called now, where that is known; of Rotated.
	Names map[int]string
	// File is another descriptor of the file; of Past.
	File *os.File
	Text string
	Err  error
}
