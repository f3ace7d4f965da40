package lint

import (
	"encoding/json"
	"io"
	"net/url"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// RulesURL is where the rules are explained.
const RulesURL = "https://github.com/gobiz-cli/gobiz/blob/main/docs/catalog.md#checks"

// An object of SARIF's JSON.
type object map[string]any

// SARIF writes the report in the Static Analysis Results Interchange Format
// 2.1.0, with columns in characters. version is that of gobiz, may be empty; place
// is the path of a file in the repository.
func (r *Report) SARIF(w io.Writer, version string, place func(file string) string) error {
	rules, results := []object{}, []object{}
	index := map[string]int{}
	for _, rule := range catalog.Rules() {
		if _, known := index[rule.ID]; known {
			continue // its first row has the severity that it mostly has
		}
		index[rule.ID] = len(rules)
		rules = append(rules, object{
			"id": rule.ID, "shortDescription": object{"text": rule.Summary}, "helpUri": RulesURL,
			"defaultConfiguration": object{"level": rule.Severity},
		})
	}
	for _, file := range r.Files {
		uri := (&url.URL{Path: place(file.File)}).String()
		for _, f := range file.Findings {
			physical := object{"artifactLocation": object{"uri": uri}}
			if f.Line > 0 {
				physical["region"] = object{"startLine": f.Line, "startColumn": max(f.Column, 1)}
			}
			location := object{"physicalLocation": physical}
			if f.Path != "" {
				location["logicalLocations"] = []object{{"fullyQualifiedName": f.Path}}
			}
			results = append(results, object{
				"ruleId": f.Rule, "ruleIndex": index[f.Rule], "level": f.Severity,
				"message": object{"text": withHint(f)}, "locations": []object{location},
			})
		}
	}
	driver := object{"name": "gobiz", "informationUri": "https://github.com/gobiz-cli/gobiz", "rules": rules}
	if version != "" {
		driver["version"] = version
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs":    []object{{"tool": object{"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}},
	})
}
