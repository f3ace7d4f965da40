package edit

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// An Entry of a list as it is to be: one of the old ones, or a new one.
type Entry struct {
	From  int         // index of the old entry, or -1
	Fresh func() any  // the value of a new one
	Edit  func(*Node) // brings the old one up to date
}

// Sequence turns the entries of a list into the wanted ones. As long as the old
// ones keep their order, only what is new or gone is touched.
func (f *File) Sequence(n *Node, entries []Entry) {
	if n.Kind != document.List {
		f.fail("a list is written as something else")
		return
	}
	if n.Alias != nil {
		f.fail("a list that changes is shared through an anchor")
		return
	}
	var kept []int
	comments := f.commentedBrackets(n)
	lines := !n.flow || len(n.Items) == 0 && f.endsKeyLine(n) // or will have
	for i, e := range entries {
		if e.From >= 0 {
			kept = append(kept, e.From)
			continue
		}
		var fresh any
		f.Arriving(n, func() { fresh = e.Fresh() })
		entries[i].Fresh = func() any { return fresh }
		comments = comments || !lines && len(looseComments(fresh)) > 0
	}
	changes := len(kept) != len(n.Items) || len(kept) != len(entries) || !slices.IsSorted(kept)
	switch {
	case !changes:
		for _, e := range entries {
			e.Edit(n.Items[e.From])
		}
	case comments && len(entries) > 0:
		f.rewriteList(n, entries)
	case len(kept) == 0:
		f.replaceList(n, entries)
	case !f.CanEdit(n):
		f.fail("a list has no lines of its own")
	case f.swallows(n):
		f.fail(errSwallows)
	case !slices.IsSorted(kept):
		f.reorder(n, entries)
	default:
		f.changeInOrder(n, entries)
	}
}

// replaceList writes a list of which nothing stays.
func (f *File) replaceList(n *Node, entries []Entry) {
	value := List{}
	for _, e := range entries {
		value = append(value, e.Fresh())
	}
	switch {
	case f.json:
		text := f.compact(value)
		if bytes.Contains(f.data, []byte("\n")) {
			text = f.indented(value, f.lineIndent(n.start))
		}
		f.change(n, n.body, n.end, text)
	case !f.CanEdit(n):
		f.fail("a list has no lines of its own")
	case !n.flow:
		start, end := f.bounds(n, 0)
		text := strings.Repeat(" ", n.column+2) + "[]" + f.style.newline
		if len(value) > 0 {
			w := f.writer()
			w.indent(n.column)
			w.block(value, n.column)
			text = f.written(w)
		} else if before := bytes.TrimRight(f.data[:start], " \t\r\n"); bytes.HasSuffix(before, []byte(":")) {
			start, text = len(before), " []"+f.style.newline
		}
		if end == len(f.data) && f.data[end-1] != '\n' {
			text = strings.TrimSuffix(text, f.style.newline)
		}
		f.change(n, start, end, text)
		for i := 1; i < len(n.Items); i++ {
			f.cutEntry(n, i, 0, 0)
		}
	case n.flow && isBlock(value) && len(n.Items) == 0 && f.endsKeyLine(n):
		indent := len(strings.TrimRight(f.lineIndent(n.start), "\t"))
		line := f.data[f.lineStart(n.start)+indent:]
		for bytes.HasPrefix(line, []byte("- ")) {
			indent, line = indent+2, line[2:]
		}
		if !f.style.compact {
			indent += 2
		}
		f.linesBelow(n, value, indent)
	default:
		f.change(n, n.body, n.end, f.compact(value))
	}
}

// endsKeyLine reports whether a value stands behind a key in block style, at most with
// a comment behind it.
func (f *File) endsKeyLine(n *Node) bool {
	end := f.lineEnd(n.start)
	if behind := f.commentsIn(n.end, end); len(behind) > 0 {
		end = behind[0].start
	}
	return !n.inside && n.end <= end && blank(f.data[n.end:end])
}

