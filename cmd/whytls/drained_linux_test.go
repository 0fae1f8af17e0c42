package main

import (
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// awaitDrained waits until the program has taken everything out of the pipe.
func awaitDrained(ts *testscript.TestScript, pipe *os.File) {
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		left, err := unix.IoctlGetInt(int(pipe.Fd()), unix.TIOCINQ)
		ts.Check(err)
		if left == 0 {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("the program leaves %d bytes in its input", left)
		}
	}
}
