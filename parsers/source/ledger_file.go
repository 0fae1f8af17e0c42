package source

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// stateSchema names the form in which a ledger is kept.
const stateSchema = "whytls.state/1"

// ErrState is returned for a file that holds no ledger.
var ErrState = errors.New("no state of whytls, or damaged")

type storedLedger struct {
	Schema string          `json:"schema"`
	Files  []storedReading `json:"files"`
}

type storedReading struct {
	Name   string      `json:"name"`
	Device uint64      `json:"device"`
	Inode  uint64      `json:"inode"`
	Offset int64       `json:"offset"`
	Line   int64       `json:"line,omitempty"`
	First  storedPrint `json:"first"`
	Last   storedPrint `json:"last"`
	Since  time.Time   `json:"since"`
}

type storedPrint struct {
	Length int    `json:"length"`
	Sum    string `json:"sha256"`
}

// keptPerName is how many files of one name are stored. The last one is what matters; an earlier one may still be written
// to by a lagging writer.
const keptPerName = 4

// Changes grows whenever there is something new to store.
func (l *Ledger) Changes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changes
}

// Encode returns the ledger as it is stored.
func (l *Ledger) Encode() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	byName := make(map[string][]*reading)
	for _, r := range l.readings {
		byName[r.name] = append(byName[r.name], r)
	}
	stored := storedLedger{Schema: stateSchema, Files: []storedReading{}}
	for _, of := range byName {
		slices.SortFunc(of, func(a, b *reading) int { return b.since.Compare(a.since) })
		for _, r := range of[:min(len(of), keptPerName)] {
			stored.Files = append(stored.Files, storedReading{
				Name: r.name, Device: r.id.Device, Inode: r.id.Inode, Offset: r.at.offset, Line: r.at.line,
				First: r.at.first.store(), Last: r.at.last.store(), Since: r.since,
			})
		}
	}
	slices.SortFunc(stored.Files, func(a, b storedReading) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), b.Since.Compare(a.Since))
	})
	data, err := json.MarshalIndent(stored, "", " ")
	if err != nil {
		panic(err) // numbers and strings always encode
	}
	return append(data, '\n')
}

// Restore adds what Encode returned. Nothing is added when it fails, with ErrState.
func (l *Ledger) Restore(data []byte) error {
	var stored storedLedger
	if err := json.Unmarshal(data, &stored); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	if stored.Schema != stateSchema {
		return fmt.Errorf("%w: its schema is %.40q", ErrState, stored.Schema)
	}
	var readings []*reading
	for _, s := range stored.Files {
		first, ok1 := s.First.restore()
		last, ok2 := s.Last.restore()
		if !ok1 || !ok2 || s.Offset < int64(last.length) || s.Line < 0 || s.Name == "" {
			return fmt.Errorf("%w: the entry of %.80q", ErrState, s.Name)
		}
		readings = append(readings, &reading{
			id: FileID{s.Device, s.Inode}, name: s.Name, since: s.Since,
			at: position{offset: s.Offset, line: s.Line, first: first, last: last},
		})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range readings {
		l.readings[r.id] = r
	}
	return nil
}

func (p fingerprint) store() storedPrint { return storedPrint{p.length, p.String()} }

func (s storedPrint) restore() (p fingerprint, ok bool) {
	sum, err := hex.DecodeString(s.Sum)
	if err != nil || len(sum) != len(p.sum) || s.Length < 0 || s.Length > firstBytes {
		return p, false
	}
	return fingerprint{s.Length, [len(p.sum)]byte(sum)}, true
}
