package catalog

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// An entry of a list as it is to be: one of the old ones, or a new one.
type entry struct {
	from  int // index of the old entry, or -1
	fresh func() any
	edit  func(*region) // brings the old one up to date
}

// sequence turns the entries of a list into the wanted ones. As long as the old
// ones keep their order, only what is new or gone is touched.
func (m *merger) sequence(n *region, entries []entry) {
	if n.kind != document.List {
		m.fail("a list is written as something else")
		return
	}
	if n.alias != nil {
		m.fail("a list that changes is shared through an anchor")
		return
	}
	var kept []int
	comments := m.commentedFlow(n)
	lines := !n.flow || len(n.items) == 0 && m.keyLine(n) // or will have
	for i, e := range entries {
		if e.from >= 0 {
			kept = append(kept, e.from)
			continue
		}
		var fresh any
		m.arriving(n, func() { fresh = e.fresh() })
		entries[i].fresh = func() any { return fresh }
		comments = comments || !lines && len(looseComments(fresh)) > 0
	}
	changes := len(kept) != len(n.items) || len(kept) != len(entries) || !slices.IsSorted(kept)
	switch {
	case len(kept) == 0 && len(entries)+len(n.items) == 0:
	case comments && changes && len(entries) > 0:
		m.respaceList(n, entries)
	case len(kept) == 0:
		m.replaceList(n, entries)
	case !n.flow && !m.ownLines(n):
		m.fail("a list has no lines of its own")
	case !slices.IsSorted(kept):
		m.reorder(n, entries)
	default:
		m.spliceList(n, entries)
	}
}

// replaceList writes a list of which nothing stays.
func (m *merger) replaceList(n *region, entries []entry) {
	value := list{}
	for _, e := range entries {
		value = append(value, e.fresh())
	}
	switch {
	case m.json:
		text := m.compact(value)
		if bytes.Contains(m.data, []byte("\n")) {
			text = m.indented(value, lineIndent(m.data, n.start))
		}
		m.edit(n, n.body, n.end, text)
	case !n.flow && !m.ownLines(n):
		m.fail("a list has no lines of its own")
	case !n.flow:
		start, end := m.bounds(n, 0)
		text := strings.Repeat(" ", n.column+2) + "[]" + m.newline
		if len(value) > 0 {
			w := m.writer()
			w.indent(n.column)
			w.block(value, n.column)
			text = m.written(w)
		} else if before := bytes.TrimRight(m.data[:start], " \t\r\n"); bytes.HasSuffix(before, []byte(":")) {
			start, text = len(before), " []"+m.newline
		}
		if end == len(m.data) && m.data[end-1] != '\n' {
			text = strings.TrimSuffix(text, m.newline)
		}
		m.edit(n, start, end, text)
		for i := 1; i < len(n.items); i++ {
			m.cutEntry(n, i, 0, 0)
		}
	case n.flow && isBlock(value) && len(n.items) == 0 && m.keyLine(n):
		indent := len(strings.TrimRight(lineIndent(m.data, n.start), "\t"))
		line := m.data[lineStart(m.data, n.start)+indent:]
		for bytes.HasPrefix(line, []byte("- ")) {
			indent, line = indent+2, line[2:]
		}
		if !m.flush {
			indent += 2
		}
		m.linesBelow(n, value, indent)
	default:
		m.edit(n, n.body, n.end, m.compact(value))
	}
}

// keyLine tells whether a value stands behind a key in block style, at most with
// a comment behind it.
func (m *merger) keyLine(n *region) bool {
	end := lineEnd(m.data, n.start)
	if behind := m.remarksWithin(n.end, end); len(behind) > 0 {
		end = behind[0].start
	}
	return !n.inside && n.end <= end && len(bytes.TrimSpace(m.data[n.end:end])) == 0
}

