package diagnose

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net"
	"slices"
	"sort"
	"time"

	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers"
)

// noiseShare is the part of the confidence that noise causes must hold for a finding to be noise.
const noiseShare = 0.7

// Lists of a finding are short: a person reads them.
const (
	shownCauses   = 6
	shownEvidence = 5
	shownBuckets  = 60
)

// urgencies in order.
var urgencyRank = map[string]int{"noise": 0, "watch": 1, "degraded": 2, "outage": 3}

var urgencyNames = [...]string{"noise", "watch", "degraded", "outage"}

// UrgencyRank orders urgencies: noise 0, watch 1, degraded 2, outage 3, anything else -1.
func UrgencyRank(urgency string) int {
	if r, ok := urgencyRank[urgency]; ok {
		return r
	}
	return -1
}

// verdict is an incident with its ranking.
type verdict struct {
	in           *incident
	observer     *observer
	causes       []ranked
	undetermined float64
	says         string
	noise        bool
}

// judge ranks the causes of one incident.
func judge(base *knowledgebase.Base, s *systemState, in *incident) *verdict {
	v := &verdict{in: in, observer: newObserver(base, s, in)}
	v.causes, v.undetermined, v.says = v.observer.rank()
	sum := 0.0
	for _, c := range v.causes {
		if c.cause.Urgency == "noise" {
			sum += c.confidence
		}
	}
	if v.noise = sum >= noiseShare; v.noise {
		// The leading noise cause comes first.
		slices.SortStableFunc(v.causes, func(a, b ranked) int {
			return cmp.Compare(b2i(a.cause.Urgency != "noise"), b2i(b.cause.Urgency != "noise"))
		})
	}
	return v
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// diagnoseSystem turns the incidents of a system into findings.
func diagnoseSystem(base *knowledgebase.Base, s *systemState) []*Finding {
	groups := make(map[string][]*verdict)
	var order []string
	sort.Slice(s.incidents, func(i, j int) bool { return s.incidents[i].key() < s.incidents[j].key() })
	for _, in := range s.incidents {
		v := judge(base, s, in)
		if len(v.causes) == 0 {
			continue
		}
		lead := v.causes[0].cause.ID
		if v.noise {
			lead = "noise/" + lead
		}
		if groups[lead] == nil {
			order = append(order, lead)
		}
		groups[lead] = append(groups[lead], v)
	}
	var findings []*Finding
	for _, lead := range order {
		f := newFinding(base, s, groups[lead])
		findings = append(findings, f)
		s.causes[f.Causes[0].ID] = true
		if f.Urgency == "noise" {
			s.noise++
		} else {
			s.loud++
		}
	}
	return findings
}

// newFinding joins incidents that share the leading cause.
func newFinding(base *knowledgebase.Base, s *systemState, verdicts []*verdict) *Finding {
	// The incident with the most events speaks first.
	slices.SortStableFunc(verdicts, func(a, b *verdict) int { return -cmp.Compare(a.in.count, b.in.count) })
	main := verdicts[0]
	f := &Finding{
		System: s.id, Version: s.version.String(), Consequences: []string{}, Evidence: []Line{}, Histogram: []Bucket{},
		Peers: Peers{Top: []PeerCount{}}, Undetermined: 0,
	}
	joined := &incident{members: map[string]int64{}, values: map[string]*valueCounts{}}
	idOf := main.in
	f.sources, f.possible, f.side = make(map[int]bool), make(map[string]bool), main.in.signature.Side
	for _, v := range verdicts {
		if earlier(v.in, idOf) {
			idOf = v.in
		}
		f.incidents = append(f.incidents, v.in.key())
		for n := range v.in.bySource {
			f.sources[n] = true
		}
		for i := range v.causes {
			f.possible[v.causes[i].cause.ID] = true
		}
		joined.count += v.in.count
		joined.hits = append(joined.hits, v.in.hits...)
		if len(verdicts) == 1 {
			joined.buckets = v.in.buckets // nobody changes it any more
		} else {
			joined.buckets.merge(&v.in.buckets)
		}
		for id, n := range v.in.members {
			joined.members[id] += n
		}
	}
	slices.SortStableFunc(joined.hits, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.at.Nano, b.at.Nano), cmp.Compare(a.number, b.number), cmp.Compare(a.hit.line, b.hit.line))
	})
	h := fnv.New64a()
	fmt.Fprintf(h, "%s", idOf.key())
	f.ID = fmt.Sprintf("f%016x", h.Sum64())
	f.Count = joined.count
	f.first, f.last, f.timed = joined.span()
	if n := len(joined.hits); n > 0 {
		f.First, f.Last = firstTime(joined.hits), lastTime(joined.hits)
	}
	arrival := joined.arrival()
	f.Arrival, f.Period = arrival.kind, arrival.period
	f.Causes, f.Undetermined = joinCauses(base, s, verdicts)
	f.Urgency = urgency(base, s, f, verdicts)
	f.Event = main.says
	f.Title = title(main.says, f)
	separating(f)
	f.Peers = main.in.peers()
	if host, port := main.in.endpoint(); port != "" {
		f.Endpoint = net.JoinHostPort(host, port)
	} else {
		f.Endpoint = host
	}
	for id := range joined.members {
		f.Signatures = append(f.Signatures, id)
	}
	sort.Strings(f.Signatures)
	f.Evidence = evidence(verdicts)
	f.Histogram = histogram(&joined.buckets, zoneOf(joined.hits))
	return f
}

