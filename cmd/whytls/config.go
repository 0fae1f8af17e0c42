package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// Every flag can also be set by an environment variable (WHYTLS_FAIL_ON for --fail-on) and by a key of a configuration
// file. A file is a map from flag names to values; a key that names a command holds a map of the same kind for this
// command. Stronger comes later: defaults, /etc/whytls/config.yaml, $XDG_CONFIG_HOME/whytls/config.yaml, --config,
// environment, command line. Keys that no command knows are errors, so that a misspelt one does not pass in silence.

const (
	envPrefix    = "WHYTLS_"
	systemConfig = "/etc/whytls/config.yaml"
)

// setting is a value for a flag and where it came from.
type setting struct {
	values []string
	origin string
}

// settle sets the flags of cmd that the command line leaves open.
func settle(cmd *cobra.Command, env func(string) (string, bool)) error {
	settings := make(map[string]setting)
	files, err := configFiles(cmd, env)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := f.read(cmd, settings); err != nil {
			return usage("the keys are the flags of `whytls COMMAND --help` without the dashes", "%w", err)
		}
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := envName(f.Name)
		if value, ok := env(name); ok && settable(f) {
			settings[f.Name] = setting{[]string{value}, name}
		}
	})
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		flag := cmd.Flags().Lookup(name)
		if flag == nil || flag.Changed {
			continue
		}
		for _, value := range settings[name].values {
			if err := cmd.Flags().Set(name, value); err != nil {
				return usage("correct it there, or override it with --"+name, "%w (from %s)", err, settings[name].origin)
			}
		}
	}
	return nil
}

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// settable leaves out the flags that only make sense on the command line.
func settable(f *pflag.Flag) bool {
	return f.Name != "help" && f.Name != "version" && f.Name != "config"
}

// configFile is one file of settings; only a file that the user named must exist.
type configFile struct {
	path  string
	named string // the flag or variable that names it
}

func configFiles(cmd *cobra.Command, env func(string) (string, bool)) ([]configFile, error) {
	files := []configFile{{path: systemConfig}}
	if folder, err := configFolder(env); err == nil {
		files = append(files, configFile{path: filepath.Join(folder, "config.yaml")})
	}
	if flag := cmd.Flags().Lookup("config"); flag != nil && flag.Changed {
		if flag.Value.String() == "" {
			return nil, usage("name a file", "--config is empty")
		}
		files = append(files, configFile{flag.Value.String(), "--config"})
	} else if path, ok := env(envPrefix + "CONFIG"); ok && path != "" {
		files = append(files, configFile{path, envPrefix + "CONFIG"})
	}
	return files, nil
}

// configFolder is where the user's configuration is: $XDG_CONFIG_HOME/whytls.
func configFolder(env func(string) (string, bool)) (string, error) {
	if dir, ok := env("XDG_CONFIG_HOME"); ok && filepath.IsAbs(dir) {
		return filepath.Join(dir, "whytls"), nil
	}
	if home, ok := env("HOME"); ok && home != "" {
		return filepath.Join(home, ".config", "whytls"), nil
	}
	return "", errors.New("neither XDG_CONFIG_HOME nor HOME is set")
}

// read adds the settings of a file that concern cmd, and checks the names of all others.
func (f configFile) read(cmd *cobra.Command, into map[string]setting) error {
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) && f.named == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	var document yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&document); errors.Is(err, io.EOF) {
		return nil // empty
	} else if err != nil {
		return fmt.Errorf("%s: %s", f.path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: holds more than one document", f.path)
	}
	return f.section(document.Content[0], cmd.Root(), cmd, into)
}

// section reads the keys that hold for command and all below it. The settings count when cmd is one of them; those of
// an inner section are read after, and so override, those of the outer one.
func (f configFile) section(node *yaml.Node, command, cmd *cobra.Command, into map[string]setting) error {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return f.fault(node, "must be a map of settings")
	}
	type inner struct {
		node    *yaml.Node
		command *cobra.Command
	}
	var sections []inner
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if seen[key.Value] {
			return f.fault(key, "%q is set twice", key.Value)
		}
		seen[key.Value] = true
		if sub := subcommand(command, key.Value); sub != nil && value.Kind != yaml.ScalarNode {
			sections = append(sections, inner{value, sub})
			continue
		}
		if !knownFlag(command, key.Value) {
			return f.fault(key, "unknown setting %q", key.Value)
		}
		values, err := f.values(key.Value, value)
		if err != nil {
			return err
		}
		if isBelow(cmd, command) {
			into[key.Value] = setting{values, fmt.Sprintf("%s:%d", f.path, key.Line)}
		}
	}
	for _, s := range sections {
		if err := f.section(s.node, s.command, cmd, into); err != nil {
			return err
		}
	}
	return nil
}

// values reads a scalar or a list of them.
func (f configFile) values(name string, node *yaml.Node) ([]string, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag != "!!null":
		return []string{node.Value}, nil
	case node.Kind == yaml.SequenceNode:
		var all []string
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return nil, f.fault(item, "%q must be a list of plain values", name)
			}
			all = append(all, item.Value)
		}
		return all, nil
	}
	return nil, f.fault(node, "%q needs a value", name)
}

func (f configFile) fault(node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %s", f.path, node.Line, node.Column, fmt.Sprintf(format, args...))
}

func subcommand(parent *cobra.Command, name string) *cobra.Command {
	for _, c := range parent.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// knownFlag reports whether command or one below it has the flag.
func knownFlag(command *cobra.Command, name string) bool {
	f := command.Flags().Lookup(name)
	if f == nil {
		f = command.PersistentFlags().Lookup(name)
	}
	if f == nil {
		f = command.InheritedFlags().Lookup(name)
	}
	if f != nil {
		return settable(f)
	}
	for _, c := range command.Commands() {
		if knownFlag(c, name) {
			return true
		}
	}
	return false
}

func isBelow(cmd, ancestor *cobra.Command) bool {
	for ; cmd != nil; cmd = cmd.Parent() {
		if cmd == ancestor {
			return true
		}
	}
	return false
}
