package knowledgebase

import (
	"fmt"
	"strings"
)

// Multiplied returns the embedded knowledge with n times the signatures. The copies have the same form with words that
// no log has; benchmarks use it to show that matching does not slow down as knowledge grows.
func Multiplied(n int) (*Base, error) {
	x, err := decodeIndex(embedded)
	if err != nil {
		return nil, err
	}
	original := x.Signatures
	for i := 1; i < n; i++ {
		for _, s := range original {
			c := *s
			c.ID = fmt.Sprintf("%s-%d", s.ID, i)
			c.Text = nil
			for _, text := range s.Text {
				words := strings.Fields(text)
				for k, w := range words {
					if !strings.ContainsAny(w, "<>\\") {
						words[k] = fmt.Sprintf("%sx%c", w, 'a'+i)
					}
				}
				words = append(words, fmt.Sprintf("copy%c", 'a'+i))
				c.Text = append(c.Text, strings.Join(words, " "))
			}
			x.Signatures = append(x.Signatures, &c)
		}
	}
	return compile(x)
}
