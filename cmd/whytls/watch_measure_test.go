//go:build measure

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/whytls/whytls/parsers/mixedlog"
)

// TestMeasureScreen measures the screen in a terminal of 200×50 while a log grows, and prints the figures:
//
//	go test -tags measure -run TestMeasureScreen -v -timeout 20m ./cmd/whytls
//
// For each pace the same log is written twice: once for `watch --headless`, which costs what the engine costs, and once
// for the screen, at which keys are pressed. A key is drawn when the terminal (tmux, in its control mode) has been sent
// what it changes. It fails when a line was dropped; of times and memory it only tells: they depend on the machine.
// WHYTLS_MEASURE_SECONDS shortens it.
func TestMeasureScreen(t *testing.T) {
	seconds := 60
	if v := os.Getenv("WHYTLS_MEASURE_SECONDS"); v != "" {
		seconds, _ = strconv.Atoi(v)
	}
	whytls := program(t)
	for _, pace := range []int{50_000, 20, 0} {
		for _, view := range []string{"1", "2"} {
			t.Run(fmt.Sprintf("%d lines a second in view %s", pace, view), func(t *testing.T) {
				engine := measureEngine(t, whytls, pace, seconds)
				screen := measureScreen(t, whytls, pace, seconds, view)
				t.Logf("engine alone: %.1f %% of a core, %d MiB", engine.cpu, engine.memory)
				t.Logf("with screen:  %.1f %% of a core (%+.1f), %d MiB, %d MiB afterwards", screen.cpu, screen.cpu-engine.cpu, screen.memory, screen.after)
				t.Logf("lines: %d written, %d read", screen.written, screen.read)
				n := len(screen.latency)
				if n > 0 {
					slices.Sort(screen.latency)
					t.Logf("keys: %d, half drawn within %v, 99 %% within %v, the slowest %v", n, screen.latency[n/2], screen.latency[n*99/100], screen.latency[n-1])
				}
				if screen.read != screen.written {
					t.Errorf("%d lines were written and %d read", screen.written, screen.read)
				}
			})
		}
	}
}

// busy is the pace from which on keys are pressed.
const busy = 1000

type measured struct {
	cpu           float64 // per cent of a core
	memory, after int64   // MiB, at most and at the end
	written, read int64
	latency       []time.Duration
}

// pacer writes lines at a pace, for a while.
type pacer struct {
	path    string
	lines   [][]byte
	written int64
}

func newPacer(t *testing.T) *pacer {
	t.Helper()
	var log bytes.Buffer
	if _, _, err := mixedlog.Write(&log, 1, 8<<20); err != nil {
		t.Fatal(err)
	}
	p := &pacer{path: filepath.Join(t.TempDir(), "paced.log"), lines: bytes.SplitAfter(log.Bytes(), []byte("\n"))}
	p.write(t, 1000)
	return p
}

