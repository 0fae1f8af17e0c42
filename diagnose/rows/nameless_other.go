//go:build !unix

package rows

import "os"

// nameless reports that an open file has been deleted, which cannot be seen here.
func nameless(os.FileInfo) bool { return false }
