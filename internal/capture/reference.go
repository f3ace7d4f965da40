package capture

import (
	"bytes"
	"errors"
	"io"
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
