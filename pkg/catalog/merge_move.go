package catalog

import (
	"slices"
	"strings"
)

// A relocated entry is one of the file that goes to another list, with its own
// lines and comments.
type relocated struct {
	text     string // its lines in block style
	column   int    // of its dash there
	value    any    // for brackets, which have no lines
	comments []string
}

// listOf finds a list inside the entry of another list, where both stand in the
// file for nothing else.
func (m *merger) listOf(outer string, entry int, inner string) *region {
	k := m.root.key(outer)
	if k == nil || k.value.alias != nil || entry >= len(k.value.items) {
		return nil
	}
	if k = k.value.items[entry].key(inner); k == nil || k.value.alias != nil {
		return nil
	}
	return k.value
}

// arriving lets something be written for a place in the file.
func (m *merger) arriving(to *region, write func()) {
	before := m.before
	if m.before == 0 || to.start < m.before {
		m.before = to.start
	}
	write()
	m.before = before
}

// moved gives an entry of another list for the list that it goes to. JSON has
// no comments, so value does.
func (m *merger) moved(from *region, i int, value object, edit func(*region)) any {
	if m.json || from == nil || i >= len(from.items) {
		return value
	}
	entry := from.items[i]
	text := func(start, end int) (string, bool) {
		out, err := spliced(m.data, start, end, m.within(func() { edit(entry) }))
		return string(out), err == nil
	}
	r := relocated{value: value}
	own := entry.flow && entry.alias == nil
	if own {
		body, ok := text(entry.start, entry.end)
		if !ok {
			return value
		}
		r.value = literal(body)
	}
	if from.flow {
		part := m.flowParts(from).parts[i]
		above := m.commentsWithin(m.attached(part), part.start)
		behind := m.commentsWithin(part.end, part.next)
		if len(behind) > 1 {
			above, behind = append(above, behind...), nil
		}
		r.comments = slices.Concat(above, behind)
		if !own {
			r.comments = append(r.comments, m.commentsWithin(entry.start, entry.end)...)
			return r
		}
		r.text = m.commentLines(above, 0) + "- " + string(r.value.(literal))
		for _, c := range behind {
			r.text += " # " + c
		}
		r.text += m.newline
		// Lines inside of the brackets keep their distance from them.
		r.text = reindented(r.text, -len(lineIndent(m.data, entry.start)), 2)
		return r
	}
	if !m.ownLine(from, i) {
		return value
	}
	start, end := m.bounds(from, i)
	body, ok := text(start, end)
	if !ok {
		return value
	}
	if !strings.HasSuffix(body, "\n") {
		body += m.newline
	}
	r.text, r.column = body, from.column
	if r.comments = m.commentsWithin(start, end); own {
		r.comments = append(m.commentsWithin(start, entry.start), m.commentsWithin(entry.end, end)...)
	}
	return r
}

// at gives the lines of the entry for a list with another indentation.
func (r relocated) at(column int) string { return reindented(r.text, column-r.column, 0) }

// reindented shifts lines; an empty one stays, and one that begins more to the
// left than it is shifted goes as far as it can.
func reindented(text string, by, least int) string {
	if by == 0 {
		return text
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			if by > 0 {
				out.WriteString(strings.Repeat(" ", by))
			} else {
				blanks := len(line) - len(strings.TrimLeft(line, " "))
				line = line[max(0, min(-by, blanks-least)):]
			}
		}
		out.WriteString(line)
	}
	return out.String()
}

// looseComments gives the comments of relocated entries that a value on one line
// cannot keep.
func looseComments(value any) (comments []string) {
	switch v := value.(type) {
	case relocated:
		return v.comments
	case list:
		for _, element := range v {
			comments = append(comments, looseComments(element)...)
		}
	case object:
		for _, p := range v {
			comments = append(comments, looseComments(p.value)...)
		}
	}
	return comments
}
