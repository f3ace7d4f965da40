package document

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// parseJSON keeps duplicate keys, which encoding/json would take silently.
func parseJSON(data []byte, values int) (*Node, *Problem) {
	j := &jsonParser{
		Decoder: jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true)),
		cursor:  newCursor(string(data)),
		values:  values,
		left:    values,
	}
	root, err := j.value(0)
	if err == nil {
		if _, err = j.ReadToken(); errors.Is(err, io.EOF) {
			return root, nil
		}
	}
	switch {
	case j.problem != nil:
		return nil, j.problem
	case err == nil:
		return nil, syntax(j.position(j.offset()-1), GoesOn, "")
	}
	return nil, j.syntaxError(err)
}

type jsonParser struct {
	*jsontext.Decoder
	*cursor          // nodes have parts of its text
	values, left int // that there may be, in all and still
	nodes        nodes
	keys         []Key   // of the objects that are not read to their end
	items        []*Node // of such lists
	problem      *Problem
}

// errProblem tells that the parser's problem says what is wrong.
var errProblem = errors.New("see the problem")

func (j *jsonParser) fail(p *Problem) error {
	j.problem = p
	return errProblem
}

func (j *jsonParser) offset() int { return int(j.InputOffset()) }

func (j *jsonParser) value(depth int) (*Node, error) {
	if j.left--; j.left < 0 {
		return nil, j.fail(tooMany(j.position(j.offset()), j.values))
	}
	switch j.PeekKind() {
	case '{':
		return j.container(Object, depth)
	case '[':
		return j.container(List, depth)
	}
	raw, err := j.ReadValue()
	if err != nil {
		return nil, err
	}
	end := j.offset()
	n := j.nodes.add(Bool, j.position(end-len(raw)))
	n.Text = j.text[end-len(raw) : end]
	switch raw.Kind() {
	case 'n':
		n.Kind = Null
	case '0':
		n.Kind = Number
	case '"':
		n.Kind = Text
		n.Text, err = j.unquote(n.Text)
	}
	return n, err
}

func (j *jsonParser) unquote(quoted string) (string, error) {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	return string(text), err
}

// container reads an object or a list.
func (j *jsonParser) container(kind Kind, depth int) (*Node, error) {
	if _, err := j.ReadToken(); err != nil {
		return nil, err
	}
	n := j.nodes.add(kind, j.position(j.offset()-1))
	if depth >= maxDepth {
		return nil, j.fail(tooDeep(n.At))
	}
	keys, items := len(j.keys), len(j.items)
	for {
		if next := j.PeekKind(); next == '}' || next == ']' {
			n.Keys, j.keys = slices.Clone(j.keys[keys:]), j.keys[:keys]
			n.Items, j.items = slices.Clone(j.items[items:]), j.items[:items]
			_, err := j.ReadToken()
			return n, err
		}
		var k Key
		if kind == Object {
			raw, err := j.ReadValue()
			if err != nil {
				return nil, err
			}
			end := j.offset()
			k.At = j.position(end - len(raw))
			if k.Name, err = j.unquote(j.text[end-len(raw) : end]); err != nil {
				return nil, err
			}
		}
		value, err := j.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if kind == List {
			j.items = append(j.items, value)
			continue
		}
		k.Value = value
		j.keys = append(j.keys, k)
	}
}

// syntaxError says what an error of the decoder means.
func (j *jsonParser) syntaxError(err error) *Problem {
	const failed = "the JSON does not parse: "
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return syntax(start, failed+shorten(err.Error()), "")
	}
	at := j.position(int(syntactic.ByteOffset))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return syntax(at, "the JSON ends too early", "look for a missing bracket or quote")
	}
	return syntax(at, failed+shorten(strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")), "")
}
