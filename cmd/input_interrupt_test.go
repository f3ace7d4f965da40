//go:build !windows

package cmd_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// TestInterruptedInput sends the first signal to commands that read from a pipe
// whose other end stays open. That they read is seen from a write that is larger
// than a pipe: it ends once most of it was taken.
func TestInterruptedInput(t *testing.T) {
	t.Parallel()
	for line, signal := range map[string]os.Signal{
		"webhook replay - --to http://127.0.0.1:9/": os.Interrupt,
		"webhook verify --signature 00":             syscall.SIGTERM,
		"webhook explain":                           os.Interrupt,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			c := exec.Command("gobiz", strings.Fields(line)...)
			var stderr bytes.Buffer
			c.Env = environ(map[string]string{"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_NOTIFICATION_SECRET": testRelaySecret})
			c.Stderr = &stderr
			stdin, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := stdin.Write(bytes.Repeat([]byte(" "), 2<<20)); err != nil {
				t.Fatal(err)
			}
			if err := c.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait() // its exit code is what counts
			if code := c.ProcessState.ExitCode(); code != 130 || stderr.String() != "gobiz: error: interrupted\n" {
				t.Errorf("exit code %d: %s", code, &stderr)
			}
		})
	}
}

// TestInterruptedOpen runs with an interrupt that has come already: a pipe without
// a writer is not waited for.
func TestInterruptedOpen(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // whoever waits for a writer gets one
		if end, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil {
			end.Close()
		}
	})
	for line, want := range map[string]string{
		"verify --signature 00":            "gobiz: error: interrupted\n",
		"explain":                          "gobiz: error: interrupted\n",
		"replay --to http://127.0.0.1:9/ ": "no regular file; pass - for stdin",
	} {
		streams, _, _, stderr := terminal.Test()
		sys := testSystem(streams, map[string]string{"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_NOTIFICATION_SECRET": testRelaySecret})
		sys.Interrupts = func(parent context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(parent)
			cancel()
			return ctx, cancel
		}
		code := cmd.Main(append(append([]string{"webhook"}, strings.Fields(line)...), pipe), sys)
		if code == 0 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d: %s", line, code, stderr)
		}
	}
}
