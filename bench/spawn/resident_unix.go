//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// residentKiB is the most memory that an ended process had in RAM.
func residentKiB(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return float64(usage.Maxrss) / 1024 // bytes there, KiB elsewhere
	}
	return float64(usage.Maxrss)
}
