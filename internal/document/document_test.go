package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// shape writes a value with the places of everything in it.
func shape(n *document.Node) string {
	var parts []string
	for _, k := range n.Keys {
		parts = append(parts, fmt.Sprintf("%s@%d:%d=%s", k.Name, k.At.Line, k.At.Column, shape(k.Value)))
	}
	for _, item := range n.Items {
		parts = append(parts, shape(item))
	}
	switch n.Kind {
	case document.Object:
		return fmt.Sprintf("%d:%d{%s}", n.At.Line, n.At.Column, strings.Join(parts, " "))
	case document.List:
		return fmt.Sprintf("%d:%d[%s]", n.At.Line, n.At.Column, strings.Join(parts, " "))
	}
	return fmt.Sprintf("%d:%d(%s %s)", n.At.Line, n.At.Column, n.Kind, n.Text)
}

func TestPlaces(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"a.yaml", "# 日本\r\nlist:\r\n  - 日: &x 15.000\r\n    b: *x\r\n  - ~\r\n", "2:1{list@2:1=3:3[3:5{日@3:5=3:8(a number 15.000) b@4:5=3:8(a number 15.000)} 5:5(null ~)]}"},
		{"a.yaml", "a: 2026-01-05\nb: yes\nc: 'true'\n", "1:1{a@1:1=1:4(a value of another type 2026-01-05) b@2:1=2:4(text yes) c@3:1=3:4(text true)}"},
		{"a.json", "\ufeff{\"日\": [1.50, \"\\ud83c\\udf5c\"],\n \"日\": true}", "1:1{日@1:2=1:7[1:8(a number 1.50) 1:14(text 🍜)] 日@2:2=2:7(true or false true)}"},
		{"a.yaml", `{"a": "\u0041"}`, "1:1{a@1:2=1:7(text A)}"},
		{"-", `[null]`, "1:1[1:2(null null)]"},
	} {
		n, problem := document.Parse(tt.name, []byte(tt.data))
		if problem != nil {
			t.Errorf("%q: %+v", tt.data, problem)
			continue
		}
		if diff := cmp.Diff(tt.want, shape(n)); diff != "" {
			t.Errorf("%q: -want +got\n%s", tt.data, diff)
		}
	}
}

// What would need more than a machine has is refused, and soon.
func TestBounds(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10))
	}
	for name, data := range map[string]string{
		"alias bomb":  bomb,
		"itself":      "a: &a {b: *a}\n",
		"deep YAML":   strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"deep JSON":   `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}",
		"many values": strings.Repeat("- x\n", 300_000),
	} {
		if _, problem := document.Parse("a.yaml", []byte(data)); problem == nil || problem.Message == "" {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestProblems(t *testing.T) {
	deep := strings.Repeat("[", 70)
	for _, tt := range []struct{ name, data, want string }{
		{"a.xlsx", "PK\x03\x04\x14", "1:1: this is a ZIP archive, perhaps a spreadsheet (save it as YAML or JSON)"},
		{"a.yaml", "\ufeff\n", "1:1: the file is empty ()"},
		{"a.yaml", "é: 1\r\né\x7f", "2:2: control character U+007F (delete it)"},
		{"a.yaml", "é: 1\né\xff", "2:2: the text is not UTF-8 (save the file as UTF-8)"},
		{"a.yaml", "# x\n", "1:1: the file has no content but comments ()"},
		{"a.yaml", "a: 1\n---\nb: 1\n", "0:0: the file holds more than one YAML document (leave out the --- in between)"},
		{"a.yaml", "a:\n\t- b\n", "2:1: the YAML does not parse: found character that cannot start any token while scanning f… (indent with spaces)"},
		{"a.yaml", "a: @b\n", "1:4: the YAML does not parse: found character that cannot start any token while scanning f… ()"},
		{"a.yaml", "a: b: c\n", "1:5: the YAML does not parse: mapping values are not allowed in this context (put a text with a colon in quotes, and check the indentation)"},
		{"a.yaml", deep + strings.Repeat("]", 70), "1:65: nested more than 64 levels deep ()"},
		{"a.yaml", "a: &a [*a]", "1:4: nested more than 64 levels deep (write out what the aliases stand for)"},
		{"a.json", deep, "1:65: nested more than 64 levels deep ()"},
		{"a.json", "{\"a\": \"é\",\n \"b\": [", "2:8: the JSON ends too early (look for a missing bracket or quote)"},
		{"a.json", "{\"é\": nope}", "1:8: the JSON does not parse: invalid character 'o' in literal null (expecting 'u') ()"},
		{"a.JSON", "a: 1\n", "1:1: the JSON does not parse: invalid character 'a' at start of value ()"},
		{"a.json", "{}\n {}", "2:2: the JSON goes on behind its end ()"},
		{"a.json", "{}\n x", "2:2: the JSON does not parse: invalid character 'x' at start of value ()"},
	} {
		_, p := document.Parse(tt.name, []byte(tt.data))
		if p == nil {
			t.Errorf("%q: accepted", tt.data)
			continue
		}
		if diff := cmp.Diff(tt.want, fmt.Sprintf("%d:%d: %s (%s)", p.Line, p.Column, p.Message, p.Hint)); diff != "" {
			t.Errorf("%q: -want +got\n%s", tt.data, diff)
		}
	}
}

// A part of a file has its problems where they stand in the file.
func TestProblemsOfParts(t *testing.T) {
	const file = "{\n \"a\": [1,\n  nope]}"
	list := strings.Index(file, "[")
	d := document.NewJSONDecoder([]byte(file), list, document.Position{Line: 2, Column: 7})
	_, err := d.ReadValue()
	if p := d.Problem(err); p.Position != (document.Position{Line: 3, Column: 4}) {
		t.Errorf("JSON: %+v", p)
	}

	const above = "# one\n# two\n"
	const part = "a:\n\tb\n"
	_, problem := document.LoadYAML([]byte(part))
	whole := document.YAMLProblem(yaml.Load([]byte(part), &yaml.Node{}), []byte(above+part), 2)
	problem.Line += 2
	if diff := cmp.Diff(problem, whole); diff != "" || whole.Line != 4 || whole.Hint != "indent with spaces" {
		t.Errorf("YAML: %+v, -want +got\n%s", whole, diff)
	}
}
