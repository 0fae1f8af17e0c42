// Package rows is the log itself as a list: what the view of a log scrolls in. A [Store] holds any number of records of
// any number of sources, merged by time, in bounded memory, and gives them out in pages.
//
// # Nothing is read that nobody looks at
//
// A source is a sequence of parts: a file from the day it got the source's name, what came after it was truncated in
// place, or what a pipe has printed. A grid of fixed size divides each part into blocks. Where the first record of a block
// begins, and when, is found out from the bytes around that place alone, when it is first needed, with the same rule by
// which the engine cuts files into chunks (parsers.Detection.Cut). So the records of a block are those that a reader of the
// whole file finds there, the end of a file of any size is there at once, and blocks may be looked at in any order. What
// was parsed is cached as a leaf: a list of small entries, enough to place and to hide a record; the text of a record is
// made when its row is shown.
//
// # The order
//
// Each record has a key, its place in time, that never goes back within a source: its time where that fits between its
// neighbours, else the key of the record before. Rows are ordered by key, source, part and offset. This order is total and
// can be entered anywhere, so that pages forward, pages backward and pages around a time show the same list. The keys of a
// block lie between those of the beginnings of its neighbours; what is known once is kept, so that a clock that jumps
// disturbs only its surroundings. Sources are merged by a heap, in which a source whose next block has not been read stands
// at a bound of that block.
//
// # Where the bytes are
//
// The bytes of a file are read back from the file, by its name or, when that has moved on, by what file it is in the name's
// folder; of many files only those used last are open. A file that was deleted is let go, so that its space is free, and
// its newest bytes move to the ring: the memory, within one bound for all sources, in which the latest bytes of pipes,
// commands and truncated files are. What no longer fits goes to the spool, a private file of bounded size whose name is
// removed at once. What is given up for good is the oldest.
//
// # What others know
//
// The reader of a source hands its events to a [Feed], which tells the store little more than that there are more bytes.
// What the engine has counted in a range of bytes ([Tally]) spares the store reading it: the search for errors passes over
// blocks without any, lines have numbers, and the total is exact.
package rows
