package probe

// queue is what the local system knows about a listener that was probed over one of its own addresses: from outside, a server
// that does not accept and one that accepts and says nothing look the same.
type queue struct {
	// waiting is the number of connections that the kernel has accepted and the program has not.
	waiting int
	// process is the name of the program, "" where it is not known; open and limit its descriptors, 0 where unknown.
	process     string
	open, limit int
}

// exhausted reports whether the program has no descriptor left.
func (q *queue) exhausted() bool { return q != nil && q.limit > 0 && q.open >= q.limit }

// stuck reports whether the program does not accept: several connections of the probe wait, not one that has just come.
func (q *queue) stuck() bool { return q != nil && q.waiting >= 3 }
