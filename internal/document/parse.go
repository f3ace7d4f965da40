package document

import "fmt"

const maxDepth = 64 // levels of nesting

// Limits keep the memory that a file takes near to its size: a value may be two
// bytes of the file, and takes a hundred in memory, a thousand in the YAML
// library's.
type Limits struct {
	Values  int // of the file
	Aliased int // values that YAML's aliases stand for
}

// UsualLimits are enough for 16 MiB of a catalog in YAML or JSON. 5,000 items
// that share their opening hours through an alias have 150,000 aliased values.
var UsualLimits = Limits{Values: 1_500_000, Aliased: 500_000}

// Parse reads a file, YAML or JSON; see [IsJSON]. The problem says why there is
// no value.
func Parse(name string, data []byte, limits Limits) (*Node, *Problem) {
	text, problem := Readable(data)
	if problem != nil {
		return nil, problem
	}
	if IsJSON(name, text) {
		return parseJSON(text, limits.Values)
	}
	return parseYAML(text, limits.Values)
}

func syntax(at Position, message, hint string) *Problem {
	return &Problem{Position: at, Rule: RuleSyntax, Message: message, Hint: hint}
}

func tooDeep(at Position) *Problem {
	return syntax(at, fmt.Sprintf("nested more than %d levels deep", maxDepth), "")
}

func tooMany(at Position, values int) *Problem {
	return syntax(at, fmt.Sprintf("the file holds more than %d values", values), "use several files")
}

// nodes allocates nodes many at a time.
type nodes []Node

func (n *nodes) add(kind Kind, at Position) *Node {
	if len(*n) == cap(*n) {
		*n = make(nodes, 0, 512)
	}
	*n = append(*n, Node{Kind: kind, At: at})
	return &(*n)[len(*n)-1]
}
