package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

const (
	schemaFile  = "docs/catalog.schema.json"
	catalogPage = "docs/catalog.md"

	// Between them is what the code says, the rest of the page is by hand.
	rulesBegin = "<!-- rules: written by docs/generate -->\n"
	rulesEnd   = "<!-- end of rules -->\n"
)

// addCatalog adds what pkg/catalog declares.
func addCatalog(files map[string][]byte) error {
	files[schemaFile] = []byte(catalog.Schema())
	page, err := os.ReadFile(catalogPage)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(page), rulesBegin)
	_, after, foundEnd := strings.Cut(rest, rulesEnd)
	if !found || !foundEnd {
		return fmt.Errorf("%s has no place for the rules: %s", catalogPage, strings.TrimSpace(rulesBegin))
	}
	files[catalogPage] = []byte(before + rulesBegin + ruleTable() + rulesEnd + after)
	return nil
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
