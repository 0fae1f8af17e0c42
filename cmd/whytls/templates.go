package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/parsers"
	"github.com/whytls/whytls/parsers/source"
)

type templatesOptions struct {
	paths       []string
	output      string
	lines       bool
	unknown     bool
	minCount    int64
	sort        string
	since       moment
	until       moment
	timezone    location
	inputFormat string
	knowledge   knowledgeFlag
}

func newTemplates(std *streams) *cobra.Command { return newTemplatesCommand(std, runTemplates) }

// newTemplatesCommand is apart from running it, so that tests see what the flags become.
func newTemplatesCommand(std *streams, runF func(context.Context, *streams, *templatesOptions) error) *cobra.Command {
	o := templatesOptions{timezone: location{"Local", time.Local}}
	cmd := &cobra.Command{
		Use:   "templates [flags] PATH…",
		Short: "List the kinds of messages, with placeholders for what varies",
		Long: text(`
			templates groups the records of logs by the statement that most probably
			printed them, and lists for each group how many there are, which share of all
			that is, the worst severity, the first and the last time, how the number went
			over time, the message with placeholders (<ip>, <num>, <path> …) and the
			signature, if one knows the message.

			With --lines it prints one row for each input line, in order: the id of the
			template, a tab, the template. Lines that continue a record have its row.

			The ids stay the same from run to run, whatever else is logged. --input-format
			message takes each line for a bare message, without time, severity or envelope.`),
		Example: examples(`
			whytls templates server.log
			whytls templates --unknown --sort severity /var/log/nanomq
			whytls templates --output csv --min-count 10 'app*.log.gz' > templates.csv
			whytls templates --lines --output tsv --input-format message messages.txt`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.paths = args
			return runF(cmd.Context(), std, &o)
		},
	}
	f := cmd.Flags()
	choose(cmd, &o.output, "output", "o", "text", "print `text` for a person, or json, csv or tsv for a program", "text", "json", "csv", "tsv")
	f.BoolVar(&o.lines, "lines", false, "print one row for each input line: template id, tab, template")
	f.BoolVar(&o.unknown, "unknown", false, "list only what no signature knows")
	f.Int64Var(&o.minCount, "min-count", 0, "list only templates with at least this `many` records")
	choose(cmd, &o.sort, "sort", "", "count", "order by count, first, last, `severity` or template", "count", "first", "last", "severity", "template")
	f.Var(&o.since, "since", "leave out what was logged before this `time`")
	f.Var(&o.until, "until", "leave out what was logged after this `time`; a date means its end")
	f.Var(&o.timezone, "timezone", "`zone` of times that name none, in logs and flags")
	choose(cmd, &o.inputFormat, "input-format", "", "auto", "take all lines for this `format`, or for bare messages; see whytls formats",
		append([]string{"auto", parsers.Message.Name}, formatNames()...)...)
	o.knowledge.add(cmd)
	for _, name := range []string{"since", "until", "timezone", "min-count"} {
		complete(cmd, name, cobra.NoFileCompletions)
	}
	return cmd
}

