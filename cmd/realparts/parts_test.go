// Package realparts drives the built gobiz against real parts of a machine: a
// keyring daemon behind a D-Bus session of its own, and a browser. A machine
// that lacks a part skips its tests and says which package is missing; with
// GOBIZ_REAL_PARTS=required a missing part is a failure.
package realparts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// part is a program that these tests drive, and the Debian package that has it.
type part struct{ program, debian string }

var (
	dbusDaemon    = part{"dbus-daemon", "dbus"}
	keyringDaemon = part{"gnome-keyring-daemon", "gnome-keyring"}
	secretTool    = part{"secret-tool", "libsecret-tools"}
	chromium      = part{"chromium", "chromium"}
	chromeDriver  = part{"chromedriver", "chromium-driver"}
)

func requireParts(t *testing.T, parts ...part) {
	t.Helper()
	var programs, packages []string
	for _, p := range parts {
		if _, err := exec.LookPath(p.program); err != nil {
			programs, packages = append(programs, p.program), append(packages, p.debian)
		}
	}
	switch {
	case len(programs) == 0:
	case os.Getenv("GOBIZ_REAL_PARTS") == "required":
		t.Fatalf("GOBIZ_REAL_PARTS=required, and there is no %s: apt-get install %s", strings.Join(programs, ", "), strings.Join(packages, " "))
	default:
		t.Skipf("no %s on this machine: apt-get install %s", strings.Join(programs, ", "), strings.Join(packages, " "))
	}
}

// gobiz is the program that users get, built once for all tests.
var gobiz func() (string, error)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gobiz")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	gobiz = sync.OnceValues(func() (string, error) {
		program := filepath.Join(dir, "gobiz.exe") // the suffix matters to Windows only
		build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "github.com/gobiz-cli/gobiz")
		build.Stderr = os.Stderr
		return program, build.Run()
	})
	m.Run()
}
