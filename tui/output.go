package tui

import (
	"io"
	"os"
	"sync"

	"github.com/charmbracelet/x/term"
)

// output is the terminal for two writers: the frames of the library and sequences between them, each of which is written
// by one call.
type output struct {
	mu  sync.Mutex
	out io.Writer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.out.Write(b)
}

// terminalOutput is an output that the library can ask for its size.
type terminalOutput struct {
	*os.File
	output
}

func (o *terminalOutput) Write(b []byte) (int, error) { return o.output.Write(b) }

var _ term.File = (*terminalOutput)(nil)

func newOutput(out io.Writer) io.Writer {
	if f, ok := out.(*os.File); ok {
		return &terminalOutput{File: f, output: output{out: f}}
	}
	return &output{out: out}
}
