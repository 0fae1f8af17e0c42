// Package parsers turns bytes into log records. It is pure: it opens nothing and knows nothing of meaning.
//
// A line goes through three steps. Envelopes (docker, Kubernetes, compose, syslog, journald) are peeled off.
// A [Format] takes the rest as the head of a record and fills its fields, or the line continues the record
// before it. The finished [Record] is handed on, its slices borrowed.
//
// A source has one [Detection], made from its first bytes, which puts the likely format first; every line
// is still tried with the formats that may stand in between (panics, raw lines of other languages), so that
// mixed streams work. What a line becomes depends only on the few lines before it; [Detection.Cut] finds the
// places where a source can be divided among workers without changing a single record.
//
// To add a format, write one file that calls [Register] from init and put samples into
// testdata/NAME/: the conformance suite in parsertest finds them by itself.
package parsers
