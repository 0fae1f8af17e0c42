//go:build !linux

package probe_test

import "testing"

// fullQueue is known for Linux only.
func fullQueue(t *testing.T) string {
	t.Skip("queues of other systems behave differently")
	return ""
}
