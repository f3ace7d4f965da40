package document

import "github.com/go-json-experiment/json/jsontext"

func parseJSON(text []byte) (*Node, *Problem) {
	j := jsonReader{NewJSONDecoder(text, 0, start)}
	root, problem := j.value(0)
	if problem == nil {
		problem = j.End()
	}
	if problem != nil {
		return nil, problem
	}
	return root, nil
}

type jsonReader struct{ *JSONDecoder }

func (j jsonReader) value(depth int) (*Node, *Problem) {
	switch j.PeekKind() {
	case '{', '[':
		return j.container(depth)
	}
	raw, err := j.ReadValue()
	if err != nil {
		return nil, j.Problem(err)
	}
	n := &Node{At: j.Position(j.Offset() - len(raw)), Text: string(raw)}
	switch raw.Kind() {
	case 'n':
		n.Kind = Null
	case '"':
		n.Kind = Text
		text, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return nil, j.Problem(err)
		}
		n.Text = string(text)
	case '0':
		n.Kind = Number
	default:
		n.Kind = Bool
	}
	return n, nil
}

func (j jsonReader) container(depth int) (*Node, *Problem) {
	open, err := j.ReadToken()
	if err != nil {
		return nil, j.Problem(err)
	}
	n := &Node{Kind: List, At: j.Position(j.Offset() - 1)}
	if open.Kind() == '{' {
		n.Kind = Object
	}
	if depth >= maxDepth {
		return nil, tooDeep(n.At)
	}
	for {
		switch j.PeekKind() {
		case '}', ']':
			if _, err := j.ReadToken(); err != nil {
				return nil, j.Problem(err)
			}
			return n, nil
		}
		var name *Node
		var problem *Problem
		if n.Kind == Object {
			if name, problem = j.value(depth + 1); problem != nil {
				return nil, problem
			}
		}
		value, problem := j.value(depth + 1)
		if problem != nil {
			return nil, problem
		}
		if name == nil {
			n.Items = append(n.Items, value)
		} else {
			n.Keys = append(n.Keys, Key{name.Text, name.At, value})
		}
	}
}
