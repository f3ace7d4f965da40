package edit

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// null is a value that is there and says nothing.
const null = Literal("null")

// bring turns a value of the file, which is old, into the wanted one.
func bring(f *File, n *Node, old, want any) {
	switch want := want.(type) {
	case Object:
		if old, ok := old.(Object); ok {
			f.Object(n, nil, fieldsOf(f, old, want))
			return
		}
	case List:
		if old, ok := old.(List); ok {
			f.Sequence(n, entriesOf(f, old, want))
			return
		}
	}
	if f.Stale(n) || !reflect.DeepEqual(old, want) {
		f.Replace(n, want)
	}
}

func fieldsOf(f *File, old, want Object) (fields []Field) {
	before := asMap(old)
	for _, p := range want {
		was, here := before[p.Key]
		fields = append(fields, Field{
			Name: p.Key, Value: p.Value, Keep: here && reflect.DeepEqual(was, p.Value), Edit: func(n *Node) { bring(f, n, was, p.Value) },
		})
	}
	after := asMap(want)
	for _, p := range old {
		if _, stays := after[p.Key]; !stays {
			fields = append(fields, Field{Name: p.Key})
		}
	}
	return fields
}

func entriesOf(f *File, old, want List) []Entry {
	entries := make([]Entry, len(want))
	used := make([]bool, len(old))
	pair := func(fits func(i, j int) bool) {
		for i, v := range want {
			for j := range old {
				if e := &entries[i]; e.Edit == nil && !used[j] && fits(i, j) {
					used[j] = true
					*e = Entry{From: j, Edit: func(n *Node) { bring(f, n, old[j], v) }}
				}
			}
		}
	}
	pair(func(i, j int) bool { return reflect.DeepEqual(old[j], want[i]) })
	pair(func(i, j int) bool { return i == j && reflect.TypeOf(old[j]) == reflect.TypeOf(want[i]) })
	for i, v := range want {
		if entries[i].Edit == nil {
			entries[i] = Entry{From: -1, Fresh: func() any { return v }}
		}
	}
	return entries
}

func asMap(o Object) map[string]any {
	m := map[string]any{}
	for _, p := range o {
		m[p.Key] = p.Value
	}
	return m
}

// canonical forgets the order of keys, which an editor may choose.
func canonical(v any) any {
	switch v := v.(type) {
	case Object:
		m := map[string]any{}
		for _, p := range v {
			m[p.Key] = canonical(p.Value)
		}
		return m
	case List:
		l := make([]any, len(v))
		for i := range v {
			l[i] = canonical(v[i])
		}
		return l
	case Literal:
		return strings.ReplaceAll(string(v), "_", "")
	}
	return v
}

