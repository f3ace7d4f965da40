package catalog

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// readBoth reads a file as a whole and in runs of about size bytes. It tells
// whether the runs were enough.
func readBoth(t failer, name string, data []byte, size int) (inRuns bool) {
	t.Helper()
	whole, runs := readerOf(MaxFileSize), readerOf(size)
	wantSource, wantFindings := whole.parse(name, data)
	source, findings := runs.parse(name, data)
	if !reflect.DeepEqual(findings, wantFindings) {
		t.Fatalf("runs of %d bytes: findings %+v\nas a whole %+v\n%s", size, findings, wantFindings, data)
	}
	if !reflect.DeepEqual(source, wantSource) {
		t.Fatalf("runs of %d bytes: %+v\nas a whole %+v\n%s", size, source, wantSource, data)
	}
	if runs.aliasNodes != whole.aliasNodes || runs.entities != whole.entities {
		t.Fatalf("runs of %d bytes count %d values of aliases and %d entities, as a whole %d and %d\n%s",
			size, runs.aliasNodes, runs.entities, whole.aliasNodes, whole.entities, data)
	}
	text := readerOf(size).readable(data)
	if text == nil || isJSON(name, text) {
		return false
	}
	again, _ := readerOf(size).sourceInRuns(text)
	return again != nil
}

