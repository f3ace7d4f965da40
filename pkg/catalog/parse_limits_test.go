package catalog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// few are limits that a small file goes beyond.
var few = document.Limits{Values: 300, Aliased: 300}

const manyItems = 400

// largeYAML has more values than few allow.
func largeYAML(end string) string {
	var b strings.Builder
	b.WriteString("menus:\n- name: M\n  menu_items:\n")
	for i := range manyItems {
		fmt.Fprintf(&b, "  - external_id: A%d\n    name: N\n    price: 1\n", i)
	}
	return b.String() + end
}

func TestLargeFiles(t *testing.T) {
	items := mustParse(t, "a.yaml", []byte(largeYAML("")), Partner).Menus[0].Items
	last := items[len(items)-1]
	if len(items) != manyItems || last.ExternalID != fmt.Sprintf("A%d", manyItems-1) || last.Origin.Field("price") != (Position{3 + 3*manyItems, 12}) {
		t.Errorf("%d items, the last one %+v", len(items), last)
	}
	items = mustParse(t, "a.json", []byte(`{"menus":[{"name":"M","menu_items":[{"external_id":"A","name":"N","price":1}`+strings.Repeat(` `, 200<<10)+`,{"external_id":"B","name":"N","price":1}]}]}`), Partner).Menus[0].Items
	if len(items) != 2 || items[1].Origin.Position != (Position{1, 78 + 200<<10}) {
		t.Errorf("%+v", items)
	}
}

// What is wrong in a large file is told with its place.
func TestLargeYAMLWithProblems(t *testing.T) {
	end := 4 + 3*manyItems // the line of what is added
	for _, tt := range []struct {
		name, end, message string
		line, column       int
	}{
		{"a finding", "  - {external_id: A, name: N, price: x}\n", "the price is text", end, 38},
		{"an error in an element", "  - name: N\n  - name: a: b\n", "the YAML does not parse: mapping values are not allowed", end + 1, 12},
		{"an error outside of lists", "variant_categories:\n  x: ]\n", "the YAML does not parse: ", end + 1, 6},
		{"nested too deep", "  - " + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "\n", "nested more than 64 levels deep", end, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, findings := Parse("a.yaml", []byte(largeYAML(tt.end)), Partner)
			if len(findings) != 1 {
				t.Fatalf("%d findings: %v", len(findings), findings)
			}
			f := findings[0]
			if !strings.HasPrefix(f.Message, tt.message) || f.Line != tt.line || tt.column > 0 && f.Column != tt.column {
				t.Errorf("%s %q, want %d:%d %s", f.at("a.yaml"), f.Hint, tt.line, tt.column, tt.message)
			}
		})
	}
}

// A value of two bytes takes a hundred in memory, a thousand in the YAML library's.
func TestManyValuesAreRefused(t *testing.T) {
	list := func(element string, n int) string { return strings.TrimSuffix(strings.Repeat(element+",", n), ",") }
	for _, tt := range []struct{ name, file, data string }{
		{"YAML", "a.yaml", largeYAML("")},
		{"YAML in brackets", "a.yaml", "menus: [" + list("a", few.Values+1) + "]"},
		{"YAML: items", "a.yaml", "menus:\n- menu_items:\n" + strings.Repeat("  -\n", few.Values+1)},
		{"JSON", "a.json", `{"menus":[` + list("0", few.Values) + "]}"},
		{"JSON: one item", "a.json", `{"menus":[{"menu_items":[[` + list("0", few.Values) + "]]}]}"},
		{"JSON: items", "a.json", `{"menus":[{"menu_items":[` + list("0", few.Values+1) + "]}]}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, findings := parse(tt.file, []byte(tt.data), Partner, few)
			if s != nil || len(findings) != 1 || findings[0].Rule != RuleSyntax || findings[0].Message != "the file holds more than 300 values" || findings[0].Line != 1 || findings[0].Hint == "" {
				t.Errorf("%d findings: %.1v", len(findings), findings[:min(1, len(findings))])
			}
		})
	}
	const lists = 90
	s, findings := parse("a.json", []byte(`{"menus":[{"name":"M","menu_items":[`+list("[0,0]", lists)+"]}]}"), Partner, few)
	if s == nil || len(findings) != lists || findings[lists-1].Path != fmt.Sprintf("menus[0].menu_items[%d]", lists-1) {
		t.Errorf("%d findings", len(findings))
	}
}
