package document

import "fmt"

const (
	maxDepth = 64      // levels of nesting
	maxNodes = 200_000 // values, also those that YAML aliases stand for
)

// Parse reads a file, YAML or JSON; see [IsJSON]. The problem says why there is
// no value.
func Parse(name string, data []byte) (*Node, *Problem) {
	text, problem := Readable(data)
	if problem != nil {
		return nil, problem
	}
	if IsJSON(name, text) {
		return parseJSON(text)
	}
	return parseYAML(text)
}

func tooDeep(at Position) *Problem {
	return &Problem{Position: at, Message: fmt.Sprintf("nested more than %d levels deep", maxDepth)}
}
