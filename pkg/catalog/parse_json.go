package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// loadJSON reads JSON with the place of every value and with duplicate keys,
// which encoding/json would take silently.
func (r *reader) loadJSON(data []byte) *node {
	j := &jsonNodes{
		data:   data,
		dec:    jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true)),
		cursor: Position{Line: 1, Column: 1},
	}
	root, err := j.node(0)
	if err == nil {
		if _, err = j.dec.ReadToken(); errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return root
		}
		if err == nil {
			r.syntax(j.position(int(j.dec.InputOffset())-1), "the JSON goes on behind its end", "keep one catalog in a file")
			return nil
		}
	}
	r.jsonError(j, err)
	return nil
}

func (r *reader) jsonError(j *jsonNodes, err error) {
	var syntactic *jsontext.SyntacticError
	var deep *depthError
	switch {
	case errors.As(err, &deep):
		r.syntax(deep.at, fmt.Sprintf("nested more than %d levels deep", maxDepth), "")
	case errors.As(err, &syntactic):
		at := j.position(int(syntactic.ByteOffset))
		if errors.Is(err, io.ErrUnexpectedEOF) {
			r.syntax(at, "the JSON ends too early", "look for a missing bracket or quote")
			return
		}
		message := strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")
		r.syntax(at, "the JSON does not parse: "+shorten(message), "")
	default:
		r.syntax(Position{}, "the JSON does not parse: "+shorten(err.Error()), "")
	}
}

type depthError struct{ at Position }

func (*depthError) Error() string { return "nested too deeply" }

type jsonNodes struct {
	data []byte
	dec  *jsontext.Decoder

	// The decoder tells offsets in rising order, so places are counted along
	// with it: a file of one long line stays linear.
	offset int
	cursor Position
}

// position gives the place of a byte, not before the last one asked for.
func (j *jsonNodes) position(offset int) Position {
	offset = min(offset, len(j.data))
	for j.offset < offset {
		_, size := utf8.DecodeRune(j.data[j.offset:])
		if j.data[j.offset] == '\n' {
			j.cursor = Position{Line: j.cursor.Line + 1, Column: 1}
		} else {
			j.cursor.Column++
		}
		j.offset += size
	}
	return j.cursor
}

func (j *jsonNodes) node(depth int) (*node, error) {
	switch j.dec.PeekKind() {
	case '{', '[':
		return j.container(depth)
	}
	raw, err := j.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	n := &node{at: j.position(int(j.dec.InputOffset()) - len(raw)), text: string(raw)}
	switch raw.Kind() {
	case 'n':
		n.kind = kindNull
	case '"':
		n.kind = kindText
		text, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return nil, err
		}
		n.text = string(text)
	case '0':
		n.kind = kindInt
		if bytes.ContainsAny(raw, ".eE") {
			n.kind = kindFloat
		}
	default:
		n.kind = kindBool
	}
	return n, nil
}

func (j *jsonNodes) container(depth int) (*node, error) {
	token, err := j.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{kind: kindList, at: j.position(int(j.dec.InputOffset()) - 1)}
	if depth >= maxDepth {
		return nil, &depthError{n.at}
	}
	if token.Kind() == '{' {
		n.kind = kindObject
	}
	for {
		switch j.dec.PeekKind() {
		case '}', ']':
			_, err := j.dec.ReadToken()
			return n, err
		}
		var name *node
		if n.kind == kindObject {
			if name, err = j.node(depth + 1); err != nil {
				return nil, err
			}
		}
		value, err := j.node(depth + 1)
		if err != nil {
			return nil, err
		}
		if name == nil {
			n.items = append(n.items, value)
		} else {
			n.keys = append(n.keys, key{name: name.text, at: name.at, value: value})
		}
	}
}
