package document

import (
	"bytes"
	"errors"
	"io"
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
	text, restore := onlyYAML12(text)
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		return nil, syntax(start, err.Error(), "")
	}
	var root, second yaml.Node
	switch err := loader.Load(&root); {
	case errors.Is(err, io.EOF):
		return nil, syntax(start, OnlyComments, "")
	case err != nil:
		return nil, yamlError(err, text)
	}
	switch err := loader.Load(&second); {
	case err == nil:
		return nil, syntax(Position{max(second.Line, 1), max(second.Column, 1)}, ManyDocuments, "leave out the --- in between")
	case !errors.Is(err, io.EOF):
		return nil, yamlError(err, text)
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 {
		return nil, syntax(start, OnlyComments, "")
	}
	restore(&root)
	return root.Content[0], nil
}

// onlyYAML12 has other characters in the place of those that end a line in YAML 1.1
// and not in 1.2, nor in an editor: the library would begin a line behind them,
// and see values there that nobody else sees. restore brings them back.
func onlyYAML12(text []byte) (readable []byte, restore func(*yaml.Node)) {
	var there, back []string
	standIn := rune(0xe000) // for private use: a text of a menu has none
	for _, end := range []string{"\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(text, []byte(end)) {
			for bytes.ContainsRune(text, standIn) {
				standIn++
			}
			there, back = append(there, end, string(standIn)), append(back, string(standIn), end)
			standIn++
		}
	}
	if len(there) == 0 {
		return text, func(*yaml.Node) {}
	}
	restorer := strings.NewReplacer(back...)
	restore = func(n *yaml.Node) {
		n.Value = restorer.Replace(n.Value)
		for _, child := range n.Content {
			restore(child)
		}
	}
	return []byte(strings.NewReplacer(there...).Replace(string(text))), restore
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
		return syntax(start, failed+shorten(err.Error()), "")
	}
	at, hint := Position{load.Mark.Line, load.Mark.Column}, ""
	if at.Line == 0 { // the library's reader tells no place of what no YAML has
		offset := bytes.IndexFunc(text, func(r rune) bool {
			return r > 0x7e && r < 0xa0 && r != 0x85 || r == 0xfeff || r == 0xfffe || r == 0xffff
		})
		at = newCursor(string(text)).position(max(offset, 0))
	}
	message := strings.TrimPrefix(load.Message, "yaml: ")
	switch {
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
