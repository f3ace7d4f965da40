package catalog

// kind of a node: what the text of the file says, before any field is known.
type kind int

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
}

type key struct {
	name  string
	at    Position
	value *node
	merge bool // YAML: <<
	bad   bool // YAML: the key is no text
}
