package catalog

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// A remark is a comment of a YAML file, from its # to the end of the line.
type remark struct{ start, end int }

func (r remark) text(data []byte) string { return bareComment(string(data[r.start:r.end])) }

// bareComment is what a comment says, without the # and the blanks around it.
func bareComment(s string) string { return strings.TrimSpace(strings.TrimLeft(s, "#")) }

// remarks finds the comments of a file that is laid out: every # that is not in
// a text. Of a text of several lines, the line with its | is no part.
func remarks(data []byte, root *region) []remark {
	var found []remark
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
			found = append(found, remark{at, at + len(bytes.TrimRight(data[at:stop], " \t\r"))})
			at = stop
		}
	}
	scalar := func(start, end int) {
		between(start)
		at = max(at, end)
	}
	var walk func(n *region)
	walk = func(n *region) {
		switch {
		case n.quote == '|':
			between(lineEnd(data, n.body))
			scalar(at, n.end)
		case n.alias != nil || n.kind != document.Object && n.kind != document.List:
			scalar(n.body, n.end)
		}
		if n.alias != nil {
			return
		}
		for _, k := range n.keys {
			scalar(k.start, k.end)
			walk(k.value)
		}
		for _, i := range n.items {
			walk(i)
		}
	}
	walk(root)
	between(len(data))
	return found
}

// guessedRemarks finds the comments of a file that does not read, line by line.
func guessedRemarks(data []byte) (found []remark) {
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
				found = append(found, remark{i, i + len(bytes.TrimRight(data[i:end], " \t\r"))})
				i = end
			}
		}
		start = end + 1
	}
	return found
}

// remarksWithin gives the comments that begin in a part of the file.
func (m *merger) remarksWithin(start, end int) []remark {
	from, _ := slices.BinarySearchFunc(m.remarks, start, func(r remark, at int) int { return r.start - at })
	to, _ := slices.BinarySearchFunc(m.remarks, end, func(r remark, at int) int { return r.start - at })
	return m.remarks[from:max(from, to)]
}

// commentsWithin gives what they say.
func (m *merger) commentsWithin(start, end int) (texts []string) {
	for _, r := range m.remarksWithin(start, end) {
		texts = append(texts, r.text(m.data))
	}
	return texts
}
