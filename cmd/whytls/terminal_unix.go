//go:build !windows

package main

// terminalDevice is the terminal that the program was started from, whatever its streams are.
const terminalDevice = "/dev/tty"
