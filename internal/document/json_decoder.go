package document

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A JSONDecoder reads the tokens and values of a JSON text and knows where they
// stand. It takes duplicate keys, for its user to find.
type JSONDecoder struct {
	*jsontext.Decoder // of the text from base
	base              int
	cursor            cursor
}

// NewJSONDecoder reads text from a value that begins at an offset, the place at.
// It does not copy the text.
func NewJSONDecoder(text []byte, offset int, at Position) *JSONDecoder {
	return &JSONDecoder{
		Decoder: jsontext.NewDecoder(bytes.NewBuffer(text[offset:]), jsontext.AllowDuplicateNames(true)),
		base:    offset,
		cursor:  cursor{text: text, offset: offset, at: at},
	}
}

// Offset is behind the last token, in bytes of the whole text; InputOffset
// counts from where the decoder began.
func (d *JSONDecoder) Offset() int { return d.base + int(d.InputOffset()) }

// Position gives the place of a byte of the whole text, not before the last one
// asked for: offsets rise as the decoder goes on.
func (d *JSONDecoder) Position(offset int) Position { return d.cursor.position(offset) }

// End tells what is wrong behind the value that has been read, nil for nothing.
func (d *JSONDecoder) End() *Problem {
	_, err := d.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return d.Problem(err)
	}
	return &Problem{Position: d.Position(d.Offset() - 1), Message: GoesOn}
}

// Problem tells what an error of the decoder means.
func (d *JSONDecoder) Problem(err error) *Problem {
	const failed = "the JSON does not parse: "
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return &Problem{Message: failed + shorten(err.Error())}
	}
	at := d.Position(d.base + int(syntactic.ByteOffset))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &Problem{Position: at, Message: "the JSON ends too early", Hint: "look for a missing bracket or quote"}
	}
	return &Problem{Position: at, Message: failed + shorten(strings.TrimPrefix(syntactic.Err.Error(), "jsontext: "))}
}
