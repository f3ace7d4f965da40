package listener

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
)

// recorder appends requests to the capture. Requests that arrive while a write
// is under way share the next one: the first of them writes for all, and each is
// answered when its own line is written. A line is in the operating system's
// hands then, so that a kill does not lose it.
type recorder struct {
	file    *os.File
	notices *notices
	written chan []*delivery // in the order of the capture

	mu      sync.Mutex
	filling *batch
	closed  bool
	active  sync.WaitGroup // batches that are not written yet

	writing sync.Mutex // held during a write, one at a time
	spare   []byte     // for a later batch
	lines   int        // of the file
	cut     bool       // the last write ended in the middle of a line
	failing bool
}

// A batch is written by one call.
type batch struct {
	lines      []byte
	deliveries []*delivery
	done       chan struct{} // closed when it is written
	err        error
}

// maxPooled is the largest buffer that is kept for later use, in bytes.
const maxPooled = 256 << 10

func newRecorder(path string, n *notices) (*recorder, error) {
	file, err := openCapture(path)
	if err != nil {
		return nil, err
	}
	lines, err := countLines(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &recorder{
		file: file, notices: n, lines: lines,
		// A few writes ahead of dispatch; beyond that receiving is as fast as it.
		written: make(chan []*delivery, 64),
		filling: &batch{done: make(chan struct{})},
	}, nil
}

// openCapture opens a file to append lines to. A last line that was cut off by a
// kill gets its end, so that it stays alone.
func openCapture(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Mode().IsRegular() && info.Size() > 0 {
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

// record writes the line of a request and returns when that is done.
func (r *recorder) record(d *delivery, line []byte) error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return os.ErrClosed
	}
	b := r.filling
	b.lines = append(b.lines, line...)
	b.deliveries = append(b.deliveries, d)
	first := len(b.deliveries) == 1
	if first {
		r.active.Add(1)
	}
	r.mu.Unlock()
	if !first {
		<-b.done
		return b.err
	}
	defer r.active.Done()
	// Under load, others that are about to record join this batch.
	runtime.Gosched()
	runtime.Gosched()
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	r.filling = &batch{done: make(chan struct{}), lines: r.reuse()}
	r.mu.Unlock()
	b.err = r.write(b.lines)
	if b.err == nil {
		for _, d := range b.deliveries {
			r.lines++
			d.line = r.lines
		}
		r.written <- b.deliveries
	}
	close(b.done)
	r.spare = b.lines
	return b.err
}

// write appends whole lines, or says why not.
func (r *recorder) write(lines []byte) error {
	if r.cut {
		lines = append([]byte{'\n'}, lines...)
	}
	n, err := r.file.Write(lines)
	if err == nil && r.cut {
		r.lines, r.cut = r.lines+1, false // the part of a line
	}
	if err != nil && n > 0 {
		r.undo(n, lines[n-1] != '\n', bytes.Count(lines[:n], []byte{'\n'}))
	}
	switch {
	case err != nil && !r.failing:
		r.failing = true
		r.notices.tell(CaptureFailed, fileReason(err))
	case err == nil && r.failing:
		r.failing = false
		r.notices.tell(CaptureRecovered, "")
	}
	return err
}

// undo takes back the last n bytes, so that a full disk does not leave a part of
// a line, nor lines that were answered 503 and are sent again. A file that others
// append to as well keeps them.
func (r *recorder) undo(n int, cut bool, lines int) {
	if end, err := r.file.Seek(0, io.SeekCurrent); err == nil {
		if info, err := r.file.Stat(); err == nil && info.Size() == end && r.file.Truncate(end-int64(n)) == nil {
			_, _ = r.file.Seek(0, io.SeekEnd)
			return
		}
	}
	r.cut, r.lines = cut, r.lines+lines
}

// countLines counts those of a capture that is there already.
func countLines(file *os.File) (n int, err error) {
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return 0, err // a device may have no end
	}
	buffer := make([]byte, 64<<10)
	for at := int64(0); ; {
		read, err := file.ReadAt(buffer, at)
		n, at = n+bytes.Count(buffer[:read], []byte{'\n'}), at+int64(read)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// reuse gives the buffer of an earlier batch. It is for whoever is writing.
func (r *recorder) reuse() []byte {
	buffer := r.spare
	r.spare = nil
	if cap(buffer) > maxPooled {
		return nil
	}
	return buffer[:0]
}

// close writes what has begun, and then takes no more. A capture without a line
// is removed.
func (r *recorder) close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.active.Wait()
	close(r.written)
	info, err := r.file.Stat()
	if closed := r.file.Close(); err == nil {
		err = closed
	}
	if err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		err = os.Remove(r.file.Name())
	}
	return err
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
