//go:build !linux

package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// awaitDrained cannot ask how much a pipe holds on this system.
func awaitDrained(ts *testscript.TestScript, _ *os.File) {
	ts.Fatalf("this system does not tell how much a pipe holds: run the test on Linux")
}
