// Package session keeps what a person decided at the screen: acknowledgements, silences, marks and filters.
//
// A session belongs to a set of sources, by the hash of their names, so that a second start on the same logs finds it
// again; where the reading was is no part of it, as a start at night must show the incident again. It is one JSON file
// with a version, readable by its owner alone, and it is written as a whole.
package session

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/diagnose/report"
)

// Schema names the version of the file.
const Schema = "whytls.session/1"

// Bounds of what is kept: a file that somebody else wrote, and years of incidents, must not make a start slow.
const (
	maxFile    = 4 << 20
	maxEntries = 1000
)

// Session is what is kept for one set of sources. It is safe for concurrent use.
type Session struct {
	path string // "" for a session that is forgotten
	mu   sync.Mutex
	kept kept
}

// kept is the form of the file.
type kept struct {
	Schema       string            `json:"schema"`
	Sources      []string          `json:"sources"`
	Acknowledged []Acknowledgement `json:"acknowledged,omitempty"`
	Silenced     []Silence         `json:"silenced,omitempty"`
	Marks        []Mark            `json:"marks,omitempty"`
	Filter       string            `json:"filter,omitempty"`
	Window       string            `json:"window,omitempty"`
}

// Acknowledgement says that somebody knows of a finding.
type Acknowledgement struct {
	Keys  []string  `json:"keys"` // of the finding, see diagnose.Finding.Keys
	Title string    `json:"title"`
	Note  string    `json:"note,omitempty"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until,omitzero"` // zero for as long as it gets no worse
	// How bad the finding was.
	Urgency string `json:"urgency"`
	Count   int64  `json:"count"`
	// Worse says why the finding came back, "" while it has not.
	Worse string `json:"worse,omitempty"`
}

// Silence says that a finding is noise here.
type Silence struct {
	Keys  []string  `json:"keys"`
	Title string    `json:"title"`
	At    time.Time `json:"at"`
}

// Mark is a row of the log that somebody wants to find again.
type Mark struct {
	Source string    `json:"source"`
	Line   int64     `json:"line"`
	Time   time.Time `json:"time,omitzero"`
	Text   string    `json:"text"` // redacted
}

// New returns a session that no file keeps.
func New() *Session { return &Session{kept: kept{Schema: Schema}} }

// Open returns the session of a set of sources, an empty one when there is none yet. A file that cannot be read or
// understood is an error beside an empty session; a damaged one is put aside under another name, which the error tells.
func Open(folder string, sources []string) (*Session, error) {
	sources = slices.Compact(slices.Sorted(slices.Values(sources)))
	sum := sha256.Sum256([]byte(strings.Join(sources, "\x00")))
	s := New()
	s.path = filepath.Join(folder, "sessions", hex.EncodeToString(sum[:8])+".json")
	s.kept.Sources = sources
	data, err := read(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		s.path = "" // what cannot be read must not be written over
		return s, fmt.Errorf("reading the session: %w", err)
	}
	var found kept
	if err := json.Unmarshal(data, &found); err != nil {
		return s.putAside(err)
	}
	if found.Schema != Schema {
		return s.putAside(fmt.Errorf("schema %q is not %q", found.Schema, Schema))
	}
	found.Sources = sources
	s.kept = found
	s.kept.bound()
	return s, nil
}

// putAside keeps a file that is not understood for whoever wants to mend it.
func (s *Session) putAside(why error) (*Session, error) {
	aside := s.path + ".damaged"
	if err := os.Rename(s.path, aside); err != nil {
		name := s.path
		s.path = ""
		return s, fmt.Errorf("reading the session %s: %w", name, why)
	}
	return s, fmt.Errorf("reading the session: %w; it is kept as %s", why, aside)
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return data, err
}

// bound drops the oldest entries.
func (k *kept) bound() {
	k.Acknowledged = latest(k.Acknowledged)
	k.Silenced = latest(k.Silenced)
	k.Marks = latest(k.Marks)
}

func latest[T any](list []T) []T { return list[max(len(list)-maxEntries, 0):] }

// Save writes the session as it is now.
func (s *Session) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fmt.Errorf("keeping the session: %w", err)
	}
	s.kept.bound()
	err := report.WriteFile(s.path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		return e.Encode(&s.kept)
	})
	if err != nil {
		return fmt.Errorf("keeping the session: %w", err)
	}
	return nil
}

