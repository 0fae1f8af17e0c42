// Package template turns the table of shapes into templates: a readable view over what was counted.
//
// A template stands for one statement of a program. Shapes are finer: a user name that is a word makes a shape of its own. So
// templates are computed from the whole table, and only for a snapshot, as a pure function of the table sorted by hash. The
// order of records, chunks and workers cannot change them, and nothing is done for them when a record is read.
//
// The steps, each in a file of its own:
//
//  1. row.go: a shape becomes a row of cells: words, values (of whatever type: one statement may print an address or null in
//     one place), and names of fields. Values in a row are one cell, a number takes its unit along (1.1 KB and 934 bytes).
//  2. siblings.go: rows of one length join where all cells but one are equal and that one varies like a value does. It
//     varies when it has more than two words and either ten or more of them or at least half of them are rare. So
//     a short list of frequent words stays apart: "handshake failure" and "bad certificate" are two templates. The first word
//     of a message needs twelve, because programmers begin a message with what it says. Then rows join that differ in several
//     words, if none of these stands in any other row.
//  3. absorb.go: a template takes in a row of another length only when it describes it (one value is longer or missing) and
//     the row is rare. A greedy merge costs dearly: it was the worst single rule of those tried.
//  4. render.go: the text of the most frequent shape, with a placeholder on exactly what varies.
//
// Shapes from different components or with different signatures never join. No rule knows more of a count than whether it
// is rare, so a builder that sees a growing table recomputes only what new and rare shapes touch.
//
// The id of a template hashes its constant words and where its values stand, with component and signature: other lines of
// the log do not change it. Its prefix names the version of these rules.
//
// The cost is near linear in the number of shapes (BenchmarkBuild), because every comparison is a lookup of a hash.
package template
