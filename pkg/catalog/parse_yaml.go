package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// loadYAML keeps every scalar as the text it is: a YAML library reads 15.000 as
// 15 and 012 as 10, which are prices nobody meant.
func (r *reader) loadYAML(data []byte) *node {
	marks := 0
	for _, mark := range []string{"\n", ",", "[", "{"} {
		marks += bytes.Count(data, []byte(mark))
	}
	if marks > maxYAMLMarks {
		r.syntax(Position{}, "the YAML holds more than a catalog may have", "keep one outlet's menu in a file, or use JSON")
		return nil
	}
	var document yaml.Node
	if err := yaml.Load(data, &document); err != nil {
		r.yamlError(data, err)
		return nil
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) == 0 {
		r.syntax(Position{Line: 1, Column: 1}, "the file has no content but comments", "gobiz catalog pull writes a file from a live menu")
		return nil
	}
	y := yamlNodes{done: map[*yaml.Node]*node{}}
	root := y.node(document.Content[0], 0)
	if y.tooDeep != (Position{}) {
		r.syntax(y.tooDeep, fmt.Sprintf("nested more than %d levels deep", maxDepth), "")
		return nil
	}
	return root
}

func (r *reader) yamlError(data []byte, err error) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		r.syntax(Position{}, "the YAML does not parse: "+shorten(err.Error()), "")
		return
	}
	hint := ""
	switch message := load.Message; {
	case strings.Contains(message, "no documents"):
		r.syntax(Position{Line: 1, Column: 1}, "the file has no content but comments", "gobiz catalog pull writes a file from a live menu")
		return
	case strings.Contains(message, "multiple"):
		r.syntax(Position{}, "the file holds more than one YAML document", "keep one catalog in a file, without --- in between")
		return
	case strings.Contains(message, "tab character"), strings.Contains(message, "cannot start any token") && lineBeginsWithTab(data, load.Mark.Line):
		hint = "indent with spaces"
	case strings.Contains(message, "mapping values are not allowed"):
		hint = "put a text with a colon in quotes, and check the indentation"
	}
	message := strings.TrimPrefix(load.Message, "yaml: ")
	if load.ContextMsg != "" {
		message += " " + load.ContextMsg
	}
	r.syntax(Position{Line: load.Mark.Line, Column: load.Mark.Column}, "the YAML does not parse: "+shorten(message), hint)
}

func lineBeginsWithTab(data []byte, line int) bool {
	for n := 1; n < line; n++ {
		_, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return false
		}
		data = rest
	}
	return len(data) > 0 && data[0] == '\t'
}

// yamlNodes converts the library's nodes. An anchored node is converted once,
// however many aliases stand for it, and may be its own ancestor.
type yamlNodes struct {
	done    map[*yaml.Node]*node
	tooDeep Position
}

func (y *yamlNodes) node(n *yaml.Node, depth int) *node {
	if depth > maxDepth {
		y.tooDeep = Position{n.Line, n.Column}
		return &node{at: y.tooDeep}
	}
	out := &node{at: Position{n.Line, n.Column}}
	if n.Anchor != "" {
		if known, ok := y.done[n]; ok {
			return known
		}
		y.done[n] = out
	}
	switch n.Kind {
	case yaml.MappingNode:
		out.kind = kindObject
		out.keys = make([]key, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			out.keys = append(out.keys, key{
				name:  name.Value,
				at:    Position{name.Line, name.Column},
				value: y.node(n.Content[i+1], depth+1),
				merge: name.Kind == yaml.ScalarNode && name.Tag == "!!merge",
				bad:   name.Kind != yaml.ScalarNode || name.Tag != "!!str" && name.Tag != "!!merge",
			})
			n.Content[i], n.Content[i+1] = nil, nil // the library's nodes are several times the size of ours
		}
	case yaml.SequenceNode:
		out.kind = kindList
		out.items = make([]*node, 0, len(n.Content))
		for i, child := range n.Content {
			out.items = append(out.items, y.node(child, depth+1))
			n.Content[i] = nil
		}
	case yaml.AliasNode:
		if n.Alias != nil {
			out.alias = y.node(n.Alias, depth)
		}
	default:
		out.kind, out.text = scalarKind(n.Tag), n.Value
	}
	return out
}

func scalarKind(tag string) kind {
	switch tag {
	case "!!null":
		return kindNull
	case "!!bool":
		return kindBool
	case "!!int":
		return kindInt
	case "!!float":
		return kindFloat
	case "!!str", "!!merge":
		return kindText
	}
	return kindOther
}
