// Package filelock keeps other processes away while one of them changes something
// they share.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
)

// ErrHeld says that another process held the lock for longer than the caller
// waits.
var ErrHeld = errors.New("another gobiz process holds it")

// poll is how often a waiting process looks for the lock. The operating system's
// own waiting cannot be cancelled.
const poll = 25 * time.Millisecond

// Error is a lock that could not be taken.
type Error struct {
	Path string // of the lock file
	Err  error  // ErrHeld, or one of the file system
}

func (e *Error) Error() string { return fmt.Sprintf("%s not locked: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Take locks the file at path, which it makes; its folder must exist. It waits for
// a process that has the lock, up to limit; 0 does not wait. The operating system frees the lock of
// a process that dies. Errors are an [*Error], or the cause of ctx.
func Take(ctx context.Context, path string, limit time.Duration) (release func(), err error) {
	// To open a pipe would wait for its other end.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &Error{path, &fs.PathError{Op: "open", Path: path, Err: atomicfile.ErrNotRegular}}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	if !taken && err == nil {
		wait, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		if taken, err = lock.TryLockContext(wait, poll); wait.Err() != nil {
			err = ErrHeld
		}
	}
	if taken {
		return func() { _ = lock.Close() }, nil
	}
	_ = lock.Close()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, &Error{path, err}
}
