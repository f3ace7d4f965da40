package lint

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
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

func TestGitHubEscapes(t *testing.T) {
	var b bytes.Buffer
	if err := made().GitHub(&b); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac d.yaml,line=3,col=7,title=price::menus[0].name: 100%25 <wrong>%0A::error::x (correct it)\n" +
		"::warning file=a%2Cb%3Ac d.yaml,title=syntax::no place\n"
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
	if err := made().SARIF(&b, "1.0.0"); err != nil {
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
		first.PhysicalLocation.ArtifactLocation.URI != "./a,b:c%20d.yaml" {
		t.Errorf("%+v", run.Results)
	}
	if run.Results[1].Locations[0].PhysicalLocation.Region != nil {
		t.Error("a finding without a place has a region")
	}
}
