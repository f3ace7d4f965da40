package edit

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// awkward texts are those that YAML takes for something else.
var awkward = rapid.SampledFrom([]string{
	"", " ", "no", "Yes", "y", "null", "~", "12", "012", "0x1f", "1e3", "1_000", "10:30", "10:00-22:00", ".5", "-1", "2026-01-05", "true", "- a", "a: b", "a #b", "#x", "&a", "*a", "!t",
	"{a}", "[a]", "@x", "`x", "%x", "|", ">", "'x'", "\"x\"", "it's", "a\nb", "a\n", "\na", " a", "a ", "a\tb", "\u00a0", "\u200b", "\u2028", "\ufeff", "é", "日本", "🍜", "\\", "?", "? a", ":", "a:", "---", "...", "=", "<<",
})

// text is any that a file can hold.
var text = rapid.OneOf(awkward, rapid.String(), rapid.StringMatching(`[A-Za-z][A-Za-z0-9 :,&#_.+=/()é\-]{0,9}`)).Filter(func(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x00")
})

var number = rapid.Map(rapid.IntRange(-99_999, 99_999), func(n int) Literal { return Literal(fmt.Sprint(n)) })

var key = rapid.OneOf(rapid.StringMatching(`[a-z][a-z_]{0,5}`), rapid.SampledFrom([]string{"no", "12", "é", "a b", "a: b", "null", "'x'"}))

// drawObject draws what a file may have: no key twice.
func drawObject(t *rapid.T, depth int) Object {
	o := Object{}
	for _, key := range rapid.SliceOfNDistinct(key, 0, 4, func(s string) string { return s }).Draw(t, "keys") {
		p := Pair{Key: key, Value: drawValue(t, depth-1)}
		if !isBlock(p.Value) && rapid.IntRange(0, 4).Draw(t, "comment") == 0 {
			p.Comment = rapid.StringMatching(`[a-z][a-z :#'"]{0,8}[a-z]`).Draw(t, "says")
		}
		o = append(o, p)
	}
	return o
}

func drawValue(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	switch {
	case kind == 0:
		return number.Draw(t, "number")
	case kind == 1:
		return rapid.Bool().Draw(t, "bool")
	case kind == 2 && depth > 0:
		return drawObject(t, depth)
	case kind == 3 && depth > 0:
		l := List{}
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			l = append(l, drawValue(t, depth-1))
		}
		return l
	}
	return text.Draw(t, "text")
}

// valueOf turns a file that was read into a value to write.
func valueOf(n *document.Node) any {
	n = n.Target()
	switch n.Kind {
	case document.Object:
		o := Object{}
		for _, k := range n.Keys {
			o = append(o, Pair{Key: k.Name, Value: valueOf(k.Value)})
		}
		return o
	case document.List:
		l := List{}
		for _, item := range n.Items {
			l = append(l, valueOf(item))
		}
		return l
	case document.Text:
		return n.Text
	case document.Bool:
		return strings.EqualFold(n.Text, "true")
	case document.Null:
		return null
	}
	return Literal(n.Text)
}

func parsed(t rapid.TB, name string, data []byte) any {
	t.Helper()
	root, problem := document.Parse(name, data, document.UsualLimits)
	if problem != nil {
		t.Fatalf("%+v\n%s", problem, data)
	}
	return valueOf(root)
}

// The hand-written encoder is held against the library, which is asked here for
// the whole file.
func libraryYAML(o Object) ([]byte, error) {
	body, err := yaml.Dump(yamlValue(o), yaml.WithV4Defaults(), yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	lines := strings.Split(string(body), "\n")
	for i := range lines { // the library shows some hidden characters as they are
		lines[i] = escapeHidden(lines[i], true)
	}
	return []byte("# head\n" + strings.Join(lines, "\n")), err
}

func TestYAMLIsWhatTheLibraryWrites(t *testing.T) {
	check := func(t rapid.TB, o Object) {
		want, err := libraryYAML(o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := YAML("# head\n", o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("-library +ours\n%s", diff)
		}
	}
	for _, name := range []string{"warung.yaml", "eim_menu.json"} {
		data, err := os.ReadFile("../../../pkg/catalog/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		check(t, parsed(t, name, data).(Object))
	}
	rapid.Check(t, func(rt *rapid.T) {
		if o := drawObject(rt, 3); len(o) > 0 {
			check(rt, o)
		}
	})
}

// What is written reads back as the same value.
func TestWrittenValuesReadBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := drawObject(rt, 4)
		if len(o) == 0 {
			return
		}
		asYAML, err := YAML("", o)
		if err != nil {
			rt.Fatal(err)
		}
		asJSON, err := JSON(o)
		if err != nil {
			rt.Fatal(err)
		}
		for name, data := range map[string][]byte{"a.yaml": asYAML, "a.json": asJSON} {
			if diff := cmp.Diff(withoutComments(o), parsed(rt, name, data)); diff != "" {
				rt.Fatalf("%s: -want +got\n%s\n%s", name, diff, data)
			}
		}
	})
}

func withoutComments(v any) any {
	switch v := v.(type) {
	case Object:
		out := Object{}
		for _, p := range v {
			out = append(out, Pair{Key: p.Key, Value: withoutComments(p.Value)})
		}
		return out
	case List:
		out := List{}
		for _, element := range v {
			out = append(out, withoutComments(element))
		}
		return out
	}
	return v
}

func yamlValue(v any) *yaml.Node {
	switch v := v.(type) {
	case Object:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, p := range v {
			value := yamlValue(p.Value)
			value.LineComment = comment(p.Comment)
			n.Content = append(n.Content, yamlValue(p.Key), value)
		}
		return flowWhenEmpty(n)
	case List:
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
	case Literal:
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
