package diagnose

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/whytls/whytls/parsers"
)

// Whatever the parts in which records are counted, the sums and the spans are those of all together.
func TestTimeline(t *testing.T) {
	var parts [3]levels
	var whole, sum, none levels
	for _, l := range []*levels{&parts[0], &parts[1], &parts[2], &whole, &sum, &none} {
		l.init()
	}
	for i := range int64(5000) {
		severity := parsers.Severity(i % 25)
		at := uint32(1_700_000_000 + i*7)
		parts[i%3].add(severity, at, true)
		whole.add(severity, at, true)
	}
	for i := range parts {
		sum.merge(&parts[i])
	}
	got, want := sum.timeline(), whole.timeline()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the merged timeline differs (-whole +merged):\n%s", diff)
	}
	var counts Counts
	for _, c := range got.Spans {
		for i, n := range c {
			counts[i] += n
		}
	}
	if counts != sum.counts || counts.Total() != 5000 || counts.Errors() != 5000*8/25 {
		t.Errorf("the spans hold %v, the counts are %v", counts, sum.counts)
	}
	if n := len(got.Spans); n > timelineSpans || n < timelineSpans/4 || got.Start.Unix()%int64(got.Length.Seconds()) != 0 {
		t.Errorf("%d spans of %v from %v", n, got.Length, got.Start)
	}
	none.add(parsers.SeverityInfo, 0, false)
	if got := none.timeline(); len(got.Spans) != 0 || none.counts[LevelInfo] != 1 {
		t.Errorf("without times: %+v", got)
	}
}
