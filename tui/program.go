package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/tui/session"
)

// Source gives snapshots; diagnose.Live is one.
type Source interface {
	Latest() *diagnose.Snapshot
	Changed() <-chan struct{}
}

// Options say how the screen is drawn.
type Options struct {
	In    io.Reader
	Out   io.Writer
	Color bool
	// Title names a system as people write it; nil means by its id.
	Title func(system string) string
	// Rows is the log; without it there is no view of it.
	Rows Rows
	// Session keeps what the person decides; nil forgets it at the end.
	Session *session.Session
	// Mouse makes the wheel scroll and a click choose; the terminal's own selection of text then needs Shift.
	Mouse bool
	// Remote draws less often: each frame is a packet that somebody's line has to carry.
	Remote bool
	// Warning is told until the first key, "" for nothing.
	Warning string
	// Probe connects to an address that the person confirmed; nil when there is no probing.
	Probe Probe
}

// How often a snapshot is drawn. Keys are drawn at once.
const (
	drawEvery       = 100 * time.Millisecond
	drawEveryRemote = 220 * time.Millisecond
	clockEvery      = 2 * time.Second // what is told in seconds goes on, and what ends at a time ends
	keysPerSec      = 40              // the rate at which the library looks for something to draw: a key shows within 25 ms
)

// ErrInternal is the class of errors that are bugs of this program.
var ErrInternal = errors.New("internal error")

// ErrInterrupted is returned when the person at the screen pressed Ctrl-C.
var ErrInterrupted = errors.New("interrupted")

// Run shows the screen until the person quits or the context ends, which is no error. The terminal is left as it was,
// after a panic too.
func Run(ctx context.Context, source Source, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := &model{state: newState(source.Latest(), o), ctx: ctx}
	out := newOutput(o.Out)
	m.state.terminal = func(sequence string) { _, _ = io.WriteString(out, sequence) }
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(o.In), tea.WithOutput(out), tea.WithAltScreen(),
		tea.WithFPS(keysPerSec), tea.WithoutSignalHandler(),
	}
	if o.Mouse {
		options = append(options, tea.WithMouseCellMotion())
	}
	// The width of 0 before the terminal has told its size draws nothing.
	p := tea.NewProgram(m, options...)
	m.quit = p.Quit
	var feeder sync.WaitGroup
	feeder.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				p.Send(panicked{fault(v)})
			}
		}()
		feed(ctx, source, o.Remote, p.Send)
	})
	_, err := p.Run()
	cancel()
	feeder.Wait()
	switch {
	case m.fault != nil:
		return m.fault
	case m.state.interrupted:
		return ErrInterrupted
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, tea.ErrProgramKilled):
		return nil
	}
	return fmt.Errorf("drawing the screen: %w", err)
}

// feed sends the latest snapshot when there is a new one, and the time when there is none for a while. What came while
// the screen was drawn is never queued.
func feed(ctx context.Context, source Source, remote bool, send func(tea.Msg)) {
	every := drawEvery
	if remote {
		every = drawEveryRemote
	}
	changes := diagnose.NewChanges()
	clock := time.NewTicker(clockEvery)
	defer clock.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-clock.C:
			send(tick{now})
			continue
		case <-source.Changed():
		}
		latest, now := source.Latest(), time.Now()
		news := changes.Observe(latest, now)
		send(fresh{latest, news})
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}
