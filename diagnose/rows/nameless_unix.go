//go:build unix

package rows

import (
	"os"
	"syscall"
)

// nameless reports that an open file has been deleted: only those who have it open keep it.
func nameless(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 0
}
