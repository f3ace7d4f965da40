// Package lint writes what a check of catalog files has found, in the formats
// that other programs read: JSON for scripts, SARIF for code scanning, JUnit for
// test reports, and workflow commands for annotations on GitHub.
package lint

import "github.com/gobiz-cli/gobiz/pkg/catalog"

// A Report is the result for several files; its JSON is that of
// 'gobiz catalog validate -o json'.
type Report struct {
	Files    []File `json:"files"`
	Errors   int    `json:"errors"`
	Warnings int    `json:"warnings"`
}

// A File is the result for one file.
type File struct {
	File     string           `json:"file"`
	Errors   int              `json:"errors"`
	Warnings int              `json:"warnings"`
	Findings catalog.Findings `json:"findings"`
}

// Add counts the findings of one more file.
func (r *Report) Add(file string, findings catalog.Findings) {
	if findings == nil {
		findings = catalog.Findings{}
	}
	errors, warnings := findings.Count()
	r.Files = append(r.Files, File{file, errors, warnings, findings})
	r.Errors += errors
	r.Warnings += warnings
}
