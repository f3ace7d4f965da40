package listener

import (
	"encoding/binary"
	"io"
	"os"
)

// spoolPattern matches the names of spools.
const spoolPattern = "spool-*.tmp"

// A spool is the part of a queue that is in a file: entries are written at its
// end and read from its front. Where the system allows it the file has no name,
// so nothing of it is left, whatever ends the process.
type spool struct {
	file       *os.File
	named      bool
	head, tail int64
	front      []byte // read already, from head on
	frontAt    int64
}

func newSpool(dir string) (*spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, spoolPattern) // mode 0600
	if err != nil {
		return nil, err
	}
	return &spool{file: file, named: os.Remove(file.Name()) != nil}, nil
}

const lengthSize = 4 // of an entry's length before it, in bytes

func (s *spool) write(entry []byte) error {
	data := binary.BigEndian.AppendUint32(make([]byte, 0, lengthSize+len(entry)), uint32(len(entry)))
	if _, err := s.file.WriteAt(append(data, entry...), s.tail); err != nil {
		return err
	}
	s.tail += int64(lengthSize + len(entry))
	return nil
}

// read gives the oldest entry, which is good until the next call, and io.EOF when
// there is none.
func (s *spool) read() ([]byte, error) {
	if s.head == s.tail {
		return nil, io.EOF
	}
	length, err := s.peek(0, lengthSize)
	if err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(length))
	entry, err := s.peek(lengthSize, n)
	s.head += int64(lengthSize + n)
	return entry, err
}

// peek gives n bytes that begin at so many behind the head. It reads ahead.
func (s *spool) peek(at, n int) ([]byte, error) {
	const ahead = 64 << 10
	from := s.head + int64(at)
	start := from - s.frontAt
	if start < 0 || start+int64(n) > int64(len(s.front)) {
		s.front = make([]byte, min(max(int64(n), ahead), s.tail-from))
		s.frontAt, start = from, 0
		if _, err := s.file.ReadAt(s.front, from); err != nil {
			return nil, err
		}
	}
	return s.front[start : start+int64(n)], nil
}

func (s *spool) close() {
	_ = s.file.Close()
	if s.named {
		_ = os.Remove(s.file.Name())
	}
}
