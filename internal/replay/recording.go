// Package replay finds notifications in a recorded file and makes them ready to
// be sent again, byte for byte.
package replay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// MaxDocument bounds a file that is read as a whole, in bytes: what GoBiz tells
// about its notifications. A capture is read line by line and has no limit.
const MaxDocument = 64 << 20

// A Selection says which records of a file are wanted. A record must pass all of
// it; the zero value takes every record.
type Selection struct {
	IDs         []string // event ids or idempotency keys
	First, Last int      // lines, both included; 0 is no limit. Records that have no line count from 1
	Newest      int      // only so many at the end of those that pass the rest; 0 is all
	Unverified  bool     // also what did not verify when it was received
}

// A Recording is a file of notifications of which the wanted ones are known.
type Recording struct {
	Kind    capture.Kind
	Entries []Entry
	Refused []int                // lines of wanted records that did not verify when they were received
	Broken  []*capture.LineError // lines that are no record, and might have been wanted
	// Cut is a last line that was not written to its end, as after a crash. What
	// was being received then was not answered, so it came again.
	Cut *capture.LineError
	// Absent are the wanted ids that no record has.
	Absent []string

	lines   capture.Resolver
	records []capture.Record // of a document, which is in memory
}

// An Entry is a wanted record. The record itself is read when it is needed.
type Entry struct {
	Line  int // or the place in a document, from 1
	file  io.ReaderAt
	ref   capture.Ref
	valid bool
}

// ErrNothing is a file that holds no recorded notification.
var ErrNothing = errors.New("no recorded notifications in it")

// Open looks through a file of so many bytes: a capture, a list of places in a
// capture, or what GoBiz tells about its notifications (see capture.LoadFile). A
// capture may grow meanwhile; what is added is not looked at. folder is where the
// file is, and the capture of a list; nil when it is in none.
//
// A file that is none of them gives ErrNothing, a list without its capture a
// [*capture.MissingError].
func Open(file io.ReaderAt, size int64, folder fs.FS, want Selection) (*Recording, error) {
	r := &Recording{Kind: capture.Capture, lines: capture.Resolver{Folder: folder}}
	some, err := r.scan(file, size, want)
	if err == nil && !some {
		some, err = r.load(file, size, want)
	}
	if err == nil && !some {
		err = ErrNothing
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.settle(want)
	return r, nil
}

// Close closes the capture of a list, and leaves the file itself open.
func (r *Recording) Close() error { return r.lines.Close() }

// Record reads the record of an entry.
func (r *Recording) Record(e Entry) (capture.Record, error) {
	if r.records != nil {
		return r.records[e.Line-1], nil
	}
	record, err := capture.ReadAt(e.file, e.ref)
	if err != nil {
		return capture.Record{}, fmt.Errorf("line %d: %w", e.Line, err)
	}
	return record, nil
}

// scan looks through the lines of a capture and tells whether there was a record
// among them.
func (r *Recording) scan(file io.ReaderAt, size int64, want Selection) (some bool, err error) {
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, size), 256<<10)
	var (
		line    []byte
		offset  int64
		missing *capture.MissingError
	)
	found := finder{r: r, want: want, seen: map[string]bool{}}
	for number := 1; ; number++ {
		var length int64
		line, length, err = readLine(in, line[:0])
		if length == 0 {
			break
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\uFEFF"))
		}
		text := bytes.TrimSpace(line)
		var fault error
		switch {
		case length > capture.MaxLine:
			fault = fmt.Errorf("longer than %d MB", capture.MaxLine>>20)
		case len(text) > 0:
			var record capture.Record
			var ref capture.Ref
			record, ref, fault = r.lines.Parse(text)
			e := Entry{Line: number, file: r.lines.Capture(), ref: ref, valid: record.Valid}
			if ref.Length == 0 { // the record itself, behind a byte order mark
				e.file, e.ref = file, capture.Ref{Offset: offset + length - int64(len(line)), Length: len(line)}
			}
			if fault == nil {
				some = true
				found.add(e, record)
			}
		}
		if errors.As(fault, &missing) {
			return false, missing
		}
		if fault != nil {
			broken := &capture.LineError{Line: number, Err: fault}
			if errors.Is(err, io.EOF) && some { // without its newline
				r.Cut = broken
			} else if len(r.Broken) < maxBroken {
				r.Broken = append(r.Broken, broken)
			}
		}
		offset += length
		if err != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if some {
		r.Absent = found.absent()
	}
	return some, nil
}

