package source

import (
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
)

// Hint says what a person can do about an error of this package, "" when nothing comes to mind.
func Hint(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrBinary):
		return "whytls reads text logs, plain or compressed by gzip or zstd"
	case errors.Is(err, ErrEmpty):
		return "nothing was logged here; is this the file that the program writes now?"
	case errors.Is(err, ErrNoLogs):
		return "hidden, empty and binary files do not count; name the file itself"
	case errors.Is(err, fs.ErrNotExist):
		return "check the path; a pattern such as '*.log' must match something"
	case errors.Is(err, filepath.ErrBadPattern):
		return "a bracket opens a set that must be closed: [ab]; write \\[ for the character"
	case errors.Is(err, exec.ErrNotFound):
		return "install that program, or run whytls where it is"
	case errors.Is(err, fs.ErrPermission):
		return "run whytls as a user who may read it, or pipe it in: sudo cat FILE | whytls report -"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the archive is cut off; what could be read is in the report"
	case strings.Contains(err.Error(), "decompressing"):
		return "the archive is damaged; what could be read before that is in the report"
	}
	return ""
}
