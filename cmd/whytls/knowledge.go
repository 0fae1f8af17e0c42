package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/whytls/whytls/knowledgebase"
)

// knowledgeFlag names files and folders of knowledge that lie over the embedded base, besides the user's own folder
// $XDG_CONFIG_HOME/whytls/knowledge.
type knowledgeFlag struct{ paths []string }

// add adds --knowledge to a command.
func (k *knowledgeFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&k.paths, "knowledge", nil, "take knowledge of your own from this `folder` or file too;\n$XDG_CONFIG_HOME/whytls/knowledge is always taken")
}

// sources lists what lies over the embedded base, the weaker first.
func (k *knowledgeFlag) sources() []string {
	var all []string
	if folder, err := configFolder(os.LookupEnv); err == nil {
		folder = filepath.Join(folder, "knowledge")
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			all = append(all, folder)
		}
	}
	for _, path := range k.paths {
		if path != "" { // as from a variable that is set to nothing
			all = append(all, path)
		}
	}
	return all
}

// base returns the knowledge with what the user adds. What the user adds is linted.
func (k *knowledgeFlag) base() (*knowledgebase.Base, error) {
	paths := k.sources()
	if len(paths) == 0 {
		return embeddedKnowledge()
	}
	base, err := knowledgebase.Extended(paths...)
	if err != nil {
		return nil, knowledgeProblem(err)
	}
	return base, nil
}

// embeddedKnowledge returns the embedded base; that it cannot be decoded is a bug.
func embeddedKnowledge() (*knowledgebase.Base, error) {
	base, err := knowledgebase.Embedded()
	if err != nil {
		return nil, &problem{fmt.Errorf("internal error: %w", err), bugHint, exitInternal}
	}
	return base, nil
}

// knowledgeProblem says what can be done about files of knowledge that cannot be used.
func knowledgeProblem(err error) error {
	hint := "`whytls kb lint FOLDER` checks files of knowledge, `whytls kb schema` says what may stand in them"
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		hint = "--knowledge takes a folder of .yaml files, or one file"
	}
	return &problem{err, hint, exitUsage}
}
