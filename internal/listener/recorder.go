package listener

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

// A recorder appends requests to the capture, one at a time. A line is in the
// operating system's hands before its request is answered, so that a kill does not
// lose it.
type recorder struct {
	path     string
	notices  *notices
	recorded func(*request) // called for each one that was written, in the order of the capture
	at       atomic.Pointer[place]

	mu      sync.Mutex
	file    *os.File // that of at
	next    int64    // the offset behind the last line
	closed  bool
	cut     bool // the last write ended in the middle of a line
	failing bool
}

// A request is what is known of a request besides its line in the capture.
type request struct {
	event Event
	key   string   // idempotency key
	by    []string // see sender.ForwardedBy
	ref   capture.Ref
}

func newRecorder(path string, n *notices, recorded func(*request)) (*recorder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := openLines(path)
	if err != nil {
		return nil, err
	}
	r := &recorder{path: path, file: file, notices: n, recorded: recorded}
	r.at.Store(&place{file: file})
	return r, nil
}

// record writes the line of a request, and hands the request on.
func (r *recorder) record(request *request, line []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return os.ErrClosed
	}
	r.noteCut()
	offset, err := r.write(line)
	if err != nil {
		return err
	}
	request.ref = capture.Ref{Offset: offset - r.at.Load().shift, Length: len(line)}
	r.next = request.ref.Offset + int64(len(line))
	r.recorded(request)
	return nil
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
		r.notices.notify(CaptureFailed, fileReason(err))
	case err == nil && r.failing:
		r.failing = false
		r.notices.notify(CaptureRecovered, "")
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

// close takes no more. Requests can be read from the capture until the file itself
// is closed.
func (r *recorder) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// closeFile closes the capture. One without a line is removed.
func (r *recorder) closeFile() error {
	if err := r.check(); err != nil {
		return errors.Join(fmt.Errorf("restore the capture: %w", err), r.file.Close())
	}
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
