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

// Quiet files are looked at so often that all looks together are about a thousand a second, half of that when they
// have been quiet for long: a look costs some microseconds.
const (
	quietLook    = time.Millisecond // for each follower
	longQuiet    = time.Minute
	soonest      = 100 * time.Millisecond
	soonestQuiet = 250 * time.Millisecond
	latest       = 2 * time.Second
)

// quietPace is the pace of a file that nobody has written to for a while.
func quietPace(followers int, quiet time.Duration) time.Duration {
	pace := max(time.Duration(followers)*quietLook, soonest)
	if quiet > longQuiet {
		pace = max(2*pace, soonestQuiet)
	}
	return min(pace, latest)
}

// pace is how often there is a reason to look now. While a file is being left, how long it has been quiet matters, and few
// files are at a time. A line now and then makes no file busy.
func (f *follower) pace() time.Duration {
	followers := f.ledger.size()
	quiet := time.Since(f.active)
	switch {
	case len(f.queue) > 1:
		return busyPace(1)
	case quiet > restless || f.active.Sub(f.before) > restless/4:
		return max(quietPace(followers, quiet), busyPace(followers))
	}
	return busyPace(followers)
}

// untilNextLook lets all that look equally often do so at the same moments: waking the program costs more than a look.
func (f *follower) untilNextLook() time.Duration {
	every := f.pace()
	now := time.Now()
	return now.Truncate(every).Add(every).Sub(now)
}
