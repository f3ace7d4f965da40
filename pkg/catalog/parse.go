package catalog

import (
	"fmt"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// MaxFileSize is the largest catalog file that is read, in bytes. A menu of
// 5,000 items has 2 MB as YAML and 3 MB as JSON.
const MaxFileSize = 16 << 20

// Parse reads a catalog file, YAML or JSON: by the extension of name, else by
// what the data looks like. It never stops at the first problem; a file with an
// error among its findings is incomplete, and nil when it has no structure at
// all. name stands in messages only.
//
// Items with the same opening hours share them: replace hours, do not change
// them in place.
//
// The API decides whether a price may have decimals (only the
// Enterprise API's, "Update menu").
func Parse(name string, data []byte, api API) (*File, Findings) {
	return parse(name, data, api, document.UsualLimits)
}

func parse(name string, data []byte, api API, limits document.Limits) (*File, Findings) {
	const mib = 1 << 20
	if len(data) > MaxFileSize {
		return nil, findingsOf(document.Problem{
			Position: document.Position{Line: 1, Column: 1}, Rule: RuleSyntax, Hint: "keep one outlet's menu in a file",
			Message: fmt.Sprintf("the file has %d MiB, more than the %d that a catalog may have", (len(data)+mib-1)/mib, MaxFileSize/mib),
		})
	}
	root, problem := document.Parse(name, data, limits)
	if problem != nil {
		problem.Hint = syntaxHint(problem)
		return nil, findingsOf(*problem)
	}
	r := newReader(api, limits)
	f := r.file(root)
	f.Name = name
	return f, findingsOf(r.Problems()...)
}

// syntaxHint says what to do about a file that cannot be read, where it is to be
// a catalog.
func syntaxHint(p *document.Problem) string {
	switch p.Message {
	case document.Archive:
		return "save it as YAML or JSON in the shape of the API's own body"
	case document.Empty:
		return "gobiz catalog pull writes one from a live menu"
	case document.OnlyComments:
		return "gobiz catalog pull writes a file from a live menu"
	case document.ManyDocuments:
		return "keep one catalog in a file, without --- in between"
	case document.GoesOn:
		return "keep one catalog in a file"
	}
	return p.Hint
}

// findingsOf takes over what is wrong in the text of a file.
func findingsOf(problems ...document.Problem) Findings {
	return convert(problems, func(p document.Problem) Finding {
		return Finding{Rule: p.Rule, Severity: SeverityError, Message: p.Message, Path: p.Path, Position: Position(p.Position), Hint: p.Hint}
	})
}

// quoted shows text of a file or an answer inside a message: short, with nothing
// in it that a terminal acts on, and with escapes for what does not show.
func quoted(s string) string { return printable(document.Quote(s)) }
