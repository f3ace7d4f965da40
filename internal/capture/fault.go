package capture

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

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
