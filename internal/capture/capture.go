// Package capture keeps received notifications in a file: one JSON object a
// line, with the exact bytes of the body, so that they can be verified again and
// sent again as they came.
package capture

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A Record is one received request. Its line in a file keeps every byte of it,
// also of text that is not UTF-8.
type Record struct {
	ReceivedAt time.Time   `json:"received_at"`
	Method     string      `json:"method"`
	Path       string      `json:"path"`  // escaped, as in the request line, with the ? of an empty query
	Query      string      `json:"query"` // raw, without the ?
	Header     http.Header `json:"headers"`
	Body       []byte      `json:"body_base64"` // in base64, the exact bytes
	Signature  string      `json:"signature"`   // value of X-Go-Signature, empty when it had none
	Valid      bool        `json:"valid"`       // whether the signature verified when it was received
}

// MaxLine bounds a line of a capture, in bytes: four thirds of the largest body,
// and its headers.
const MaxLine = 96 << 20

// Append appends the record's line, with its newline, to dst. It is written by
// hand: `webhook listen` does it thousands of times a second.
func (r *Record) Append(dst []byte) []byte {
	if !r.isUTF8() {
		text := r.mapText(fromLatin1)
		return append(bytes.TrimSuffix(text.Append(dst), []byte("}\n")), `,"charset":"`+latin1+"\"}\n"...)
	}
	dst = append(dst, `{"received_at":"`...)
	dst = r.ReceivedAt.AppendFormat(dst, time.RFC3339Nano)
	dst = appendQuote(append(dst, `","method":`...), r.Method)
	dst = appendQuote(append(dst, `,"path":`...), r.Path)
	dst = appendQuote(append(dst, `,"query":`...), r.Query)
	dst = appendHeader(append(dst, `,"headers":`...), r.Header)
	dst = base64.StdEncoding.AppendEncode(append(dst, `,"body_base64":"`...), r.Body)
	dst = appendQuote(append(dst, `","signature":`...), r.Signature)
	dst = strconv.AppendBool(append(dst, `,"valid":`...), r.Valid)
	return append(dst, "}\n"...)
}

// appendHeader appends an object of lists, with the names in no order.
func appendHeader(dst []byte, header http.Header) []byte {
	dst = append(dst, '{')
	first := true
	for name, values := range header {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendQuote(dst, name), ":["...)
		for j, value := range values {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendQuote(dst, value)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendQuote(dst []byte, text string) []byte {
	if isPlain(text) {
		return append(append(append(dst, '"'), text...), '"')
	}
	dst, _ = jsontext.AppendQuote(dst, text) // the error is about UTF-8, see Append
	return dst
}

// isPlain finds the common case: text that stands in a JSON string as it is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
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

// Parse reads one line of a capture.
func Parse(line []byte) (Record, error) {
	var raw struct {
		Record
		Body    *[]byte `json:"body_base64"`
		Charset string  `json:"charset"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return Record{}, lineFault(line, err)
	}
	if raw.Body == nil {
		return Record{}, errNoRecord
	}
	raw.Record.Body = *raw.Body
	if raw.Charset == latin1 {
		raw.Record = raw.mapText(toLatin1)
	}
	if raw.Signature == "" {
		raw.Signature = raw.Header.Get(webhook.SignatureHeader)
	}
	return raw.Record, nil
}

// errCut is a line whose JSON does not end.
var errCut = errors.New("the line is cut off")

// A fault is why a line is no record, in words for people instead of those of the
// JSON library, which is what it wraps.
type fault struct {
	text string
	err  error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.err }

// lineFault words the error of reading a line.
func lineFault(line []byte, err error) error {
	var (
		syntax   *json.SyntaxError
		mistyped *json.UnmarshalTypeError
		instant  *time.ParseError
		encoding base64.CorruptInputError
	)
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(line)) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return errCut
	case errors.As(err, &syntax):
		return &fault{"not JSON: " + syntax.Error(), err}
	case errors.As(err, &mistyped) && mistyped.Field == "":
		return &fault{"no JSON object", err}
	case errors.As(err, &mistyped):
		field := mistyped.Field[strings.LastIndexByte(mistyped.Field, '.')+1:]
		return &fault{fmt.Sprintf("%s cannot be a %s", field, mistyped.Value), err}
	case errors.As(err, &instant):
		return &fault{"received_at is no time as RFC 3339 has it", err}
	case errors.As(err, &encoding):
		return &fault{"body_base64 is not base64", err}
	}
	return err
}
