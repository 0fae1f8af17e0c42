package knowledgebase

import (
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// Export is the whole base as one value, for programs.
type Export struct {
	Schema     string                           `json:"schema"`
	Ranking    Ranking                          `json:"ranking"`
	Families   map[string]Strings               `json:"families"`
	Causes     []*Cause                         `json:"causes"` // without what systems add
	Systems    []*System                        `json:"systems"`
	Tables     map[string]map[string]TableEntry `json:"tables"`
	Signatures []*Signature                     `json:"signatures"`
}

// Export returns the whole base.
func (b *Base) Export() *Export {
	e := &Export{
		Schema: "whytls.knowledge/1", Ranking: b.Ranking, Families: b.Families, Causes: b.index.Causes, Systems: b.systems,
		Tables: make(map[string]map[string]TableEntry), Signatures: b.Signatures,
	}
	for _, name := range b.Tables() {
		e.Tables[name] = b.Table(name)
	}
	return e
}

// WriteYAML writes the base as a stream of documents, each of the form of a file of knowledge, so that it can be read
// again. Comments are not kept, and ranking and families, which files of a user cannot have, are left out.
func (b *Base) WriteYAML(w io.Writer) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	var err error
	write := func(v any) {
		if err == nil {
			err = encoder.Encode(v)
		}
	}
	families := make(map[string]*causeFile)
	for _, c := range b.index.Causes {
		if families[c.Family] == nil {
			families[c.Family] = &causeFile{Family: c.Family}
		}
		families[c.Family].Causes = append(families[c.Family].Causes, c)
	}
	for _, name := range sorted(families) {
		write(families[name])
	}
	for _, s := range b.systems {
		write(s)
	}
	if names := b.Tables(); len(names) > 0 {
		file := signatureFile{Library: "tables", Tables: make(map[string]map[string]TableEntry)}
		for _, name := range names {
			file.Tables[name] = b.Table(name)
		}
		write(file)
	}
	files := make(map[string]*signatureFile)
	for _, s := range b.Signatures {
		key := s.Library + "\x00" + s.System + "\x00" + s.Generated
		if files[key] == nil {
			files[key] = &signatureFile{Library: s.Library, System: s.System, Generated: s.Generated}
		}
		files[key].Signatures = append(files[key].Signatures, s)
	}
	for _, key := range sorted(files) {
		write(files[key])
	}
	if err == nil {
		err = encoder.Close()
	}
	if err != nil {
		return fmt.Errorf("writing the knowledge: %w", err)
	}
	return nil
}
