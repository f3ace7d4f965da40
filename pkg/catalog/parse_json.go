package catalog

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// jsonSource reads a JSON file.
func (r *reader) jsonSource(data []byte) *File {
	j := newJSONNodes(data, 0, Position{Line: 1, Column: 1}, r.limits.jsonValues)
	j.inRuns = r.limits.inRuns(data)
	root := r.loadJSON(j)
	if root == nil {
		return nil
	}
	s := r.source(root)
	if j.failure != nil {
		r.findings = nil
		r.jsonError(j, j.failure)
		return nil
	}
	return s
}

// loadJSON reads JSON with the place of every value and with duplicate keys,
// which encoding/json would take silently.
func (r *reader) loadJSON(j *jsonNodes) *node {
	root, err := j.node(0)
	if err != nil {
		r.jsonError(j, err)
		return nil
	}
	if problem := j.dec.End(); problem != nil {
		r.problem(problem)
		return nil
	}
	return root
}

func (r *reader) jsonError(j *jsonNodes, err error) {
	var limit *limitError
	if errors.As(err, &limit) {
		r.syntax(limit.at, limit.message, "")
		return
	}
	r.problem(j.dec.Problem(err))
}

// A limitError is at a value that is one too many.
type limitError struct {
	at      Position
	message string
}

func (e *limitError) Error() string { return e.message }

type jsonNodes struct {
	data   []byte
	dec    *document.JSONDecoder
	values int // that may still be held

	inRuns  bool  // long lists are read one element at a time
	failure error // of reading such a list
}

// newJSONNodes reads the value that begins at an offset of the data, and has no
// more than a number of values in it.
func newJSONNodes(data []byte, offset int, at Position, values int) *jsonNodes {
	return &jsonNodes{data: data, dec: document.NewJSONDecoder(data, offset, document.Position(at)), values: values}
}

// position gives the place of a byte, not before the last one asked for.
func (j *jsonNodes) position(offset int) Position { return Position(j.dec.Position(offset)) }

// count counts a value that is about to be read.
func (j *jsonNodes) count() error {
	if j.values--; j.values < 0 {
		return &limitError{j.position(j.dec.Offset()), "the JSON holds more than a catalog may have"}
	}
	return nil
}

func (j *jsonNodes) node(depth int) (*node, error) {
	if err := j.count(); err != nil {
		return nil, err
	}
	switch j.dec.PeekKind() {
	case '{', '[':
		return j.container(depth)
	}
	raw, err := j.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	n := &node{at: j.position(j.dec.Offset() - len(raw))}
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
		return n, nil
	case '0':
		n.kind = kindInt
		if bytes.ContainsAny(raw, ".eE") {
			n.kind = kindFloat
		}
	default:
		n.kind = kindBool
	}
	n.text = string(raw)
	return n, nil
}

func (j *jsonNodes) container(depth int) (*node, error) {
	token, err := j.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{kind: kindList, at: j.position(j.dec.Offset() - 1)}
	if depth >= maxDepth {
		return nil, &limitError{n.at, tooDeep()}
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
		if n.kind == kindList {
			value, err := j.node(depth + 1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, value)
			continue
		}
		name, err := j.node(depth + 1)
		if err != nil {
			return nil, err
		}
		read := j.node
		if j.inRuns && longList(name.text) && j.dec.PeekKind() == '[' {
			read = j.run
		}
		value, err := read(depth + 1)
		if err != nil {
			return nil, err
		}
		n.keys = append(n.keys, key{name: name.text, at: name.at, value: value})
	}
}
