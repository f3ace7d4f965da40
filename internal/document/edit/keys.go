package edit

import (
	"bytes"
	"slices"
	"strings"
)

// tail is where the lines of a block entry end: behind its last line, and behind
// comments that are indented deeper than it.
func (f *File) tail(end, column int) int {
	at := f.lineEnd(end)
	for at < len(f.data) {
		next := at + 1
		line := f.data[next:f.lineEnd(next)]
		text := bytes.TrimLeft(line, " \t")
		if len(text) == 0 || text[0] != '#' || len(line)-len(text) <= column {
			return next
		}
		at = next + len(line)
	}
	return at
}

// head is where the comment begins that stands right above a line.
func (f *File) head(at, floor int) int {
	start := f.lineStart(at)
	for start > floor {
		before := f.lineStart(start - 1)
		line := bytes.Trim(f.data[before:start-1], blanks)
		if before < floor || len(line) == 0 || line[0] != '#' {
			break
		}
		start = before
	}
	return start
}

// blankBefore steps back over empty lines.
func (f *File) blankBefore(at, floor int) int {
	for at > floor {
		before := f.lineStart(at - 1)
		if before < floor || !blank(f.data[before:at]) {
			break
		}
		at = before
	}
	return at
}

// cutKeys removes keys with their values; others stay.
func (f *File) cutKeys(n *Node, cut []int) {
	if len(cut) == 0 {
		return
	}
	slices.Sort(cut)
	first, last := 0, len(n.Keys)-1 // that stay
	for slices.Contains(cut, first) {
		first++
	}
	for slices.Contains(cut, last) {
		last--
	}
	if first > 0 { // in block style, behind the dash
		stop := n.Keys[first].start
		if !n.flow {
			start := f.head(stop, f.tail(n.Keys[first-1].Value.end, n.column))
			stop = start + len(f.data[start:stop]) - len(bytes.TrimLeft(f.data[start:stop], " \t"))
		}
		f.change(n, n.Keys[0].start, stop, "")
	}
	for _, at := range cut {
		k := n.Keys[at]
		switch {
		case at < first:
		case !n.flow:
			floor := f.tail(n.Keys[at-1].Value.end, n.column)
			f.change(n, f.head(k.start, floor), f.tail(k.Value.end, n.column), "")
		case at < last:
			f.change(n, k.start, n.Keys[at+1].start, "")
		default:
			f.change(n, n.Keys[at-1].Value.end, k.Value.end, "")
		}
	}
}

// An addedKey is put behind the key at an index, or first for -1.
type addedKey struct {
	behind int
	pair   Pair
}

// commentsOfKey returns the comments of a key and its value.
func (f *File) commentsOfKey(n *Node, at int) []span {
	k := n.Keys[at]
	if f.json {
		return nil
	}
	if n.flow {
		part := f.brackets(n).parts[at]
		return f.commentsIn(part.above, part.next)
	}
	floor := 0
	if at > 0 {
		floor = f.tail(n.Keys[at-1].Value.end, n.column)
	}
	return f.commentsIn(f.head(k.start, floor), f.tail(k.Value.end, n.column))
}

// insertKey puts a key behind the one at an index, or first for -1.
func (f *File) insertKey(n *Node, behind int, p Pair) {
	if !n.flow {
		w := f.writer()
		if behind < 0 {
			w.pair(p, n.column)
			w.indent(n.column)
			f.change(n, n.Keys[0].start, n.Keys[0].start, f.written(w))
			return
		}
		w.indent(n.column)
		w.pair(p, n.column)
		f.insertLines(n, f.tail(n.Keys[behind].Value.end, n.column), f.written(w))
		return
	}
	lines := f.json && bytes.Contains(f.data[n.start:n.Keys[0].start], []byte("\n"))
	text := f.compact(p.Value)
	if lines {
		text = f.indented(p.Value, f.lineIndent(n.Keys[0].start))
	}
	colon := ": "
	if f.json {
		if gap := f.data[n.Keys[0].end:n.Keys[0].Value.start]; !bytes.Contains(gap, []byte(" ")) {
			colon = ":"
		}
	}
	text = f.compact(p.Key) + colon + text
	separator := ", "
	switch {
	case lines:
		separator = "," + f.style.newline + f.lineIndent(n.Keys[0].start)
	case len(n.Keys) > 1:
		if gap := f.data[n.Keys[0].Value.end:n.Keys[1].start]; len(bytes.Trim(gap, " ,")) == 0 {
			separator = string(gap)
		}
	}
	if behind < 0 {
		f.change(n, n.Keys[0].start, n.Keys[0].start, text+separator)
		return
	}
	f.change(n, n.Keys[behind].Value.end, n.Keys[behind].Value.end, separator+text)
}

// explicitKeys reports whether a key in block style is written "? key".
func (f *File) explicitKeys(n *Node) bool {
	return !n.flow && slices.ContainsFunc(n.Keys, func(k Key) bool {
		above := bytes.TrimRight(f.data[:k.start], " \t\r\n")
		return string(bytes.Trim(above[lineStart(above, len(above)):], " \t-")) == "?"
	})
}

const errSwallows = "a comment would be a part of a text"

// swallows reports whether what stands above a part of a block could come to stand
// behind a text of several lines and be a part of it: a comment that is indented
// too deep, a tab, or blanks at the end of the file.
func (f *File) swallows(n *Node) bool {
	if n.flow {
		return false
	}
	behind := f.data[n.end:]
	texts, deep := false, !bytes.HasSuffix(behind, []byte("\n")) && len(behind) > 0 && blank(behind)
	floor := n.body
	look := func(above, at int, value *Node) {
		texts = texts || value.last().quote == '|'
		line := f.data[above:at]
		deep = deep || bytes.Contains(line, []byte("#")) && len(line)-len(bytes.TrimLeft(line, " ")) > n.column ||
			bytes.Contains(f.data[floor:max(floor, above)], []byte("\t"))
		floor = f.tail(value.end, n.column)
	}
	for i, k := range n.Keys {
		above := k.start
		if i > 0 {
			above = f.head(k.start, floor)
		}
		look(above, k.start, k.Value)
	}
	for i, item := range n.Items {
		above, _ := f.bounds(n, i)
		look(above, item.start, item)
	}
	return texts && deep
}

// insertLines puts whole lines at the beginning of a line, or behind a last line
// that no line feed ends.
func (f *File) insertLines(n *Node, at int, lines string) {
	if at == len(f.data) && at > 0 && f.data[at-1] != '\n' {
		lines = f.style.newline + strings.TrimSuffix(lines, f.style.newline)
	}
	f.change(n, at, at, lines)
}