func edited(t testing.TB, name, data string, want any) string {
	t.Helper()
	f, err := Open(name, []byte(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	out, _, err := f.Apply(func() { bring(f, f.Root, parsed(t, name, []byte(data)), want) })
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return string(out)
}

func TestEdit(t *testing.T) {
	for _, tt := range []struct{ name, data, want, edited string }{
		{"value", "# top\na: 1 # one\nb: \"x\"   # two\n", `{"a": 2, "b": "it's"}`, "# top\na: 2 # one\nb: \"it's\"   # two\n"},
		{"line ends of YAML 1.1", "# a\u2028b: 1\na: x\u0085y # c\u2029d: 2\nb: 'e\u2028' # f\n", `{"a": "x\u0085y", "b": 2}`, "# a\u2028b: 1\na: x\u0085y # c\u2029d: 2\nb: 2 # f\n"},
		{"single quotes", "a: 'x'\n", `{"a": "it's"}`, "a: 'it''s'\n"},
		{"digits in groups", "a: 25_000\n", `{"a": 31500}`, "a: 31_500\n"},
		{"nothing", "\ufeffa:   [1,  2]\r\nb: {c:   d}", `{"a": [1, 2], "b": {"c": "d"}}`, "\ufeffa:   [1,  2]\r\nb: {c:   d}"},
		{"new key", "a: 1\nc: 3\n", `{"a": 1, "b": {"x": 1}, "c": 3}`, "a: 1\nb:\n  x: 1\nc: 3\n"},
		{"new key in braces", "{a: 1,  c: 3}\n", `{"a": 1, "b": "x, y", "c": 3}`, "{a: 1,  b: 'x, y',  c: 3}\n"},
		{"new key of none", "a: {}\nb: 1\n", `{"a": {"x": 1, "z": 2}, "b": 1}`, "a: {x: 1, z: 2}\nb: 1\n"},
		{"key that needs quotes", "{a: 1}\n", `{"a": 1, "x: y": 2}`, "{a: 1, 'x: y': 2}\n"},
		{"key gone", "a: 1\n# of b\nb: 2 # two\nc: 3\n", `{"a": 1, "c": 3}`, "a: 1\nc: 3\n"},
		{"all keys gone", "a: 1\nb:\n  x: 1\n  y: 1\n", `{"a": 1, "b": {}}`, "a: 1\nb:\n  {}\n"},
		{"entry gone", "- 1 # one\n\n# of two\n- 2\n\n- 3\n", `[1, 3]`, "- 1 # one\n\n- 3\n"},
		{"new entry", "l:\n- a\n# of b\n- b\n", `{"l": ["a", "x", "b"]}`, "l:\n- a\n- x\n# of b\n- b\n"},
		{"other order", "- a: 1 # one\n- a: 2 # two\n", `[{"a": 2}, {"a": 1}]`, "- a: 2 # two\n- a: 1 # one\n"},
		{"brackets with comments", "[ # top\n  a, # of a\n  b # of b\n]\n", `["b", "c"]`, "[ # top\n  b, # of b\n  c\n  ]\n"},
		{"anchor", "a: &x {k: 1}\nb: *x\n", `{"a": {"k": 2}, "b": {"k": 1}}`, "a: &x {k: 2}\nb: {k: 1}\n"},
		{"text of several lines", "a: |\n  x\n  y\nb: 1\n", `{"a": "z", "b": 1}`, "a: z\nb: 1\n"},
		{"JSON with tabs", "{\n\t\"a\": [1],\n\t\"b\": 2\n}", `{"a": [1, {"x": 1}], "b": 3}`, "{\n\t\"a\": [1, {\"x\": 1}],\n\t\"b\": 3\n}"},
		{"compact JSON", `{"a":[1,2],"b":"x"}`, `{"a":[2],"b":"\u0007"}`, `{"a":[2],"b":"\u0007"}`},
	} {
		if diff := cmp.Diff(tt.edited, edited(t, map[bool]string{true: "f.json", false: "f.yaml"}[strings.Contains(tt.name, "JSON")], tt.data, parsed(t, "f.json", []byte(tt.want)))); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, diff)
		}
	}
}

// editable reports whether a file says each thing once, without merge keys.
func editable(n *document.Node, depth int) bool {
	if n.Alias != nil {
		return depth < 20 && editable(n.Alias, depth+1)
	}
	names := map[string]bool{}
	for _, k := range n.Keys {
		if names[k.Name] || k.Merge || k.NotText || !editable(k.Value, depth+1) {
			return false
		}
		names[k.Name] = true
	}
	return n.Kind != document.Other && !slices.ContainsFunc(n.Items, func(item *document.Node) bool { return !editable(item, depth+1) })
}

// mutated makes a value another one, a little.
func mutated(r *rand.Rand, v any) any {
	fresh := func() any {
		return []any{"x", "it's: \"so\"", Literal("7"), true, Object{{Key: "n", Value: "e"}, {Key: "w", Value: List{"1", "2"}}}, List{}, List{Object{{Key: "k", Value: "v"}}}}[r.IntN(7)]
	}
	switch v := v.(type) {
	case Object:
		out := Object{}
		for _, p := range v {
			if r.IntN(8) > 0 {
				out = append(out, Pair{Key: p.Key, Value: mutated(r, p.Value)})
			}
		}
		if key := fmt.Sprint("new", r.IntN(3)); r.IntN(6) == 0 && asMap(out)[key] == nil {
			out = slices.Insert(out, r.IntN(len(out)+1), Pair{Key: key, Value: fresh()})
		}
		return out
	case List:
		out := List{}
		for _, element := range v {
			if r.IntN(8) > 0 {
				out = append(out, mutated(r, element))
			}
		}
		if r.IntN(6) == 0 {
			out = slices.Insert(out, r.IntN(len(out)+1), fresh())
		}
		if len(out) > 1 && r.IntN(6) == 0 {
			out[0], out[len(out)-1] = out[len(out)-1], out[0]
		}
		return out
	}
	if r.IntN(5) == 0 {
		return fresh()
	}
	return v
}

