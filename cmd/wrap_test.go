package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/internal/triage"
)

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  []string
	}{
		{"the order is done", 0, []string{"the order is done"}},
		{"the order is done", 17, []string{"the order is done"}},
		{"the order is done", 12, []string{"the order is", "done"}},
		{"    + a topping", 12, []string{"    + a", "    topping"}},
		{"a verylongword b", 6, []string{"a", "verylongword", "b"}},
		{"麺麺 麺麺", 8, []string{"麺麺", "麺麺"}},
		{"", 5, []string{""}},
	} {
		if got := wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("%q at %d: %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

// On a terminal prose fits, and a command that is there to be pasted is whole.
// In a pipe a sentence is on one line.
func TestProseFitsTheTerminal(t *testing.T) {
	command := "gobiz " + strings.Repeat("argument ", 20) + "end"
	long := strings.Repeat("word ", 40) + "end"
	explained := &triage.Explanation{
		Event: "gofood.order.placed", Meaning: []string{long}, Next: []string{long}, Facts: []triage.Fact{{Name: "outlet", Value: long}},
		Findings: []triage.Finding{{Severity: triage.SeverityWarning, Message: long, File: "menu.yaml", Line: 4, Nearest: []string{long}, Command: command}},
	}
	for name, write := range map[string]func(*terminal.Printer) error{
		"explain": func(p *terminal.Printer) error { return printExplanation(p, explained) },
		"events":  printEvents,
		"event":   func(p *terminal.Printer) error { return printEvent(p, "gofood.order.webhook_error") },
	} {
		for _, columns := range []int{0, 80, 100, 300} { // 0 is a pipe
			streams, _, out, _ := terminal.Test()
			streams.OutTTY, streams.NoColor = columns > 0, true
			streams.Width = func() int { return columns }
			p, err := terminal.NewPrinter(t.Context(), streams, terminal.Options{})
			if err == nil {
				err = write(p)
			}
			if err != nil {
				t.Fatal(err)
			}
			widest := 0
			for line := range strings.Lines(out.String()) {
				if line = strings.TrimSuffix(line, "\n"); strings.TrimSpace(line) != command {
					widest = max(widest, displaywidth.String(line))
				}
			}
			if columns > 0 && widest > min(columns, 120) || columns == 0 && widest <= 80 {
				t.Errorf("%s at %d columns has a line of %d:\n%s", name, columns, widest, out)
			}
			if name == "explain" && !strings.Contains(out.String(), command+"\n") {
				t.Errorf("at %d columns the command is torn:\n%s", columns, out)
			}
		}
	}
}
