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

	"github.com/gobiz-cli/gobiz/internal/filelock"
)

// lockWait is longer than an honest holder needs: one call of the login server and two saves. A process that was
// stopped (Ctrl-Z), or asks for a passphrase that nobody types, must not hold up all others without a word.
const lockWait = 2 * time.Minute

// ErrLockHeld says that another process held the lock of a stored login for too long.
var ErrLockHeld = errors.New("another gobiz process is renewing it, or waits for input")

// lockProfile keeps other processes, and other sources in this one, from refreshing the tokens of a profile at the
// same time. The operating system frees the lock of a process that dies.
func lockProfile(ctx context.Context, stateDir, profile string) (unlock func(), err error) {
	dir := filepath.Join(stateDir, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &LockError{Path: dir, Err: err}
	}
	// A profile's name may not be a file name everywhere.
	sum := sha256.Sum256([]byte(profile))
	path := filepath.Join(dir, "login-"+hex.EncodeToString(sum[:8])+".lock")
	unlock, err = filelock.Take(ctx, path, lockWait)
	var failed *filelock.Error
	switch {
	case errors.Is(err, filelock.ErrHeld):
		return nil, &LockError{Path: path, Err: ErrLockHeld}
	case errors.As(err, &failed):
		return nil, &LockError{Path: path, Err: failed.Err}
	case err != nil:
		return nil, cancelled(ctx)
	}
	return unlock, nil
}

// LockError is a stored login that could not be locked.
type LockError struct {
	Path string // the lock, or the folder that could not be made for it
	Err  error  // ErrLockHeld, or one of the file system
}

func (e *LockError) Error() string { return fmt.Sprintf("login not locked: %v", e.Err) }

// Unwrap returns the cause.
func (e *LockError) Unwrap() error { return e.Err }
