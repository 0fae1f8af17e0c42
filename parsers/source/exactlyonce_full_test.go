//go:build exactlyonce

package source

// exactlyOnceLines is the number of lines through each scenario.
const exactlyOnceLines = 40000
