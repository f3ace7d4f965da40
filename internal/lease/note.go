package lease

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

// A note is what one process has made, in a file of its own. The process holds a
// lock beside it; the operating system frees the lock of one that dies.
type note struct {
	Place   string  `json:"place"`
	Entries []entry `json:"entries"`

	path string
	lock *flock.Flock
}

// An entry is a subscription that was or is about to be made.
type entry struct {
	Scope subscriptions.Scope `json:"scope"`
	Event string              `json:"event"`
	URL   string              `json:"url"`
	ID    string              `json:"id,omitempty"`   // empty until the API has given it
	Gone  bool                `json:"gone,omitempty"` // removed, or never made
}

const (
	maxNote    = 1 << 20
	noteSuffix = ".json"
	lockSuffix = ".lock"
)

func newNote(dir, place string, entries []entry) (*note, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	n := &note{Place: place, Entries: entries, path: filepath.Join(dir, uuid.NewString()+noteSuffix)}
	if ok, err := n.tryLock(); !ok {
		return nil, err
	}
	if err := n.save(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *note) tryLock() (bool, error) {
	n.lock = flock.New(strings.TrimSuffix(n.path, noteSuffix)+lockSuffix, flock.SetPermissions(0o600))
	return n.lock.TryLock()
}

// save writes the note in one step, so that a kill leaves the old or the new one.
func (n *note) save() error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return atomicfile.Write(n.path, text)
}

func (n *note) left() (left int) {
	for _, e := range n.Entries {
		if !e.Gone {
			left++
		}
	}
	return left
}

// remove removes the subscriptions that are not gone yet.
func (n *note) remove(ctx context.Context, calls func(subscriptions.Scope) subscriptions.Calls) error {
	var errs []error
	for i := range n.Entries {
		e := &n.Entries[i]
		if e.Gone {
			continue
		}
		if err := e.remove(ctx, calls(e.Scope)); err != nil {
			errs = append(errs, err)
			continue
		}
		e.Gone = true
	}
	return errors.Join(errs...)
}

// remove removes one subscription. One without an id was about to be made when
// its process ended: if it is there, that process made it, since it had looked
// before.
func (e *entry) remove(ctx context.Context, calls subscriptions.Calls) error {
	id := e.ID
	if id == "" {
		live, err := calls.List(ctx)
		if err != nil {
			return err
		}
		s := find(live, e.Event, e.URL)
		if s == nil {
			return nil
		}
		id = s.ID
	}
	err := calls.Delete(ctx, id)
	if errors.Is(err, gobiz.ErrNotFound) {
		return nil // somebody has removed it
	}
	return err
}

// close forgets the note when nothing is left of it, and frees its lock.
func (n *note) close() error {
	if n.left() > 0 {
		return errors.Join(n.save(), n.lock.Close())
	}
	err := os.Remove(n.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	err = errors.Join(err, n.lock.Close())
	_ = os.Remove(n.lock.Path()) // without a note it means nothing
	return err
}

// held reports whether a process that is running has made the same subscription.
func (e *entry) held(dir, place string) bool {
	notes, _ := readNotes(dir, true)
	for _, n := range notes {
		for _, other := range n.Entries {
			if n.Place == place && other.Scope == e.Scope && other.Event == e.Event && other.URL == e.URL && !other.Gone {
				return true
			}
		}
	}
	return false
}

// readNotes returns the notes whose processes run, or those whose processes are no
// longer there, locked. One that cannot be read is left where it is.
func readNotes(dir string, running bool) (notes []*note, err error) {
	if dir == "" {
		return nil, nil
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"+noteSuffix))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		n := &note{path: path}
		if free, err := n.tryLock(); err == nil && free != running {
			if text, err := atomicfile.Read(path, maxNote); err == nil && json.Unmarshal(text, n) == nil {
				notes = append(notes, n)
				continue
			}
		}
		_ = n.lock.Close()
	}
	return notes, nil
}
