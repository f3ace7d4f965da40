// Package document reads the YAML and JSON files that people write into values
// that know their place, so that a mistake is shown where it stands. It is
// strict: unknown keys, duplicate keys and values of another type are problems,
// and all of them are reported at once.
//
// [Parse] makes a tree of [Node], the same for YAML and JSON. A [Reader] walks
// over the tree and follows YAML's aliases and merge keys.
package document

// A Position is a place in a file. Both count from 1, columns in characters;
// zero is the file as a whole.
type Position struct {
	Line   int
	Column int
}

// start is where a file begins.
var start = Position{1, 1}

// Kind is what the text of the file says, before any field is known.
type Kind uint8

// The kinds of values.
const (
	Null   Kind = iota
	Bool        // the text is true or false, in any case
	Number      // the text is the literal: what "025" and "25_000" mean is for the field to say
	Text
	List
	Object
	Other // a YAML value that JSON does not have: a date, a tag of one's own
)

func (k Kind) String() string {
	return [...]string{"null", "true or false", "a number", "text", "a list", "an object", "a value of another type"}[k]
}

// A Node is a value of the file.
type Node struct {
	Kind  Kind
	At    Position
	Text  string  // of a scalar
	Keys  []Key   // of an object, in the order of the file, duplicates too
	Items []*Node // of a list
	Alias *Node   // what a YAML alias stands for; the node has nothing else then
}

// Target is the value that the node stands for: itself, or that of an alias.
func (n *Node) Target() *Node {
	if n.Alias != nil {
		return n.Alias
	}
	return n
}

// A Key is a member of an object.
type Key struct {
	Name    string
	At      Position
	Value   *Node
	Merge   bool // YAML's <<
	NotText bool // YAML: the key is no text
}

// The rules that a file may break.
const (
	RuleSyntax       = "syntax"
	RuleUnknownKey   = "unknown-key"
	RuleDuplicateKey = "duplicate-key"
	RuleType         = "type"
	RuleRequired     = "required"
)

// A Problem is one thing that is wrong in a file.
type Problem struct {
	Position
	Rule    string
	Path    string // subscriptions[3].url; empty for the file
	Message string
	Hint    string // what to do, may be empty
}
