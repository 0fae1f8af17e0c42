package diagnose

import (
	"cmp"

	"github.com/whytls/whytls/parsers"
)

// info describes a source.
func (s *sourceState) info(versions map[string]string) SourceInfo {
	p, system := s.merged, mainSystem(s.merged)
	i := SourceInfo{
		Name: s.name, Format: s.detection.Format.Name, Envelope: s.detection.Envelope, System: system,
		Version: versions[system], First: p.first.format(), Last: p.last.format(), Records: p.count.Records(),
		State: s.state, Stream: s.stream, Lines: p.count.Lines, Counts: p.levels.counts, Arrived: s.arrived,
		Rotations: s.rotations, Truncations: s.truncations, Lost: s.lost,
	}
	if s.tail != nil {
		i.take(s.tail.info(versions))
		i.Unread, i.Past = s.unread(), s.pastSize
	}
	return i
}

// take adds what is known of the tail of a source.
func (i *SourceInfo) take(tail SourceInfo) {
	if i.System == "" {
		i.System, i.Version = tail.System, tail.Version
	}
	i.First, i.Last = cmp.Or(i.First, tail.First), cmp.Or(tail.Last, i.Last)
	i.Records += tail.Records
	i.Lines += tail.Lines
	for level, n := range tail.Counts {
		i.Counts[level] += n
	}
}

// limits are what a source has met with, in its past and in its tail.
type limits struct {
	count parsers.Accounting
	local bool
	cut   int64
}

func (s *sourceState) limits() limits {
	p := s.merged
	l := limits{p.count, p.local, p.cutShape + p.cutHits}
	if s.tail != nil {
		tail := s.tail.limits()
		l.count.Torn += tail.count.Torn
		l.count.Truncated += tail.count.Truncated
		l.count.Unparsed += tail.count.Unparsed
		l.local = l.local || tail.local
		l.cut += tail.cut
	}
	return l
}
