package catalog

import (
	"fmt"
	"iter"
)

// kind of a node: what the text of the file says, before any field is known.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindInt   // text holds the literal: "025" and "25_000" are judged later
	kindFloat // likewise
	kindText
	kindOther // a YAML value that JSON does not have: a date, a tag of one's own
	kindList
	kindObject
)

func (k kind) String() string {
	switch k {
	case kindNull:
		return "null"
	case kindBool:
		return "true or false"
	case kindInt, kindFloat:
		return "a number"
	case kindText:
		return "text"
	case kindList:
		return "a list"
	case kindObject:
		return "an object"
	}
	return "a value of another type"
}

// node is a value of the file with its place, the same for YAML and JSON.
type node struct {
	kind  kind
	text  string // of a scalar
	at    Position
	keys  []key   // of an object
	items []*node // of a list

	alias *node // YAML: stands for another node

	// A run is no value. It stands in a list for count elements, which are
	// loaded when their turn has come.
	run   iter.Seq[*node]
	count int
}

// elements gives the elements of a list, which are dropped behind it where they
// are those of a run.
func (n *node) elements() iter.Seq2[int, *node] {
	return func(yield func(int, *node) bool) {
		i := 0
		for _, item := range n.items {
			if item.run == nil {
				if !yield(i, item) {
					return
				}
				i++
				continue
			}
			for element := range item.run {
				if !yield(i, element) {
					return
				}
				i++
			}
		}
	}
}

// length is about how many elements a list has.
func (n *node) length() (length int) {
	for _, item := range n.items {
		if item.run == nil {
			length++
		} else {
			length += item.count
		}
	}
	return length
}

func tooDeep() string { return fmt.Sprintf("nested more than %d levels deep", maxDepth) }

type key struct {
	name  string
	at    Position
	value *node
	merge bool // YAML: <<
	bad   bool // YAML: the key is no text
}
