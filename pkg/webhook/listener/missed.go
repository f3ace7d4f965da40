package listener

import (
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

func (m *missed) add(d *delivery) (err error) {
	if m.path == "" {
		return nil
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

func (m *missed) close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}
