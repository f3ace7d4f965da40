package auth_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// A process that was stopped while it holds the lock does not hold up others without a word.
func TestLockThatIsNeverFreed(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	_, store := stored(t, s, c, &record)
	dir := t.TempDir()
	src := storedOn(t, s, c, store, dir)
	if _, err := src.Token(t.Context(), "linkOutlet"); err != nil {
		t.Fatal(err) // it also makes the lock file
	}
	c.advance(2 * time.Hour)
	paths, err := filepath.Glob(filepath.Join(dir, "locks", "*.lock"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("lock files: %q, %v", paths, err)
	}
	if info, err := os.Stat(paths[0]); err != nil || info.Size() != 0 {
		t.Errorf("the lock file holds something: %v, %v", info, err)
	}
	held := flock.New(paths[0])
	if ok, err := held.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := src.Token(t.Context(), "linkOutlet")
		var locked *auth.LockError
		if !errors.As(err, &locked) || !errors.Is(err, auth.ErrLockHeld) || locked.Path != paths[0] || !strings.HasPrefix(err.Error(), "login not locked: another gobiz process") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("waited for %s", took)
		}
	})
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Token(t.Context(), "linkOutlet"); err != nil {
		t.Errorf("after the other one ended: %v", err)
	}
}
