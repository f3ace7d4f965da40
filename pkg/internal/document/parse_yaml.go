package document

import (
	"bytes"
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"
)

// parseYAML keeps every scalar as the text it is; what it means is for the
// field to say.
func parseYAML(data []byte) (*Node, *Problem) {
	marks := 0
	for _, mark := range []string{"\n", ",", "[", "{"} {
		marks += bytes.Count(data, []byte(mark))
	}
	if marks > maxNodes { // the YAML library needs more than 1 KB for each value
		return nil, &Problem{Message: "the file holds too much", Hint: "use several files"}
	}
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		return nil, yamlProblem(err)
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 {
		return nil, &Problem{Position: Position{1, 1}, Message: "the file has no content but comments"}
	}
	y := &yamlReader{}
	n := y.value(root.Content[0], 0)
	return n, y.problem
}

func yamlProblem(err error) *Problem {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return &Problem{Message: "the YAML does not parse: " + err.Error()}
	}
	p := &Problem{Position: Position{load.Mark.Line, load.Mark.Column}}
	switch message := load.Message; {
	case strings.Contains(message, "no documents"):
		return &Problem{Position: Position{1, 1}, Message: "the file has no content but comments"}
	case strings.Contains(message, "multiple"):
		return &Problem{Message: "the file holds more than one YAML document", Hint: "leave out the --- in between"}
	case strings.Contains(message, "cannot start any token"), strings.Contains(message, "tab character"):
		p.Hint = "indent with spaces, and put text that begins with a special character in quotes"
	case strings.Contains(message, "mapping values are not allowed"):
		p.Hint = "put a text with a colon in quotes, and check the indentation"
	}
	p.Message = "the YAML does not parse: " + strings.TrimPrefix(load.Message, "yaml: ")
	return p
}

type yamlReader struct {
	nodes   int
	problem *Problem
}

// value converts a node. What an alias stands for is converted each time it is
// used; the number of values and their depth bound that.
func (y *yamlReader) value(n *yaml.Node, depth int) *Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	at := Position{n.Line, n.Column}
	out := &Node{At: at}
	if y.nodes++; y.nodes > maxNodes || depth > maxDepth {
		if y.problem == nil {
			y.problem = &Problem{Position: at, Message: errDepth.Error(), Hint: "write out what the aliases stand for"}
		}
		return out
	}
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind = Object
		for i := 0; i+1 < len(n.Content) && y.problem == nil; i += 2 {
			name := n.Content[i]
			out.Keys = append(out.Keys, Key{name.Value, Position{name.Line, name.Column}, y.value(n.Content[i+1], depth+1)})
		}
	case yaml.SequenceNode:
		out.Kind = List
		for _, item := range n.Content {
			if y.problem == nil {
				out.Items = append(out.Items, y.value(item, depth+1))
			}
		}
	default:
		out.Kind, out.Text = scalarKind(n.Tag), n.Value
	}
	return out
}

func scalarKind(tag string) Kind {
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
