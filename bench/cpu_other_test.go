//go:build !unix

package bench

import (
	"testing"
	"time"
)

// cpu skips what compares CPU time: there is no portable way to ask for it.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	b.Skip("CPU time is measured on Unix only")
	return 0
}
