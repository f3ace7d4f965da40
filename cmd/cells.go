package cmd

import (
	"github.com/gobiz-cli/gobiz/internal/spelling"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// counted is a number with its noun: "1 item", "2 items".
var counted = spelling.Count

// Cells of tables: a value that is not there is an empty cell.

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func firstOr(args []string, fallback string) string {
	if len(args) > 0 {
		return args[0]
	}
	return fallback
}

var versionColumns = terminal.Fields[versionInfo]("version", "commit", "date", "go")

// printList prints a list; empty is the note on one that has nothing.
func printList[T any](p *terminal.Printer, rows []T, columns []terminal.Column[T], empty string) error {
	p.Empty = empty
	return terminal.Print(p, rows, columns)
}

// printSummaryLine ends ndjson, which has had the rows one a line. The other
// formats have the sum elsewhere.
func printSummaryLine(p *terminal.Printer, summary any) error {
	if p.Format() != terminal.FormatNDJSON {
		return nil
	}
	return terminal.PrintOne(p, map[string]any{"summary": summary}, nil)
}
