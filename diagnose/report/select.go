package report

import "github.com/whytls/whytls/diagnose"

// roots returns the findings that stand on their own, in order: not those that another one explains. Of findings that
// explain each other in a circle the first is a root, so that everything is below some root.
func roots(findings []*diagnose.Finding) []*diagnose.Finding {
	byID := make(map[string]*diagnose.Finding, len(findings))
	for _, f := range findings {
		byID[f.ID] = f
	}
	below := make(map[*diagnose.Finding]map[*diagnose.Finding]bool, len(findings))
	for _, f := range findings {
		below[f] = make(map[*diagnose.Finding]bool)
		descend(f, byID, below[f])
	}
	var list []*diagnose.Finding
	for i, f := range findings {
		root := true
		for j, g := range findings {
			if g != f && below[g][f] && (j < i || !below[f][g]) {
				root = false
				break
			}
		}
		if root {
			list = append(list, f)
		}
	}
	return list
}

// descend collects all that f explains, itself not counted unless it stands in a circle.
func descend(f *diagnose.Finding, byID map[string]*diagnose.Finding, into map[*diagnose.Finding]bool) {
	for _, id := range f.Consequences {
		if g := byID[id]; g != nil && !into[g] {
			into[g] = true
			descend(g, byID, into)
		}
	}
}

// Top returns a snapshot with the n worst findings. What they explain and the noise come along, as they take a line
// each; findings that are left out are counted. n < 1 means all.
func Top(s *diagnose.Snapshot, n int) *diagnose.Snapshot {
	if n < 1 {
		return s
	}
	byID := make(map[string]*diagnose.Finding, len(s.Findings))
	for _, f := range s.Findings {
		byID[f.ID] = f
	}
	keep := make(map[*diagnose.Finding]bool)
	for _, f := range roots(s.Findings) {
		if f.Urgency != "noise" && n > 0 {
			n--
			keep[f] = true
			descend(f, byID, keep)
		}
	}
	top := *s
	top.Findings = []*diagnose.Finding{}
	for _, f := range s.Findings {
		if keep[f] || f.Urgency == "noise" {
			top.Findings = append(top.Findings, f)
		} else {
			top.FindingsRest.Findings++
			top.FindingsRest.Events += f.Count
		}
	}
	return &top
}
