package catalog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

// The hand-written encoder is held against the library, which is asked here for
// the whole file.
func libraryYAML(s *File, notes []Note) ([]byte, error) {
	body, err := yaml.Dump(yamlValue(s.encoded(notes)), yaml.WithV4Defaults(), yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	lines := strings.Split(string(body), "\n")
	for i := range lines { // the library shows some hidden characters as they are
		lines[i] = escapeHidden(lines[i], true)
	}
	return []byte("# yaml-language-server: $schema=" + SchemaURL + "\n" + strings.Join(lines, "\n")), err
}

func TestYAMLIsWhatTheLibraryWrites(t *testing.T) {
	check := func(t rapid.TB, s *File, notes []Note) {
		want, err := libraryYAML(s, notes)
		if err != nil {
			t.Fatal(err)
		}
		got, err := EncodeYAML(s, notes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("-library +ours\n%s", diff)
		}
	}
	check(t, mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner), nil)
	check(t, mustParse(t, "eim_menu.json", readFile(t, "eim_menu.json"), Enterprise), nil)
	rapid.Check(t, func(rt *rapid.T) {
		s, notes := fromLive(t, drawLive(rt)).File(nil)
		check(rt, s, notes)
		words := rapid.SliceOf(rapid.OneOf(rapid.String(), awkward, rapid.StringMatching(`[A-Za-z][A-Za-z0-9 :,&#_.+=/()é\-]{0,9}`))).Draw(rt, "words")
		s = &File{}
		for _, w := range words {
			if strings.ToValidUTF8(w, "") != w || w == "" || strings.Contains(w, "\x00") {
				continue
			}
			s.Menus = append(s.Menus, Menu{Name: w, Items: []Item{{ExternalID: w, Name: w, VariantCategoryExternalIDs: []string{w}}}})
		}
		check(rt, s, nil)
	})
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
