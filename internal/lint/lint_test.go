package lint

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// made is a report with text that each format has to escape.
func made() *Report {
	r := &Report{}
	r.Add("a,b:c d.yaml", catalog.Findings{
		{Rule: "price", Severity: "error", Message: "100% <wrong>\n::error::x", Path: "menus[0].name", Position: catalog.Position{Line: 3, Column: 7}, Hint: "correct it"},
		{Rule: "syntax", Severity: "warning", Message: "no place"},
	})
	r.Add("good.yaml", nil)
	return r
}

func inMenus(file string) string { return "menus/" + file }

func TestIgnore(t *testing.T) {
	const file = `menus: # gobiz:ignore syntax
- name: Mi # Ours. gobiz:ignore menu-name-length, price for a promo
  menu_items:
  # gobiz:ignore price
  - {external_id: A, name: "# gobiz:ignore price", price: 0}
  - {external_id: B, name: B, price: 0} # gobiz:ignore image-url,price free with every order, not required
`
	at := func(rule string, line int) catalog.Finding {
		return catalog.Finding{Rule: rule, Position: catalog.Position{Line: line, Column: 1}}
	}
	found := catalog.Findings{
		at("syntax", 1), at("price", 2), at("menu-name-length", 2), at("item-name-length", 2), at("price", 5), at("price", 6), at("image-url", 6), at("required", 6), at("not-nfc", 6),
	}
	left, ignored := Ignore("a.yaml", []byte(file), found, []string{"not-nfc", "syntax"})
	want := catalog.Findings{found[0], found[3], found[4], found[7]}
	if !slices.Equal(left, want) || len(ignored) != 5 {
		t.Errorf("left %v\nignored %v", left, ignored)
	}
	if left, _ := Ignore("a.json", []byte(`{"menus": "# gobiz:ignore price"}`), catalog.Findings{at("price", 1)}, nil); len(left) != 1 {
		t.Error("a text of a JSON file is a comment")
	}
}

func TestInRepository(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"repo/.git", "repo/toko/a", "elsewhere", "repo/submodule"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "repo/submodule/.git"), []byte("gitdir: x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Symlink("repo", filepath.Join(root, "link")); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ file, workspace, want string }{
		{"repo/toko/a/menu.yaml", "", "toko/a/menu.yaml"},
		{"repo/toko/a/../menu.yaml", "", "toko/menu.yaml"},
		{"repo/submodule/menu.yaml", "", "menu.yaml"},
		{"repo/submodule/menu.yaml", "repo", "submodule/menu.yaml"},
		{"repo/toko/menu.yaml", "link", "toko/menu.yaml"},
		{"repo/toko/menu.yaml", "repo/toko", "menu.yaml"},
		{"repo/toko/menu.yaml", "elsewhere", "toko/menu.yaml"},
		{"elsewhere/menu.yaml", ".", "elsewhere/menu.yaml"},
		{"elsewhere/menu.yaml", "repo", ""},
		{"missing/menu.yaml", ".", ""},
	} {
		workspace := tt.workspace
		if workspace != "" {
			workspace = filepath.Join(root, workspace)
		}
		if tt.workspace == "link" && runtime.GOOS == "windows" {
			continue
		}
		if got, ok := InRepository(root+"/"+tt.file, workspace); got != tt.want && ok || ok != (tt.want != "") {
			t.Errorf("%s in %q: %q, %v", tt.file, tt.workspace, got, ok)
		}
	}
}

func TestGitHubEscapes(t *testing.T) {
	var b bytes.Buffer
	if err := made().GitHub(&b, inMenus); err != nil {
		t.Fatal(err)
	}
	want := "::error file=menus/a%2Cb%3Ac d.yaml,line=3,col=7,title=price::menus[0].name: 100%25 <wrong>%0A::error::x (correct it)\n" +
		"::warning file=menus/a%2Cb%3Ac d.yaml,title=syntax::no place\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestJUnit(t *testing.T) {
	for strict, failures := range map[bool]int{false: 1, true: 2} {
		var b bytes.Buffer
		if err := made().JUnit(&b, strict); err != nil {
			t.Fatal(err)
		}
		var all junitSuites
		if err := xml.Unmarshal(b.Bytes(), &all); err != nil {
			t.Fatal(err)
		}
		if all.Tests != 3 || all.Failures != failures || len(all.Suites) != 2 || all.Suites[0].Name != "a,b:c d.yaml" ||
			!strings.Contains(all.Suites[0].Cases[0].Failure.Message, "<wrong>") {
			t.Errorf("%+v", all)
		}
	}
}

func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := made().SARIF(&b, "1.0.0", inMenus); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           *struct{ StartLine, StartColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for _, result := range run.Results {
		if rule := run.Tool.Driver.Rules[result.RuleIndex]; rule.ID != result.RuleID {
			t.Errorf("%s points at the rule %s", result.RuleID, rule.ID)
		}
	}
	first := run.Results[0].Locations[0]
	if len(run.Results) != 2 || first.PhysicalLocation.Region.StartLine != 3 || first.PhysicalLocation.Region.StartColumn != 7 ||
		first.PhysicalLocation.ArtifactLocation.URI != "menus/a,b:c%20d.yaml" {
		t.Errorf("%+v", run.Results)
	}
	if run.Results[1].Locations[0].PhysicalLocation.Region != nil {
		t.Error("a finding without a place has a region")
	}
}
