package cmd

import (
	"strings"

	"github.com/clipperhouse/displaywidth"

	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// Prose is wrapped between these widths, in columns: longer lines are hard to
// read, and shorter ones tear every word apart.
const (
	minProse = 40
	maxProse = 120
)

// proseWidth is where prose on standard output is wrapped; 0, which is nowhere,
// when that is no terminal, so that a script finds a sentence on one line.
func proseWidth(s *terminal.Streams) int {
	if !s.OutTTY {
		return 0
	}
	return min(max(s.Width(), minProse), maxProse)
}

// wrap breaks a text at blanks into lines of at most width columns, and keeps
// the blanks that it begins with in front of every line. A word that is longer
// has a line of its own. Width 0 leaves the text as it is.
func wrap(text string, width int) []string {
	if width <= 0 || displaywidth.String(text) <= width {
		return []string{text}
	}
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(text[len(indent):], " ") {
		size := displaywidth.String(word)
		switch {
		case line == "" && used == 0:
			line, used = indent+word, len(indent)+size
		case used+1+size <= width:
			line, used = line+" "+word, used+1+size
		default:
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = indent+word, len(indent)+size
		}
	}
	return append(lines, line)
}
