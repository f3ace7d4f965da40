package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Severity of a finding.
type Severity string

const (
	// SeverityError stops a push.
	SeverityError Severity = "error"
	// SeverityWarning does not, unless the user is strict.
	SeverityWarning Severity = "warning"
)

// A Finding is one thing that is wrong in a catalog file.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Path     string   `json:"path"` // menus[0].menu_items[3].price; empty for the file
	Position
	Hint string `json:"hint"` // what to do, may be empty
}

// Findings are in the order of the file.
type Findings []Finding

// MaxFindings is how many findings are kept of reading a file, and again of
// checking it: a file of another kind has an error on every line.
const MaxFindings = 20_000

// Count returns the number of errors and of warnings.
func (f Findings) Count() (errors, warnings int) {
	for _, finding := range f {
		if finding.Severity == SeverityError {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// sort puts findings in the order of the file.
func (f Findings) sort() {
	slices.SortStableFunc(f, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Join puts the findings of several checks of one file together, in the order of
// the file.
func Join(findings ...Findings) Findings {
	all := slices.Concat(findings...)
	all.sort()
	return all
}

// Err returns an [*InvalidError] when there is at least one error, else nil.
func (f Findings) Err(file string) error {
	if errors, _ := f.Count(); errors == 0 {
		return nil
	}
	return &InvalidError{File: file, Findings: f}
}

// An InvalidError is a catalog file with errors in it. Nothing was built of it.
type InvalidError struct {
	File     string
	Findings Findings
}

func (e *InvalidError) Error() string {
	errors, _ := e.Findings.Count()
	for _, f := range e.Findings {
		if f.Severity != SeverityError {
			continue
		}
		message := f.at(e.File)
		if f.Hint != "" {
			message += " (" + f.Hint + ")"
		}
		if errors > 1 {
			message += fmt.Sprintf(", and %d more", errors-1)
		}
		return message
	}
	return e.File + " is not valid"
}

// at writes the finding as compilers do, file:line:column: path: message.
func (f Finding) at(file string) string {
	parts := []string{file}
	if f.Line > 0 {
		parts[0] += ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
	}
	if f.Path != "" {
		parts = append(parts, f.Path)
	}
	return strings.Join(append(parts, f.Message), ": ")
}
