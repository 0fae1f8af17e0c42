//go:build !exactlyonce

package source

// exactlyOnceLines is the number of lines through each scenario; the whole of it needs the build tag exactlyonce.
const exactlyOnceLines = 3000
