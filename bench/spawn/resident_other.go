//go:build !unix

package main

import "os"

// residentKiB: this system's process states do not tell.
func residentKiB(*os.ProcessState) float64 { return 0 }
