// Package lint writes what a check of catalog files has found, in the formats
// that other programs read: JSON for scripts, SARIF for code scanning, JUnit for
// test reports, and workflow commands for annotations on GitHub.
package lint

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

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

// GitHub writes the report as workflow commands, which GitHub Actions shows as
// annotations in the files: one line for each finding. place is the path of a file
// in the repository.
func (r *Report) GitHub(w io.Writer, place func(file string) string) error {
	out := bufio.NewWriter(w)
	for _, file := range r.Files {
		name := place(file.File)
		for _, f := range file.Findings {
			fmt.Fprintf(out, "::%s file=%s", f.Severity, propertyEscapes.Replace(name))
			if f.Line > 0 {
				fmt.Fprintf(out, ",line=%d,col=%d", f.Line, f.Column)
			}
			message := withHint(f)
			if f.Path != "" {
				message = f.Path + ": " + message
			}
			fmt.Fprintf(out, ",title=%s::%s\n", propertyEscapes.Replace(f.Rule), dataEscapes.Replace(message))
		}
	}
	return out.Flush()
}

// A message is escaped, so that a file cannot write commands of its own.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// withHint is the message for a format that has no place for hints.
func withHint(f catalog.Finding) string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + " (" + f.Hint + ")"
}