func runTemplates(ctx context.Context, std *streams, o *templatesOptions) error {
	if len(o.paths) == 0 {
		if !isPiped(std.in) {
			return usage("name a file, a folder or a pattern, or - for standard input", "nothing to read")
		}
		o.paths = []string{"-"}
	}
	if o.lines && (o.unknown || o.minCount > 0 || o.output == "json") {
		return usage("--lines prints every line as text or tsv", "--lines does not go with --unknown, --min-count or json")
	}
	base, err := o.knowledge.base()
	if err != nil {
		return err
	}
	options := diagnose.Options{Base: base, Location: o.timezone.zone, Lines: o.lines}
	if options.Window, err = window(o.since.text, o.until.text, o.timezone.zone, time.Now()); err != nil {
		return err
	}
	switch o.inputFormat {
	case "auto":
	case parsers.Message.Name:
		options.Format = parsers.Message
	default:
		if options.Format, err = parsers.Lookup(o.inputFormat); err != nil {
			return err
		}
	}
	engine, err := diagnose.NewEngine(options)
	if err != nil {
		return &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	inputs, problems := source.Expand(o.paths, interruptible(ctx, std.in))
	runErr := engine.Run(ctx, inputs)
	t := engine.Templates()
	if err := o.write(std.out, t); err != nil {
		return &problem{err, "", exitInternal}
	}
	for _, err := range problems {
		std.complain(err, source.Hint(err))
	}
	for _, f := range t.Faults {
		std.complain(&source.Fault{Name: f.Source, Err: f.Err}, source.Hint(f.Err))
	}
	switch {
	case runErr != nil && ctx.Err() != nil:
		std.complain(errors.New("interrupted"), "the list holds what was read so far")
		return exitCode(exitInterrupted)
	case runErr != nil:
		std.complain(runErr, bugHint)
		return exitCode(exitInternal)
	case len(problems)+len(t.Faults) > 0:
		return exitCode(exitUnreadable)
	}
	return nil
}

func (o *templatesOptions) write(w io.Writer, t *diagnose.Templates) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var err error
	if o.lines {
		err = writeTemplateLines(out, t)
	} else {
		err = o.writeList(out, t)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// writeTemplateLines prints a row for each line of each source.
func writeTemplateLines(out *bufio.Writer, t *diagnose.Templates) error {
	rows := make([]string, len(t.Clusters))
	for i := range t.Clusters {
		rows[i] = t.Clusters[i].ID + "\t" + cell(t.Clusters[i].Template) + "\n"
	}
	for _, lines := range t.Lines {
		for _, n := range lines {
			row := "-\t\n" // no record yet, or beyond the cap
			if n >= 0 {
				row = rows[n]
			}
			if _, err := out.WriteString(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// templateRow is one template as programs read it.
type templateRow struct {
	diagnose.Cluster
	Share float64 `json:"share"`
}

func (o *templatesOptions) writeList(out *bufio.Writer, t *diagnose.Templates) error {
	total := t.Cut
	for i := range t.Clusters {
		total += t.Clusters[i].Count
	}
	rows := []templateRow{}
	rest := diagnose.Rest{Records: t.Cut}
	for _, c := range t.Clusters {
		if c.Count < o.minCount || o.unknown && c.Signature != "" {
			rest.Templates++
			rest.Records += c.Count
			continue
		}
		rows = append(rows, templateRow{c, float64(c.Count) / float64(max(total, 1))})
	}
	o.order(rows)
	switch o.output {
	case "json":
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		return e.Encode(struct {
			Schema    string        `json:"schema"`
			Records   int64         `json:"records"`
			Templates []templateRow `json:"templates"`
			Rest      diagnose.Rest `json:"rest"`
		}{"whytls.templates/1", total, rows, rest})
	case "csv", "tsv":
		return writeTable(out, rows, o.output == "tsv")
	}
	writeTemplateText(out, rows, rest, total)
	return nil
}

// order sorts rows, which come with the most frequent first.
func (o *templatesOptions) order(rows []templateRow) {
	slices.SortStableFunc(rows, func(a, b templateRow) int {
		switch o.sort {
		case "first":
			return untimedLast(a.First, b.First, cmp.Compare(a.First, b.First))
		case "last":
			return untimedLast(a.Last, b.Last, -cmp.Compare(a.Last, b.Last))
		case "severity":
			return -cmp.Compare(a.Rank(), b.Rank())
		case "template":
			return cmp.Compare(a.Template, b.Template)
		}
		return 0
	})
}

func untimedLast(a, b string, order int) int {
	if (a == "") != (b == "") {
		if a == "" {
			return 1
		}
		return -1
	}
	return order
}

var templateColumns = []string{"id", "count", "share", "severity", "first", "last", "trend", "template", "signature"}

func (r *templateRow) columns() []string {
	return []string{
		r.ID, strconv.FormatInt(r.Count, 10), strconv.FormatFloat(r.Share, 'f', 6, 64), r.Severity, r.First, r.Last, sparkline(r.Histogram), cell(r.Template),
		r.Signature,
	}
}

func writeTable(out *bufio.Writer, rows []templateRow, tabs bool) error {
	if tabs {
		fmt.Fprintln(out, strings.Join(templateColumns, "\t"))
		for i := range rows {
			fmt.Fprintln(out, strings.Join(rows[i].columns(), "\t"))
		}
		return nil
	}
	w := csv.NewWriter(out)
	if err := w.Write(templateColumns); err != nil {
		return err
	}
	for i := range rows {
		if err := w.Write(rows[i].columns()); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func writeTemplateText(out *bufio.Writer, rows []templateRow, rest diagnose.Rest, total int64) {
	wide := len("count")
	for i := range rows {
		wide = max(wide, len(strconv.FormatInt(rows[i].Count, 10)))
	}
	if len(rows) > 0 {
		fmt.Fprintf(out, "%*s  share  %-5s  %-19s  %-19s  %-16s  template\n", wide, "count", "level", "first", "last", "trend")
	}
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(out, "%*d  %4.1f%%  %-5s  %-19s  %-19s  %s  %s", wide, r.Count, 100*r.Share, r.Severity, short(r.First), short(r.Last),
			padded(sparkline(r.Histogram), 16), cell(r.Template))
		if r.Signature != "" {
			fmt.Fprintf(out, "  [%s]", r.Signature)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "%d %s, %d records", len(rows), plural(len(rows), "template", "templates"), total-rest.Records)
	if rest.Records > 0 {
		fmt.Fprintf(out, "; not shown: %d templates, %d records", rest.Templates, rest.Records)
	}
	fmt.Fprintln(out)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// short leaves of a time what tells it apart within a log.
func short(stamp string) string { return strings.Replace(stamp[:min(len(stamp), 19)], "T", " ", 1) }

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(width-len([]rune(s)), 0))
}

// sparkline draws the numbers of a histogram.
func sparkline(buckets []diagnose.Bucket) string {
	const levels = "▁▂▃▄▅▆▇█"
	bars := []rune(levels)
	var most int64
	for _, b := range buckets {
		most = max(most, b.Count)
	}
	var out []rune
	for _, b := range buckets {
		if b.Count == 0 {
			out = append(out, ' ')
			continue
		}
		out = append(out, bars[int((b.Count*int64(len(bars))-1)/most)])
	}
	return string(out)
}

// cell makes text fit for one field of a row: log text is hostile.
func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(printable(s), "\n", " "), "\t", " ")
}
