package edit

import (
	"slices"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// A Node is a value of a file with the bytes that it takes.
type Node struct {
	Kind  document.Kind
	Keys  []Key
	Items []*Node
	Alias *Node // what a YAML alias stands for; the node has nothing else then

	parent     *Node
	start, end int  // with its anchor and tag; an empty value has no bytes
	body       int  // behind anchor and tag
	flow       bool // in brackets of its own, as all of JSON is
	inside     bool // in brackets of YAML
	quote      byte // of a text: ' or ", | for several lines, else 0
	anchor     bool
	tagged     bool
	column     int // of the keys or dashes, in bytes from 0; of block style only
}

// A Key is a member of an object.
type Key struct {
	Name       string
	Value      *Node
	Merge      bool // YAML's <<
	start, end int  // of the key
}

// Get returns the value of an object's own key, nil when it has none.
func (n *Node) Get(name string) *Node {
	if k := n.key(name); k != nil {
		return k.Value
	}
	return nil
}

func (n *Node) key(name string) *Key {
	for i := range n.Keys {
		if k := &n.Keys[i]; k.Name == name && !k.Merge {
			return k
		}
	}
	return nil
}

// keyOf returns the key that has a value; nil in a list
// and at the top.
func (n *Node) keyOf(value *Node) *Key {
	if n == nil {
		return nil
	}
	for i := range n.Keys {
		if n.Keys[i].Value == value {
			return &n.Keys[i]
		}
	}
	return nil
}

// Merges reports whether an object has keys of another one.
func (n *Node) Merges() bool {
	return slices.ContainsFunc(n.Keys, func(k Key) bool { return k.Merge })
}

// Target is what stands in the file for an alias.
func (n *Node) Target() *Node {
	if n.Alias != nil {
		return n.Alias
	}
	return n
}

// collection reports whether it is an object or a list.
func (n *Node) collection() bool { return n.Kind == document.Object || n.Kind == document.List }

// inFlow reports whether it stands in brackets.
func (n *Node) inFlow() bool { return n.parent != nil && n.parent.flow }

// last is the value in it that stands last.
func (n *Node) last() *Node {
	switch {
	case len(n.Keys) > 0:
		return n.Keys[len(n.Keys)-1].Value.last()
	case len(n.Items) > 0:
		return n.Items[len(n.Items)-1].last()
	}
	return n
}

// anchors collects the anchored values.
func (n *Node) anchors(to []*Node) []*Node {
	if n.anchor {
		to = append(to, n)
	}
	for _, k := range n.Keys {
		to = k.Value.anchors(to)
	}
	for _, i := range n.Items {
		to = i.anchors(to)
	}
	return to
}
