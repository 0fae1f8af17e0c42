package source

import "time"

// How often a followed file and its name are looked at. What matters is what all looks together cost, so the pace depends
// on the number of followed names: with 1,000 quiet ones, a look each quarter of a second costs four per cent of a core.
const (
	fewFiles  = 50
	manyFiles = 1000
)

// restless is how long after its last line a file may have another one any moment.
const restless = time.Second

// busyPace is the pace of a file that is being written, and that of all tailers of the process, whose library has
// one for all.
func busyPace(followers int) time.Duration {
	switch {
	case followers <= fewFiles:
		return 25 * time.Millisecond
	case followers <= manyFiles:
		return 250 * time.Millisecond
	}
	return time.Second
}

// quietPace is the pace of a file that nobody has written to for a while.
func quietPace(followers int) time.Duration {
	switch {
	case followers <= fewFiles:
		return 100 * time.Millisecond
	case followers <= manyFiles:
		return time.Second
	}
	return 2 * time.Second
}

// pace is how often there is a reason to look now. While a file is being left, how long it has been quiet matters, and few
// files are at a time.
func (f *follower) pace() time.Duration {
	followers := f.ledger.size()
	switch {
	case len(f.queue) > 1:
		return busyPace(1)
	case time.Since(f.active) > restless:
		return quietPace(followers)
	}
	return busyPace(followers)
}
