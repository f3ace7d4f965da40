package edit

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

// Arriving writes something that goes into a value: aliases in it may refer only
// to what stands before that.
func (f *File) Arriving(to *Node, write func()) {
	before := f.before
	if f.before == 0 || to.start < f.before {
		f.before = to.start
	}
	write()
	f.before = before
}

// Moved returns an entry of a list for another list that it goes to, with its lines
// and comments, after edit has changed it. value is what it is then: it serves
// where the entry has no lines of its own, in JSON and for from == nil.
func (f *File) Moved(from *Node, i int, value any, edit func(*Node)) any {
	if f.json || from == nil || i >= len(from.Items) {
		return value
	}
	entry := from.Items[i]
	text := func(start, end int) (string, bool) {
		out, err := applied(f.data, start, end, f.within(func() { edit(entry) }))
		return string(out), err == nil
	}
	r := relocated{value: value}
	own := entry.flow && entry.Alias == nil
	if own {
		body, ok := text(entry.start, entry.end)
		if !ok {
			return value
		}
		r.value = Literal(body)
	}
	if from.flow {
		part := f.brackets(from).parts[i]
		above := f.textsIn(f.attached(part), part.start)
		behind := f.textsIn(part.end, part.next)
		if len(behind) > 1 {
			above, behind = append(above, behind...), nil
		}
		r.comments = slices.Concat(above, behind)
		if !own {
			r.comments = append(r.comments, f.textsIn(entry.start, entry.end)...)
			return r
		}
		r.text = f.commentLines(above, 0) + "- " + string(r.value.(Literal))
		for _, c := range behind {
			r.text += " # " + c
		}
		r.text += f.style.newline
		// Lines inside of the brackets keep their distance from them.
		r.text = reindented(r.text, -len(f.lineIndent(entry.start)), 2)
		return r
	}
	if !f.ownLine(from, i) {
		return value
	}
	start, end := f.bounds(from, i)
	body, ok := text(start, end)
	if !ok {
		return value
	}
	if !strings.HasSuffix(body, "\n") {
		body += f.style.newline
	}
	r.text, r.column = body, from.column
	if r.comments = f.textsIn(start, end); own {
		r.comments = append(f.textsIn(start, entry.start), f.textsIn(entry.end, end)...)
	}
	return r
}

// at returns the lines of the entry for a list with another indentation.
func (r relocated) at(column int) string { return reindented(r.text, column-r.column, 0) }

// reindented shifts lines; an empty one stays, and one that begins more to the
// left than it is shifted goes as far as it can.
func reindented(text string, by, least int) string {
	if by == 0 {
		return text
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !blank(line) {
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

// looseComments returns the comments of relocated entries that a value on one line
// cannot keep.
func looseComments(value any) (comments []string) {
	switch v := value.(type) {
	case relocated:
		return v.comments
	case List:
		for _, element := range v {
			comments = append(comments, looseComments(element)...)
		}
	case Object:
		for _, p := range v {
			comments = append(comments, looseComments(p.Value)...)
		}
	}
	return comments
}
