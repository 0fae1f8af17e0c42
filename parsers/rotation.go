package parsers

import (
	"cmp"
	"slices"
	"strings"
)

// RotationFamily returns the name that the files of one rotation share: without compression suffixes, rotation
// indices and dates. It knows nanomq.log.3, logrotate's app.log.2.gz and app.log-20261122, tracing-appender's
// salvo.log.2026-11-22-00 and app.2026-11-22.log, and lumberjack's info-2026-11-22T00-06-43.525.log. Names
// without such a part are returned as they are. The directory stays part of the name.
func RotationFamily(name string) string {
	for {
		trimmed := name
		for _, suffix := range [...]string{".gz", ".zst", ".bz2", ".xz"} {
			trimmed = strings.TrimSuffix(trimmed, suffix)
		}
		trimmed = trimRotationSuffix(trimmed)
		if trimmed == name {
			break
		}
		name = trimmed
	}
	// The date may stand before the extension.
	base := strings.LastIndexAny(name, `/\`) + 1
	dot := strings.LastIndexByte(name, '.')
	if dot > base {
		if stem := trimRotationDate(name[:dot]); len(stem) > base {
			return stem + name[dot:]
		}
	}
	return name
}

// trimRotationSuffix removes one index or date from the end of a name.
func trimRotationSuffix(name string) string {
	if dated := trimRotationDate(name); dated != name {
		return dated
	}
	dot := strings.LastIndexByte(name, '.')
	base := strings.LastIndexAny(name, `/\`) + 1
	if index := name[dot+1:]; dot > base && len(index) <= 4 && isNumber(index) {
		return name[:dot]
	}
	return name
}

// trimRotationDate removes a date, with or without a time, and the separator before it from the end of name.
func trimRotationDate(name string) string {
	base := strings.LastIndexAny(name, `/\`) + 1
	for i := base + 1; i < len(name); i++ {
		if (name[i-1] == '.' || name[i-1] == '-' || name[i-1] == '_') && i-1 > base && isRotationDate(name[i:]) {
			return name[:i-1]
		}
	}
	return name
}

// isRotationDate recognises 20261122, 2026-11-22 and 2026-11-22 with more digits behind it (hour and minute of
// tracing-appender, the whole time of lumberjack).
func isRotationDate(s string) bool {
	if len(s) == 8 {
		return isNumber(s) && (s[:2] == "19" || s[:2] == "20")
	}
	if len(s) < 10 || !isNumber(s[:4]) || s[4] != '-' || !isNumber(s[5:7]) || s[7] != '-' || !isNumber(s[8:10]) {
		return false
	}
	digit := true
	for i := 10; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			digit = true
		case digit && (c == '-' || c == '.' || c == '_' || c == 'T' && i == 10):
			digit = false
		default:
			return false
		}
	}
	return digit
}

func isNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// RotationOrder returns the indices of names in the order in which their lines were written. Files of one family
// (see [RotationFamily]) are ordered by the time of their first record, because a number says nothing: NanoMQ
// counts up and wraps around, so that its .1 may be newer than its .5, while logrotate's .1 is the newest but
// the live file. When times tie or are missing the live file, which has the bare name of the family, is the
// last, and dates and higher logrotate numbers decide before it. Families stay in the order in which they
// first appear. first[i] belongs to names[i].
func RotationOrder(names []string, first []Timestamp) []int {
	type file struct {
		index, family int
		live          bool
	}
	families := make(map[string]int)
	files := make([]file, len(names))
	for i, name := range names {
		family := RotationFamily(name)
		id, ok := families[family]
		if !ok {
			id = len(families)
			families[family] = id
		}
		files[i] = file{i, id, name == family}
	}
	// A file without a time has no place among those with one; comparing it by name only would make the
	// order depend on the sort. So times count for a family only when all its files have one.
	timed := make([]bool, len(families))
	for i := range timed {
		timed[i] = true
	}
	for _, f := range files {
		if f.index >= len(first) || !first[f.index].Absolute() {
			timed[f.family] = false
		}
	}
	slices.SortStableFunc(files, func(a, b file) int {
		if c := cmp.Compare(a.family, b.family); c != 0 {
			return c
		}
		if timed[a.family] {
			if c := cmp.Compare(first[a.index].Nano, first[b.index].Nano); c != 0 {
				return c
			}
		}
		if a.live != b.live {
			if a.live {
				return 1
			}
			return -1
		}
		return compareRotated(names[a.index], names[b.index])
	})
	order := make([]int, len(files))
	for i, f := range files {
		order[i] = f.index
	}
	return order
}

// compareRotated orders rotated names of one family when nothing else does: numbers down, dates up.
func compareRotated(a, b string) int {
	na, oka := rotationIndex(a)
	nb, okb := rotationIndex(b)
	if oka && okb && na != nb {
		return cmp.Compare(nb, na)
	}
	return strings.Compare(a, b)
}

func rotationIndex(name string) (int, bool) {
	for _, suffix := range [...]string{".gz", ".zst", ".bz2", ".xz"} {
		name = strings.TrimSuffix(name, suffix)
	}
	index := name[strings.LastIndexByte(name, '.')+1:]
	if len(index) > 4 || !isNumber(index) {
		return 0, false
	}
	n, _ := digits([]byte(index))
	return n, true
}