// readerOf reads in runs of about size bytes, and has an end of aliases soon.
func readerOf(size int) *reader {
	r := &reader{api: Partner, limits: usualLimits}
	r.limits.run, r.limits.aliasNodes = size, 2000
	return r
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

var runSizes = []int{1, 40, 200, 1000}

func TestRunsOfTestdata(t *testing.T) {
	files, inRuns := 0, 0
	err := filepath.WalkDir("testdata", func(name string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(name); err != nil || ext != ".yaml" && ext != ".json" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		for _, size := range runSizes {
			if readBoth(t, name, data, size) {
				inRuns++
			}
		}
		return nil
	})
	if err != nil || files < 50 || inRuns < 50 {
		t.Errorf("%d files, %d readings in runs, %v", files, inRuns, err)
	}
}

// oddRuns are files in which lines look like what they are not. inRuns is
// whether they are read in runs of one element all the same.
var oddRuns = []struct {
	name   string
	inRuns bool
	text   string
}{
	{"plain", true, "menus:\n- name: M\n  menu_items:\n  - external_id: A\n    name: N\n    price: 1\n  - external_id: B\n    name: N\n    price: 2\n"},
	{"dashes under the key", true, "menus:\n- name: M\n  menu_items:\n  - {external_id: A, name: N, price: 1}\n  - {external_id: B}\nvariant_categories:\n- {external_id: C}\n- external_id: D\n"},
	{"dashes and values on lines of their own", true, "menus:\n  -\n    menu_items:\n      -\n        external_id: A\n      -\n      - # c\n        name: N\n"},
	{"key behind a dash", true, "menus:\n  - menu_items:\n      - {name: N}\n    name: M\n  - menu_items: # all\n    - {name: N}\n"},
	{"comments", true, "menus: # m\n# a\n- name: M\n  menu_items: # b\n  # c\n\n# d\n  - name: N # e\n# f\n    price: 1\n     # g\n\n  - name: O\n\n# h\n"},
	{"no line break at the end", true, "menus:\n- menu_items:\n  - name: N\n  - name: O"},
	{"CRLF", true, "menus:\r\n- menu_items:\r\n  - name: N\r\n\r\n  -\r\n    name: |\r\n      O\r\n  # c\r\n  - name: P\r\n"},
	{"spaces at the ends of lines", true, "menus: \n- menu_items:   \n  -  name: N \n     price: 1  \n     \n  - name: O   \n   \n"},
	{"block texts that keep empty lines", true, "menus:\n- menu_items:\n  - name: |+\n      N\n\n\n  - name: >-\n\n      O\n       P\n\n  - description: |2+\n       x\n\n\n  name: M\n"},
	{"block text with keys and dashes", false, "menus:\n- name: |\n    menu_items:\n    - a\n    - b\n  menu_items:\n  - description: |\n      menu_items:\n      - x\n  - name: O\n"},
	{"block text only", false, "menus:\n- name: |\n    menu_items:\n    - ~\n    - b\n"},
	{"empty block text", true, "menus:\n- menu_items:\n  - name: |\n  - description: >+\n\n  - name: O\n"},
	{"texts over several lines", true, "menus:\n- menu_items:\n  - name: N\n      - O\n     P\n  - name: \"a\n\n      - b\n      c\"\n    description: 'd\n     - e'\n"},
	{"quoted text with a line like an element", false, "menus:\n- menu_items:\n  - name: \"a\n  - b\n  c\"\n  - name: O\n"},
	{"quoted text with a line like a key", false, "menus:\n- name: \"a\n  menu_items:\n  - b\"\n  menu_items: []\n"},
	{"quoted text with a line like a comment", true, "menus:\n- menu_items:\n  - name: \"a\n# b\n\n    c\"\n  - name: O\n"},
	{"plain text with a line like an element", false, "menus:\n- name: a\n   menu_items\n  variant_categories:\n    b\n  - c\n"},
	{"brackets over several lines", true, "menus:\n- menu_items:\n  - {name: N,\n     price: 1}\n  - [a,\n     b]\n"},
	{"brackets with a line like an element", false, "menus:\n- menu_items:\n  - [a,\n  - b]\n"},
	{"brackets around a key", false, "menus: [{name: M,\n  menu_items:\n  - a\n}]\n"},
	{"anchors and aliases", true, "menus:\n- menu_items:\n  - &a\n    name: N\n    operational_hours: &h {every_day: 10:00-11:00}\n  - *a\n  - {<<: *a, name: O}\n  - operational_hours: *h\n"},
	{"anchor above all lists", true, "defaults:\n  operational_hours: &h {every_day: \"10:00-11:00\"}\nmenus:\n- menu_items:\n  - operational_hours: *h\n  - name: N\n"},
	{"anchor in the other list", false, "variant_categories:\n- {name: &n N}\nmenus:\n- menu_items:\n  - name: *n\n"},
	{"alias behind all lists", false, "menus:\n- menu_items:\n  - operational_hours: &h {every_day: \"10:00-11:00\"}\n  - name: N\ndefaults:\n  operational_hours: *h\n"},
	{"an anchor twice", false, "menus:\n- menu_items:\n  - name: &n N\n  - name: *n\n  - name: &n O\n  - name: *n\n"},
	{"an anchor below its alias", false, "menus:\n- menu_items:\n  - name: *n\n  - name: N\ndefaults: {in_stock: &n true}\n"},
	{"an anchored key", false, "menus:\n- menu_items:\n  - &k name: N\n  - name: *k\n"},
	{"an anchored list", false, "menus:\n- menu_items: &m\n  - name: N\n  - name: O\n- menu_items: *m\n"},
	{"an anchored menu", false, "menus:\n- &m\n  menu_items:\n  - name: N\n  - name: O\n- *m\n"},
	{"an item that is all menus", true, "menus: &m\n- menu_items:\n  - *m\n  - name: O\n"},
	{"an item that has itself", true, "menus:\n- menu_items:\n  - &i [*i]\n  - &j {<<: *j}\n"},
	{"unknown alias", false, "menus:\n- menu_items:\n  - *a\n  - name: O\n"},
	{"tabs", false, "menus:\n- menu_items:\n  - name: N\n\t- name: O\n"},
	{"a text that goes on behind a tab", false, "menus:\n- menu_items:\n  - name: N\n\tO\n  - name: P\n"},
	{"a tab behind a dash", false, "menus:\n- menu_items:\n  - name: N\n  -\tname: O\n"},
	{"a tab behind a key", true, "menus:\n- menu_items:\n  - name:\tN\n  - name: O\t# c\n"},
	{"document markers", true, "---\nmenus:\n- menu_items:\n  - name: N\n  - name: O\n...\n"},
	{"two documents", false, "menus:\n- menu_items:\n  - name: N\n---\nmenus: []\n"},
	{"a document behind an element", false, "variant_categories:\n- name: N\n--- \n- name: O\n"},
	{"a directive", false, "%YAML 1.1\n---\nmenus:\n- menu_items:\n  - name: N\n"},
	{"a tag of one's own", false, "%TAG !! tag:example.com,2026:\n---\nmenus:\n- menu_items:\n  - name: !!str N\n"},
	{"tags", true, "menus:\n- menu_items:\n  - !!map {name: !!str 5}\n  - !x {name: !y N}\n"},
	{"a tagged list", true, "menus:\n- menu_items: !!seq\n  - name: N\n- menu_items:\n  - name: O\n"},
	{"explicit keys", false, "menus:\n- ? menu_items\n  : - name: N\n    - name: O\n"},
	{"explicit keys in an element", true, "menus:\n- menu_items:\n  - ? name\n    : N\n  - : 1\n"},
	{"an explicit key without a value", false, "menus:\n- menu_items:\n  - ? price\n  - ? name\n\n  # c\n  name: M\n"},
	{"an explicit key that is empty", true, "menus:\n- menu_items:\n  - ?\n  - name: N\n"},
	{"a key twice", false, "menus:\n- menu_items:\n  - name: N\n  menu_items:\n  - name: O\n"},
	{"a list in a place of its own", false, "x:\n  menu_items:\n  - name: N\nmenus: []\n"},
	{"a list in a list", true, "menus:\n- menu_items:\n  - - name: N\n  - - - O\n    - P\n"},
	{"an element that is null", true, "menus:\n- menu_items:\n  - ~\n  -\n  - null\nvariant_categories:\n- ~\n"},
	{"an item with a list of items", true, "menus:\n- menu_items:\n  - menu_items:\n    - name: N\n  - name: O\n"},
	{"a null where another list is cut", true, "variant_categories:\n    - name: C\nmenus:\n- menu_items:\n  - variant_category_external_ids:\n    - ~\n"},
	{"indented too far", false, "menus:\n- menu_items:\n  - name: N\n   - name: O\n  - name: P\n"},
	{"indented too little", false, "menus:\n- menu_items:\n    - name: N\n   - name: O\n"},
	{"a key among elements", false, "menus:\n- menu_items:\n    - name: N\n    price: 1\n"},
	{"an error in an element", false, "menus:\n- menu_items:\n  - name: N\n  - name: a: b\n"},
	{"nested too deep", false, "menus:\n- menu_items:\n  - name: N\n  - " + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "\n"},
	{"nested as deep as it may", true, "menus:\n- menu_items:\n  - name: N\n  - " + strings.Repeat("[", 61) + strings.Repeat("]", 61) + "\n"},
	{"nested one level too deep", false, "menus:\n- menu_items:\n  - name: N\n  - " + strings.Repeat("[", 62) + strings.Repeat("]", 62) + "\n"},
	{"line breaks of YAML 1.1", false, "menus:\n- menu_items:\n  - name: a\u2028b\n  - name: O\n"},
	{"a lone carriage return", false, "menus:\n- menu_items:\n  - name: N # a\r    price: x\n  - name: O\n"},
	{"a byte order mark inside", false, "menus:\n- menu_items:\n  - name: a\n\ufeff  - name: O\n"},
}

func TestOddRuns(t *testing.T) {
	for _, tt := range oddRuns {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range runSizes {
				if got := readBoth(t, "a.yaml", []byte(tt.text), size); size == 1 && got != tt.inRuns {
					t.Errorf("read in runs: %t", got)
				}
			}
		})
	}
}

