package listener

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

// A place is where the lines of a capture are, which others may delete, replace or
// cut while it is written: the line at an offset, if not below gone, is at
// offset+shift of the file.
type place struct {
	file        *os.File
	shift, gone int64
}

// locate returns where in the file the line at an offset is.
func (p *place) locate(offset int64) (int64, error) {
	if offset < p.gone {
		return 0, capture.ErrChanged
	}
	return offset + p.shift, nil
}

// ReadAt reads at an offset as a request has it.
func (r *recorder) ReadAt(b []byte, offset int64) (int, error) {
	p := r.at.Load()
	at, err := p.locate(offset)
	if err != nil {
		return 0, err
	}
	n, err := p.file.ReadAt(b, at)
	if errors.Is(err, os.ErrClosed) && p != r.at.Load() { // restored just now
		return r.ReadAt(b, offset)
	}
	return n, err
}

// noteCut notices a capture that somebody has cut. Offsets go on: they are not those
// of other lines before.
func (r *recorder) noteCut() {
	p := r.at.Load()
	size, err := r.file.Seek(0, io.SeekEnd)
	if err != nil || size >= r.next+p.shift {
		return
	}
	var last [1]byte
	_, err = r.file.ReadAt(last[:], size-1)
	r.cut = size > 0 && (err != nil || last[0] != '\n')
	r.at.Store(&place{file: r.file, shift: size - r.next, gone: r.next})
	r.notices.notify(CaptureCut, "")
}

// checkEvery is how often a capture is looked for, which costs too much for each
// request.
const checkEvery = time.Second

func (r *recorder) watch(stop <-chan struct{}) {
	for tick := time.Tick(checkEvery); ; {
		select {
		case <-tick:
			if err := r.check(); err != nil {
				r.notices.notifyOnce(CaptureLost, fileReason(err))
			}
		case <-stop:
			return
		}
	}
}

// check notices a capture that is no longer where it was, and writes what it has there
// again: the file that is still open is in no folder, or in another one.
func (r *recorder) check() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noteCut()
	own, err := r.file.Stat()
	there, gone := os.Stat(r.path)
	if err != nil || gone == nil && os.SameFile(own, there) || gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		return nil
	}
	if err := r.restore(own.Size()); err != nil {
		return err
	}
	r.notices.notify(CaptureRestored, "")
	return nil
}

func (r *recorder) restore(size int64) error {
	if err := os.MkdirAll(filepath.Dir(r.path), 0o700); err != nil {
		return err
	}
	file, err := openLines(r.path)
	if err != nil {
		return err
	}
	before, err := file.Seek(0, io.SeekEnd) // somebody may have put another file there
	if err == nil {
		_, err = io.Copy(file, io.NewSectionReader(r.file, 0, size))
	}
	if err != nil {
		return errors.Join(err, file.Truncate(before), file.Close())
	}
	p := *r.at.Load()
	p.file, p.shift = file, p.shift+before
	r.at.Store(&p)
	lost := r.file
	r.file = file
	return lost.Close()
}
