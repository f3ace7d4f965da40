package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// ignoreOrigin compares what a source says, and not where it says it.
var ignoreOrigin = cmp.FilterPath(func(p cmp.Path) bool {
	last := p.Last().String()
	return last == ".Origin" || last == ".Name" && p.Index(-2).Type() == reflect.TypeFor[File]()
}, cmp.Ignore())

func ptr[T any](v T) *T { return &v }

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func mustParse(t testing.TB, name string, data []byte, api API) *File {
	t.Helper()
	s, findings := Parse(name, data, api)
	if err := findings.Err(name); err != nil || len(findings) > 0 {
		t.Fatalf("%s: %v", name, findings)
	}
	return s
}

func TestParseMenu(t *testing.T) {
	s := mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner)
	if len(s.Menus) != 3 || s.Items() != 6 || len(s.VariantCategories) != 2 {
		t.Fatalf("%d menus, %d items, %d categories", len(s.Menus), s.Items(), len(s.VariantCategories))
	}
	kwetiau := s.Menus[1].Items[1]
	want := Item{
		ExternalID: "MI-002", Name: "Kwetiau Siram Seafood", Description: "Porsi besar 🦐", Price: Rp(41500),
		OperationalHours: &Hours{
			0: {{"17:00", "23:00"}},
			4: {{"11:00", "14:00"}, {"17:00", "23:59"}},
			5: {{"00:00", "01:00"}, {"11:00", "14:00"}, {"17:00", "23:59"}},
			6: {{"00:00", "02:00"}},
		},
	}
	if diff := cmp.Diff(want, kwetiau, ignoreOrigin); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	nasiUduk := s.Menus[0].Items[1]
	hours := *EveryDay(Window{"06:00", "10:00"})
	hours[6] = []Window{}
	if diff := cmp.Diff(&hours, nasiUduk.OperationalHours); diff != "" {
		t.Errorf("every_day: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"VC-PEDAS", "VC-TOPPING"}, nasiUduk.VariantCategoryExternalIDs); diff != "" {
		t.Errorf("alias: -want +got\n%s", diff)
	}
	if got := s.Menus[0].Items[0].Price; got != Rp(28000) {
		t.Errorf("28_000 is %v", got)
	}
	if got := s.VariantCategories[1].MaxQuantity; got != 2 {
		t.Errorf("max_quantity null is %d, want the number of variants", got)
	}
	if got := s.VariantCategories[1].Variants[1].Price; got != Rp(-1000) {
		t.Errorf("price %v", got)
	}
	if got := s.Menus[2].Items[0].ExternalID; got != "0012" {
		t.Errorf("external id %q", got)
	}
	if s.Menus[0].Items[0].InStock != nil || *s.Menus[1].Items[0].InStock {
		t.Error("in_stock")
	}
}

