package capture

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strconv"
)

// A Reader reads files of records. The zero value follows no reference.
type Reader struct {
	Folder fs.FS // where the captures are that references name

	name    string
	capture regularFile // nil until the first reference
}

// A Line is a line that was read. It is a record unless Err says why not.
type Line struct {
	Number int    // from 1
	Text   []byte // without the blanks around it; good until the next line
	Cut    bool   // it has no newline
	Record
	Err error

	// File is the capture that has the record when the line is a reference, nil when
	// it is the record itself; Ref is its place there or in the file that is read.
	File io.ReaderAt
	Ref  Ref
}

// Lines reads the lines that are not blank. It ends with an error when they cannot
// be read, or with a [*MissingError].
func (r *Reader) Lines(file io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		in := bufio.NewReaderSize(file, 64<<10)
		var raw []byte
		var next int64
		for number := 1; ; number++ {
			var length int64
			var err error
			raw, length, err = readLine(in, raw[:0])
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Line{}, err)
				return
			}
			if length == 0 {
				return
			}
			next += length
			if number == 1 {
				raw = bytes.TrimPrefix(raw, []byte("\uFEFF"))
			}
			line := Line{Number: number, Text: bytes.TrimSpace(raw), Cut: err != nil, Ref: Ref{next - int64(len(raw)), len(raw)}}
			switch {
			case length > MaxLine:
				line.Err = fmt.Errorf("longer than %d MB", MaxLine>>20)
			case len(line.Text) == 0:
				continue
			default:
				r.parse(&line)
			}
			var missing *MissingError
			if errors.As(line.Err, &missing) {
				yield(line, missing)
				return
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}

// readLine appends the next line with its newline to line, and returns how long
// it is. Of a line that is too long the end is left out.
func readLine(in *bufio.Reader, line []byte) ([]byte, int64, error) {
	var length int64
	for {
		part, err := in.ReadSlice('\n')
		length += int64(len(part))
		if length <= MaxLine {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, length, err
		}
	}
}

// parse reads a line as a record, or follows a reference to one.
func (r *Reader) parse(line *Line) {
	line.Record, line.Err = Parse(line.Text)
	var to Reference
	if !errors.Is(line.Err, errNoRecord) || !bytes.HasPrefix(line.Text, []byte(referenceStart)) || json.Unmarshal(line.Text, &to) != nil {
		return
	}
	if line.Err = r.open(to.Capture); line.Err != nil {
		return
	}
	line.File, line.Ref = r.capture, to.Ref
	if line.Record, line.Err = ReadAt(r.capture, to.Ref); line.Err != nil {
		line.Err = fmt.Errorf("%s: %w", to.Capture, line.Err)
	}
}

// open opens the one capture to which all references lead.
func (r *Reader) open(name string) (err error) {
	switch {
	case r.capture != nil && r.name == name:
		return nil
	case r.capture != nil:
		return fmt.Errorf("it refers to %s, the lines before it to %s", name, r.name)
	case r.Folder == nil:
		return &MissingError{name, errors.New("stdin has nothing beside it")}
	}
	file, err := r.Folder.Open(name)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return &MissingError{name, err}
	}
	at, ok := file.(regularFile)
	if !ok {
		return &MissingError{name, errors.Join(errors.New("not a regular file"), file.Close())}
	}
	r.name, r.capture = name, at
	return nil
}

// regularFile is what a regular file of a folder can do.
type regularFile interface {
	io.ReaderAt
	io.Closer
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

// Close closes the capture that references have led to.
func (r *Reader) Close() error {
	if r.capture == nil {
		return nil
	}
	return r.capture.Close()
}

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
