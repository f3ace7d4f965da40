// Package replay finds notifications in a recorded file and makes them ready to
// be sent again, byte for byte.
package replay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"slices"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// MaxDocument bounds a file that is read as a whole, in bytes: what GoBiz says
// of its notifications. A capture is read line by line and has no limit.
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

	reader  capture.Reader
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
// capture, or what GoBiz says of its notifications (see capture.LoadFile). A
// capture may grow meanwhile; what is added is not looked at. folder is where the
// file is, and the capture of a list; nil when it is in none.
//
// It is ErrNothing when the file is none of them, and a
// [*capture.MissingError] when a list has no capture.
func Open(file io.ReaderAt, size int64, folder fs.FS, want Selection) (*Recording, error) {
	r := &Recording{Kind: capture.Capture, reader: capture.Reader{Folder: folder}}
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
func (r *Recording) Close() error { return r.reader.Close() }

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

// scan looks through the lines of a capture and reports whether there was a record
// among them.
func (r *Recording) scan(file io.ReaderAt, size int64, want Selection) (some bool, err error) {
	found := finder{r: r, want: want, seen: map[string]bool{}}
	for line, err := range r.reader.Lines(io.NewSectionReader(file, 0, size)) {
		switch {
		case err != nil:
			return false, err
		case line.Err == nil:
			some = true
			e := Entry{Line: line.Number, file: line.File, ref: line.Ref, valid: line.Valid}
			if e.file == nil {
				e.file = file
			}
			found.add(e, line.Record)
		case line.Cut && some:
			r.Cut = &capture.LineError{Line: line.Number, Err: line.Err}
		case len(r.Broken) < maxBroken:
			r.Broken = append(r.Broken, &capture.LineError{Line: line.Number, Err: line.Err})
		}
	}
	if some {
		r.Absent = found.absent()
	}
	return some, nil
}

// maxBroken bounds how many broken lines are kept: a file of another kind has
// nothing else.
const maxBroken = 10_000

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

// named reports whether the record has a wanted id.
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

// A Target is where recorded notifications are sent.
type Target struct {
	URL *url.URL
	// KeepPath puts the recorded path and query behind those of the URL, as
	// `webhook listen` does when it forwards. Without it the URL is the whole target,
	// but for the recorded query where the URL has none.
	KeepPath bool
	// Secret signs the body anew; empty keeps the recorded signature.
	Secret string
}

// Delivery is a record on its way to the target: its body and its headers, but
// those that belong to the connection on which it was received. A recorded path
// that may lead out of the target's is refused, as a listener does.
func (t Target) Delivery(record capture.Record) (sender.Delivery, error) {
	d := sender.Delivery{Summary: webhook.Summarize(record.Body), Header: sender.ResendHeader(record.Header), Body: record.Body}
	d.Header.Del(sender.ForwardedBy) // it goes the way anew
	if t.KeepPath && sender.HasDotSegment(record.Path) {
		return d, errors.New("a segment . or .. in the recorded path may lead out of the URL")
	}
	d.URL = t.url(record)
	if t.Secret != "" {
		d.Header.Set(webhook.SignatureHeader, webhook.Sign(t.Secret, record.Body))
	}
	return d, nil
}

func (t Target) url(record capture.Record) string {
	switch {
	case t.KeepPath:
		return sender.ResendURL(t.URL, record.Path, record.Query).String()
	case t.URL.RawQuery != "":
		return sender.ResendURL(t.URL, "", "").String()
	default:
		return sender.ResendURL(t.URL, "", record.Query).String()
	}
}
