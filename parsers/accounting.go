package parsers

// Accounting says where every line went. The invariants are a contract and are checked by property tests:
//
//	Lines     = Heads + Continuation + Blank + Unparsed + sum(Skipped)
//	Records() = Heads + Splits
type Accounting struct {
	Bytes        int64
	Lines        int64
	Heads        int64 // lines that begin a record
	Splits       int64 // second records inside a torn line
	Continuation int64 // lines that continue a record
	Blank        int64
	Unparsed     int64 // lines that are no text or that the forced format does not take
	Torn         int64 // heads that lost their message to another writer
	Truncated    int64 // lines cut at MaxLine
	Skipped      map[string]int64
}

// Records is the number of records: heads and splits.
func (a *Accounting) Records() int64 { return a.Heads + a.Splits }

// Skip counts n lines that were left out on purpose.
func (a *Accounting) Skip(reason string, n int64) {
	if n == 0 {
		return
	}
	if a.Skipped == nil {
		a.Skipped = make(map[string]int64)
	}
	a.Skipped[reason] += n
}

// Merge adds b to a.
func (a *Accounting) Merge(b *Accounting) {
	a.Bytes += b.Bytes
	a.Lines += b.Lines
	a.Heads += b.Heads
	a.Splits += b.Splits
	a.Continuation += b.Continuation
	a.Blank += b.Blank
	a.Unparsed += b.Unparsed
	a.Torn += b.Torn
	a.Truncated += b.Truncated
	for reason, n := range b.Skipped {
		a.Skip(reason, n)
	}
}

// Accounted is the number of lines that were put somewhere. In the middle of a stream it is less than Lines by the
// lines of the open record.
func (a *Accounting) Accounted() int64 {
	sum := a.Heads + a.Continuation + a.Blank + a.Unparsed
	for _, n := range a.Skipped {
		sum += n
	}
	return sum
}

// Balanced reports whether the invariant holds.
func (a *Accounting) Balanced() bool { return a.Accounted() == a.Lines }
