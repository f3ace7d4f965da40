package document

import (
	"bytes"
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"
)

// parseYAML keeps every scalar as the text it is: a YAML library reads 15.000 as
// 15 and 012 as 10, which are prices nobody meant.
func parseYAML(data []byte, values int) (*Node, *Problem) {
	root, problem := LoadYAML(data, values)
	if problem != nil {
		return nil, problem
	}
	y := yamlParser{anchors: map[*yaml.Node]*Node{}}
	n := y.value(root, 0)
	return n, y.problem
}

// LoadYAML returns the YAML library's node of the one document that a text holds,
// unless it has more than a number of values.
func LoadYAML(text []byte, values int) (*yaml.Node, *Problem) {
	// Each value has one of these in front of it, or is the first: the library
	// needs 1 KB for a value, so they are counted before it begins.
	n := 0
	for _, mark := range []string{"\n", ",", "[", "{"} {
		n += bytes.Count(text, []byte(mark))
	}
	if n > values {
		return nil, tooMany(start, values)
	}
	var root yaml.Node
	if err := yaml.Load(text, &root); err != nil {
		return nil, yamlError(err, text)
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 {
		return nil, syntax(start, OnlyComments, "")
	}
	return root.Content[0], nil
}

// yamlParser converts the library's nodes. An anchored node is converted once,
// however many aliases stand for it, and may be its own ancestor.
type yamlParser struct {
	anchors map[*yaml.Node]*Node
	nodes   nodes
	problem *Problem
}

func (y *yamlParser) value(n *yaml.Node, depth int) *Node {
	if n.Anchor != "" && y.anchors[n] != nil {
		return y.anchors[n]
	}
	out := y.nodes.add(Null, Position{n.Line, n.Column})
	if depth > maxDepth {
		y.problem = tooDeep(out.At)
		return out
	}
	if n.Anchor != "" {
		y.anchors[n] = out
	}
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind = Object
		out.Keys = make([]Key, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			out.Keys = append(out.Keys, Key{
				Name:    name.Value,
				At:      Position{name.Line, name.Column},
				Value:   y.value(n.Content[i+1], depth+1),
				Merge:   name.Kind == yaml.ScalarNode && name.Tag == "!!merge",
				NotText: name.Kind != yaml.ScalarNode || name.Tag != "!!str" && name.Tag != "!!merge",
			})
		}
	case yaml.SequenceNode:
		out.Kind = List
		out.Items = make([]*Node, 0, len(n.Content))
		for _, item := range n.Content {
			out.Items = append(out.Items, y.value(item, depth+1))
		}
	case yaml.AliasNode:
		if n.Alias != nil {
			out.Alias = y.value(n.Alias, depth)
		}
	default:
		out.Kind, out.Text = ScalarKind(n.Tag), n.Value
	}
	n.Content = nil // the library's nodes are several times the size of ours
	return out
}

// ScalarKind is the kind of a scalar with a tag of YAML.
func ScalarKind(tag string) Kind {
	switch tag {
	case "!!null":
		return Null
	case "!!bool":
		return Bool
	case "!!int", "!!float":
		return Number
	case "!!str", "!!merge":
		return Text
	}
	return Other
}

// yamlError says what an error of the YAML library means.
func yamlError(err error, text []byte) *Problem {
	const failed = "the YAML does not parse: "
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return syntax(Position{}, failed+shorten(err.Error()), "")
	}
	at, hint := Position{load.Mark.Line, load.Mark.Column}, ""
	message := strings.TrimPrefix(load.Message, "yaml: ")
	switch {
	case strings.Contains(message, "no documents"):
		return syntax(start, OnlyComments, "")
	case strings.Contains(message, "multiple"):
		return syntax(Position{}, ManyDocuments, "leave out the --- in between")
	case strings.Contains(message, "tab character"), strings.Contains(message, "cannot start any token") && lineBeginsWithTab(text, at.Line):
		hint = "indent with spaces"
	case strings.Contains(message, "mapping values are not allowed"):
		hint = "put a text with a colon in quotes, and check the indentation"
	}
	if load.ContextMsg != "" {
		message += " " + load.ContextMsg
	}
	return syntax(at, failed+shorten(message), hint)
}

func lineBeginsWithTab(text []byte, line int) bool {
	for n := 1; n < line; n++ {
		_, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			return false
		}
		text = rest
	}
	return len(text) > 0 && text[0] == '\t'
}