func (p *pacer) write(t *testing.T, n int) {
	t.Helper()
	f, err := os.OpenFile(p.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var batch []byte
	for range n {
		batch = append(batch, p.lines[int(p.written)%(len(p.lines)-1)]...)
		p.written++
	}
	if _, err := f.Write(batch); err != nil {
		t.Fatal(err)
	}
}

// run writes at a pace and calls between ten times a second.
func (p *pacer) run(t *testing.T, pace, seconds int, between func()) {
	t.Helper()
	begin, start := time.Now(), p.written
	for tick := range seconds * 100 {
		time.Sleep(time.Until(begin.Add(time.Duration(tick) * 10 * time.Millisecond)))
		if due := int64(float64(pace)*time.Since(begin).Seconds()) - (p.written - start); due > 0 {
			p.write(t, int(due))
		}
		if tick%10 == 0 {
			between()
		}
	}
}

// process is a running program, as the kernel accounts for it.
type process struct{ pid string }

// cpu is the time that the program has computed.
func (p process) cpu(t *testing.T) time.Duration {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + p.pid + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')'):]))
	user, _ := strconv.ParseInt(fields[12], 10, 64)
	system, _ := strconv.ParseInt(fields[13], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func (p process) memory(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/" + p.pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+)`).FindSubmatch(status)
	kib, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return kib >> 10
}

// during measures a program while a log is written.
func during(t *testing.T, p process, pace, seconds int, log *pacer, key func()) (m measured) {
	t.Helper()
	time.Sleep(3 * time.Second) // what was there is read
	begin, before := time.Now(), p.cpu(t)
	log.run(t, pace, seconds, func() {
		m.memory = max(m.memory, p.memory(t))
		key()
	})
	m.cpu = 100 * float64(p.cpu(t)-before) / float64(time.Since(begin))
	time.Sleep(3 * time.Second)
	m.after = p.memory(t)
	m.written = log.written
	return m
}

func measureEngine(t *testing.T, whytls string, pace, seconds int) measured {
	t.Helper()
	log := newPacer(t)
	cmd := exec.Command(whytls, "watch", "--headless", "--fail-on", "never", log.path)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	return during(t, process{strconv.Itoa(cmd.Process.Pid)}, pace, seconds, log, func() {})
}

func measureScreen(t *testing.T, whytls string, pace, seconds int, view string) measured {
	t.Helper()
	log := newPacer(t)
	p := startPane(t, 200, 50, "exec "+whytls+" watch --no-session "+log.path)
	p.await("live", "q quit")
	p.keys(view)
	c := p.control()
	var latency []time.Duration
	typed := ""
	if pace >= busy {
		c.press(":", ": ▏")
	}
	m := during(t, process{strings.TrimSpace(p.tmux("display-message", "-p", "#{pane_pid}"))}, pace, seconds, log, func() {
		if pace < busy { // a key is work, too, and nobody types all the time
			return
		}
		key := string(rune('0' + len(typed)%10))
		if len(typed) == 30 {
			typed = ""
			c.press("C-u", ": ▏")
		}
		typed += key
		latency = append(latency, c.press(key, ": "+typed+"▏"))
	})
	m.latency = latency
	if pace >= busy {
		p.keys("Escape")
	}
	p.keys("1")
	p.await("1 Findings]", "jk move")
	if n := regexp.MustCompile(`([\d,]+) lines = `).FindStringSubmatch(p.tmux("capture-pane", "-p")); n != nil {
		m.read, _ = strconv.ParseInt(strings.ReplaceAll(n[1], ",", ""), 10, 64)
	}
	return m
}

// control is a terminal of tmux that is told of every byte that the program draws, when it draws it.
type control struct {
	t     *testing.T
	in    io.Writer
	drawn chan string
}

func (p *pane) control() *control {
	p.t.Helper()
	cmd := exec.Command("tmux", "-S", p.socket, "-C", "attach")
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	c := &control{p.t, in, make(chan string, 4096)}
	go func() {
		defer close(c.drawn)
		for lines := bufio.NewReaderSize(out, 1<<20); ; {
			l, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if strings.HasPrefix(l, "%output ") {
				c.drawn <- l
			}
		}
	}()
	p.t.Cleanup(func() {
		in.Close()
		for range c.drawn { // until tmux has ended
		}
		cmd.Wait()
	})
	return c
}

// colors are the sequences for colours as tmux writes them in its control mode.
var colors = regexp.MustCompile(`\\033\[[0-9;]*m`)

// press presses a key and returns how long it took until the text was drawn.
func (c *control) press(key, want string) time.Duration {
	c.t.Helper()
	begin := time.Now()
	if _, err := fmt.Fprintf(c.in, "send-keys -- %q\n", key); err != nil {
		c.t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for {
		select {
		case text, ok := <-c.drawn:
			if !ok {
				c.t.Fatal("tmux has ended")
			}
			if strings.Contains(colors.ReplaceAllString(text, ""), want) {
				return time.Since(begin)
			}
		case <-deadline:
			c.t.Fatalf("%q was not drawn for the key %q", want, key)
		}
	}
}