// linesBelow puts a block below the line of a key, in the place of a value that
// is empty.
func (m *merger) linesBelow(n *region, value any, column int) {
	m.edit(n, len(bytes.TrimRight(m.data[:n.body], " \t")), n.end, "")
	w := m.writer()
	w.indent(column)
	w.block(value, column)
	m.insertLines(n, min(lineEnd(m.data, n.end)+1, len(m.data)), m.written(w))
}

// dash finds the dash of a block entry. There may be comments behind it.
func (m *merger) dash(n *region, i int) int {
	at := n.items[i].start - 1
	for at >= 0 && strings.ContainsRune(" \t\r\n", rune(m.data[at])) {
		at--
		if r := m.remarksWithin(lineStart(m.data, at+1), at+1); len(r) > 0 && at >= 0 && m.data[at] != '\n' {
			at = r[0].start - 1
		}
	}
	if n.items[i].start == n.items[i].end && at >= 0 && m.data[at] != '-' {
		return -1
	}
	return at
}

// ownLines tells whether each entry begins a line.
func (m *merger) ownLines(n *region) bool {
	for i := range n.items {
		if !m.ownLine(n, i) {
			return false
		}
	}
	return true
}

func (m *merger) ownLine(n *region, i int) bool {
	at := m.dash(n, i)
	return at >= 0 && m.data[at] == '-' && at-lineStart(m.data, at) == n.column && len(bytes.TrimSpace(m.data[lineStart(m.data, at):at])) == 0
}

// bounds are the bytes of an entry: in block style its lines with the comments
// above it.
func (m *merger) bounds(n *region, i int) (start, end int) {
	if n.flow {
		return n.items[i].start, n.items[i].end
	}
	floor := 0
	if i > 0 {
		floor = m.tail(n.items[i-1].end, n.column)
	}
	return m.head(m.dash(n, i), floor), m.tail(n.items[i].end, n.column)
}

// freshText writes a new entry as its neighbour is written.
func (m *merger) freshText(n *region, e entry, like int) string {
	value := e.fresh()
	neighbour := n.items[like]
	if n.flow {
		if m.json && bytes.Contains(m.data[neighbour.start:neighbour.end], []byte("\n")) {
			return m.indented(value, lineIndent(m.data, neighbour.start))
		}
		if text, ok := value.(string); ok {
			return m.scalar(neighbour, text, true)
		}
		return m.compact(value)
	}
	w := m.writer()
	w.indent(n.column)
	_, text := value.(string)
	r, arrives := value.(relocated)
	switch dash := m.dash(n, like); {
	case arrives && r.text != "":
		return r.at(n.column)
	case text:
		w.out = append(append(append(w.out, "- "...), m.scalar(neighbour, value.(string), false)...), m.newline...)
	case neighbour.flow && neighbour.alias == nil && len(looseComments(value)) == 0:
		w.out = append(append(append(w.out, "- "...), m.compact(value)...), m.newline...)
	default:
		wide := neighbour.body - dash
		if neighbour.alias != nil || neighbour.kind != document.Object || bytes.Contains(m.data[dash:neighbour.body], []byte("\n")) || bytes.Contains(m.data[dash:neighbour.body], []byte("&")) || wide < 2 {
			wide = 2
		}
		w.out = append(w.out, '-')
		w.indent(wide - 1)
		if arrives { // from brackets, for which it had no lines of its own
			w.out = append(w.out, m.commentLines(r.comments, n.column+wide)...)
			value = r.value
		}
		w.block(value, n.column+wide)
	}
	return m.written(w)
}

// gap is what stands between two new neighbours.
func (m *merger) gap(n *region) string {
	if !n.flow {
		for i := 1; i < len(n.items); i++ {
			start, _ := m.bounds(n, i)
			if m.blankBefore(start, 0) < start {
				return m.newline
			}
		}
		return ""
	}
	for i := 1; i < len(n.items); i++ {
		if gap := m.data[n.items[i-1].end:n.items[i].start]; !bytes.Contains(gap, []byte("#")) {
			return string(gap)
		}
	}
	if start := n.items[0].start; bytes.Contains(m.data[n.start:start], []byte("\n")) {
		return "," + m.newline + lineIndent(m.data, start)
	}
	if m.json && !m.spaced {
		return ","
	}
	return ", "
}

