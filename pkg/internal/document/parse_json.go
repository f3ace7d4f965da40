package document

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// parseJSON keeps duplicate keys, which encoding/json would take silently.
func parseJSON(data []byte) (*Node, *Problem) {
	j := &jsonReader{
		data:   data,
		dec:    jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true)),
		cursor: Position{1, 1},
	}
	root, err := j.value(0)
	if err == nil {
		if _, err = j.dec.ReadToken(); errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return root, nil
		}
		if err == nil {
			return nil, &Problem{Position: j.position(int(j.dec.InputOffset()) - 1), Message: "the JSON goes on behind its end"}
		}
	}
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, errDepth):
		return nil, &Problem{Position: j.cursor, Message: errDepth.Error()}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &Problem{Position: j.position(len(data)), Message: "the JSON ends too early", Hint: "look for a missing bracket or quote"}
	case errors.As(err, &syntactic):
		return nil, &Problem{Position: j.position(int(syntactic.ByteOffset)), Message: "the JSON does not parse: " + strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")}
	}
	return nil, &Problem{Message: "the JSON does not parse: " + err.Error()}
}

var errDepth = errors.New("nested too deeply")

type jsonReader struct {
	data []byte
	dec  *jsontext.Decoder

	// The decoder tells offsets in rising order, so places are counted along
	// with it.
	offset int
	cursor Position
}

// position gives the place of a byte, not before the last one asked for.
func (j *jsonReader) position(offset int) Position {
	offset = min(offset, len(j.data))
	for j.offset < offset {
		_, size := utf8.DecodeRune(j.data[j.offset:])
		if j.data[j.offset] == '\n' {
			j.cursor = Position{j.cursor.Line + 1, 0}
		}
		j.cursor.Column++
		j.offset += size
	}
	return j.cursor
}

func (j *jsonReader) value(depth int) (*Node, error) {
	switch j.dec.PeekKind() {
	case '{', '[':
		return j.container(depth)
	}
	raw, err := j.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	n := &Node{At: j.position(int(j.dec.InputOffset()) - len(raw)), Text: string(raw)}
	switch raw.Kind() {
	case 'n':
		n.Kind = Null
	case '"':
		n.Kind = Text
		text, err := jsontext.AppendUnquote(nil, raw)
		n.Text = string(text)
		return n, err
	case '0':
		n.Kind = Number
	default:
		n.Kind = Bool
	}
	return n, nil
}

func (j *jsonReader) container(depth int) (*Node, error) {
	open, err := j.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &Node{Kind: List, At: j.position(int(j.dec.InputOffset()) - 1)}
	if open.Kind() == '{' {
		n.Kind = Object
	}
	if depth >= maxDepth {
		return nil, errDepth
	}
	for {
		switch j.dec.PeekKind() {
		case '}', ']':
			_, err := j.dec.ReadToken()
			return n, err
		}
		var name *Node
		if n.Kind == Object {
			if name, err = j.value(depth + 1); err != nil {
				return nil, err
			}
		}
		value, err := j.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if name == nil {
			n.Items = append(n.Items, value)
		} else {
			n.Keys = append(n.Keys, Key{name.Text, name.At, value})
		}
	}
}
