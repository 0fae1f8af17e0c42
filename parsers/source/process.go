package source

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// process is a running program.
type process struct {
	cmd      *exec.Cmd
	out, err *os.File      // the ends of pipes that we read; err is nil when all comes through out
	messages chan string   // lines from err
	closing  chan struct{} // nobody takes messages any more
	ended    chan struct{}
	fault    error // how it ended
}

func (c *Command) start() (*process, error) {
	argv := c.argv
	if c.seam != nil {
		argv = append(argv[:len(argv):len(argv)], c.seam.arguments()...)
	}
	p := &process{cmd: exec.Command(argv[0], argv[1:]...), messages: make(chan string), closing: make(chan struct{}), ended: make(chan struct{})}
	ownGroup(p.cmd)
	var theirs []*os.File
	pipe := func() (ours *os.File, err error) {
		ours, their, err := os.Pipe()
		if err == nil {
			theirs = append(theirs, their)
		}
		return ours, err
	}
	var err error
	if p.out, err = pipe(); err == nil {
		p.cmd.Stdout, p.cmd.Stderr = theirs[0], theirs[0]
	}
	if err == nil && !c.both {
		if p.err, err = pipe(); err == nil {
			p.cmd.Stderr = theirs[1]
		}
	}
	if err == nil {
		err = p.cmd.Start()
	}
	for _, their := range theirs {
		their.Close()
	}
	if err != nil {
		p.close()
		return nil, fmt.Errorf("running %s: %w", argv[0], err)
	}
	go p.tell()
	go p.wait()
	return p, nil
}

// wait waits for the end of the program. After it, nothing may hold the output open for long.
func (p *process) wait() {
	p.fault = p.cmd.Wait()
	limit := time.Now().Add(grace)
	_ = p.out.SetReadDeadline(limit)
	if p.err != nil {
		_ = p.err.SetReadDeadline(limit)
	}
	close(p.ended)
}

// tell sends the lines that the program writes to its standard error.
func (p *process) tell() {
	defer close(p.messages)
	if p.err == nil {
		return
	}
	for r := bufio.NewReaderSize(p.err, 4<<10); ; {
		line, more, err := r.ReadLine()
		text := clipMessage(string(line))
		for more && err == nil {
			_, more, err = r.ReadLine()
		}
		if text != "" {
			select {
			case p.messages <- text:
			case <-p.closing:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// end ends the program and all that it has started, and says how it ended, nil for without an error.
func (p *process) end() error {
	select {
	case <-p.ended:
	case <-time.After(grace): // its output has ended, so it should be about to
		terminate(p.cmd)
		select {
		case <-p.ended:
		case <-time.After(grace):
		}
	}
	kill(p.cmd)
	<-p.ended
	return p.fault
}

func (p *process) close() {
	close(p.closing)
	if p.out != nil {
		p.out.Close()
	}
	if p.err != nil {
		p.err.Close()
	}
}

// maxMessage bounds what is shown of a message of a program.
const maxMessage = 300

func clipMessage(s string) string {
	s = strings.TrimRight(s, "\r\n")
	if len(s) > maxMessage {
		s = strings.ToValidUTF8(s[:maxMessage], "") + "…"
	}
	return s
}