// maxBroken bounds how many broken lines are kept: a file of another kind has
// nothing else.
const maxBroken = 10_000

// readLine appends the next line with its newline to line and tells how long it
// is. Of a line that is too long the end is left out.
func readLine(in *bufio.Reader, line []byte) ([]byte, int64, error) {
	var length int64
	for {
		part, err := in.ReadSlice('\n')
		length += int64(len(part))
		if length <= capture.MaxLine {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, length, err
		}
	}
}

// load reads a document of notifications.
func (r *Recording) load(file io.ReaderAt, size int64, want Selection) (some bool, err error) {
	if size > MaxDocument {
		return false, nil
	}
	data := make([]byte, size)
	if n, err := file.ReadAt(data, 0); int64(n) < size {
		return false, err
	}
	in, err := capture.Load(data)
	if err != nil || in.Kind != capture.Notifications {
		return false, nil
	}
	r.Kind, r.records, r.Broken = in.Kind, in.Records, in.Broken
	found := finder{r: r, want: want, seen: map[string]bool{}}
	for i, record := range in.Records {
		// GoBiz says that it sent them. Whether they verify may not have been checked.
		found.add(Entry{Line: i + 1, valid: true}, record)
	}
	r.Absent = found.absent()
	return true, nil
}

// A finder picks the wanted records.
type finder struct {
	r    *Recording
	want Selection
	seen map[string]bool
}

func (f *finder) add(e Entry, record capture.Record) {
	if e.Line < f.want.First || f.want.Last > 0 && e.Line > f.want.Last {
		return
	}
	if len(f.want.IDs) > 0 && !f.named(record) {
		return
	}
	f.r.Entries = append(f.r.Entries, e)
	if n := f.want.Newest; n > 0 && len(f.r.Entries) > 2*n {
		f.r.Entries = append(f.r.Entries[:0], f.r.Entries[len(f.r.Entries)-n:]...)
	}
}

// named tells whether the record has a wanted id.
func (f *finder) named(record capture.Record) (named bool) {
	for _, id := range []string{webhook.Summarize(record.Body).EventID, record.Header.Get(webhook.IdempotencyKeyHeader)} {
		if id != "" && slices.Contains(f.want.IDs, id) {
			f.seen[id], named = true, true
		}
	}
	return named
}

func (f *finder) absent() (ids []string) {
	for _, id := range f.want.IDs {
		if !f.seen[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// settle keeps the newest ones, and of them what verified.
func (r *Recording) settle(want Selection) {
	first := want.First
	if n := want.Newest; n > 0 && len(r.Entries) >= n {
		r.Entries = r.Entries[len(r.Entries)-n:]
		first = r.Entries[0].Line
	}
	foundAll := len(want.IDs) > 0 && len(r.Absent) == 0
	unwanted := func(line int) bool { return foundAll || line < first || want.Last > 0 && line > want.Last }
	r.Broken = slices.DeleteFunc(r.Broken, func(b *capture.LineError) bool { return unwanted(b.Line) })
	if r.Cut != nil && unwanted(r.Cut.Line) {
		r.Cut = nil
	}
	if want.Unverified {
		return
	}
	r.Entries = slices.DeleteFunc(r.Entries, func(e Entry) bool {
		if !e.valid {
			r.Refused = append(r.Refused, e.Line)
		}
		return !e.valid
	})
}