// oddJSON are files whose lists are read one element at a time.
var oddJSON = []string{
	`{"menus": [{"menu_items": [], "name": "M"}], "variant_categories": []}`,
	"{\"menus\": [\n{\"menu_items\": [ {\"name\": 5} ,\n  {\"price\": \"é\", \"x\": [1, {\"y\": []}]}, null, [], \"a\"], \"nam\": 1}]}",
	`{"variant_categories": [{"variants": [{}, {"menu_items": [{}]}]}], "menus": {"menu_items": [1]}}`,
	`{"menus": [{"menu_items": [{"name": 1}], "menu_items": [{"name": 2}]}]}`,
	`{"menus": [{"menu_items": [{"name": 1}, ]}]}`,
	`{"menus": [{"menu_items": [{"name": 1} {"name": 2}]}]}`,
	`{"menus": [{"menu_items": [{"name": 1}`,
	`{"menus": [{"menu_items": [{"name": 1, "price"}]}]}`,
	`{"menus": [{"menu_items": [{"name": 1, "price": }]}]}`,
	`{"menus": [{"menu_items": [{5: 1}]}]}`,
	`{"menus": [{"menu_items": [1}]}`,
	`{"menus": [{"menu_items": [{"name": "\ud800"}]}]}`,
	`{"menus": [{"menu_items": [{"name": 1}, {"name": 01}]}]}`,
	`{"menus": [{"menu_items": [{"name": 1}, ` + strings.Repeat("[", 59) + strings.Repeat("]", 59) + `]}]}`,
	`{"menus": [{"menu_items": [{"name": 1}, ` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `]}]}`,
	`{"menus": [{"menu_items": [{"name": 1}, ` + strings.Repeat("[", 61) + "}]}]}",
	strings.Repeat(`{"menu_items":`, 63) + "[[]]" + strings.Repeat("}", 63),
	strings.Repeat(`{"menu_items":`, 64) + "[]" + strings.Repeat("}", 64),
}

