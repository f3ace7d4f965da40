package catalog

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// What a reader may meet: each gives a finding with its place, or the right
// value. line 0 stands for a file that reads.
func TestHostileInput(t *testing.T) {
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	var bomb strings.Builder
	bomb.WriteString("menus:\n  - name: &a0 [x, x]\n")
	for i := range 40 {
		fmt.Fprintf(&bomb, "    k%d: &a%d [%s]\n", i, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	jsonItem := func(price string) string {
		return `{"menus":[{"name":"M","menu_items":[{"external_id":"A","name":"N","price":` + price + `}]}]}`
	}
	price := func(s string) string { return item("        price: " + s + "\n") }
	tests := []struct {
		name, file, data string
		rule             string
		line, column     int
		price            int64
	}{
		{"YAML: alias bomb", "a.yaml", bomb.String(), RuleType, 2, 11, 0},
		{"YAML: 10,000 levels", "a.yaml", "menus: " + deep, RuleSyntax, 1, 0, 0},
		{"YAML: 10,000 levels of blocks", "a.yaml", strings.Repeat("- ", 10_000) + "x\n", RuleSyntax, 1, 0, 0},
		{"JSON: 10,000 levels", "a.json", `{"menus":` + deep + `}`, RuleSyntax, 1, 0, 0},
		{"YAML: duplicate key", "a.yaml", price("1") + "        price: 2\n", RuleDuplicateKey, 7, 9, 0},
		{"JSON: duplicate key", "a.json", jsonItem("1,\n\"price\":2"), RuleDuplicateKey, 2, 1, 0},
		{"YAML: BOM", "a.yaml", "\ufeff" + price("25000"), "", 0, 0, 25000},
		{"JSON: BOM", "a.json", "\ufeff" + jsonItem("25000"), "", 0, 0, 25000},
		{"YAML: BOM inside", "a.yaml", price("\ufeff25000"), RuleType, 6, 16, 0},
		{"YAML: CRLF", "a.yaml", strings.ReplaceAll(price("25000"), "\n", "\r\n"), "", 0, 0, 25000},
		{"JSON: CRLF", "a.json", strings.ReplaceAll(jsonItem("\n25000"), "\n", "\r\n"), "", 0, 0, 25000},
		{"YAML: tab", "a.yaml", "menus:\n\t- name: M\n", RuleSyntax, 2, 1, 0},
		{"JSON: tabs", "a.json", strings.ReplaceAll(jsonItem("25000"), ",", ",\t"), "", 0, 0, 25000},
		{"YAML: NUL", "a.yaml", price("25\x00000"), RuleSyntax, 6, 18, 0},
		{"JSON: NUL", "a.json", jsonItem("25\x00000"), RuleSyntax, 1, 77, 0},
		{"JSON: escaped NUL", "a.json", strings.Replace(jsonItem(`"\u0000"`), "N", "N", 1), RuleType, 1, 75, 0},
		{"YAML: not UTF-8", "a.yaml", price("\xff"), RuleSyntax, 6, 16, 0},
		{"JSON: not UTF-8", "a.json", jsonItem("\"\xc3\x28\""), RuleSyntax, 1, 76, 0},
		{"YAML: 1e9", "a.yaml", price("1e9"), RuleType, 6, 16, 0},
		{"JSON: 1e9", "a.json", jsonItem("1e9"), RuleType, 1, 75, 0},
		{"YAML: .inf", "a.yaml", price(".inf"), RuleType, 6, 16, 0},
		{"YAML: -.INF", "a.yaml", price("-.INF"), RuleType, 6, 16, 0},
		{"JSON: Infinity", "a.json", jsonItem("Infinity"), RuleSyntax, 1, 75, 0},
		{"YAML: 0x10", "a.yaml", price("0x10"), RuleType, 6, 16, 0},
		{"JSON: 0x10", "a.json", jsonItem("0x10"), RuleSyntax, 1, 76, 0},
		{"YAML: 0o20", "a.yaml", price("0o20"), RuleType, 6, 16, 0},
		{"YAML: 025", "a.yaml", price("025"), RuleType, 6, 16, 0},
		{"JSON: 025", "a.json", jsonItem("025"), RuleSyntax, 1, 76, 0},
		{"YAML: quoted 25.000", "a.yaml", price(`"25.000"`), RuleType, 6, 16, 0},
		{"JSON: quoted 25.000", "a.json", jsonItem(`"25.000"`), RuleType, 1, 75, 0},
		{"YAML: 25.000", "a.yaml", price("25.000"), RuleType, 6, 16, 0},
		{"YAML: 25_000", "a.yaml", price("25_000"), "", 0, 0, 25000},
		{"JSON: 25_000", "a.json", jsonItem("25_000"), RuleSyntax, 1, 77, 0},
		{"YAML: 1:30", "a.yaml", price("1:30"), RuleType, 6, 16, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, findings := Parse(tt.file, []byte(tt.data), Partner)
			if tt.line == 0 {
				if len(findings) > 0 || s.Menus[0].Items[0].Price != Rp(tt.price) {
					t.Fatalf("%v", findings)
				}
				return
			}
			if len(findings) == 0 {
				t.Fatalf("no finding; read as %+v", s)
			}
			f := findings[0]
			if f.Rule != tt.rule || f.Line != tt.line || f.Column < 1 || tt.column > 0 && f.Column != tt.column {
				t.Errorf("%s %s, want %s at %d:%d", f.Rule, f.at(tt.file), tt.rule, tt.line, tt.column)
			}
			var invalid *InvalidError
			if merged, _, err := Merge(tt.file, []byte(tt.data), &Live{}); !errors.As(err, &invalid) || merged != nil {
				t.Errorf("a merge over it: %v\n%s", err, merged)
			}
		})
	}
}

// Size is refused before anything is parsed: nothing is allocated for it.
func TestHugeFilesAreRefusedBySize(t *testing.T) {
	data := make([]byte, 100<<20)
	for _, name := range []string{"big.yaml", "big.json"} {
		var findings Findings
		allocated := allocations(func() { _, findings = Parse(name, data, Partner) })
		if len(findings) != 1 || findings[0].Rule != RuleSyntax || !strings.Contains(findings[0].Message, "100 MiB") {
			t.Errorf("%s: %v", name, findings)
		}
		if allocated > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, allocated)
		}
	}
}

// A file with 10,000 problems costs not much more than one without: less than twice as
// much, and with the race detector, which empties pools, less than eight times.
func TestManyProblemsAreBounded(t *testing.T) {
	file := func(line string) []byte {
		return []byte("menus:\n  - name: M\n    menu_items:\n" + strings.Repeat("      - {external_id: A, name: N, "+line+"}\n", 10_000))
	}
	good, bad := file("price: 25000"), file("price: \"25\"")
	var findings Findings
	of := allocations(func() { Parse("a.yaml", good, Partner) })
	with := allocations(func() { _, findings = Parse("a.yaml", bad, Partner) })
	if len(findings) == 0 || len(findings) > 20_000 {
		t.Errorf("%d findings", len(findings))
	}
	if with > 8*of {
		t.Errorf("%d bytes are allocated with problems, %d without", with, of)
	}
}

// allocations counts the bytes that a function allocates, also those that are
// free again at its end.
func allocations(run func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
