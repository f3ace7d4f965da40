package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a waiting process looks for the lock. The operating system's own waiting cannot be
// cancelled.
const lockPoll = 25 * time.Millisecond

// lockWait is longer than an honest holder needs: one call of the login server and two saves. A process that was
// stopped (Ctrl-Z), or asks for a passphrase that nobody types, must not hold up all others without a word.
const lockWait = 2 * time.Minute

var errLockHeld = errors.New("another gobiz process is renewing it, or waits for input")

// lockProfile keeps other processes, and other sources in this one, from refreshing the tokens of a profile at the
// same time. The operating system frees the lock of a process that dies.
func lockProfile(ctx context.Context, stateDir, profile string) (unlock func(), err error) {
	dir := filepath.Join(stateDir, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &lockError{dir, err}
	}
	// A profile's name may not be a file name everywhere.
	sum := sha256.Sum256([]byte(profile))
	path := filepath.Join(dir, "login-"+hex.EncodeToString(sum[:8])+".lock")
	lock := flock.New(path, flock.SetPermissions(0o600))
	wait, cancel := context.WithTimeoutCause(ctx, lockWait, errLockHeld)
	defer cancel()
	if _, err := lock.TryLockContext(wait, lockPoll); err != nil {
		_ = lock.Close()
		switch {
		case ctx.Err() != nil:
			return nil, cancelled(ctx)
		case wait.Err() != nil:
			err = errLockHeld
		}
		return nil, &lockError{path, err}
	}
	return func() { _ = lock.Close() }, nil
}

type lockError struct {
	path string
	err  error
}

func (e *lockError) Error() string { return fmt.Sprintf("login not locked: %v", e.err) }
func (e *lockError) Unwrap() error { return e.err }
func (e *lockError) Advice() string {
	if errors.Is(e.err, errLockHeld) {
		return "end the other gobiz process (it holds " + e.path + "), then try again"
	}
	return "check the permissions of " + e.path + ", or set GOBIZ_STATE_DIR to a folder of yours"
}
