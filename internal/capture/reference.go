package capture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
)

// A Ref says where a line stands in a capture, in bytes.
type Ref struct {
	Offset int64 `json:"offset"`
	Length int   `json:"length"` // with its newline
}

// ErrChanged is a line that is no longer what it was when it was found.
var ErrChanged = errors.New("the file was changed since")

// ReadAt reads the record at a place of a capture.
func ReadAt(file io.ReaderAt, ref Ref) (Record, error) {
	if ref.Offset < 0 || ref.Length <= 0 || ref.Length > MaxLine {
		return Record{}, ErrChanged
	}
	line := make([]byte, ref.Length)
	if n, err := file.ReadAt(line, ref.Offset); n < len(line) {
		if errors.Is(err, io.EOF) {
			err = ErrChanged
		}
		return Record{}, err
	}
	record, err := Parse(bytes.TrimSpace(line))
	if err != nil {
		return Record{}, ErrChanged
	}
	return record, nil
}

// A Reference is a line of a list of missed notifications: it says where the
// notification stands in a capture.
type Reference struct {
	Capture string `json:"capture"` // its file name, in the folder of the list
	Ref
}

// referenceStart is how every reference begins.
const referenceStart = `{"capture":`

// Append appends the reference's line, with its newline, to dst.
func (r Reference) Append(dst []byte) []byte {
	dst = appendQuote(append(dst, referenceStart...), r.Capture)
	dst = strconv.AppendInt(append(dst, `,"offset":`...), r.Offset, 10)
	dst = strconv.AppendInt(append(dst, `,"length":`...), int64(r.Length), 10)
	return append(dst, "}\n"...)
}

// A Resolver reads the lines of a file of records, some of which may be
// references to records of a capture. The zero value resolves no reference.
type Resolver struct {
	Folder fs.FS // where the captures are

	name string
	file fs.File // nil until the first reference
}

// Parse reads a line. When it is a reference, it returns the record there, and
// the place as well. It is a [*MissingError] when the capture cannot be opened.
func (r *Resolver) Parse(line []byte) (Record, Ref, error) {
	record, err := Parse(line)
	var to Reference
	if !errors.Is(err, errNoRecord) || !bytes.HasPrefix(line, []byte(referenceStart)) || json.Unmarshal(line, &to) != nil {
		return record, Ref{}, err
	}
	if err := r.open(to.Capture); err != nil {
		return Record{}, Ref{}, err
	}
	file := r.Capture()
	if file == nil {
		return Record{}, Ref{}, &MissingError{to.Capture, errors.New("not a regular file")}
	}
	if record, err = ReadAt(file, to.Ref); err != nil {
		return Record{}, Ref{}, fmt.Errorf("%s: %w", to.Capture, err)
	}
	return record, to.Ref, nil
}

// open opens the one capture to which all references lead.
func (r *Resolver) open(name string) (err error) {
	switch {
	case r.file != nil && r.name == name:
		return nil
	case r.file != nil:
		return fmt.Errorf("it refers to %s, the lines before it to %s", name, r.name)
	case r.Folder == nil:
		return &MissingError{name, errors.New("stdin has nothing beside it")}
	}
	r.name = name
	if r.file, err = r.Folder.Open(name); err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return &MissingError{name, err}
	}
	return nil
}

// A MissingError is a reference to a capture that cannot be opened.
type MissingError struct {
	Capture string
	Err     error
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("it lists places in the capture %s, which must be beside it: %v", e.Capture, e.Err)
}

func (e *MissingError) Unwrap() error { return e.Err }

// Capture is the file to which the references lead, nil when there was none.
func (r *Resolver) Capture() io.ReaderAt {
	at, _ := r.file.(io.ReaderAt) // as every regular file of a folder is
	return at
}

// Close closes the capture.
func (r *Resolver) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