func TestOddJSONRuns(t *testing.T) {
	for _, text := range oddJSON {
		readBoth(t, "a.json", []byte(text), 1)
	}
	s := mustParse(t, "a.json", []byte(`{"menus":[{"name":"M","menu_items":[{"external_id":"A","name":"N","price":1}`+strings.Repeat(` `, 200<<10)+`,{"external_id":"B","name":"N","price":1}]}]}`), Partner)
	if items := s.Menus[0].Items; len(items) != 2 || items[1].Origin.Position != (Position{1, 78 + 200<<10}) {
		t.Errorf("%+v", items)
	}
}

// TestRunsOfGeneratedCatalogs reads catalogs as people write them.
func TestRunsOfGeneratedCatalogs(t *testing.T) {
	files, inRuns := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		data := []byte(yamlInStyle(rt))
		for _, size := range runSizes {
			files++
			if readBoth(rt, "a.yaml", data, size) {
				inRuns++
			}
		}
	})
	if inRuns < files/4 {
		t.Errorf("%d of %d readings were in runs", inRuns, files)
	}
}

// TestRunsOfAnyLines reads lines of a catalog in any order and indentation: most
// are no YAML.
func TestRunsOfAnyLines(t *testing.T) {
	lines := rapid.SampledFrom([]string{
		"menus:", "- name: M", "  menu_items:", "  - menu_items:", "  - name: N", "    price: 1", "  - {name: N,", "    price: 1}", "  - [a, b]", "  -", "  - - x", "",
		"# c", "    # c", "  # c", "    description: |", "      text", "    description: >+", "  - |", "    text", "    menu_items:", "  name: \"a", "    b\"", "    name: 'a", "  - b'", "    c",
		"  - &a {name: N}", "  - *a", "    <<: *a", "    <<: [*a, *b]", "  - &b", "variant_categories:", "- ~", "- name: C", "- ? name", "  : N", "  ?", "---", "...", "    operational_hours: &h", "    name: *h",
		"  - !!str x", "  - ~", "   ", "defaults: {in_stock: true}", "    x: a", "      b", "    variants:", "    - name: V", "  variant_categories: # c",
	})
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 14).Draw(rt, "lines") {
			line := lines.Draw(rt, "line")
			switch rapid.IntRange(0, 11).Draw(rt, "shift") {
			case 0:
				line = "  " + line
			case 1:
				line = " " + line
			case 2:
				line = strings.TrimPrefix(line, "  ")
			case 3:
				line += " \t"
			}
			b.WriteString(line + rapid.SampledFrom([]string{"\n", "\n", "\n", "\n", "\n", "\n", "\n", "\r\n", "\n\n"}).Draw(rt, "end"))
		}
		text := b.String()
		if rapid.Bool().Draw(rt, "menu") {
			text = "menus:\n- name: M\n  menu_items:\n  - name: N\n" + text
		}
		if rapid.IntRange(0, 4).Draw(rt, "cut") == 0 {
			text = strings.TrimRight(text, "\r\n")
		}
		for _, size := range runSizes[:2] {
			readBoth(rt, "a.yaml", []byte(text), size)
		}
	})
}

