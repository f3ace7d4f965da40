package catalog

import (
	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// yamlSource reads a YAML file.
func (r *reader) yamlSource(data []byte) *File {
	s, problem := r.sourceInRuns(data)
	if s != nil {
		return s
	}
	if yamlMarks(data) > r.limits.yamlMarks {
		if problem == nil {
			problem = &document.Problem{
				Message: "the YAML is too large to be read as a whole",
				Hint:    "write menu_items and variant_categories as lines that begin with a dash, or use JSON",
			}
		}
		r.problem(problem)
		return nil
	}
	root := r.loadYAML(data)
	if root == nil {
		return nil
	}
	return r.source(root)
}

func yamlMarks(text []byte) int { return document.YAMLMarks(text) }

// loadYAML keeps every scalar as the text it is: a YAML library reads 15.000 as
// 15 and 012 as 10, which are prices nobody meant.
func (r *reader) loadYAML(data []byte) *node {
	content, problem := document.LoadYAML(data)
	if problem != nil {
		r.problem(problem)
		return nil
	}
	y := yamlNodes{done: map[*yaml.Node]*node{}}
	root := y.node(content, 0)
	if y.tooDeep != (Position{}) {
		r.syntax(y.tooDeep, tooDeep(), "")
		return nil
	}
	return root
}

// yamlNodes converts the library's nodes. An anchored node is converted once,
// however many aliases stand for it, and may be its own ancestor.
type yamlNodes struct {
	done    map[*yaml.Node]*node
	tooDeep Position

	// For a file that is loaded in runs.
	run      func(n *yaml.Node, depth int) *node // gives the node of a run for its placeholder, else nil
	above    int                                 // lines of the file above the text
	lines    int                                 // of the text, where the file goes on behind it; else 0
	unsure   bool                                // the whole file may read otherwise
	anchored int                                 // greater than 0 inside of an anchored node
	kept     int                                 // nodes there, which done keeps
}

func (y *yamlNodes) at(n *yaml.Node) Position {
	// An empty value behind "? key" is where the next text begins.
	y.unsure = y.unsure || y.lines > 0 && n.Line > y.lines
	return Position{n.Line + y.above, n.Column}
}

func (y *yamlNodes) node(n *yaml.Node, depth int) *node {
	if known, ok := y.done[n]; ok {
		return known
	}
	if depth > maxDepth {
		y.tooDeep = y.at(n)
		return &node{at: y.tooDeep}
	}
	out := &node{at: y.at(n)}
	if n.Anchor != "" {
		y.done[n] = out
		y.anchored++
		defer func() { y.anchored-- }()
	}
	if y.anchored > 0 {
		y.kept++
	}
	switch n.Kind {
	case yaml.MappingNode:
		out.kind = kindObject
		out.keys = make([]key, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			out.keys = append(out.keys, key{
				name:  name.Value,
				at:    y.at(name),
				value: y.node(n.Content[i+1], depth+1),
				merge: name.Kind == yaml.ScalarNode && name.Tag == "!!merge",
				bad:   name.Kind != yaml.ScalarNode || name.Tag != "!!str" && name.Tag != "!!merge",
			})
			y.unsure = y.unsure || name.Anchor != "" || name.Kind != yaml.ScalarNode // its place is not kept for an alias
			n.Content[i], n.Content[i+1] = nil, nil                                  // the library's nodes are several times the size of ours
		}
	case yaml.SequenceNode:
		out.kind = kindList
		out.items = make([]*node, 0, len(n.Content))
		for i, child := range n.Content {
			n.Content[i] = nil
			if y.run != nil {
				if run := y.run(child, depth+1); run != nil {
					out.items = append(out.items, run)
					continue
				}
			}
			out.items = append(out.items, y.node(child, depth+1))
		}
	case yaml.AliasNode:
		if n.Alias != nil {
			out.alias = y.node(n.Alias, depth)
			y.unsure = y.unsure || !out.alias.at.before(out.at) // of another run, below
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
