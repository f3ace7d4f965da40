package catalog

import (
	"fmt"
	"strings"
	"testing"
)

// few are limits that a small file goes beyond.
var few = limits{run: 200, yamlMarks: 300, jsonValues: 300, aliasNodes: 300, entities: 1000}

const manyItems = 400

// largeYAML has more marks than few allow at a time.
func largeYAML(end string) string {
	var b strings.Builder
	b.WriteString("menus:\n- name: M\n  menu_items:\n")
	for i := range manyItems {
		fmt.Fprintf(&b, "  - external_id: A%d\n    name: N\n    price: 1\n", i)
	}
	return b.String() + end
}

func parseFew(name, data string) (*File, Findings) {
	return (&reader{api: Partner, limits: few}).parse(name, []byte(data))
}

func TestLargeYAML(t *testing.T) {
	s, findings := parseFew("a.yaml", largeYAML(""))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	items := s.Menus[0].Items
	last := items[len(items)-1]
	if len(items) != manyItems || last.ExternalID != fmt.Sprintf("A%d", manyItems-1) || last.Origin.Field("price") != (Position{3 + 3*manyItems, 12}) {
		t.Errorf("%d items, the last one %+v", len(items), last)
	}
}

// What is wrong in a large file is told with its place. What cannot be read in
// runs is refused: the library would need gigabytes for it.
func TestLargeYAMLWithProblems(t *testing.T) {
	const refused = "the YAML is too large to be read as a whole"
	end := 4 + 3*manyItems // the line of what is added
	half := strings.Repeat("a, ", few.yamlMarks/2)
	many := half + half
	for _, tt := range []struct {
		name, end, message string
		line, column       int
	}{
		{"a finding", "  - {external_id: A, name: N, price: x}\n", "the price is text", end, 38},
		{"an error in an element", "  - name: N\n  - name: a: b\n", "the YAML does not parse: mapping values are not allowed", end + 1, 12},
		{"an error outside of lists", "variant_categories:\n  x: ]\n", "the YAML does not parse: ", end + 1, 6},
		{"nested too deep", "  - " + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "\n", "nested more than 64 levels deep", end, 0},
		{"one element with too much", "  - [" + many + "]\n", refused, 0, 0},
		{"too much outside of lists", "x: [" + many + "]\n", refused, 0, 0},
		{"too much behind anchors", "  - &a [" + half + "]\n  - &b [" + half + "]\n  - &c [" + half + "]\n", refused, 0, 0},
		{"not to be read in runs", "  - &a {name: N}\n  - &a {name: N}\n", refused, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, findings := parseFew("a.yaml", largeYAML(tt.end))
			if len(findings) != 1 {
				t.Fatalf("%d findings: %v", len(findings), findings)
			}
			f := findings[0]
			if !strings.HasPrefix(f.Message, tt.message) || f.Line != tt.line || tt.column > 0 && f.Column != tt.column || tt.message == refused && f.Hint == "" {
				t.Errorf("%s %q, want %d:%d %s", f.at("a.yaml"), f.Hint, tt.line, tt.column, tt.message)
			}
		})
	}
}

// A value of two bytes takes a hundred in memory.
func TestManyValuesAreRefused(t *testing.T) {
	list := func(element string, n int) string { return strings.TrimSuffix(strings.Repeat(element+",", n), ",") }
	for _, tt := range []struct{ name, file, data, message string }{
		{"YAML in brackets", "a.yaml", "menus: [" + list("a", few.yamlMarks+1) + "]", "the YAML is too large to be read as a whole"},
		{"JSON", "a.json", `{"menus":[` + list("0", few.jsonValues) + "]}", "the JSON holds more than a catalog may have"},
		{"JSON: one item", "a.json", `{"menus":[{"menu_items":[[` + list("0", few.jsonValues) + "]]}]}", "the JSON holds more than a catalog may have"},
		{"JSON: items", "a.json", `{"menus":[{"menu_items":[` + list("0", few.entities+1) + "]}]}", "the file has more than 1000 items, variant categories and variants"},
		{"YAML: items", "a.yaml", "menus:\n- menu_items:\n" + strings.Repeat("  -\n", few.entities+1), "the file has more than 1000 items, variant categories and variants"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, findings := parseFew(tt.file, tt.data)
			if s != nil || len(findings) != 1 || findings[0].Rule != RuleSyntax || findings[0].Message != tt.message {
				t.Errorf("%d findings: %.1v", len(findings), findings[:min(1, len(findings))])
			}
		})
	}
	s, findings := parseFew("a.json", `{"menus":[{"name":"M","menu_items":[`+list("[0,0]", few.entities)+"]}]}")
	if s == nil || len(findings) != few.entities || findings[few.entities-1].Path != fmt.Sprintf("menus[0].menu_items[%d]", few.entities-1) {
		t.Errorf("%d findings", len(findings))
	}
}
