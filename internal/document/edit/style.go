package edit

import (
	"bytes"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// A style is how a file is written.
type style struct {
	newline string
	unit    string // of JSON's indentation
	spaced  bool   // JSON has a blank behind a colon
	compact bool   // YAML lists are not indented inside of an object
}

func styleOf(data []byte, root *Node, json bool) style {
	s := style{newline: "\n", unit: "  ", spaced: bytes.Contains(data, []byte(`": `))}
	if bytes.Contains(data, []byte("\r\n")) {
		s.newline = "\r\n"
	}
	if json {
		for line := range bytes.Lines(data) {
			if text := bytes.TrimLeft(line, " \t"); len(text) < len(line) && len(bytes.TrimSpace(text)) > 0 {
				s.unit = string(line[:len(line)-len(text)])
				break
			}
		}
	}
	var walk func(*Node)
	walk = func(n *Node) {
		for _, k := range n.Keys {
			if v := k.Value; !n.flow && !v.flow && v.Kind == document.List && len(v.Items) > 0 && v.Alias == nil {
				s.compact = v.column == n.column
			}
			walk(k.Value)
		}
		for _, i := range n.Items {
			walk(i)
		}
	}
	walk(root)
	return s
}
