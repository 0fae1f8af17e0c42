// Package knowledgebase holds what is known about messages, causes and systems, as data, and the code that
// loads, compiles, lints and matches it.
//
// There are three layers, each a folder of YAML:
//
//	signatures/  a message that a library or a program prints, and what it alone makes likely
//	causes/      a root cause: what it means, which evidence speaks for it, how to check, how to fix
//	systems/     a program: how to recognise it, its versions, what it does not log
//
// YAML is the source. `go generate` writes the compact index.txt that is embedded in the binary, because
// parsing YAML at every start costs a hundred times more than decoding the index (BenchmarkLoad); a test fails
// when the index is stale.
//
// A signature's text is tokenised by the same code as records (package shape), so matching compares words, never
// characters: delimiters, quotes and the values of placeholders do not matter. The matcher looks candidates up
// by their rarest word and runs once a shape, so the number of signatures does not show in the speed.
//
// To add knowledge, add one entry with examples. The tests run every example against the whole base.
package knowledgebase

//go:generate go run ./internal/index
