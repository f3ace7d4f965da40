package cmd

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/internal/triage"
)

func printExplanation(p *terminal.Printer, e *triage.Explanation) error {
	if p.Format() != terminal.FormatTable {
		return terminal.PrintOne(p, newExplanation(e), explanationColumns)
	}
	out := bufio.NewWriter(p.Streams().Out)
	t := explanationText{out, p.Streams().OutStyle(), proseWidth(p.Streams())}
	t.write(e)
	return out.Flush()
}

// explanationText writes an explanation for people. All of the notification's
// own words go through [terminal.Clean]. Commands are not wrapped: they are there to
// be pasted.
type explanationText struct {
	*bufio.Writer
	style terminal.Style
	width int // of prose; 0 is any
}

func (t explanationText) write(e *triage.Explanation) {
	t.line(t.style.Bold(terminal.Clean(e.Event)))
	for _, sentence := range e.Meaning {
		t.prose("", "", sentence)
	}
	t.line("")
	for i, sentence := range e.Next {
		label := "      "
		if i == 0 {
			label = t.style.Bold("next:") + " "
		}
		t.prose(label, "      ", sentence)
	}
	if len(e.Facts) > 0 {
		t.line("")
	}
	for _, fact := range e.Facts {
		t.prose(fmt.Sprintf("  %-18s", fact.Name), factIndent, fact.Value)
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
	place := ""
	if f.File != "" {
		place = f.File
		if f.Line > 0 {
			place += ":" + strconv.Itoa(f.Line)
		}
		place += ": "
	}
	t.prose(mark+" ", strings.Repeat(" ", len(f.Severity)+2), place+f.Message)
	if len(f.Nearest) > 0 {
		quoted := make([]string, len(f.Nearest))
		for i, name := range f.Nearest {
			quoted[i] = strconv.QuoteToGraphic(terminal.Clean(name))
		}
		t.prose("  near: ", "        ", strings.Join(quoted, ", "))
	}
	if f.Command != "" {
		t.line("  " + t.style.Cyan(terminal.Clean(f.Command)))
	}
}

// factIndent is as wide as the name of a fact.
const factIndent = "                    "

// prose writes a text behind a label, and its further lines behind indent, which
// is as wide as the label.
func (t explanationText) prose(label, indent, text string) {
	width := 0
	if t.width > 0 {
		width = t.width - len(indent)
	}
	for i, line := range wrap(terminal.Clean(text), width) {
		if i > 0 {
			label = indent
		}
		t.line(strings.TrimRight(label+line, " "))
	}
}

func (t explanationText) line(s string) { t.WriteString(s + "\n") }
