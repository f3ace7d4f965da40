// Package document reads the YAML and JSON files that people write into values
// that know their place, so that a mistake is shown where it stands. It is
// strict: unknown keys, duplicate keys and values of another type are problems,
// and all of them are told at once.
//
// What it knows about text, JSON and YAML serves readers with values of their
// own as well: [Readable], [IsJSON], [JSONDecoder], [LoadYAML], [YAMLProblem].
package document

// A Position is a place in a file. Both count from 1, columns in characters;
// zero is the file as a whole.
type Position struct {
	Line   int
	Column int
}

// Kind is what the text of the file says, before any field is known.
type Kind int

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Number
	Text
	List
	Object
	Other // a YAML value that JSON does not have: a date, a tag of one's own
)

func (k Kind) String() string {
	return [...]string{"null", "true or false", "a number", "text", "a list", "an object", "a value of another type"}[k]
}

// A Node is a value of the file, the same for YAML and JSON.
type Node struct {
	Kind  Kind
	Text  string // of a scalar
	At    Position
	Keys  []Key   // of an object, in the order of the file, duplicates too
	Items []*Node // of a list
}

// A Key is a member of an object.
type Key struct {
	Name  string
	At    Position
	Value *Node
}

// A Problem is one thing that is wrong in a file.
type Problem struct {
	Position
	Path    string // subscriptions[3].url; empty for the file
	Message string
	Hint    string // what to do, may be empty
}
