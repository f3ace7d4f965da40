package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// shape writes a value with the places of everything in it.
func shape(n *document.Node) string {
	n = n.Target()
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
		n, problem := document.Parse(tt.name, []byte(tt.data), document.UsualLimits)
		if problem != nil {
			t.Errorf("%q: %+v", tt.data, problem)
			continue
		}
		if diff := cmp.Diff(tt.want, shape(n)); diff != "" {
			t.Errorf("%q: -want +got\n%s", tt.data, diff)
		}
	}
}

// few are limits that a small file goes beyond.
var few = document.Limits{Values: 20_000, Aliased: 2000}

// readAll reads every value of a file whose objects have the keys a and b.
func readAll(name, data string) []document.Problem {
	root, problem := document.Parse(name, []byte(data), few)
	if problem != nil {
		return []document.Problem{*problem}
	}
	r := document.NewReader(few)
	var read func(*document.Node)
	read = func(n *document.Node) {
		switch n.Kind {
		case document.Object:
			r.Object(n, "an object", document.Field{Name: "a", Read: read}, document.Field{Name: "b", Read: read})
		case document.List:
			r.List(read)(n)
		}
	}
	read(root)
	return r.Problems()
}

// What would need more than a machine has is refused, and soon.
func TestBounds(t *testing.T) {
	bomb := "a:\n- &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("- &a%d [%s]\n", i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10))
	}
	for name, data := range map[string]string{
		"alias bomb":  bomb,
		"itself":      "a: &a {b: *a}\n",
		"deep YAML":   strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"deep JSON":   `{"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}",
		"many values": strings.Repeat("- x\n", few.Values+1),
		"many in one": "[" + strings.Repeat("0,", few.Values) + "0]",
	} {
		if problems := readAll("a.yaml", data); len(problems) != 1 || problems[0].Message == "" || problems[0].Rule != document.RuleSyntax {
			t.Errorf("%s: %+v", name, problems)
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
		{"a.yaml", "a: 1\n---\nb: 1\n", "2:1: the file holds more than one YAML document (leave out the --- in between)"},
		{"a.yaml", "a: 1\n...\n# b\n---\n- b\n", "4:1: the file holds more than one YAML document (leave out the --- in between)"},
		{"a.yaml", "a: 1\n---\nb: [\n", "4:1: the YAML does not parse: did not find expected node content while parsing a flow node ()"},
		{"a.yaml", "a: 1\nb: \uffff\n", "2:4: the YAML does not parse: control characters are not allowed (value: 65535) ()"},
		{"a.yaml", "# a\u2028b\na: c: d\n", "2:5: the YAML does not parse: mapping values are not allowed in this context (put a text with a colon in quotes, and check the indentation)"},
		{"a.yaml", "a:\n\t- b\n", "2:1: the YAML does not parse: found character that cannot start any token while scanning f… (indent with spaces)"},
		{"a.yaml", "a: @b\n", "1:4: the YAML does not parse: found character that cannot start any token while scanning f… ()"},
		{"a.yaml", "a: b: c\n", "1:5: the YAML does not parse: mapping values are not allowed in this context (put a text with a colon in quotes, and check the indentation)"},
		{"a.yaml", deep + strings.Repeat("]", 70), "1:65: nested more than 64 levels deep ()"},
		{"a.yaml", "a: &a [*a]", "1:8: the aliases of the file stand for more than 2000 values (write out what they stand for)"},
		{"a.yaml", "a: &a {<<: *a}", "1:4: this is an object, and not another object to merge ()"},
		{"a.json", deep, "1:65: nested more than 64 levels deep ()"},
		{"a.json", "{\"a\": \"é\",\n \"b\": [", "2:8: the JSON ends too early (look for a missing bracket or quote)"},
		{"a.json", "{\"é\": nope}", "1:8: the JSON does not parse: invalid character 'o' in literal null (expecting 'u') ()"},
		{"a.JSON", "a: 1\n", "1:1: the JSON does not parse: invalid character 'a' at start of value ()"},
		{"a.json", "{}\n {}", "2:2: the JSON goes on behind its end ()"},
		{"a.json", "{}\n x", "2:2: the JSON does not parse: invalid character 'x' at start of value ()"},
	} {
		problems := readAll(tt.name, tt.data)
		if len(problems) != 1 {
			t.Errorf("%q: %+v", tt.data, problems)
			continue
		}
		p := problems[0]
		if diff := cmp.Diff(tt.want, fmt.Sprintf("%d:%d: %s (%s)", p.Line, p.Column, p.Message, p.Hint)); diff != "" {
			t.Errorf("%q: -want +got\n%s", tt.data, diff)
		}
	}
}
