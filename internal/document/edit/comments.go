package edit

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// A Comment is a comment of a YAML file.
type Comment struct {
	Line int    // from 1
	Text string // without the # and the blanks around it
}

// Comments lists the comments of a file from the top, also of one that does not
// read. name decides between YAML and JSON as for [document.IsJSON]; JSON has none.
func Comments(name string, data []byte) []Comment {
	text := bytes.TrimPrefix(data, []byte(bom))
	if blank(text) || document.IsJSON(name, text) {
		return nil
	}
	var found []span
	if root, err := locateYAML(text); err == nil {
		found = findComments(text, root)
	} else {
		found = guessComments(text)
	}
	out := make([]Comment, 0, len(found))
	line, at := 1, 0
	for _, c := range found {
		line += bytes.Count(text[at:c.start], []byte("\n"))
		at = c.start
		out = append(out, Comment{Line: line, Text: c.text(text)})
	}
	return out
}

// A span is a comment, from its # to the end of the line without blanks.
type span struct{ start, end int }

// text is what the comment says.
func (c span) text(data []byte) string {
	return strings.TrimSpace(strings.TrimLeft(string(data[c.start:c.end]), "#"))
}

// findComments finds every # that is not in a text. Of a text of several lines,
// the line with its | is no part.
func findComments(data []byte, root *Node) []span {
	var found []span
	at := 0
	between := func(end int) {
		for at < end {
			i := bytes.IndexByte(data[at:end], '#')
			if i < 0 {
				break
			}
			if at += i; at > 0 && !strings.ContainsRune(" \t\n", rune(data[at-1])) {
				at++
				continue
			}
			stop := lineEnd(data, at)
			found = append(found, span{at, at + len(bytes.TrimRight(data[at:stop], " \t\r"))})
			at = stop
		}
	}
	scalar := func(start, end int) {
		between(start)
		at = max(at, end)
	}
	var walk func(n *Node)
	walk = func(n *Node) {
		switch {
		case n.quote == '|':
			between(lineEnd(data, n.body))
			scalar(at, n.end)
		case n.Alias != nil || !n.collection():
			scalar(n.body, n.end)
		}
		if n.Alias != nil {
			return
		}
		for _, k := range n.Keys {
			scalar(k.start, k.end)
			walk(k.Value)
		}
		for _, i := range n.Items {
			walk(i)
		}
	}
	walk(root)
	between(len(data))
	return found
}

// guessComments finds the comments of a file that does not read, line by line.
func guessComments(data []byte) (found []span) {
	for start := 0; start < len(data); {
		end := lineEnd(data, start)
		quote := byte(0)
		for i := start; i < end; i++ {
			switch c := data[i]; {
			case c == quote:
				quote = 0
			case quote != 0:
			case (c == '"' || c == '\'') && i > start && strings.ContainsRune(" \t,[{", rune(data[i-1])):
				quote = c
			case c == '#' && (i == start || data[i-1] == ' ' || data[i-1] == '\t'):
				found = append(found, span{i, i + len(bytes.TrimRight(data[i:end], " \t\r"))})
				i = end
			}
		}
		start = end + 1
	}
	return found
}

// commentsIn returns the comments that begin in a part of the file.
func (f *File) commentsIn(start, end int) []span {
	from, _ := slices.BinarySearchFunc(f.comments, start, func(c span, at int) int { return c.start - at })
	to, _ := slices.BinarySearchFunc(f.comments, end, func(c span, at int) int { return c.start - at })
	return f.comments[from:max(from, to)]
}

// textsIn returns what they say.
func (f *File) textsIn(start, end int) (texts []string) {
	for _, c := range f.commentsIn(start, end) {
		texts = append(texts, c.text(f.data))
	}
	return texts
}

// commentLines writes comments where an entry at this column begins, each with a
// line of its own.
func (f *File) commentLines(comments []string, column int) string {
	var out strings.Builder
	for _, c := range comments {
		out.WriteString("# " + c + f.style.newline + strings.Repeat(" ", column))
	}
	return out.String()
}
