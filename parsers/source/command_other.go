//go:build !unix

package source

import "os/exec"

// ownGroup does nothing: what the program starts is its own business here.
func ownGroup(*exec.Cmd) {}

// terminate does nothing: a program cannot be asked here.
func terminate(*exec.Cmd) {}

// kill ends the program.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
