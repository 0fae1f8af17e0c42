package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/whytls/whytls/tui/session"
)

// session takes up what was decided about the same sources before, nil when it is not to be kept. What is wrong with it is
// a warning, here and on the screen: the incident does not wait.
func (o *watchOptions) session(std *streams) (kept *session.Session, warning string) {
	if o.forget {
		return nil, ""
	}
	folder, err := stateFolder(os.LookupEnv)
	if err != nil {
		std.complain(err, "set XDG_STATE_HOME to keep acknowledgements, or use --no-session")
		return nil, "nothing is kept at the end: " + err.Error()
	}
	var sources []string
	for _, path := range o.paths {
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		sources = append(sources, path)
	}
	for kind, names := range map[string][]string{"exec": o.exec, "journald": o.journald, "docker": o.docker, "kube": o.kube} {
		for _, name := range names {
			sources = append(sources, kind+" "+o.namespace+" "+name)
		}
	}
	sources = slices.Concat(sources, o.exec, o.journald, o.docker, o.kube)
	kept, err = session.Open(folder, sources)
	if err != nil {
		std.complain(err, "the screen begins without acknowledgements, marks and filters")
		return kept, err.Error()
	}
	return kept, ""
}

// stateFolder is where the program keeps what it remembers: $XDG_STATE_HOME/whytls.
func stateFolder(env func(string) (string, bool)) (string, error) {
	if dir, ok := env("XDG_STATE_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "whytls"), nil
	}
	if home, ok := env("HOME"); ok && home != "" {
		return filepath.Join(home, ".local", "state", "whytls"), nil
	}
	return "", errors.New("neither XDG_STATE_HOME nor HOME is set")
}
