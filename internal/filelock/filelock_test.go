package filelock

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
)

func TestTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	release, err := Take(t.Context(), path, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := Take(t.Context(), path, time.Minute)
		var failed *Error
		if !errors.As(err, &failed) || failed.Path != path || !errors.Is(err, ErrHeld) || time.Since(began) != time.Minute {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		interrupted := errors.New("interrupted")
		cancel(interrupted)
		if _, err := Take(ctx, path, time.Minute); !errors.Is(err, interrupted) {
			t.Errorf("interrupted: %v", err)
		}
	})
	release()
	if release, err = Take(t.Context(), path, time.Minute); err != nil {
		t.Fatalf("after it was freed: %v", err)
	}
	release()
}

func TestTakeNoFile(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing", "x.lock")} {
		var failed *Error
		if _, err := Take(t.Context(), path, time.Minute); !errors.As(err, &failed) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if runtime.GOOS == "windows" {
		return // no pipes there
	}
	pipe := filepath.Join(dir, "pipe")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if _, err := Take(t.Context(), pipe, time.Minute); !errors.Is(err, atomicfile.ErrNotRegular) {
		t.Error(err)
	}
}