func TestPositions(t *testing.T) {
	yaml := "\ufeff# 日本\r\nmenus:\r\n  - name: Mi\r\n    menu_items:\r\n      - {external_id: A, 名: x, price: 1}\r\n"
	json := "\ufeff{\"menus\": [\n {\"name\": \"日本\", \"menu_items\": [{\"external_id\": \"A\",\n  \"名\": 1, \"price\": 5}]}]}"
	for name, tt := range map[string]struct {
		data string
		want []string
	}{
		"a.yaml": {yaml, []string{
			`a.yaml:5:9: menus[0].menu_items[0].name: name is missing`,
			`a.yaml:5:26: menus[0].menu_items[0]."\u540d": unknown key "名"`,
		}},
		"a.json": {json, []string{
			`a.json:2:32: menus[0].menu_items[0].name: name is missing`,
			`a.json:3:3: menus[0].menu_items[0]."\u540d": unknown key "名"`,
		}},
	} {
		s, findings := Parse(name, []byte(tt.data), Partner)
		var got []string
		for _, f := range findings {
			got = append(got, f.at(name))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		at := s.Menus[0].Items[0].Origin
		want := Position{5, 39}
		if name == "a.json" {
			want = Position{3, 20}
		}
		if at.Field("price") != want || at.Field("image") != at.Position {
			t.Errorf("%s: price at %v, image at %v", name, at.Field("price"), at.Field("image"))
		}
	}
}

// item wraps the fields of one item into a file.
func item(fields string) string {
	return "menus:\n  - name: M\n    menu_items:\n      - external_id: A\n        name: N\n" + fields
}

func TestFindings(t *testing.T) {
	const head = "a.yaml:6:"
	tests := []struct{ name, yaml, rule, at, hint string }{
		{"decimal price", item("        price: 25000.5\n"), RuleType, head + "16: menus[0].menu_items[0].price: the price is not a whole number of rupiah", "such as 25000"},
		{"decimal zero", item("        price: 25000.00\n"), RuleType, head + "16: ", "write 25000"},
		{"below one", item("        price: 0.9\n"), RuleType, head + "16: ", "such as 25000"},
		{"thousands of another", item("        price: 0.900\n"), RuleType, head + "16: ", "such as 25000"},
		{"groups and a half", item("        price: 25.500\n"), RuleType, head + "16: ", "write 25500"},
		{"zero in front of decimals", item("        price: 025.5\n"), RuleType, head + "16: ", "such as 25000"},
		{"quoted with cents", item("        price: \"5000.00\"\n"), RuleType, head + "16: ", "write 5000, without quotes"},
		{"quoted as in Indonesia", item("        price: \"Rp 18.000,00\"\n"), RuleType, head + "16: ", "write 18000, without quotes"},
		{"quoted as on a menu", item("        price: \"Rp. 1.250.000,-\"\n"), RuleType, head + "16: ", "write 1250000, without quotes"},
		{"quoted decimals", item("        price: \"12.5\"\n"), RuleType, head + "16: ", "write the number of rupiah in digits, without quotes"},
		{"quoted with odd groups", item("        price: \"18.0000\"\n"), RuleType, head + "16: ", "write the number of rupiah in digits, without quotes"},
		{"quoted with two ends", item("        price: \"18.000.00\"\n"), RuleType, head + "16: ", "write the number of rupiah in digits, without quotes"},
		{"quoted price", item("        price: \"25.000\"\n"), RuleType, head + "16: ", "write 25000, without quotes"},
		{"quoted price with currency", item("        price: Rp 25.000\n"), RuleType, head + "16: ", "write 25000, without quotes"},
		{"thousands point", item("        price: 25.000\n"), RuleType, head + "16: ", "write 25000 or 25"},
		{"exponent", item("        price: 1e9\n"), RuleType, head + "16: ", "write the number of rupiah in digits, such as 25000"},
		{"hexadecimal", item("        price: 0x10\n"), RuleType, head + "16: ", "such as 25000"},
		{"octal 012", item("        price: 025\n"), RuleType, head + "16: ", "write 25"},
		{"infinity", item("        price: .inf\n"), RuleType, head + "16: ", "such as 25000"},
		{"not a number", item("        price: .nan\n"), RuleType, head + "16: ", "such as 25000"},
		{"wrong groups", item("        price: 25_00\n"), RuleType, head + "16: ", "such as 25000"},
		{"too large", item("        price: 99999999999999999999\n"), RuleType, head + "16: ", "rupiah"},
		{"price is a list", item("        price: [1]\n"), RuleType, head + "16: ", "25000"},
		{"price is true", item("        price: true\n"), RuleType, head + "16: ", "25000"},
		{"no price", item(""), RuleRequired, "a.yaml:4:9: menus[0].menu_items[0].price: price is missing", ""},
		{"price null", item("        price:\n"), RuleRequired, "a.yaml:6:15: menus[0].menu_items[0].price: price is missing", ""},
		{"unknown key", item("        price: 1\n        in_stok: true\n"), RuleUnknownKey, "a.yaml:7:9: menus[0].menu_items[0].in_stok: unknown key \"in_stok\"", "did you mean in_stock"},
		{"live key", item("        price: 1\n        zzz: 1\n"), RuleUnknownKey, "a.yaml:7:9: ", "known here: external_id, name"},
		{"duplicate key", item("        price: 1\n        price: 2\n"), RuleDuplicateKey, "a.yaml:7:9: menus[0].menu_items[0].price: the key \"price\" is here twice, first on line 6", "keep one"},
		{"flag as text", item("        price: 1\n        in_stock: yes\n"), RuleType, "a.yaml:7:19: ", "true or false"},
		{"number as text", item("        price: 1\n        description: 7\n"), RuleType, "a.yaml:7:22: ", `put it in quotes: "7"`},
		{"date as text", item("        price: 1\n        description: 2026-01-05\n"), RuleType, "a.yaml:7:22: ", `put it in quotes: "2026-01-05"`},
		{"own tag", item("        price: !sen 1\n"), RuleType, "a.yaml:6:16: ", "25000"},
		{"key that is no text", item("        price: 1\n        1: x\n"), RuleUnknownKey, "a.yaml:7:9: ", "known here"},
		{"hours 24:00", item("        price: 1\n        operational_hours: {every_day: \"10:00-24:00\"}\n"), RuleHours24, "a.yaml:7:40: ", "write 23:59"},
		{"hours from 24:00", item("        price: 1\n        operational_hours: {every_day: \"24:00-02:00\"}\n"), RuleHours24, "a.yaml:7:40: ", "write 00:00"},
		{"hours to 24:30", item("        price: 1\n        operational_hours: {monday: [{start: \"18:00\", end: \"24:30\"}]}\n"), RuleHours24, "a.yaml:7:60: ", `write the short form, such as "17:00-02:00"`},
		{"hours 9:00", item("        price: 1\n        operational_hours: {monday: [{start: \"9:00\", end: \"10:00\"}]}\n"), RuleHoursFormat, "a.yaml:7:46: ", "write 09:00"},
		{"hours without end", item("        price: 1\n        operational_hours: {monday: [{start: \"09:00\"}]}\n"), RuleRequired, "a.yaml:7:38: ", ""},
		{"hours in words", item("        price: 1\n        operational_hours: {monday: [closed]}\n"), RuleHoursFormat, "a.yaml:7:38: ", "empty list"},
		{"day in Indonesian", item("        price: 1\n        operational_hours: {senin: []}\n"), RuleUnknownKey, "a.yaml:7:29: ", "known here: monday"},
		{"no menus", "variant_categories: []\n", RuleRequired, "a.yaml:1:1: menus: menus is missing", ""},
		{"menus is an object", "menus: {}\n", RuleType, "a.yaml:1:8: menus: this is an object, and not a list", ""},
		{"a list", "- menus\n", RuleType, "a.yaml:1:1: this is a list, and not a catalog", ""},
		{"blank name", "menus:\n  - name: \" \"\n", RuleRequired, "a.yaml:2:11: menus[0].name: name is empty", ""},
		{"no rules", "menus: []\nvariant_categories:\n  - {external_id: A, name: N, variants: []}\n", RuleRequired, "a.yaml:3:5: ", ""},
		{"no maximum", "menus: []\nvariant_categories:\n  - {external_id: A, name: N, variants: [], rules: {selection: {min_quantity: 0}}}\n", RuleRequired, "a.yaml:3:64: ", "null"},
		{"syntax", "menus: [\n", RuleSyntax, "a.yaml:", ""},
		{"tab", "menus:\n\t- name: x\n", RuleSyntax, "a.yaml:2:1: the YAML does not parse: found", "spaces"},
		{"unknown alias", "menus: *nope\n", RuleSyntax, "a.yaml:1:8: ", ""},
		{"two documents", "menus: []\n---\nmenus: []\n", RuleSyntax, "a.yaml:2:1: the file holds more than one YAML document", "---"},
		{"empty", " \n", RuleSyntax, "a.yaml:1:1: the file is empty", "catalog pull"},
		{"comments only", "# menu\n", RuleSyntax, "a.yaml:1:1: ", "catalog pull"},
		{"NUL", "menus: []\n# \x00\n", RuleSyntax, "a.yaml:2:3: control character U+0000", ""},
		{"not UTF-8", "menus: []\n# caf\xe9\n", RuleSyntax, "a.yaml:2:6: the text is not UTF-8", "UTF-8"},
		{"UTF-16", "\xff\xfem\x00e\x00", RuleSyntax, "a.yaml:1:1: the text is not UTF-8", "UTF-8"},
		{"spreadsheet", "PK\x03\x04\x14\x00", RuleSyntax, "a.yaml:1:1: ", "YAML or JSON"},
		{"cycle", "menus: &m [*m]\n", RuleType, "a.yaml:1:8: menus[0]: this is a list, and not a menu, an object", ""},
		{"deep", "menus: " + strings.Repeat("[", 500) + strings.Repeat("]", 500), RuleSyntax, "a.yaml:1:", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, findings := Parse("a.yaml", []byte(tt.yaml), Partner)
			if len(findings) != 1 {
				t.Fatalf("%d findings: %v", len(findings), findings)
			}
			f := findings[0]
			if f.Rule != tt.rule || f.Severity != SeverityError || !strings.HasPrefix(f.at("a.yaml"), tt.at) || !strings.Contains(f.Hint, tt.hint) {
				t.Errorf("%s %s\n%s\nhint %q\nwant %s %s…, hint …%q…", f.Severity, f.Rule, f.at("a.yaml"), f.Hint, tt.rule, tt.at, tt.hint)
			}
		})
	}
}

