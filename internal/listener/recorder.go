package listener

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

// A recorder appends requests to the capture. One goroutine writes: lines that
// arrive while a write is under way share the next one, and each request is
// answered when its own line is written. A line is in the operating system's
// hands then, so that a kill does not lose it.
type recorder struct {
	file     *os.File
	notices  *notices
	recorded func(*request) // called for each one that was written, in the order of the capture

	mu     sync.Mutex
	next   *batch
	wake   chan struct{} // there is something in next
	closed bool
	done   sync.WaitGroup

	cut     bool // the last write ended in the middle of a line
	failing bool
}

// A request is what is known of a request besides its line in the capture.
type request struct {
	event Event
	key   string // idempotency key
	ref   capture.Ref
}

// A batch is written by one call.
type batch struct {
	lines    []byte
	requests []*request
	written  chan struct{} // closed when it is, or when err says why not
	err      error
}

func newBatch(lines []byte, requests []*request) *batch {
	return &batch{lines: lines[:0], requests: requests[:0], written: make(chan struct{})}
}

func newRecorder(path string, n *notices, recorded func(*request)) (*recorder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := openLines(path)
	if err != nil {
		return nil, err
	}
	r := &recorder{file: file, notices: n, recorded: recorded, next: newBatch(nil, nil), wake: make(chan struct{}, 1)}
	r.done.Go(r.run)
	return r, nil
}

// record writes the line of a request and returns when that is done.
func (r *recorder) record(request *request, line []byte) error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return os.ErrClosed
	}
	request.ref.Length = len(line)
	b := r.next
	b.lines = append(b.lines, line...)
	b.requests = append(b.requests, request)
	if len(b.requests) == 1 {
		r.wake <- struct{}{}
	}
	r.mu.Unlock()
	<-b.written
	return b.err
}

// run writes batches until the recorder is closed.
func (r *recorder) run() {
	var lines []byte
	var requests []*request
	for range r.wake {
		r.mu.Lock()
		b := r.next
		r.next = newBatch(lines, requests)
		r.mu.Unlock()
		var offset int64
		offset, b.err = r.write(b.lines)
		close(b.written)
		if b.err == nil {
			for _, request := range b.requests {
				request.ref.Offset = offset
				offset += int64(request.ref.Length)
				r.recorded(request)
			}
		}
		if lines = b.lines; cap(lines) > maxPooled {
			lines = nil
		}
		requests = b.requests
		clear(requests)
	}
}

// write appends whole lines and returns where they begin, or says why not.
func (r *recorder) write(lines []byte) (offset int64, err error) {
	if r.cut {
		if _, err = r.file.Write([]byte{'\n'}); err == nil {
			r.cut = false
		}
	}
	var n int
	if err == nil {
		n, err = r.file.Write(lines)
	}
	switch {
	case err != nil && n > 0:
		r.undo(lines[:n])
	case err == nil: // others may append to the file as well
		offset, err = r.file.Seek(-int64(n), io.SeekCurrent)
	}
	switch {
	case err != nil && !r.failing:
		r.failing = true
		r.notices.tell(CaptureFailed, fileReason(err))
	case err == nil && r.failing:
		r.failing = false
		r.notices.tell(CaptureRecovered, "")
	}
	return offset, err
}

// undo takes back what was written last, so that a full disk does not leave a
// part of a line, nor lines that were answered 503 and are sent again. A file that
// others append to as well keeps them.
func (r *recorder) undo(written []byte) {
	end, err := r.file.Seek(0, io.SeekCurrent)
	if err == nil {
		info, err := r.file.Stat()
		if err == nil && info.Size() == end && r.file.Truncate(end-int64(len(written))) == nil {
			_, _ = r.file.Seek(0, io.SeekEnd)
			return
		}
	}
	r.cut = written[len(written)-1] != '\n'
}

// close writes what has begun, and then takes no more. A capture without a line
// is removed. Requests can be read from it until the file itself is closed.
func (r *recorder) close() {
	r.mu.Lock()
	r.closed = true
	close(r.wake)
	r.mu.Unlock()
	r.done.Wait()
}

func (r *recorder) closeFile() error {
	info, err := r.file.Stat()
	if closed := r.file.Close(); err == nil {
		err = closed
	}
	if err == nil && info.Size() == 0 {
		err = os.Remove(r.file.Name())
	}
	return err
}

// openLines opens a file to append lines to and to read them. A last line that was
// cut off by a kill gets its end, so that it stays alone.
func openLines(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = &os.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	case info.Size() > 0:
		var last [1]byte
		if _, err = file.ReadAt(last[:], info.Size()-1); err == nil && last[0] != '\n' {
			_, err = file.Write([]byte{'\n'})
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// lineAt is the number of the line at an offset of a file, from 1; 0 when it
// cannot be read.
func lineAt(path string, offset int64) int {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	line := 1
	before := io.LimitReader(file, offset)
	for buffer := make([]byte, 64<<10); ; {
		n, err := before.Read(buffer)
		line += bytes.Count(buffer[:n], []byte{'\n'})
		if err == io.EOF {
			return line
		}
		if err != nil {
			return 0
		}
	}
}

// fileReason leaves the path out of an error about a file: whoever shows it knows
// the file.
func fileReason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return fmt.Sprint(err)
}
