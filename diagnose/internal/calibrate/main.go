// Command calibrate measures how honest the confidences are and shows what another constant of the ranking would do: it
// runs labelled cases (JSON lines with the paths in "logs", relative to the file, and in "expect" the true cause of
// each fault as "strict" with the acceptable ones as "any_of") and prints, for each temperature, the Brier score and the
// calibration error of the leading causes. The temperature to use stands in knowledgebase/ranking.yaml.
//
//	go run ./diagnose/internal/calibrate CASES.jsonl
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers/source"
)

type labelled struct {
	Logs   []string `json:"logs"`
	Expect []struct {
		Strict string   `json:"strict"`
		AnyOf  []string `json:"any_of"`
	} `json:"expect"`
}

// guess is a confidence and whether its cause was the true one.
type guess struct {
	confidence float64
	right      float64
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: calibrate CASES.jsonl")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "calibrate:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	cases, err := read(path)
	if err != nil {
		return err
	}
	base, err := knowledgebase.Embedded()
	if err != nil {
		return err
	}
	inUse := base.Ranking.Temperature
	fmt.Printf("%-12s %8s %8s %8s\n", "temperature", "guesses", "Brier", "ECE")
	for t := 0.6; t < 1.85; t += 0.1 {
		base.Ranking.Temperature = t // nobody else uses the base here
		var guesses []guess
		for _, c := range cases {
			g, err := try(base, filepath.Dir(path), c)
			if err != nil {
				return err
			}
			guesses = append(guesses, g...)
		}
		brier, ece := score(guesses)
		mark := ""
		if math.Abs(t-inUse) < 0.05 {
			mark = "  in use"
		}
		fmt.Printf("%-12.1f %8d %8.4f %8.4f%s\n", t, len(guesses), brier, ece, mark)
	}
	return nil
}

func read(path string) ([]labelled, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var cases []labelled
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var c labelled
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		cases = append(cases, c)
	}
	return cases, lines.Err()
}

// try diagnoses one case and returns the leading confidences that concern its faults or nothing at all.
func try(base *knowledgebase.Base, dir string, c labelled) ([]guess, error) {
	var paths []string
	for _, p := range c.Logs {
		paths = append(paths, filepath.Join(dir, p))
	}
	inputs, faults := source.Expand(paths, nil)
	if len(faults) > 0 {
		return nil, faults[0]
	}
	engine, err := diagnose.NewEngine(diagnose.Options{Base: base})
	if err != nil {
		return nil, err
	}
	if err := engine.Run(context.Background(), inputs); err != nil {
		return nil, err
	}
	strict, acceptable := map[string]bool{}, map[string]bool{}
	for _, e := range c.Expect {
		strict[e.Strict] = true
		for _, id := range e.AnyOf {
			acceptable[id] = true
		}
	}
	var out []guess
	for _, f := range engine.Snapshot().Findings {
		lead := f.Causes[0]
		if !acceptable[lead.ID] {
			continue
		}
		g := guess{confidence: lead.Confidence}
		if strict[lead.ID] {
			g.right = 1
		}
		out = append(out, g)
	}
	return out, nil
}

// score returns the Brier score and the expected calibration error over five bins.
func score(guesses []guess) (brier, ece float64) {
	var n, sum, right [5]float64
	for _, g := range guesses {
		brier += (g.confidence - g.right) * (g.confidence - g.right)
		b := min(int(g.confidence*5), 4)
		n[b]++
		sum[b] += g.confidence
		right[b] += g.right
	}
	total := float64(len(guesses))
	if total == 0 {
		return 0, 0
	}
	for b := range n {
		if n[b] > 0 {
			ece += n[b] / total * math.Abs(sum[b]/n[b]-right[b]/n[b])
		}
	}
	return brier / total, ece
}
