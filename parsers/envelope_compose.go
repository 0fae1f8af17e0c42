package parsers

// maxComposeName bounds the name that docker compose puts before a line.
const maxComposeName = 96

// peelCompose peels "name-1  | message", the name coloured or not. Compose pads names to one more than the
// longest, so two blanks stand before the bar; one is enough behind a replica number. A level word is no name:
// other loggers separate their columns with bars.
func peelCompose(line []byte, r *Record) ([]byte, string) {
	from := skipSGR(line, 0)
	i := from
	letters := false
	for i < len(line) && i-from < maxComposeName && (isWord(line[i]) || line[i] == '-' || line[i] == '.') {
		letters = letters || !isDigit(line[i]) && isWord(line[i])
		i++
	}
	name := line[from:i]
	blanks := i
	for i < len(line) && line[i] == ' ' {
		i++
	}
	blanks = i - blanks
	if !letters || blanks == 0 || i == len(line) || line[i] != '|' {
		return nil, ""
	}
	if blanks == 1 && !isReplica(name) || ParseSeverity(name) != SeverityUnset {
		return nil, ""
	}
	i++
	if i < len(line) {
		if j := skipSGR(line, i); j > i { // the colour may end before the blank
			i = j
		}
		if i < len(line) && line[i] != ' ' {
			return nil, ""
		}
		i = min(i+1, len(line))
	}
	r.Envelope.Container = name
	return line[i:], kindCompose
}

// isReplica reports that a name ends in the number of a replica: app-1, app_1.
func isReplica(name []byte) bool {
	i := len(name)
	for i > 0 && isDigit(name[i-1]) {
		i--
	}
	return i > 1 && i < len(name) && (name[i-1] == '-' || name[i-1] == '_')
}

// skipSGR returns the offset behind the colour sequences at line[i:].
func skipSGR(line []byte, i int) int {
	for i+1 < len(line) && line[i] == 0x1b && line[i+1] == '[' {
		j := i + 2
		for j < len(line) && (isDigit(line[j]) || line[j] == ';') {
			j++
		}
		if j == len(line) || line[j] != 'm' {
			return i
		}
		i = j + 1
	}
	return i
}