func TestJSONFindings(t *testing.T) {
	tests := []struct{ name, json, rule, at string }{
		{"unclosed", `{"menus": [`, RuleSyntax, "a.json:1:12: the JSON ends too early"},
		{"trailing comma", "{\"menus\": [],\n}", RuleSyntax, "a.json:1:13: the JSON does not parse: "},
		{"trailing text", "{\"menus\": []}\nx", RuleSyntax, "a.json:2:1: "},
		{"two values", "{\"menus\": []}\n{}", RuleSyntax, "a.json:2:1: "},
		{"comment", "// menu\n{}", RuleSyntax, "a.json:1:1: "},
		{"duplicate", "{\"menus\": [],\n \"menus\": []}", RuleDuplicateKey, "a.json:2:2: menus: "},
		{"escaped duplicate", "{\"menus\": [],\n \"m\\u0065nus\": []}", RuleDuplicateKey, "a.json:2:2: menus: "},
		{"lone surrogate", `{"menus": [], "request_id": "\ud800"}`, RuleSyntax, "a.json:1:"},
		{"price as text", `{"menus":[{"name":"M","menu_items":[{"external_id":"A","name":"N","price":"25000"}]}]}`, RuleType, "a.json:1:75: menus[0].menu_items[0].price: "},
		{"decimals", `{"menus":[{"name":"M","menu_items":[{"external_id":"A","name":"N","price":25000.0}]}]}`, RuleType, "a.json:1:75: "},
		{"deep", `{"menus":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`, RuleSyntax, "a.json:1:"},
		{"very deep", `{"menus":` + strings.Repeat("[", 1_000_000), RuleSyntax, "a.json:1:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, findings := Parse("a.json", []byte(tt.json), Partner)
			if len(findings) != 1 || findings[0].Rule != tt.rule || !strings.HasPrefix(findings[0].at("a.json"), tt.at) {
				t.Errorf("got %v, want %s %s", findings, tt.rule, tt.at)
			}
		})
	}
}

