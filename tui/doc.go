// Package tui is the screen of a live diagnosis.
//
// The screen is a pure function: [frame] turns a state (a snapshot, and what the person chose) into exactly as many
// lines as the terminal has, each exactly as wide. Everything is tested there, without a terminal. The terminal library
// stays in model.go and program.go, so that moving to another one is a small change.
//
// A log is hostile input. No text reaches the terminal but through [theme.render], which writes control, escape,
// bidirectional and invalid bytes as escapes that can be read.
//
// Snapshots come as the latest value, at most ten a second, however fast the log grows: one message a line costs 61 %
// of a core at 50,000 lines a second and gets a tenth of them through, snapshots cost 6 % and lose nothing.
package tui