// spliceList cuts and inserts between entries that stay in order.
func (m *merger) spliceList(n *region, entries []entry) {
	keeps := make([]bool, len(n.items))
	first, last := -1, -1
	for _, e := range entries {
		if e.from >= 0 {
			keeps[e.from] = true
			if first < 0 {
				first = e.from
			}
			last = e.from
		}
	}
	for i, keep := range keeps {
		if !keep {
			m.cutEntry(n, i, first, last)
		}
	}
	gap := ""
	previous := -1
	for at, e := range entries {
		if e.from >= 0 {
			previous = e.from
			e.edit(n.items[e.from])
			continue
		}
		if gap == "" {
			gap = m.gap(n)
		}
		like := max(previous, 0)
		if previous < 0 {
			like = first
		}
		text := m.freshText(n, e, like)
		switch {
		case previous < 0 && n.flow:
			m.edit(n, n.items[first].start, n.items[first].start, text+gap)
		case previous < 0:
			start, _ := m.bounds(n, first)
			m.edit(n, start, start, text+gap)
		case n.flow:
			m.edit(n, n.items[previous].end, n.items[previous].end, gap+text)
		default:
			_, end := m.bounds(n, previous)
			if end == len(m.data) && m.data[end-1] != '\n' && at > 0 && entries[at-1].from < 0 {
				m.edit(n, end, end, m.newline+strings.TrimSuffix(gap+text, m.newline))
				continue
			}
			m.insertLines(n, end, gap+text)
		}
	}
}

func (m *merger) cutEntry(n *region, i, first, last int) {
	switch {
	case !n.flow && i < first: // the empty lines behind it go as well
		start, end := m.bounds(n, i)
		next, _ := m.bounds(n, i+1)
		for end < next {
			after := min(lineEnd(m.data, end)+1, next)
			if len(bytes.TrimSpace(m.data[end:after])) > 0 {
				break
			}
			end = after
		}
		m.edit(n, start, end, "")
	case !n.flow: // those before it
		start, end := m.bounds(n, i)
		_, floor := m.bounds(n, i-1)
		m.edit(n, m.blankBefore(start, floor), end, "")
	case i < last:
		m.edit(n, n.items[i].start, n.items[i+1].start, "")
	default:
		m.edit(n, n.items[i-1].end, n.items[i].end, "")
	}
}

// reorder writes the entries in another order. What stands between them stays
// where it is.
func (m *merger) reorder(n *region, entries []entry) {
	count := len(n.items)
	start, _ := m.bounds(n, 0)
	_, end := m.bounds(n, count-1)
	gap := m.gap(n)
	var out strings.Builder
	for at, e := range entries {
		switch {
		case at == 0:
		case at < count:
			_, from := m.bounds(n, at-1)
			to, _ := m.bounds(n, at)
			out.Write(m.data[from:to])
		default:
			out.WriteString(gap)
		}
		if e.from < 0 {
			out.WriteString(m.freshText(n, e, min(at, count-1)))
			continue
		}
		from, to := m.bounds(n, e.from)
		text, err := spliced(m.data, from, to, m.within(func() { e.edit(n.items[e.from]) }))
		if err != nil {
			m.fail(err.Error())
			return
		}
		out.Write(text)
		if !n.flow && len(text) > 0 && text[len(text)-1] != '\n' {
			out.WriteString(m.newline)
		}
	}
	text := out.String()
	if !n.flow && end == len(m.data) && m.data[end-1] != '\n' {
		text = strings.TrimSuffix(text, m.newline)
	}
	m.edit(n, start, end, text)
}
