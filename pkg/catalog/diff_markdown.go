package catalog

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxMarkdown bounds a comment, in bytes: GitHub takes 65,536 characters.
const maxMarkdown = 60_000

// WriteMarkdown writes a diff for a comment on a pull request: a heading, the
// summary, what a push would refuse, and a table of the changes. Text of the
// menu stands in code spans, where it mentions nobody and links nowhere. The
// table ends before the comment is too long for GitHub, and says so.
func (d *Diff) WriteMarkdown(w io.Writer, outletID string, refusals []string) error {
	var out strings.Builder
	fmt.Fprintf(&out, "### Menu of %s\n\n%s\n", codeSpan(outletID), d.SummaryLine())
	for _, refusal := range refusals {
		fmt.Fprintf(&out, "\n> **A push refuses this:** %s\n", codeSpan(refusal))
	}
	if !d.Empty() {
		out.WriteString("\n| | what | where | change | line |\n| --- | --- | --- | --- | ---: |\n")
	}
	for i := range d.Changes {
		c := &d.Changes[i]
		row := c.markdownRow()
		if out.Len()+len(row) > maxMarkdown {
			fmt.Fprintf(&out, "\n… and %d more changes\n", len(d.Changes)-i)
			break
		}
		out.WriteString(row)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (c *Change) markdownRow() string {
	what := words(c.Entity) + " " + codeSpan(c.Name)
	if c.Entity != EntityMenu {
		what = words(c.Entity) + " " + codeSpan(c.ExternalID) + " " + codeSpan(c.Name)
	}
	where, change, line := "", "", ""
	if c.Parent != "" {
		where = codeSpan(c.Parent)
	}
	switch {
	case c.Kind == Changed && c.Entity != EntityMenu:
		from, to := c.values(printableValue)
		change = c.fieldChange(codeSpan(from), " → ", codeSpan(to))
	default:
		if text := inline(c); text != "" {
			change = codeSpan(text)
		}
	}
	if c.Line > 0 {
		line = strconv.Itoa(c.Line)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", c.Kind, what, where, change, line)
}

// codeSpan quotes text: with more backticks than the text has in a row, and
// with no bar that would end a cell of a table.
func codeSpan(s string) string {
	s = printable(s)
	longest, row := 0, 0
	for _, r := range s {
		if r != '`' {
			row = 0
			continue
		}
		row++
		longest = max(longest, row)
	}
	fence := strings.Repeat("`", longest+1)
	if s == "" || s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' {
		s = " " + s + " "
	}
	return fence + strings.ReplaceAll(s, "|", `\|`) + fence
}
