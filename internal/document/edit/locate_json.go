package edit

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// jsonLocator finds the bytes of the values of a JSON text.
type jsonLocator struct{ *jsontext.Decoder }

func locateJSON(data []byte) (*Node, error) {
	return jsonLocator{jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))}.value()
}

func (j jsonLocator) value() (*Node, error) {
	n := &Node{flow: true}
	kind := j.PeekKind()
	if kind != '{' && kind != '[' {
		raw, err := j.ReadValue()
		n.end = int(j.InputOffset())
		n.start = n.end - len(raw)
		switch n.body = n.start; kind {
		case '"':
			n.Kind, n.quote = document.Text, '"'
		case '0':
			n.Kind = document.Number
		case 't', 'f':
			n.Kind = document.Bool
		}
		return n, err
	}
	if _, err := j.ReadToken(); err != nil {
		return nil, err
	}
	n.start = int(j.InputOffset()) - 1
	n.body = n.start
	if n.Kind = document.List; kind == '{' {
		n.Kind = document.Object
	}
	for {
		if next := j.PeekKind(); next == '}' || next == ']' {
			_, err := j.ReadToken()
			n.end = int(j.InputOffset())
			return n, err
		}
		var k Key
		if n.Kind == document.Object {
			raw, err := j.ReadValue()
			if err != nil {
				return nil, err
			}
			name, err := jsontext.AppendUnquote(nil, raw)
			if err != nil {
				return nil, err
			}
			k = Key{Name: string(name), end: int(j.InputOffset())}
			k.start = k.end - len(raw)
		}
		value, err := j.value()
		if err != nil {
			return nil, err
		}
		value.parent = n
		if n.Kind == document.List {
			n.Items = append(n.Items, value)
			continue
		}
		k.Value = value
		n.Keys = append(n.Keys, k)
	}
}
