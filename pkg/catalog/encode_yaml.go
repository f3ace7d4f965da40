package catalog

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// EncodeYAML writes a source as YAML for people to edit: keys in a fixed order,
// hours in their short form, the line that tells editors the schema, and a
// comment for each note. [Parse] gives the same source back.
func EncodeYAML(s *Source, notes []Note) ([]byte, error) {
	root := yamlValue(s.encoded(notes))
	body, err := yaml.Dump(root, yaml.WithV4Defaults(), yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	if err != nil {
		return nil, fmt.Errorf("cannot write the catalog as YAML: %w", err)
	}
	return append([]byte("# yaml-language-server: $schema="+SchemaURL+"\n"), body...), nil
}

func yamlValue(v any) *yaml.Node {
	switch v := v.(type) {
	case object:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, p := range v {
			value := yamlValue(p.value)
			value.LineComment = comment(p.comment)
			n.Content = append(n.Content, yamlValue(p.key), value)
		}
		return flowWhenEmpty(n)
	case list:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		short := len(v) > 0
		for _, element := range v {
			n.Content = append(n.Content, yamlValue(element))
			_, text := element.(string)
			short = short && text
		}
		if short {
			n.Style = yaml.FlowStyle // hours and references: ["10:00-22:00"]
		}
		return flowWhenEmpty(n)
	case literal:
		tag := "!!int"
		if strings.Contains(string(v), ".") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: string(v)}
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v)}
	default:
		return yamlText(fmt.Sprint(v))
	}
}

func flowWhenEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle // [] and {}
	}
	return n
}

// yamlText quotes what readers of YAML 1.1, and there are many, take for a
// boolean ("no") or for a number of base sixty ("10:30"), and what is easy to
// overlook.
func yamlText(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off":
		n.Style = yaml.DoubleQuotedStyle
	}
	if strings.Trim(s, "0123456789:-+._") == "" || strings.ContainsFunc(s, oneLine) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// oneLine finds what would make a text spread over lines, or show as nothing.
func oneLine(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0xa0, r == 0xad, r == 0x2028, r == 0x2029, r == 0xfeff:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	}
	return false
}

// comment keeps a comment on its line.
func comment(s string) string {
	if s == "" {
		return ""
	}
	return "# " + strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }), " ")
}
