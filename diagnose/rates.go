package diagnose

import "time"

// Rates are how fast a live run brings lines, by the clock of arrival. What a source held before the run is its past and no
// rate.
type Rates struct {
	Lines  float64 // a second
	Errors float64 // records at ERROR and above, a second
}

// ratePeriod is what a rate is the mean of: short enough to follow what happens, long enough to be read.
const ratePeriod = 5 * time.Second

// speed measures the sources of a live run.
type speed struct {
	sources map[string]*meter
}

// measure fills in the rates of a snapshot.
func (v *speed) measure(s *Snapshot, now time.Time) {
	s.Rates = Rates{}
	if v.sources == nil {
		v.sources = make(map[string]*meter)
	}
	for i := range s.Input.Sources {
		src := &s.Input.Sources[i]
		m := v.sources[src.Name]
		if m == nil {
			m = &meter{}
			v.sources[src.Name] = m
		}
		if src.Reading() {
			m.samples = m.samples[:0]
			continue
		}
		src.Rates = m.observe(now, src.Lines, src.Counts.Errors())
		s.Rates.Lines += src.Rates.Lines
		s.Rates.Errors += src.Rates.Errors
	}
}

// meter turns totals into rates.
type meter struct {
	samples []sample // the first one is the latest that is older than ratePeriod, if there is one
}

type sample struct {
	at            time.Time
	lines, errors int64
}

// observe takes the totals at a time. A total that went back (a source is read anew) begins the measure again.
func (m *meter) observe(now time.Time, lines, errors int64) Rates {
	if n := len(m.samples); n > 0 && (lines < m.samples[n-1].lines || errors < m.samples[n-1].errors) {
		m.samples = m.samples[:0]
	}
	old := 0
	for old+1 < len(m.samples) && now.Sub(m.samples[old+1].at) >= ratePeriod {
		old++
	}
	m.samples = append(m.samples[:0], m.samples[old:]...)
	// Ten samples a period are enough, however often snapshots are made.
	if n := len(m.samples); n < 2 || now.Sub(m.samples[n-2].at) >= ratePeriod/10 {
		m.samples = append(m.samples, sample{now, lines, errors})
	} else {
		m.samples[n-1] = sample{now, lines, errors}
	}
	first := m.samples[0]
	seconds := now.Sub(first.at).Seconds()
	if seconds <= 0 {
		return Rates{}
	}
	return Rates{float64(lines-first.lines) / max(seconds, 1), float64(errors-first.errors) / max(seconds, 1)}
}
