package rows

import (
	"sort"
	"time"
)

// place is what is known of a line in a part.
type place struct {
	offset int64
	line   int64 // its number, 0 when unknown
	came   int64 // when it was read, Unix nanoseconds
}

// marks are places in their order, evenly spread over what has been read: when there are too many, every second one
// goes, and from then on they stand twice as far apart.
type marks struct {
	list         []place
	apart, pause int64 // in bytes, in nanoseconds
}

// maxMarks bounds the places kept of a part.
const maxMarks = 4096

func (m *marks) add(p place) {
	if n := len(m.list); n > 0 {
		if last := m.list[n-1]; p.offset < last.offset || p.offset-last.offset < m.apart && p.came-last.came < m.pause {
			return
		}
	} else if m.apart == 0 {
		m.apart, m.pause = 16<<10, int64(time.Second)
	}
	if len(m.list) >= maxMarks {
		kept := m.list[:0]
		for i := 0; i < len(m.list); i += 2 {
			kept = append(kept, m.list[i])
		}
		m.list, m.apart, m.pause = kept, 2*m.apart, 2*m.pause
	}
	m.list = append(m.list, p)
}

// numbered returns the last place at or before an offset whose line is known.
func (m *marks) numbered(offset int64) (place, bool) {
	for i := sort.Search(len(m.list), func(i int) bool { return m.list[i].offset > offset }) - 1; i >= 0; i-- {
		if m.list[i].line > 0 {
			return m.list[i], true
		}
	}
	return place{}, false
}

// before returns the last place at or before an offset.
func (m *marks) before(offset int64) (place, bool) {
	i := sort.Search(len(m.list), func(i int) bool { return m.list[i].offset > offset })
	if i == 0 {
		return place{}, false
	}
	return m.list[i-1], true
}