// linesBelow puts a block below the line of a key, in the place of a value that
// is empty.
func (f *File) linesBelow(n *Node, value any, column int) {
	f.change(n, len(bytes.TrimRight(f.data[:n.body], " \t")), n.end, "")
	w := f.writer()
	w.indent(column)
	w.block(value, column)
	f.insertLines(n, min(f.lineEnd(n.end)+1, len(f.data)), f.written(w))
}

// dash finds the dash of a block entry. There may be comments behind it.
func (f *File) dash(n *Node, i int) int {
	at := n.Items[i].start - 1
	for at >= 0 && strings.ContainsRune(" \t\r\n", rune(f.data[at])) {
		at--
		if r := f.commentsIn(f.lineStart(at+1), at+1); len(r) > 0 && at >= 0 && f.data[at] != '\n' {
			at = r[0].start - 1
		}
	}
	if n.Items[i].start == n.Items[i].end && at >= 0 && f.data[at] != '-' {
		return -1
	}
	return at
}

// CanEdit reports whether the entries of a list can be changed one by one: each
// begins a line, or all are in brackets.
func (f *File) CanEdit(list *Node) bool {
	for i := range list.Items {
		if !list.flow && !f.ownLine(list, i) {
			return false
		}
	}
	return true
}

func (f *File) ownLine(n *Node, i int) bool {
	at := f.dash(n, i)
	return at >= 0 && f.data[at] == '-' && at-f.lineStart(at) == n.column && blank(f.data[f.lineStart(at):at])
}

// bounds are the bytes of an entry: in block style its lines with the comments
// above it.
func (f *File) bounds(n *Node, i int) (start, end int) {
	if n.flow {
		return n.Items[i].start, n.Items[i].end
	}
	floor := 0
	if i > 0 {
		floor = f.tail(n.Items[i-1].end, n.column)
	}
	return f.head(f.dash(n, i), floor), f.tail(n.Items[i].end, n.column)
}

// freshText writes a new entry as its neighbour is written.
func (f *File) freshText(n *Node, e Entry, like int) string {
	value := e.Fresh()
	neighbour := n.Items[like]
	if n.flow {
		if f.json && bytes.Contains(f.data[neighbour.start:neighbour.end], []byte("\n")) {
			return f.indented(value, f.lineIndent(neighbour.start))
		}
		if text, ok := value.(string); ok {
			return f.scalar(neighbour, text, true)
		}
		return f.compact(value)
	}
	w := f.writer()
	w.indent(n.column)
	_, text := value.(string)
	r, arrives := value.(relocated)
	switch dash := f.dash(n, like); {
	case arrives && r.text != "":
		return r.at(n.column)
	case text:
		w.out = append(append(append(w.out, "- "...), f.scalar(neighbour, value.(string), false)...), f.style.newline...)
	case !isBlock(value) && !arrives, neighbour.flow && neighbour.Alias == nil && len(looseComments(value)) == 0:
		w.out = append(append(append(w.out, "- "...), f.compact(value)...), f.style.newline...)
	default:
		wide := neighbour.body - dash
		if neighbour.Alias != nil || neighbour.Kind != document.Object || bytes.Contains(f.data[dash:neighbour.body], []byte("\n")) || bytes.Contains(f.data[dash:neighbour.body], []byte("&")) || wide < 2 {
			wide = 2
		}
		w.out = append(w.out, '-')
		w.indent(wide - 1)
		if arrives { // from brackets, for which it had no lines of its own
			w.out = append(w.out, f.commentLines(r.comments, n.column+wide)...)
			value = r.value
		}
		w.block(value, n.column+wide)
	}
	return f.written(w)
}

