package lint

import (
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document/edit"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// Ignore takes out of the findings of a file those of some rules, and those on a
// line with the comment "gobiz:ignore RULE", which may name several with commas in
// between and say why behind them. A file that cannot be read is always told of.
func Ignore(name string, data []byte, findings catalog.Findings, rules []string) (left, ignored catalog.Findings) {
	onLine := map[int][]string{}
	for _, c := range edit.Comments(name, data) {
		if _, after, ok := strings.Cut(c.Text, "gobiz:ignore "); ok {
			named, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(after), ", ", ","), " ")
			onLine[c.Line] = append(onLine[c.Line], strings.Split(named, ",")...)
		}
	}
	for _, f := range findings {
		if f.Rule != catalog.RuleSyntax && (slices.Contains(rules, f.Rule) || slices.Contains(onLine[f.Line], f.Rule)) {
			ignored = append(ignored, f)
		} else {
			left = append(left, f)
		}
	}
	return left, ignored
}
