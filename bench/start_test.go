package bench

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// BenchmarkStart runs whole processes with an empty HOME: an empty Go program,
// which nothing can beat, then one that links the libraries of gobiz and does
// nothing with them, then gobiz. A result has the CPU time of one process,
// user and system, and the most memory that one had.
func BenchmarkStart(b *testing.B) {
	spawn := build(b, "spawn", "spawn")
	empty := build(b, "empty", emptyProgram(b))
	bare := build(b, "bare", "bare")
	gobiz := build(b, "gobiz", "..")
	for _, run := range []struct {
		name string
		argv []string
	}{
		{"empty program", []string{empty}},
		{"libraries alone", []string{bare}},
		{"version", []string{gobiz, "--version"}},
		{"help", []string{gobiz, "catalog", "push", "--help"}},
		{"completion", []string{gobiz, "__complete", "cat"}},
	} {
		b.Run(run.name, func(b *testing.B) {
			cost := costOf(b, spawn, b.N, run.argv...)
			b.ReportMetric(float64(cost.Wall.Nanoseconds())/float64(b.N), "ns/op")
			b.ReportMetric(float64(cost.CPU.Microseconds())/1000/float64(b.N), "cpu-ms/op")
			if cost.ResidentKiB > 0 {
				b.ReportMetric(cost.ResidentKiB, "resident-KiB")
			}
		})
	}
}

// BenchmarkStartToLibraries runs `gobiz --version` and the program that only links
// the same libraries in turns, twenty processes each. times-libraries is the median
// of what a turn of gobiz costs in CPU to the turn of the other before it.
func BenchmarkStartToLibraries(b *testing.B) {
	const processes = 20
	spawn := build(b, "spawn", "spawn")
	bare := build(b, "bare", "bare")
	gobiz := build(b, "gobiz", "..")
	var ratios []float64
	for b.Loop() {
		libraries := costOf(b, spawn, processes, bare)
		version := costOf(b, spawn, processes, gobiz, "--version")
		ratios = append(ratios, float64(version.CPU)/float64(libraries.CPU))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "times-libraries")
}

// cost is what spawn tells of a number of runs, see there.
type cost struct {
	Wall, CPU   time.Duration
	ResidentKiB float64
}

// costOf runs a program a number of times, with an empty HOME.
func costOf(tb testing.TB, spawn string, runs int, argv ...string) (c cost) {
	tb.Helper()
	home := tb.TempDir()
	result := filepath.Join(tb.TempDir(), "cost.json")
	command := exec.CommandContext(tb.Context(), spawn, append([]string{result, strconv.Itoa(runs)}, argv...)...)
	command.Env = []string{"HOME=" + home, "USERPROFILE=" + home, "PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot")}
	if output, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("run %v: %v: %s", argv, err, output)
	}
	text, err := os.ReadFile(result)
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		tb.Fatal(err)
	}
	return c
}

// build makes a program of a package's directory, as releases are built.
func build(tb testing.TB, name, directory string) string {
	tb.Helper()
	return goBuild(tb, name, directory, []string{"CGO_ENABLED=0"}, "-trimpath", "-buildvcs=false", "-ldflags=-s -w")
}

func goBuild(tb testing.TB, name, directory string, env []string, flags ...string) string {
	tb.Helper()
	program := filepath.Join(tb.TempDir(), name)
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	command := exec.CommandContext(tb.Context(), "go", append(append([]string{"build", "-o", program}, flags...), ".")...)
	command.Dir = directory
	command.Env = append(os.Environ(), env...)
	if output, err := command.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", name, err, output)
	}
	return program
}

// emptyProgram writes a program that does nothing and gives its directory.
func emptyProgram(b *testing.B) string {
	b.Helper()
	directory := b.TempDir()
	for name, text := range map[string]string{"go.mod": "module empty\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return directory
}
