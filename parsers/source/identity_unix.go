//go:build unix

package source

import (
	"os"
	"syscall"
)

// identify returns what tells a file from all others that are there at the same time.
func identify(info os.FileInfo) (FileID, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return FileID{}, false
	}
	return FileID{uint64(stat.Dev), uint64(stat.Ino)}, true //nolint:unconvert // the widths differ between systems
}
