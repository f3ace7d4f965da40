package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// yamlFromJSON writes a JSON document as YAML, keys in the same order. Going
// through the JSON form gives both formats the same keys and the same numbers.
func yamlFromJSON(data []byte) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
	node, err := yamlNode(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("cannot write the result as YAML: more than one JSON value")
	}
	out, err := yaml.Dump(node, yaml.WithV3Defaults(), yaml.WithIndent(2))
	if err != nil {
		return nil, fmt.Errorf("cannot write the result as YAML: %w", err)
	}
	return escapeUnsafe(out), nil
}

func yamlNode(dec *jsontext.Decoder) (*yaml.Node, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch kind := token.Kind(); kind {
	case '{', '[':
		node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		end := jsontext.Kind(']')
		if kind == '{' {
			node.Kind, node.Tag, end = yaml.MappingNode, "!!map", '}'
		}
		for dec.PeekKind() != end {
			child, err := yamlNode(dec)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, child)
		}
		if len(node.Content) == 0 {
			node.Style = yaml.FlowStyle // [] and {}
		}
		_, err := dec.ReadToken()
		return node, err
	case '"':
		return yamlString(token.String()), nil
	case '0':
		return yamlNumber(token.String()), nil
	case 'n':
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: token.String()}, nil
	}
}

func yamlString(s string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	// Only a double-quoted string has escapes for what a terminal acts on.
	if strings.ContainsFunc(s, cleantext.Unsafe) || yaml11(s) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node
}

// yaml11 reports whether a reader of YAML 1.1, and there are many, takes the bare
// string for a boolean ("no") or for a number of base sixty ("12:30").
func yaml11(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off":
		return true
	}
	return strings.Contains(s, ":") && strings.Trim(s, "0123456789:._+-") == ""
}

func yamlNumber(s string) *yaml.Node {
	tag := "!!int"
	if strings.ContainsAny(s, ".eE") {
		tag = "!!float"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: s}
}
