package parsers

import "bytes"

// A Go program built on cobra answers a failed start with "Error: …", its whole usage text and the error
// once more. The text says nothing about the fault; without these rules each of its lines would be a
// record and the fault would count twice.

var errorWord = []byte("Error: ")

// continuesPlain is the generic rule and the usage text after an error.
func continuesPlain(line []byte, r *Record) bool {
	if genericContinues(line) {
		return true
	}
	if !bytes.HasPrefix(r.Body, errorWord) {
		return false
	}
	return isUsageTitle(line) || r.Lines > 3 && bytes.Equal(line, r.Body[len(errorWord):])
}

// isUsageTitle recognises the lines of a usage text that are not indented.
func isUsageTitle(line []byte) bool {
	switch line[0] {
	case 'U':
		return string(line) == "Usage:" || bytes.HasPrefix(line, []byte(`Use "`)) && bytes.HasSuffix(line, []byte("for more information about a command."))
	case 'A':
		return string(line) == "Available Commands:" || string(line) == "Aliases:" || string(line) == "Additional Commands:"
	case 'F':
		return string(line) == "Flags:"
	case 'G':
		return string(line) == "Global Flags:"
	case 'E':
		return string(line) == "Examples:"
	}
	return false
}
