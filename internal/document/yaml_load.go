package document

import (
	"bytes"
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"
)

// LoadYAML gives the node of the one document that a text holds.
func LoadYAML(text []byte) (*yaml.Node, *Problem) {
	var root yaml.Node
	if err := yaml.Load(text, &root); err != nil {
		return nil, YAMLProblem(err, text, 0)
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 {
		return nil, &Problem{Position: start, Message: OnlyComments}
	}
	return root.Content[0], nil
}

// YAMLMarks is about the number of values in a YAML text. Look at it before
// loading: the library needs more than 1 KB for each of them.
func YAMLMarks(text []byte) (n int) {
	for _, mark := range []string{"\n", ",", "[", "{"} {
		n += bytes.Count(text, []byte(mark))
	}
	return n
}

// YAMLProblem tells what an error of the YAML library means. It is about file,
// or about a part of it that begins below a number of lines.
func YAMLProblem(err error, file []byte, above int) *Problem {
	const failed = "the YAML does not parse: "
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return &Problem{Message: failed + shorten(err.Error())}
	}
	p := &Problem{Position: Position{load.Mark.Line, load.Mark.Column}}
	if p.Line > 0 {
		p.Line += above
	}
	message := strings.TrimPrefix(load.Message, "yaml: ")
	switch {
	case strings.Contains(message, "no documents"):
		return &Problem{Position: start, Message: OnlyComments}
	case strings.Contains(message, "multiple"):
		return &Problem{Message: ManyDocuments, Hint: "leave out the --- in between"}
	case strings.Contains(message, "tab character"), strings.Contains(message, "cannot start any token") && lineBeginsWithTab(file, p.Line):
		p.Hint = "indent with spaces"
	case strings.Contains(message, "mapping values are not allowed"):
		p.Hint = "put a text with a colon in quotes, and check the indentation"
	}
	if load.ContextMsg != "" {
		message += " " + load.ContextMsg
	}
	p.Message = failed + shorten(message)
	return p
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