func earlier(a, b *incident) bool {
	af, _, aok := a.span()
	bf, _, bok := b.span()
	if aok && bok && af != bf {
		return af < bf
	}
	return a.key() < b.key()
}

func firstTime(hits []place) string {
	for i := range hits {
		if s := hits[i].at.format(); s != "" {
			return s
		}
	}
	return ""
}

func lastTime(hits []place) string {
	for i := len(hits) - 1; i >= 0; i-- {
		if s := hits[i].at.format(); s != "" {
			return s
		}
	}
	return ""
}

// urgency is that of the leading cause, shifted by how many clients are hit; noise only when noise holds enough.
func urgency(base *knowledgebase.Base, s *systemState, f *Finding, verdicts []*verdict) string {
	noise := true
	for _, v := range verdicts {
		noise = noise && v.noise
	}
	if noise {
		return "noise"
	}
	rank := max(urgencyRank[base.Causes[f.Causes[0].ID].Urgency], 1)
	if share := verdicts[0].observer.observe("share"); share != nil {
		switch {
		case share.values[0] == "few" && rank > 1:
			rank--
		case share.values[0] == "all" && verdicts[0].in.count >= 5 && (s.markers["start"] != nil || s.markers["ready"] != nil) && rank < 3:
			rank++
		}
	}
	return urgencyNames[rank]
}

// joinCauses averages the rankings of the incidents, weighted by their events.
func joinCauses(base *knowledgebase.Base, s *systemState, verdicts []*verdict) (causes []Cause, undetermined float64) {
	type sum struct {
		confidence float64
		main       *ranked
		verdict    *verdict
	}
	sums := make(map[string]*sum)
	var events float64
	for _, v := range verdicts {
		w := float64(v.in.count)
		events += w
		undetermined += w * v.undetermined
		for i := range v.causes {
			c := &v.causes[i]
			have := sums[c.cause.ID]
			if have == nil {
				have = &sum{main: c, verdict: v}
				sums[c.cause.ID] = have
			}
			have.confidence += w * c.confidence
		}
	}
	lead := verdicts[0].causes[0].cause.ID
	ids := make([]string, 0, len(sums))
	for id := range sums {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(b2i(a != lead), b2i(b != lead)), -cmp.Compare(sums[a].confidence, sums[b].confidence), cmp.Compare(a, b))
	})
	for i, id := range ids {
		x := sums[id]
		confidence := x.confidence / events
		if i >= shownCauses || (i > 0 && confidence < 0.01) {
			undetermined += x.confidence
			continue
		}
		causes = append(causes, x.verdict.render(base, s, x.main, confidence))
	}
	return causes, round(undetermined / events)
}

func round(v float64) float64 { return float64(int64(v*1000+0.5)) / 1000 }