// gap is what stands between two new neighbours.
func (f *File) gap(n *Node) string {
	if !n.flow {
		for i := 1; i < len(n.Items); i++ {
			start, _ := f.bounds(n, i)
			if f.blankBefore(start, 0) < start {
				return f.style.newline
			}
		}
		return ""
	}
	for i := 1; i < len(n.Items); i++ {
		if gap := f.data[n.Items[i-1].end:n.Items[i].start]; !bytes.Contains(gap, []byte("#")) {
			return string(gap)
		}
	}
	if start := n.Items[0].start; bytes.Contains(f.data[n.start:start], []byte("\n")) {
		return "," + f.style.newline + f.lineIndent(start)
	}
	if f.json && !f.style.spaced {
		return ","
	}
	return ", "
}

// changeInOrder cuts and inserts between entries that stay in order.
func (f *File) changeInOrder(n *Node, entries []Entry) {
	keeps := make([]bool, len(n.Items))
	first, last := -1, -1
	for _, e := range entries {
		if e.From >= 0 {
			keeps[e.From] = true
			if first < 0 {
				first = e.From
			}
			last = e.From
		}
	}
	for i, keep := range keeps {
		if !keep {
			f.cutEntry(n, i, first, last)
		}
	}
	gap := ""
	previous := -1
	for at, e := range entries {
		if e.From >= 0 {
			previous = e.From
			e.Edit(n.Items[e.From])
			continue
		}
		if gap == "" {
			gap = f.gap(n)
		}
		like := max(previous, 0)
		if previous < 0 {
			like = first
		}
		text := f.freshText(n, e, like)
		switch {
		case previous < 0 && n.flow:
			f.change(n, n.Items[first].start, n.Items[first].start, text+gap)
		case previous < 0:
			start, _ := f.bounds(n, first)
			f.change(n, start, start, text+gap)
		case n.flow:
			f.change(n, n.Items[previous].end, n.Items[previous].end, gap+text)
		default:
			_, end := f.bounds(n, previous)
			if end == len(f.data) && f.data[end-1] != '\n' && at > 0 && entries[at-1].From < 0 {
				f.change(n, end, end, f.style.newline+strings.TrimSuffix(gap+text, f.style.newline))
				continue
			}
			f.insertLines(n, end, gap+text)
		}
	}
}

func (f *File) cutEntry(n *Node, i, first, last int) {
	switch {
	case !n.flow && i < first: // the empty lines behind it go as well
		start, end := f.bounds(n, i)
		next, _ := f.bounds(n, i+1)
		for end < next {
			after := min(f.lineEnd(end)+1, next)
			if !blank(f.data[end:after]) {
				break
			}
			end = after
		}
		f.change(n, start, end, "")
	case !n.flow: // those before it
		start, end := f.bounds(n, i)
		_, floor := f.bounds(n, i-1)
		f.change(n, f.blankBefore(start, floor), end, "")
	case i < last:
		f.change(n, n.Items[i].start, n.Items[i+1].start, "")
	default:
		f.change(n, n.Items[i-1].end, n.Items[i].end, "")
	}
}

// reorder writes the entries in another order. What stands between them stays
// where it is.
func (f *File) reorder(n *Node, entries []Entry) {
	count := len(n.Items)
	start, _ := f.bounds(n, 0)
	_, end := f.bounds(n, count-1)
	gap := f.gap(n)
	var out strings.Builder
	for at, e := range entries {
		switch {
		case at == 0:
		case at < count:
			_, from := f.bounds(n, at-1)
			to, _ := f.bounds(n, at)
			out.Write(f.data[from:to])
		default:
			out.WriteString(gap)
		}
		if e.From < 0 {
			out.WriteString(f.freshText(n, e, min(at, count-1)))
			continue
		}
		from, to := f.bounds(n, e.From)
		text, err := applied(f.data, from, to, f.within(func() { e.Edit(n.Items[e.From]) }))
		if err != nil {
			f.fail(err.Error())
			return
		}
		out.Write(text)
		if !n.flow && len(text) > 0 && text[len(text)-1] != '\n' {
			out.WriteString(f.style.newline)
		}
	}
	text := out.String()
	if !n.flow && end == len(f.data) && f.data[end-1] != '\n' {
		text = strings.TrimSuffix(text, f.style.newline)
	}
	f.change(n, start, end, text)
}