// yamlInStyle writes a menu as a person, a program or another tool would.
func yamlInStyle(t *rapid.T) string {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	chance := func(one int, name string) bool { return rapid.IntRange(1, one).Draw(t, name) == 1 }
	step, compact := rapid.SampledFrom([]int{2, 3, 4, 8}).Draw(t, "indentation"), rapid.Bool().Draw(t, "compact lists")
	anchors := chance(3, "anchors")
	var b strings.Builder
	line := func(indent int, text string) {
		b.WriteString(strings.Repeat(" ", indent) + text + "\n")
		if chance(12, "remark") {
			b.WriteString(strings.Repeat(" ", rapid.IntRange(0, 12).Draw(t, "at")) + pick("empty", "", "# remark", "# - menu_items:") + "\n")
		}
	}
	below := func(indent int) int { // of the dashes of a list, under its key
		if compact {
			return indent
		}
		return indent + step
	}
	n := 0
	item := func(indent int) {
		n++
		if anchors && n > 2 && chance(6, "alias") {
			line(indent, pick("alias", "- *i1", "- {<<: *i1, external_id: X}", "- <<: [*i1, *i2]\n"+strings.Repeat(" ", indent+2)+"name: N"))
			return
		}
		anchor := ""
		if anchors && n < 3 {
			anchor = fmt.Sprintf("&i%d ", n)
		}
		if chance(4, "flow") {
			line(indent, "- "+anchor+pick("item", "{external_id: A, name: N, price: 1}", "{external_id: A,\n"+strings.Repeat(" ", indent+4)+"name: N, # remark\n"+strings.Repeat(" ", indent+3)+"price: 25.5}", "~", "{}"))
			return
		}
		inner := indent + 2
		if anchor != "" || chance(5, "dash alone") {
			line(indent, strings.TrimRight("- "+anchor, " "))
			inner = indent + step
			line(inner, fmt.Sprintf("external_id: A%d", n))
		} else {
			line(indent, fmt.Sprintf("- external_id: A%d", n))
		}
		spaces := strings.Repeat(" ", inner+2)
		line(inner, "name: "+pick("name", "Nasi Goreng", "'it''s'", `"a \u00e9"`, "ayam # remark", "|-\n"+spaces+"menu_items:\n"+spaces+"- a", ">\n"+spaces+"one\n\n"+spaces+"two\n", "\"one\n"+spaces+"- two\"", "one\n"+spaces+"- two\n"+spaces+"three"))
		line(inner, "price: "+pick("price", "1", "25_000", `"25.000"`, "1.5", "", "-3"))
		if chance(3, "hours") {
			line(inner, "operational_hours: "+pick("hours", `{every_day: "10:00-22:00"}`, "{monday: [{start: \"09:00\", end: \"10:00\"}], sunday: null}", "\n"+spaces+"every_day: [\"22:00-02:00\"]\n"+spaces+"monday: []"))
		}
		if chance(3, "references") {
			line(inner, "variant_category_external_ids: "+pick("references", "[V, W]", "[]", "\n"+strings.Repeat(" ", below(inner))+"- V\n"+strings.Repeat(" ", below(inner))+"- W", "[V,\n"+spaces+"W]"))
		}
	}
	b.WriteString(pick("begin", "", "", "---\n", "# remark\n", "\ufeff", "defaults: {in_stock: true}\n"))
	line(0, "menus:"+pick("behind the key", "", "", " ", " # remark"))
	for range rapid.IntRange(1, 3).Draw(t, "menus") {
		dash := below(0)
		line(dash, "- name: "+pick("menu", "Mi", "|\n"+strings.Repeat(" ", dash+4)+"Mi\n"))
		line(dash+2, "menu_items:"+pick("behind the key", "", "", " ", "  # remark"))
		for range rapid.IntRange(1, 6).Draw(t, "items") {
			item(below(dash + 2))
		}
	}
	if rapid.Bool().Draw(t, "categories") {
		line(0, "variant_categories:")
		for range rapid.IntRange(1, 3).Draw(t, "categories") {
			dash := below(0)
			line(dash, "- external_id: V")
			line(dash+2, "rules: {selection: {min_quantity: 0, max_quantity: "+pick("maximum", "1", "null", "x")+"}}")
			line(dash+2, "variants:")
			line(below(dash+2), "- {external_id: A, name: B, price: 1}")
		}
	}
	b.WriteString(pick("end", "", "", "...\n", "# remark", "defaults: *i1\n", "request_id: x"))
	text := b.String()
	if chance(5, "CRLF") {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}
