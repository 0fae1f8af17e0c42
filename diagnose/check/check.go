package check

import (
	"context"
	"crypto/x509"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/whytls/whytls/knowledgebase"
)

// Schema is the name of the JSON contract.
const Schema = "whytls.check/1"

// Options say how configuration is checked. The zero value checks against the present time.
type Options struct {
	// Now is the time that certificates are judged against; zero means the present.
	Now time.Time
	// ExpiresWithin reports certificates that end within this time from now; 0 means those that ended.
	ExpiresWithin time.Duration
	// Version is the version of the program that the configuration is for, "" when unknown. An image tag that names
	// another one is stronger.
	Version string
	// Beside takes folders for those of logs, beside which configuration may lie: only the files directly in them are read,
	// and to find none is no fault.
	Beside bool
	// Password opens PKCS#12 files; the empty one is always tried.
	Password string
}

// run is one check under way.
type run struct {
	options Options
	version knowledgebase.Versions
	result  *Result
	seen    map[string]*document // what was read, by absolute path
	files   []*file

	wukongims []*wukongim
	nanomqs   []*nanomq
	nginxes   []*nginx
	chains    map[string]*certificateFile    // by absolute path
	subjects  map[string][]*x509.Certificate // CAs among the files, by subject
	roots     map[string]bool                // subjects of the system's roots
	used      map[string]bool                // absolute paths of certificates and keys that a configuration names
	claimed   map[string]bool                // absolute paths of files of variables that another file reads
	maps      map[string]*configMap          // of Kubernetes, by name
	salvos    []salvoDependency
	workloads []manifestPart
	linted    int
	proxies   bool // a program that may end TLS in front is among what was given
}

// file is a document and what it was taken for.
type file struct {
	*document
	kind string
}

// Run checks the files that paths name or hold. It returns early when ctx ends, with what was found until then.
func Run(ctx context.Context, paths []string, o Options) *Result {
	r := newRun(o)
	r.collect(paths)
	return r.finish(ctx)
}

func newRun(o Options) *run {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	r := &run{
		options: o,
		result: &Result{
			Schema: Schema, PassedOver: map[string]int{}, Findings: []Finding{}, Notes: []Note{}, Files: []File{}, NotChecked: []NotChecked{}, Unreadable: []Unreadable{},
		},
		seen: map[string]*document{}, chains: map[string]*certificateFile{}, used: map[string]bool{}, claimed: map[string]bool{}, maps: map[string]*configMap{},
	}
	r.version, _ = knowledgebase.ParseVersion(o.Version)
	return r
}

// finish parses and judges what was collected.
func (r *run) finish(ctx context.Context) *Result {
	r.parse(ctx)
	r.judge(ctx)
	r.result.Findings = sortFindings(r.result.Findings)
	slices.SortStableFunc(r.result.Notes, func(a, b Note) int { return comparePlaces(a.Place, b.Place, a.Lint, b.Lint) })
	for _, f := range r.files {
		r.result.Files = append(r.result.Files, File{f.name, f.kind})
	}
	return r.result
}

// take adds a file to what is checked.
func (r *run) take(d *document, kind string) {
	r.files = append(r.files, &file{d, kind})
}

// parse turns files into programs and chains. The list may grow meanwhile: configuration names more files.
func (r *run) parse(ctx context.Context) {
	for _, f := range r.files {
		if f.kind == kindPEM || f.kind == kindDER || f.kind == kindPKCS12 {
			r.loadCertificates(f.document, f.kind)
		}
	}
	parsers := map[string]func(*document){
		kindWuKongIM: r.parseWuKongIM, kindWuKongIMTOML: r.parseWuKongIMTOML, kindEnvironment: r.parseEnvironment,
		kindCompose: r.parseCompose, kindKubernetes: r.parseKubernetes, kindUnit: r.parseUnit,
		kindNanoMQ: r.parseNanoMQ, kindNanoMQOld: r.parseNanoMQOld,
		kindCargoTOML: r.parseCargoTOML, kindCargoLock: r.parseCargoLock,
	}
	for _, f := range r.files {
		if parse := parsers[f.kind]; parse != nil && ctx.Err() == nil {
			parse(f.document)
		}
	}
	r.parseWorkloads()
	r.parseNginxes()
}

// judge runs the rules.
func (r *run) judge(ctx context.Context) {
	r.joinWuKongIMs()
	for _, step := range []func(){r.judgeWuKongIMs, r.judgeNanoMQs, r.judgeNginxes, r.judgeSalvo, r.judgeCertificates} {
		if ctx.Err() != nil {
			return
		}
		step()
	}
}

// mostFindings bounds what one run lists; the rest is counted.
const mostFindings = 5000

// report adds a finding.
func (r *run) report(rule *rule, system string, at Place, problem, consequence, fix string) {
	if len(r.result.Findings) >= mostFindings {
		r.result.FindingsRest++
		return
	}
	r.result.Findings = append(r.result.Findings, Finding{
		Rule: rule.id, Urgency: rule.urgency, Place: at, Cause: rule.cause, System: system,
		Problem: problem, Consequence: consequence, Fix: fix,
	})
}

// notChecked notes something that is named and was not there.
func (r *run) notChecked(at Place, why string) {
	r.result.NotChecked = append(r.result.NotChecked, NotChecked{at, why})
}

// beside returns the path of a file that a document names, relative to the document's folder.
func (d *document) beside(name string) string {
	if filepath.IsAbs(name) || d.path == "" {
		return name
	}
	return filepath.Join(filepath.Dir(d.path), filepath.FromSlash(strings.TrimPrefix(name, "./")))
}