// Acknowledge notes that somebody knows of a finding. until is zero for as long as it gets no worse.
func (s *Session) Acknowledge(f *diagnose.Finding, note string, now, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Acknowledged = append(without(s.kept.Acknowledged, f), Acknowledgement{
		Keys: f.Keys(), Title: f.Title, Note: note, At: now, Until: until, Urgency: f.Urgency, Count: f.Count,
	})
}

// Forget takes an acknowledgement back.
func (s *Session) Forget(f *diagnose.Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Acknowledged = without(s.kept.Acknowledged, f)
}

// Worsen notes that an acknowledged finding got worse. It reports whether there was anything to note.
func (s *Session) Worsen(f *diagnose.Finding, why string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.kept.Acknowledged {
		if a := &s.kept.Acknowledged[i]; a.about(f) && a.Worse == "" {
			a.Worse = why
			return true
		}
	}
	return false
}

// manyMore times the events of an acknowledged finding are more than was acknowledged.
const manyMore = 10

// Acknowledged returns the acknowledgement of a finding, and whether it still holds: it has not expired, and the finding
// is not worse than it was. ok is false where there is none, or only one that has expired.
func (s *Session) Acknowledged(f *diagnose.Finding, now time.Time) (a Acknowledgement, holds, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.kept.Acknowledged {
		if !a.about(f) {
			continue
		}
		switch {
		case !a.Until.IsZero() && !now.Before(a.Until):
			return a, false, false
		case a.Worse != "":
		case diagnose.UrgencyRank(f.Urgency) > diagnose.UrgencyRank(a.Urgency):
			a.Worse = "it was " + a.Urgency + " and is " + f.Urgency + " now"
		case f.Count >= manyMore*max(a.Count, 1):
			a.Worse = fmt.Sprintf("it happened %s×, and %s× by now", report.Number(a.Count), report.Number(f.Count))
		default:
			return a, true, true
		}
		return a, false, true
	}
	return Acknowledgement{}, false, false
}

// Silence takes a finding for noise, or no longer. It reports which.
func (s *Session) Silence(f *diagnose.Finding, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.kept.Silenced)
	s.kept.Silenced = slices.DeleteFunc(s.kept.Silenced, func(q Silence) bool { return share(q.Keys, f) })
	if len(s.kept.Silenced) < before {
		return false
	}
	s.kept.Silenced = append(s.kept.Silenced, Silence{Keys: f.Keys(), Title: f.Title, At: now})
	return true
}

// Silenced returns since when a finding is taken for noise.
func (s *Session) Silenced(f *diagnose.Finding) (since time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.kept.Silenced {
		if share(q.Keys, f) {
			return q.At, true
		}
	}
	return time.Time{}, false
}

// Mark marks a row, or no longer. It reports which.
func (s *Session) Mark(m Mark) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.kept.Marks)
	s.kept.Marks = slices.DeleteFunc(s.kept.Marks, m.same)
	if len(s.kept.Marks) < before {
		return false
	}
	s.kept.Marks = append(s.kept.Marks, m)
	return true
}

// Marked reports whether a row is marked. Its text does not count: it may have been redacted in another way.
func (s *Session) Marked(m Mark) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.kept.Marks, m.same)
}

func (m Mark) same(o Mark) bool {
	return m.Source == o.Source && m.Line == o.Line && m.Time.Equal(o.Time)
}

// Marks are the marked rows, in the order in which they were marked.
func (s *Session) Marks() []Mark {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.kept.Marks)
}

// Filter returns the filter and the time window, as they were typed.
func (s *Session) Filter() (filter, window string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept.Filter, s.kept.Window
}

// SetFilter keeps the filter and the time window.
func (s *Session) SetFilter(filter, window string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept.Filter, s.kept.Window = filter, window
}

func (a *Acknowledgement) about(f *diagnose.Finding) bool { return share(a.Keys, f) }

// share reports whether keys name the finding.
func share(keys []string, f *diagnose.Finding) bool {
	for _, k := range f.Keys() {
		if slices.Contains(keys, k) {
			return true
		}
	}
	return false
}

func without(list []Acknowledgement, f *diagnose.Finding) []Acknowledgement {
	return slices.DeleteFunc(list, func(a Acknowledgement) bool { return a.about(f) })
}
