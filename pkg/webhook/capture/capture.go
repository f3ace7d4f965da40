// Package capture keeps received notifications in a file: one JSON object a
// line, with the exact bytes of the body, so that they can be verified again and
// sent again as they came.
package capture

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A Record is one received request.
type Record struct {
	ReceivedAt time.Time   `json:"received_at"`
	Method     string      `json:"method"`
	Path       string      `json:"path"`  // escaped, as in the request line
	Query      string      `json:"query"` // raw, without the ?
	Header     http.Header `json:"headers"`
	Body       []byte      `json:"body_base64"` // in base64, the exact bytes
	Signature  string      `json:"signature"`   // value of X-Go-Signature, empty when it had none
	Valid      bool        `json:"valid"`       // whether the signature verified when it was received
}

// MaxLine bounds a line of a capture, in bytes: four thirds of the largest body,
// and its headers.
const MaxLine = 96 << 20

// Append appends the record's line, with its newline, to dst.
func (r *Record) Append(dst []byte) ([]byte, error) {
	line := struct {
		ReceivedAt string      `json:"received_at"`
		Method     string      `json:"method"`
		Path       string      `json:"path"`
		Query      string      `json:"query"`
		Header     http.Header `json:"headers"`
	}{r.ReceivedAt.Format(time.RFC3339Nano), r.Method, r.Path, r.Query, r.Header}
	if line.Header == nil {
		line.Header = http.Header{}
	}
	head, err := json.Marshal(line)
	if err != nil {
		return dst, err
	}
	signature, err := json.Marshal(r.Signature)
	if err != nil {
		return dst, err
	}
	dst = append(dst, head[:len(head)-1]...)
	dst = append(dst, `,"body_base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, r.Body)
	dst = append(dst, `","signature":`...)
	dst = append(dst, signature...)
	return fmt.Appendf(dst, ",\"valid\":%t}\n", r.Valid), nil
}

// A Reader reads the records of a capture.
type Reader struct {
	lines *bufio.Scanner
	line  int
}

// NewReader reads the lines of r as records.
func NewReader(r io.Reader) *Reader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), MaxLine)
	return &Reader{lines: lines}
}

// A LineError is a line that is no record.
type LineError struct {
	Line int // counts from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// errNoRecord is a JSON object of another kind.
var errNoRecord = errors.New("no capture line: it has no body_base64")

// Next gives the next record and io.EOF behind the last. A line that is no record
// gives a *LineError, and Next may be called again for the line after it. Blank
// lines are passed over. A last line without its newline that does not parse was
// cut by a crash; it too is a *LineError.
func (r *Reader) Next() (Record, error) {
	for r.lines.Scan() {
		r.line++
		text := bytes.TrimSpace(r.lines.Bytes())
		if len(text) == 0 {
			continue
		}
		record, err := Parse(text)
		if err != nil {
			return Record{}, &LineError{r.line, err}
		}
		return record, nil
	}
	err := r.lines.Err()
	switch {
	case err == nil:
		return Record{}, io.EOF
	case errors.Is(err, bufio.ErrTooLong):
		return Record{}, fmt.Errorf("line %d is longer than %d MB", r.line+1, MaxLine>>20)
	}
	return Record{}, err
}

// Line is the number of the line that Next gave last.
func (r *Reader) Line() int { return r.line }

// Parse reads one line of a capture.
func Parse(line []byte) (Record, error) {
	var raw struct {
		Record
		Body *[]byte `json:"body_base64"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return Record{}, err
	}
	if raw.Body == nil {
		return Record{}, errNoRecord
	}
	raw.Record.Body = *raw.Body
	if raw.Signature == "" {
		raw.Signature = raw.Header.Get(webhook.SignatureHeader)
	}
	return raw.Record, nil
}