func TestFormatByExtensionThenContent(t *testing.T) {
	const json = `{"menus": [{"name": "\ud83c\udf5c"}]}`
	const yaml = "menus: [{name: 🍜}]"
	for name, data := range map[string]string{"a.json": json, "a.yaml": yaml, "a.YML": yaml, "-": json, "menu": yaml, "b.yaml": json} {
		s, findings := Parse(name, []byte(data), Partner)
		if len(findings) > 0 || s.Menus[0].Name != "🍜" {
			t.Errorf("%s: %v", name, findings)
		}
	}
	if _, findings := Parse("a.json", []byte(yaml), Partner); len(findings) != 1 || findings[0].Rule != RuleSyntax {
		t.Errorf("YAML under a JSON name: %v", findings)
	}
}

func TestAllFindingsAtOnceAndBounded(t *testing.T) {
	_, findings := Parse("a.yaml", []byte("menus:\n  - nam: x\n    menu_items:\n      - {price: x}\n      - {external_id: 1}\nfoo: 1\n"), Partner)
	if len(findings) < 8 {
		t.Errorf("only %d findings: %v", len(findings), findings)
	}
	for i := range findings[1:] {
		if findings[i].Line > findings[i+1].Line {
			t.Errorf("not in the order of the file: %v", findings)
		}
	}
	err := findings.Err("a.yaml")
	if err == nil || !strings.HasPrefix(err.Error(), "a.yaml:2:5: ") || !strings.Contains(err.Error(), fmt.Sprintf("and %d more", len(findings)-1)) {
		t.Errorf("error %v", err)
	}
	_, findings = Parse("a.yaml", []byte("menus:\n"+strings.Repeat("  - 1\n", MaxFindings+5000)), Partner)
	if len(findings) != MaxFindings {
		t.Errorf("%d findings", len(findings))
	}
}

func TestMergeKeys(t *testing.T) {
	s := mustParse(t, "a.yaml", []byte(`
menus:
  - name: Minuman
    menu_items:
      - &kopi {external_id: T1, name: Kopi, price: 5000, operational_hours: {every_day: "08:00-20:00"}}
      - {<<: *kopi, external_id: T2, name: Kopi Susu}
      - <<: [*kopi, {description: x}]
        external_id: T3
`), Partner)
	items := s.Menus[0].Items
	if items[1].Name != "Kopi Susu" || items[1].Price != Rp(5000) || items[2].Name != "Kopi" || items[2].Description != "x" ||
		!items[2].OperationalHours.same(items[0].OperationalHours) {
		t.Errorf("%+v", items)
	}
}

func TestAliasBombIsRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("menus:\n  - name: M\n    menu_items: &items\n      - &item {external_id: A, name: N, price: 1, operational_hours: {every_day: [&w \"10:00-11:00\"" + strings.Repeat(", *w", 200) + "]}}\n")
	b.WriteString(strings.Repeat("      - *item\n", 200))
	b.WriteString(strings.Repeat("  - {name: M, menu_items: *items}\n", 500))
	limits := document.Limits{Values: 100_000, Aliased: 20_000}
	read, findings := parse("bomb.yaml", []byte(b.String()), Partner, limits)
	if len(findings) != 1 || findings[0].Rule != RuleSyntax || !strings.Contains(findings[0].Message, "aliases") {
		t.Errorf("%v", findings)
	}
	if n := read.Items(); n > limits.Aliased+1000 {
		t.Errorf("%d items were read all the same", n)
	}
	_, findings = Parse("merge.yaml", []byte("menus:\n  - &m {<<: *m}\n"), Partner)
	if len(findings) == 0 || findings[0].Rule != RuleType || !strings.Contains(findings[0].Path, "<<") {
		t.Errorf("an object that merges itself: %v", findings)
	}
}

func TestFileTooLarge(t *testing.T) {
	s, findings := Parse("big.yaml", make([]byte, MaxFileSize+1), Partner)
	if s != nil || len(findings) != 1 || findings[0].at("big.yaml") != "big.yaml:1:1: the file has 17 MiB, more than the 16 that a catalog may have" || findings[0].Hint == "" {
		t.Errorf("%v", findings)
	}
}

func TestEnterprisePricesMayHaveSen(t *testing.T) {
	for literal, want := range map[string]Price{
		"13200.5": {13200, 50}, "13200.05": {13200, 5}, "13200": {13200, 0}, "-0.5": {0, -50}, "-7.25": {-7, -25},
	} {
		s := mustParse(t, "a.yaml", []byte(item("        price: "+literal+"\n")), Enterprise)
		if got := s.Menus[0].Items[0].Price; got != want {
			t.Errorf("%s is %+v", literal, got)
		}
		if got := want.String(); got != literal {
			t.Errorf("%+v is written %s", want, got)
		}
	}
	for _, literal := range []string{"25.000", "1.2345", "1.", ".5"} {
		if _, findings := Parse("a.yaml", []byte(item("        price: "+literal+"\n")), Enterprise); len(findings) != 1 {
			t.Errorf("%s: %v", literal, findings)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a.yaml", readFile(f, "warung.yaml"))
	f.Add("a.json", readFile(f, "eim_menu.json"))
	f.Add("a.yaml", []byte("menus: &m [*m]\n<<: *m"))
	f.Add("a.yaml", []byte("menus:\n  - &m {<<: [*m, *m]}\n"))
	f.Add("a.yaml", []byte(item("        price: 0.5\n        operational_hours: {sunday: \"23:00-01:00\", every_day: \"00:00-00:00\"}\n")))
	f.Add("a.json", []byte(`{"menus":[{"name":"\ud83c\udf5c","menu_items":[{"price":-0.0}]}]}`))
	f.Add("-", []byte("\ufeff{\"menus\":[null]}"))
	f.Add("a.yaml", []byte("menus:\n---\nmenus: []\n"))
	f.Add("a.yaml", []byte("menus: # \u2028x\uffff"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		for _, api := range []API{Partner, Enterprise} {
			s, findings := Parse(name, data, api)
			for _, finding := range CheckParsed(s, findings, RuleSetOf(api)) {
				if strings.ContainsAny(finding.at(name[:0])+finding.Hint, "\x00\x1b\r\n\u009b") {
					t.Errorf("control characters in %q", finding.at("")+finding.Hint)
				}
				if finding.Line < 1 || finding.Column < 1 || finding.Rule == "" || finding.Message == "" {
					t.Errorf("%+v", finding)
				}
			}
			if s == nil || len(findings) > 0 {
				continue
			}
			yaml, err := EncodeYAML(s, nil)
			if err != nil {
				t.Fatal(err)
			}
			json, err := EncodeJSON(s)
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range map[string][]byte{"a.yaml": yaml, "a.json": json} {
				again, findings := Parse(name, data, api)
				if len(findings) > 0 {
					t.Fatalf("%s does not read back: %v\n%s", name, findings, data)
				}
				if diff := cmp.Diff(s, again, ignoreOrigin, empties); diff != "" {
					t.Fatalf("%s: -want +got\n%s\n%s", name, diff, data)
				}
			}
			if _, err := s.Build(BuildOptions{API: Partner}); err != nil && api == Partner {
				t.Error(err)
			}
		}
	})
}

// empties takes a nil list for an empty one.
var empties = cmp.FilterValues(func(a, b []Menu) bool { return len(a) == 0 && len(b) == 0 }, cmp.Ignore())