// render turns a ranked cause into what is shown: factors in words, checks and fixes for this system.
func (v *verdict) render(base *knowledgebase.Base, s *systemState, r *ranked, confidence float64) Cause {
	c := Cause{
		ID: r.cause.ID, Title: r.cause.Title, Meaning: r.cause.Meaning, Confidence: round(confidence),
		Why: []Factor{}, Checks: []Check{}, Fixes: []Fix{}, References: r.cause.References,
	}
	base1 := Factor{Text: "the message: " + clipMessage(v.says, v.in), Ratio: 1}
	if at := v.in.anyHit(); at != nil {
		base1.Source, base1.Line = at.source.place(at.hit.line)
	}
	c.Why = append(c.Why, base1)
	for _, f := range r.factors {
		w := Factor{Text: f.text, Ratio: f.ratio}
		if f.at != nil {
			w.Source, w.Line = f.at.source.place(f.at.hit.line)
		}
		c.Why = append(c.Why, w)
	}
	fill := v.in.placeholders()
	for _, check := range r.cause.Checks {
		if len(check.For) == 0 || check.For.Has(s.id) {
			c.Checks = append(c.Checks, Check{fill.Replace(check.Run), check.LookFor, append([]string{c.ID}, check.Separates...)})
		}
	}
	for _, fix := range r.cause.Fixes {
		if len(fix.For) == 0 || fix.For.Has(s.id) {
			c.Fixes = append(c.Fixes, Fix{For: join(fix.For), Do: fix.Do, Never: fix.Never})
		}
	}
	return c
}

func join(s knowledgebase.Strings) string {
	out := ""
	for i, x := range s {
		if i > 0 {
			out += ", "
		}
		out += x
	}
	return out
}

func clipMessage(says string, in *incident) string {
	if says != "" {
		return says
	}
	return in.signature.ID
}

// evidence picks lines that show the finding: the first of each incident, then more of the largest.
func evidence(verdicts []*verdict) []Line {
	var lines []Line
	seen := make(map[string]bool)
	take := func(p *place) {
		key := fmt.Sprintf("%d/%d", p.number, p.hit.line)
		if p.text != "" && !seen[key] && len(lines) < shownEvidence {
			seen[key] = true
			lines = append(lines, p.evidence())
		}
	}
	for i := range verdicts {
		if p := verdicts[i].in.anyHit(); p != nil && i < 3 {
			take(p)
		}
	}
	for i := range verdicts[0].in.hits {
		take(&verdicts[0].in.hits[i])
	}
	if lines == nil {
		lines = []Line{}
	}
	return lines
}

func zoneOf(hits []place) *time.Location {
	for i := range hits {
		if hits[i].at.Absolute() {
			return time.FixedZone("", int(hits[i].at.Offset))
		}
	}
	return nil
}

// histogram renders at most shownBuckets buckets on absolute boundaries.
func histogram(b *buckets, zone *time.Location) []Bucket {
	out := []Bucket{}
	if b.empty() || zone == nil {
		return out
	}
	keys := make([]int64, 0, len(b.counts))
	for k := range b.counts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	width, shown := b.width, len(keys)
	for shift := 1; shown > shownBuckets; shift++ {
		width, shown = b.width<<shift, 1
		for i := range keys[1:] {
			if keys[i+1]>>shift != keys[i]>>shift {
				shown++
			}
		}
	}
	for i, k := range keys {
		if span := floorDiv(k*b.width, width); i == 0 || span != floorDiv(keys[i-1]*b.width, width) {
			start := time.Unix(span*width, 0).In(zone)
			out = append(out, Bucket{start.Format(time.RFC3339), width, 0})
		}
		out[len(out)-1].Count += b.counts[k]
	}
	return out
}

// nest notes which findings are consequences of others: the cause leads to it and it did not come before.
func nest(base *knowledgebase.Base, findings []*Finding) {
	for _, f := range findings {
		if f.Urgency == "noise" {
			continue
		}
		leads := base.Causes[f.Causes[0].ID].LeadsTo
		for _, g := range findings {
			if g == f || g.System != f.System || !leads.Has(g.Causes[0].ID) || base.Causes[g.Causes[0].ID].LeadsTo.Has(f.Causes[0].ID) {
				continue
			}
			if f.timed && g.timed && g.last < f.first {
				continue
			}
			f.Consequences = append(f.Consequences, g.ID)
			g.nested = true
		}
		sort.Strings(f.Consequences)
	}
}

// order sorts findings worst first: urgency, confidence, count, first seen.
func order(findings []*Finding) {
	slices.SortStableFunc(findings, func(a, b *Finding) int {
		return cmp.Or(
			-cmp.Compare(urgencyRank[a.Urgency], urgencyRank[b.Urgency]),
			-cmp.Compare(a.Causes[0].Confidence, b.Causes[0].Confidence),
			-cmp.Compare(a.Count, b.Count),
			cmp.Compare(a.first, b.first),
			cmp.Compare(a.ID, b.ID),
		)
	})
}

// severityName renders the highest severity of a shape.
func severityName(rank int) string { return parsers.Severity(rank).String() }