// scalars lists the values of a file that are one text or number, without
// anchors.
func scalars(n *Node, to []*Node) []*Node {
	if n.Alias == nil && !n.collection() && !n.anchor && n.parent != nil {
		to = append(to, n)
	}
	for _, k := range n.Keys {
		to = scalars(k.Value, to)
	}
	for _, i := range n.Items {
		to = scalars(i, to)
	}
	return to
}

// FuzzEdit changes any file: what was wanted is what it says then, and what was
// not to change keeps its bytes.
func FuzzEdit(f *testing.F) {
	for _, data := range []string{
		"# a\na: 1 # b\nlist:\n  # c\n  - x: [1, 2] # d\n    y: {z: w}\n\n  - |-\n    text\n  - 'it''s'\nn:\n",
		"{a: [1, # x\n 2], # y\n b: {c: d}}\n", "- - a\n  - b\n-\n  c: d\n- ~\n", "a: &x {k: 1, l: [1]}\nb: *x\nc: [*x, *x]\n", "\ufeffa:\r\n- b\r\n- c: >\r\n    d\r\n",
		`{"a": [1, {"b": null}], "c": "d"}`, "{\n\t\"a\": [\n\t\t1\n\t],\n\t\"é\": {}\n}\n", "--- !!map\na: !!str 5\nb: &n\n- x\n...\n", "? a\n: b\n",
		"# a\u2028b: 1\na: x\u0085y # c\u2029d: 2\nlist: [\"\u2028\", 'e\u0085f'] # g\u0085\n", "a: |\n  b\u2028  c\n  d\u0085\n- # e\n", "\u2028a\u2029: [b\u0085c, # \u0085\n d] # \u2028\n",
	} {
		for seed := range uint64(5) {
			f.Add([]byte(data), seed)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		const name = "f.yaml" // also of JSON
		root, problem := document.Parse(name, data, document.Limits{Values: 1000, Aliased: 1000})
		if problem != nil || !editable(root, 0) {
			return
		}
		old := valueOf(root)
		file, err := Open(name, data)
		if err != nil {
			return
		}
		same, _, err := file.Apply(func() { bring(file, file.Root, old, old) })
		if err != nil || !bytes.Equal(same, data) {
			t.Fatalf("nothing changes: %v\n%q\n%q", err, data, same)
		}
		r := rand.New(rand.NewPCG(seed, 0))
		if all := scalars(file.Root, nil); len(all) > 0 {
			n := all[r.IntN(len(all))]
			out, _, err := file.Apply(func() { file.Replace(n, "new text") })
			if err != nil {
				return // it says that it cannot
			}
			if !bytes.HasPrefix(out[len(file.bom):], file.data[:n.start]) || !bytes.HasSuffix(out, file.data[n.end:]) || !bytes.Contains(out[n.start:], []byte("new text")) {
				t.Fatalf("one value changes:\n%q\n%q", data, out)
			}
			if _, problem := document.Parse(name, out, document.UsualLimits); problem != nil {
				t.Fatalf("one value changes: %v\n%q\n%q", problem, data, out)
			}
		}
		want := mutated(r, old)
		if o, ok := want.(Object); ok && len(o) == 0 || reflect.TypeOf(want) != reflect.TypeOf(old) {
			return
		}
		file, _ = Open(name, data)
		out, _, err := file.Apply(func() { bring(file, file.Root, old, want) })
		if err != nil {
			return // it says that it cannot
		}
		if diff := cmp.Diff(canonical(want), canonical(parsed(t, name, out))); diff != "" {
			t.Fatalf("-want +got\n%s\n%q\n%q", diff, data, out)
		}
	})
}
