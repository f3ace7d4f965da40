package cmd

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/terminal"
	"github.com/gobiz-cli/gobiz/pkg/triage"
)

func printExplanation(p *terminal.Printer, e *triage.Explanation) error {
	if p.Format() != terminal.FormatTable {
		return terminal.PrintOne(p, newExplanation(e), explanationColumns)
	}
	out := bufio.NewWriter(p.Streams().Out)
	t := explanationText{out, p.Streams().OutStyle()}
	t.write(e)
	return out.Flush()
}

// explanationText writes an explanation for people. All of the notification's
// own words go through [terminal.Clean].
type explanationText struct {
	*bufio.Writer
	style terminal.Style
}

func (t explanationText) write(e *triage.Explanation) {
	t.line(t.style.Bold(terminal.Clean(e.Event)))
	for _, sentence := range e.Meaning {
		t.line(terminal.Clean(sentence))
	}
	t.line("")
	for i, sentence := range e.Next {
		label := "      "
		if i == 0 {
			label = t.style.Bold("next:") + " "
		}
		t.line(label + terminal.Clean(sentence))
	}
	if len(e.Facts) > 0 {
		t.line("")
	}
	for _, fact := range e.Facts {
		t.line(strings.TrimRight(fmt.Sprintf("  %-18s%s", fact.Name, terminal.Clean(fact.Value)), " "))
	}
	if len(e.Findings) > 0 {
		t.line("")
	}
	for _, f := range e.Findings {
		t.finding(f)
	}
}

func (t explanationText) finding(f triage.Finding) {
	mark := map[triage.Severity]string{
		triage.SeverityError: t.style.Red("error:"), triage.SeverityWarning: t.style.Yellow("warning:"), triage.SeverityInfo: t.style.Bold("info:"),
	}[f.Severity]
	line := mark + " "
	if f.File != "" {
		line += terminal.Clean(f.File)
		if f.Line > 0 {
			line += ":" + strconv.Itoa(f.Line)
		}
		line += ": "
	}
	t.line(line + terminal.Clean(f.Message))
	if len(f.Nearest) > 0 {
		quoted := make([]string, len(f.Nearest))
		for i, name := range f.Nearest {
			quoted[i] = strconv.QuoteToGraphic(terminal.Clean(name))
		}
		t.line("  near: " + strings.Join(quoted, ", "))
	}
	if f.Command != "" {
		t.line("  " + t.style.Cyan(terminal.Clean(f.Command)))
	}
}

func (t explanationText) line(s string) { t.WriteString(s + "\n") }
