package listener

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

// missed is the list of the requests that the target did not answer: where they
// stand in the capture, so that they can be replayed.
type missed struct {
	path, capture string

	mu   sync.Mutex
	line []byte
}

// check reports at the start when the file cannot be written: at the end it is
// too late to choose another. It leaves no file.
func (m *missed) check(n *notices) {
	if m.path == "" {
		return
	}
	_, before := os.Lstat(m.path)
	file, err := openLines(m.path)
	if err != nil {
		n.notifyOnce(MissedFailed, fileReason(err))
		return
	}
	_ = file.Close()
	if before != nil { // it was not there
		_ = os.Remove(m.path)
	}
}

func (m *missed) add(ref capture.Ref) error {
	if m.path == "" {
		return errNoFile
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	file, err := openLines(m.path) // each time: it may be deleted meanwhile
	if err != nil {
		return err
	}
	m.line = capture.Reference{Capture: filepath.Base(m.capture), Ref: ref}.Append(m.line[:0])
	_, err = file.Write(m.line)
	return errors.Join(err, file.Close())
}

var errNoFile = errors.New("no file for them")
