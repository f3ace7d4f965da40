package catalog

import (
	"bytes"
	"slices"
	"strings"
)

// tail is where the lines of a block entry end: behind its last line, and behind
// comments that are indented deeper than it.
func (m *merger) tail(end, column int) int {
	at := lineEnd(m.data, end)
	for at < len(m.data) {
		next := at + 1
		line := m.data[next:lineEnd(m.data, next)]
		text := bytes.TrimLeft(line, " \t")
		if len(text) == 0 || text[0] != '#' || len(line)-len(text) <= column {
			return next
		}
		at = next + len(line)
	}
	return at
}

// head is where the comment begins that stands right above a line.
func (m *merger) head(at, floor int) int {
	start := lineStart(m.data, at)
	for start > floor {
		before := lineStart(m.data, start-1)
		line := bytes.TrimSpace(m.data[before : start-1])
		if before < floor || len(line) == 0 || line[0] != '#' {
			break
		}
		start = before
	}
	return start
}

// blankBefore steps back over empty lines.
func (m *merger) blankBefore(at, floor int) int {
	for at > floor {
		before := lineStart(m.data, at-1)
		if before < floor || len(bytes.TrimSpace(m.data[before:at])) > 0 {
			break
		}
		at = before
	}
	return at
}

// cutKeys removes keys with their values, but not all.
func (m *merger) cutKeys(n *region, cut []int) {
	if len(cut) == 0 {
		return
	}
	slices.Sort(cut)
	first, last := 0, len(n.keys)-1 // that stay
	for slices.Contains(cut, first) {
		first++
	}
	for slices.Contains(cut, last) {
		last--
	}
	if first > last {
		m.fail("an object loses all its keys")
		return
	}
	if first > 0 { // in block style, behind the dash
		stop := n.keys[first].start
		if !n.flow {
			start := m.head(stop, m.tail(n.keys[first-1].value.end, n.column))
			stop = start + len(m.data[start:stop]) - len(bytes.TrimLeft(m.data[start:stop], " \t"))
		}
		m.edit(n, n.keys[0].start, stop, "")
	}
	for _, at := range cut {
		k := n.keys[at]
		switch {
		case at < first:
		case !n.flow:
			floor := m.tail(n.keys[at-1].value.end, n.column)
			m.edit(n, m.head(k.start, floor), m.tail(k.value.end, n.column), "")
		case at < last:
			m.edit(n, k.start, n.keys[at+1].start, "")
		default:
			m.edit(n, n.keys[at-1].value.end, k.value.end, "")
		}
	}
}

// An addedKey is put behind the key at an index, or first for -1.
type addedKey struct {
	behind int
	pair   pair
}

// commentsOfKey gives the comments of a key and its value.
func (m *merger) commentsOfKey(n *region, at int) []remark {
	k := n.keys[at]
	if m.json {
		return nil
	}
	if n.flow {
		part := m.flowParts(n).parts[at]
		return m.remarksWithin(part.above, part.next)
	}
	floor := 0
	if at > 0 {
		floor = m.tail(n.keys[at-1].value.end, n.column)
	}
	return m.remarksWithin(m.head(k.start, floor), m.tail(k.value.end, n.column))
}

// insertKey puts a key behind the one at an index, or first for -1.
func (m *merger) insertKey(n *region, behind int, p pair) {
	if len(n.keys) == 0 {
		m.fail("an object is empty")
		return
	}
	if !n.flow {
		w := m.writer()
		if behind < 0 {
			w.pair(p, n.column)
			w.indent(n.column)
			m.edit(n, n.keys[0].start, n.keys[0].start, m.written(w))
			return
		}
		w.indent(n.column)
		w.pair(p, n.column)
		m.insertLines(n, m.tail(n.keys[behind].value.end, n.column), m.written(w))
		return
	}
	lines := m.json && bytes.Contains(m.data[n.start:n.keys[0].start], []byte("\n"))
	text := m.compact(p.value)
	if lines {
		text = m.indented(p.value, lineIndent(m.data, n.keys[0].start))
	}
	name, colon := p.key, ": "
	if m.json {
		name = `"` + name + `"`
		if gap := m.data[n.keys[0].end:n.keys[0].value.start]; !bytes.Contains(gap, []byte(" ")) {
			colon = ":"
		}
	}
	text = name + colon + text
	separator := ", "
	switch {
	case lines:
		separator = "," + m.newline + lineIndent(m.data, n.keys[0].start)
	case len(n.keys) > 1:
		if gap := m.data[n.keys[0].value.end:n.keys[1].start]; len(bytes.Trim(gap, " ,")) == 0 {
			separator = string(gap)
		}
	}
	if behind < 0 {
		m.edit(n, n.keys[0].start, n.keys[0].start, text+separator)
		return
	}
	m.edit(n, n.keys[behind].value.end, n.keys[behind].value.end, separator+text)
}

// insertLines puts whole lines at the begin of a line, or behind a last line
// that no line feed ends.
func (m *merger) insertLines(n *region, at int, lines string) {
	if at == len(m.data) && at > 0 && m.data[at-1] != '\n' {
		lines = m.newline + strings.TrimSuffix(lines, m.newline)
	}
	m.edit(n, at, at, lines)
}
