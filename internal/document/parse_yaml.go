package document

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// parseYAML keeps every scalar as the text it is; what it means is for the
// field to say.
func parseYAML(text []byte) (*Node, *Problem) {
	if YAMLMarks(text) > maxNodes {
		return nil, &Problem{Message: "the file holds too much", Hint: "use several files"}
	}
	root, problem := LoadYAML(text)
	if problem != nil {
		return nil, problem
	}
	y := &yamlReader{}
	n := y.value(root, 0)
	return n, y.problem
}

type yamlReader struct {
	nodes   int
	aliases bool // seen so far
	problem *Problem
}

// value converts a node. What an alias stands for is converted each time it is
// used; the number of values and their depth bound that.
func (y *yamlReader) value(n *yaml.Node, depth int) *Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		n, y.aliases = n.Alias, true
	}
	at := Position{n.Line, n.Column}
	out := &Node{At: at}
	y.nodes++
	switch {
	case depth > maxDepth:
		y.refuse(tooDeep(at))
		return out
	case y.nodes > maxNodes:
		y.refuse(&Problem{Position: at, Message: fmt.Sprintf("the file stands for more than %d values", maxNodes)})
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

// refuse ends the reading.
func (y *yamlReader) refuse(p *Problem) {
	if y.aliases {
		p.Hint = "write out what the aliases stand for"
	}
	y.problem = p
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
