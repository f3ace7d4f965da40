package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/filelock"
)

// defaultLockWait is longer than a push holds the lock that nothing delays.
const defaultLockWait = 30 * time.Second

// A Holder is who holds the lock of an outlet, as far as it is known.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"` // the machine's name
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

// LockedError says that another push to the outlet was under way for too long.
// Nothing was written.
type LockedError struct {
	OutletID string
	Waited   time.Duration
	Holder   Holder // zero when it is not known
}

func (e *LockedError) Error() string {
	message := "another push to " + e.OutletID + " is under way"
	if e.Waited > 0 {
		message += fmt.Sprintf(", also after %v", e.Waited)
	}
	if h := e.Holder; h.PID != 0 {
		var known []string
		if h.Command != "" {
			known = append(known, h.Command)
		}
		known = append(known, fmt.Sprintf("process %d on %s", h.PID, h.Host), "since "+h.Since.Format(time.RFC3339))
		message += ": " + strings.Join(known, ", ")
	}
	return message
}

// An outletLock lets one push at a time change the menu of an outlet, over all
// processes. The operating system frees that of a process that dies.
type outletLock struct {
	path, holder string // the file that is locked, and who has done so
	command      string
}

// take waits for the lock. busy is called when somebody else has it.
func (l outletLock) take(ctx context.Context, outletID string, limit time.Duration, busy func()) (release func(), err error) {
	if err := atomicfile.MkdirAll(filepath.Dir(l.path)); err != nil {
		return nil, err
	}
	release, err = filelock.Take(ctx, l.path, 0)
	if errors.Is(err, filelock.ErrHeld) && limit > 0 {
		busy()
		release, err = filelock.Take(ctx, l.path, limit)
	}
	switch {
	case errors.Is(err, filelock.ErrHeld):
		return nil, &LockedError{OutletID: outletID, Waited: max(limit, 0), Holder: l.signed()}
	case err != nil:
		return nil, err
	}
	l.sign()
	return release, nil
}

// sign tells those who wait who holds the lock. They can do without, so that nobody
// waits for the disk.
func (l outletLock) sign() {
	host, _ := os.Hostname()
	data, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Since: time.Now().UTC().Truncate(time.Second), Command: l.command})
	if err != nil {
		return
	}
	if file, err := atomicfile.OpenAppend(l.holder); err == nil {
		_ = file.Truncate(0)
		_, _ = file.Write(data)
		_ = file.Close()
	}
}

func (l outletLock) signed() (h Holder) {
	data, err := atomicfile.Read(l.holder, maxRecord)
	if err != nil || json.Unmarshal(data, &h) != nil {
		return Holder{}
	}
	return h
}
