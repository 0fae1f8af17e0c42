package main

import (
	"fmt"
	"time"

	"github.com/whytls/whytls/diagnose"
	"github.com/whytls/whytls/parsers/source"
)

// A run that ends soon shows no progress: a line that flashes by helps nobody.
const (
	progressDelay = 500 * time.Millisecond
	progressTick  = 200 * time.Millisecond
)

// showProgress keeps a line on standard error that says how far the reading is. The function returned takes it away.
func (s *streams) showProgress(engine *diagnose.Engine, inputs []*source.Input) (done func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		begin := time.Now()
		wait := time.NewTimer(progressDelay)
		defer wait.Stop()
		for {
			select {
			case <-stop:
				s.clearLine()
				return
			case <-wait.C:
				wait.Reset(progressTick)
			}
			var read, total int64
			for _, in := range inputs {
				read += in.Consumed()
				total += in.Size
			}
			s.drawLine(progressLine(read, total, engine.BytesRead(), time.Since(begin)))
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// progressLine words the state of a run: read of total are bytes on disk, parsed are bytes of log.
func progressLine(read, total, parsed int64, passed time.Duration) string {
	const mega = 1e6
	line := fmt.Sprintf("reading %.0f MB", float64(read)/mega)
	if total > 0 {
		line = fmt.Sprintf("reading %.0f of %.0f MB, %d %%", float64(read)/mega, float64(total)/mega, min(read*100/total, 100))
	}
	if s := passed.Seconds(); s > 0 {
		line += fmt.Sprintf(", %.0f MB/s", float64(parsed)/mega/s)
	}
	if total > 0 && read > 0 && read < total {
		left := time.Duration(float64(passed) * float64(total-read) / float64(read))
		line += fmt.Sprintf(", %v left", left.Round(time.Second))
	}
	return line
}

func (s *streams) drawLine(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress = true
	fmt.Fprintf(s.err, "\r\x1b[K%s", text)
}

// clearLine takes the progress line away, if there is one.
func (s *streams) clearLine() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.progress {
		s.progress = false
		fmt.Fprint(s.err, "\r\x1b[K")
	}
}
