package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/knowledgebase"
	"github.com/whytls/whytls/parsers/mixedlog"
	"github.com/whytls/whytls/parsers/source"
)

type benchOptions struct {
	megabytes int64
	seed      uint64
	keep      string
	runs      int
}

func newBench(std *streams) *cobra.Command {
	o := benchOptions{megabytes: 256, seed: 1, runs: 3}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the speed of a report on this machine",
		Long: `bench writes a log of several programs in one stream, made from a seed, and
measures the whole of a report on it: on one core, on all, and on one with ten
times the signatures. The same seed gives the same log everywhere, so figures
can be compared; --keep leaves the log for other programs to be measured with.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runBench(cmd.Context(), std, &o) },
	}
	cmd.Flags().Int64Var(&o.megabytes, "size", o.megabytes, "`MiB` of log to make")
	cmd.Flags().Uint64Var(&o.seed, "seed", o.seed, "`number` that the log is made from")
	cmd.Flags().IntVar(&o.runs, "runs", o.runs, "`n` runs of each kind; the best one counts")
	cmd.Flags().StringVar(&o.keep, "keep", "", "write the log to this `file`, keep it and measure nothing")
	return cmd
}

func runBench(ctx context.Context, std *streams, o *benchOptions) error {
	if o.megabytes < 1 || o.runs < 1 {
		return &problem{fmt.Errorf("--size and --runs must be at least 1"), "", exitUsage}
	}
	path := o.keep
	if path == "" {
		dir, err := os.MkdirTemp("", "whytls-bench-")
		if err != nil {
			return &problem{fmt.Errorf("making a folder for the log: %w", err), "set TMPDIR to a folder with room", exitUnreadable}
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "mixed.log")
	}
	size, lines, err := writeMixed(path, o)
	if err != nil {
		return &problem{err, "is there room on the disk?", exitUnreadable}
	}
	if o.keep != "" {
		fmt.Fprintf(std.out, "%s: %d bytes, %d lines, seed %d\n", path, size, lines, o.seed)
		return nil
	}
	base, err := embeddedKnowledge()
	if err != nil {
		return err
	}
	ten, err := knowledgebase.Multiplied(10)
	if err != nil {
		return &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	cores := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(cores)
	fmt.Fprintf(std.out, "%d MiB, %d lines, seed %d, %d signatures, %s %s/%s, %d cores\n",
		size>>20, lines, o.seed, len(base.Signatures), runtime.Version(), runtime.GOOS, runtime.GOARCH, cores)
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tMB/s\tlines/s\tseconds\tmemory MiB\t")
	for _, k := range []struct {
		name  string
		cores int
		base  *knowledgebase.Base
	}{{"one core", 1, base}, {fmt.Sprintf("%d cores", cores), cores, base}, {"one core, 10× signatures", 1, ten}} {
		runtime.GOMAXPROCS(k.cores)
		best := time.Duration(1<<63 - 1)
		for range o.runs {
			took, err := benchOnce(ctx, path, k.cores, k.base)
			if err != nil {
				return err
			}
			best = min(best, took)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s := best.Seconds()
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.2f\t%d\t\n", k.name, float64(size)/s/1e6, float64(lines)/s, s, (m.Sys-m.HeapReleased)>>20)
	}
	return w.Flush()
}

func writeMixed(path string, o *benchOptions) (size, lines int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, 0, fmt.Errorf("writing the log: %w", err)
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("writing the log: %w", e)
		}
	}()
	return mixedlog.Write(f, o.seed, o.megabytes<<20)
}

// benchOnce runs everything that a report does but its rendering.
func benchOnce(ctx context.Context, path string, workers int, base *knowledgebase.Base) (time.Duration, error) {
	e, err := diagnose.NewEngine(diagnose.Options{Base: base, Workers: workers})
	if err != nil {
		return 0, &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	inputs, faults := source.Expand([]string{path}, nil)
	if len(faults) > 0 {
		return 0, &problem{faults[0], "", exitUnreadable}
	}
	start := time.Now()
	if err := e.Run(ctx, inputs); err != nil {
		return 0, exitCode(exitInterrupted)
	}
	e.Snapshot()
	return time.Since(start), nil
}
