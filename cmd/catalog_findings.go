package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// shownFindings bounds what is listed of a file that cannot be pushed.
const shownFindings = 20

// noteFindings prints the warnings about a file that is used all the same.
func (c *console) noteFindings(file string, findings catalog.Findings) {
	for _, finding := range findings {
		place := file
		if finding.Line > 0 { // what a plan or a snapshot says stands on no line
			place = fmt.Sprintf("%s:%d:%d", file, finding.Line, finding.Column)
		}
		c.Note("%s: %s: %s [%s]", place, finding.Severity, finding.Message, finding.Rule)
	}
}

// forPush leaves out what is not for the check of a push: an empty catalog is
// for its guard, which can be told to let it through.
func forPush(findings catalog.Findings) catalog.Findings {
	return slices.DeleteFunc(findings, func(f catalog.Finding) bool { return f.Rule == catalog.RuleEmptyCatalog })
}

// listFindings lists on stderr all that is wrong in a file, as 'catalog
// validate' does. The error, which it gives back, tells the first mistake only.
func (c *console) listFindings(err error) error {
	var invalid *catalog.InvalidError
	if c.Quiet() || !errors.As(err, &invalid) || len(invalid.Findings) < 2 {
		return err
	}
	var rows []fileFinding
	for _, finding := range invalid.Findings[:min(len(invalid.Findings), shownFindings)] {
		rows = append(rows, fileFinding{invalid.File, finding})
	}
	onStderr := *c.Streams()
	onStderr.Out, onStderr.OutTTY = onStderr.Err, onStderr.ErrTTY
	p, failed := terminal.NewPrinter(context.Background(), &onStderr, terminal.Options{Format: terminal.FormatTable})
	if failed == nil {
		failed = terminal.Print(p, rows, validateColumns)
	}
	if more := len(invalid.Findings) - len(rows); more > 0 && failed == nil {
		c.Note("… and %d more; 'gobiz catalog validate' lists them all", more)
	}
	if failed != nil {
		return errors.Join(err, failed)
	}
	return err
}
