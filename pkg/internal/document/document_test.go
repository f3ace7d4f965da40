package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/internal/document"
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
