package listener

import (
	"errors"
	"os"
	"sync"
)

// missed keeps the requests that the target did not answer, as lines of a
// capture, so that they can be replayed.
type missed struct {
	path string

	mu   sync.Mutex
	file *os.File // nil: none yet
	line []byte
}

// check tells at the start when the file cannot be written: at the end it is too
// late to choose another. It leaves no file.
func (m *missed) check(n *notices) {
	if m.path == "" {
		return
	}
	_, before := os.Lstat(m.path)
	file, err := openCapture(m.path)
	if err != nil {
		n.tellOnce(MissedFailed, fileReason(err))
		return
	}
	_ = file.Close()
	if before != nil { // it was not there
		_ = os.Remove(m.path)
	}
}

func (m *missed) add(d *delivery) (err error) {
	if m.path == "" {
		return errNoFile
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.file == nil {
		if m.file, err = openCapture(m.path); err != nil {
			m.file = nil
			return err
		}
	}
	if m.line, err = d.Append(m.line[:0]); err != nil {
		return err
	}
	_, err = m.file.Write(m.line)
	return err
}

var errNoFile = errors.New("no file for them")

func (m *missed) close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}
