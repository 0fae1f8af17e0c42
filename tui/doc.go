// Package tui is the screen of a live diagnosis.
//
// All that a frame is made of is one [state]. [frame] turns it into exactly as many lines as the terminal has, each
// exactly as wide, and does nothing else; a key changes it and returns effects, the work that takes time (reading the log,
// writing a file, probing). An effect runs in a goroutine of its own, never touches the state, and returns a message, which
// does. So keys and frames never wait, and everything is tested without a terminal. The terminal library stays in model.go,
// program.go, prompt.go and mouse.go, so that moving to another one is a small change.
//
// All views are one thing, a [listing]: rows, and a detail that explains the one that is chosen. Layout, moving,
// searching and splitting are written once, for lists and details of any kind. A new view is one file.
//
// The log is a list of any length. Of it the screen knows a few screens around the chosen row ([logReader]) and reads
// anew when the choice comes near an edge; searches go on in parts of a fifth of a second, can be given up at any time,
// and the keys that come meanwhile wait for the row that is meant.
//
// Keys are data (keys.go), of which the help and the last line are made.
//
// A log is hostile input. No text reaches the terminal but through [theme.render], which writes control, escape,
// bidirectional and invalid bytes as escapes that can be read.
//
// Snapshots come as the latest value, at most ten a second, however fast the log grows: one message a line costs 61 %
// of a core at 50,000 lines a second and gets a tenth of them through; snapshots cost 4 % and lose nothing
// (TestMeasureScreen in cmd/whytls).
package tui
