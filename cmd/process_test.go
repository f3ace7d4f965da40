package cmd_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// outcome is what a user sees of a command.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs a command in this process, with an environment and nobody at the
// keyboard.
func run(env map[string]string, args ...string) outcome {
	streams, _, out, errOut := terminal.Test()
	code := cmd.Main(args, testSystem(streams, env))
	return outcome{code, out.String(), errOut.String()}
}

func testSystem(streams *terminal.Streams, env map[string]string) *cmd.System {
	return &cmd.System{
		Streams: streams,
		Getenv:  func(name string) string { return env[name] },
		WorkDir: os.Getwd,
		Now:     time.Now,
		OpenURL: func(string) (<-chan error, error) { return nil, os.ErrPermission },
		Interrupts: func(parent context.Context) (context.Context, context.CancelFunc) {
			return context.WithCancel(parent)
		},
	}
}

// environ is the environment of a child process: only what is named, and what
// a process needs to run.
func environ(env map[string]string) []string {
	list := []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "SystemRoot=" + os.Getenv("SystemRoot")}
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

// runProcess runs a command in a process of its own, with nobody at the keyboard.
func runProcess(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	c := exec.Command("gobiz", args...)
	var stdout, stderr bytes.Buffer
	c.Env, c.Dir, c.Stdout, c.Stderr = environ(env), env["HOME"], &stdout, &stderr
	_ = c.Run() // its exit code is what counts
	return outcome{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}
