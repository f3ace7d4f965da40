package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

const (
	schemaFile  = "docs/catalog.schema.json"
	catalogPage = "docs/catalog.md"
	readme      = "README.md"
)

// addCatalog adds what pkg/catalog and pkg/rollout declare.
func addCatalog(files map[string][]byte) error {
	files[schemaFile] = []byte(catalog.Schema())
	for _, table := range []struct{ page, name, text string }{
		{catalogPage, "rules", ruleTable()}, {catalogPage, "guards", guardTable()}, {readme, "guards", guardTable()},
	} {
		if err := fill(files, table.page, table.name, table.text); err != nil {
			return err
		}
	}
	return nil
}

// fill puts a text into a page, between the comments that name it. The rest of the
// page is by hand.
func fill(files map[string][]byte, page, name, text string) error {
	content, known := files[page]
	if !known {
		var err error
		if content, err = os.ReadFile(page); err != nil {
			return err
		}
	}
	begin, end := "<!-- "+name+": written by docs/generate -->\n", "<!-- end of "+name+" -->\n"
	before, rest, found := strings.Cut(string(content), begin)
	_, after, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		return fmt.Errorf("%s has no place for the %s: %s", page, name, strings.TrimSpace(begin))
	}
	files[page] = []byte(before + begin + text + end + after)
	return nil
}

// guardTable is the table of what a push refuses in Markdown.
func guardTable() string {
	var b strings.Builder
	b.WriteString("| accident | a push is refused when | what allows exactly it |\n| --- | --- | --- |\n")
	for _, r := range rollout.Guards() {
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", cell(r.Accident), cell(r.Refused), cmd.GuardFlag(r.Guard))
	}
	b.WriteString("| a stale plan | the live menu is not the one that the plan was made from | a new plan |\n")
	return b.String()
}

// ruleTable is the table of rules in Markdown.
func ruleTable() string {
	var b strings.Builder
	b.WriteString("| rule | severity | rules | what holds | otherwise |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range catalog.Rules() {
		set := string(r.Set)
		if set == "" {
			set = "both"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.ID, r.Severity, set, cell(r.Summary), cell(r.Hint))
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
