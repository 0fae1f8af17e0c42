// Package diagnose turns records into findings.
//
// The work has two halves. The first is parallel and knows no order: a [partial] state is built for each chunk of
// each source (shapes, hits, markers, accounting) and partials of one source are merged in any order of arrival into
// one state a source. The second runs on the merged states alone, in one goroutine, and is a pure function of them:
// fold hits into events, group events into incidents, observe features, rank causes, join incidents into findings, and
// decide which blind spots bear on the question. The result is a [Snapshot], which is immutable; reports and
// screens render nothing else. Whatever the chunks, the order and the number of workers, the snapshot is the same.
//
// Memory is bounded: shapes, hits, captured values and time buckets have caps. A cap keeps what a pure rule selects
// (the smallest hashes, the first and last hits), never what came first by chance, and what it cuts is counted.
package diagnose
