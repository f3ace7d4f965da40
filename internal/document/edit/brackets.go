package edit

import (
	"bytes"
	"slices"
	"strings"
)

// A part is a pair or an element in brackets with what belongs to it: the
// comments on the lines above it, and the one behind it on its line, which may
// stand behind the comma.
type part struct {
	above      int // where what stands between the last part and this one begins
	start, end int
	comma      int // or -1
	next       int
}

// brackets is the inside of brackets. Comments that no part has stand between
// the bracket and the first one, or behind the last one.
type brackets struct {
	parts    []part
	comments bool // there are any between the parts
	lines    bool // there are line breaks between the parts
}

// brackets takes brackets apart.
func (f *File) brackets(n *Node) *brackets {
	if known := f.inside[n]; known != nil {
		return known
	}
	b := &brackets{}
	at := f.restOfLine(n.body + 1)
	add := func(start, end int) {
		p := part{above: at, start: start, end: end, comma: -1}
		behind := end
		if next := nextToken(f.data, end); next < n.end && f.data[next] == ',' {
			p.comma, behind = next, next+1
		}
		at = f.restOfLine(behind)
		p.next = at
		b.parts = append(b.parts, p)
	}
	for _, k := range n.Keys {
		add(k.start, k.Value.end)
	}
	for _, i := range n.Items {
		add(i.start, i.end)
	}
	from := n.body
	for _, p := range append(slices.Clone(b.parts), part{start: n.end, end: n.end}) {
		b.comments = b.comments || len(f.commentsIn(from, p.start)) > 0
		b.lines = b.lines || bytes.Contains(f.data[from:p.start], []byte("\n"))
		from = p.end
	}
	f.inside[n] = b
	return b
}

// restOfLine steps over a comment and the line break behind it, or over blanks
// when something else follows on the line.
func (f *File) restOfLine(at int) int {
	end := at
	for end < len(f.data) && (f.data[end] == ' ' || f.data[end] == '\t') {
		end++
	}
	if stop := f.lineEnd(end); end > at && f.data[end] == '#' || blank(f.data[end:stop]) {
		return min(stop+1, len(f.data))
	}
	return end
}

// commentedBrackets reports whether comments stand between the parts of brackets.
func (f *File) commentedBrackets(n *Node) bool {
	return n.flow && !f.json && f.brackets(n).comments
}

// A bracketWriter writes brackets again whose parts change while comments stand
// between them.
type bracketWriter struct {
	*File
	out    strings.Builder
	indent string // of parts on lines of their own
	lines  bool
	last   string // since the last line break
	open   bool   // a comma is to come before the next part
	behind string // what follows that comma
}

// rewriteBrackets writes the opening bracket, with the comment behind it.
func (f *File) rewriteBrackets(n *Node) *bracketWriter {
	b := f.brackets(n)
	w := &bracketWriter{File: f, lines: b.lines, indent: f.lineIndent(n.start) + "  "}
	for _, p := range b.parts {
		if blank(f.data[f.lineStart(p.start):p.start]) {
			w.indent = f.lineIndent(p.start)
			break
		}
	}
	w.write(string(f.data[n.body:f.restOfLine(n.body+1)]))
	return w
}

func (w *bracketWriter) write(s string) {
	w.out.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		w.last = s[i+1:]
	} else {
		w.last += s
	}
}

// newLine ends the line, after the part before.
func (w *bracketWriter) newLine() {
	if !strings.Contains(w.behind, "\n") {
		w.behind = strings.TrimRight(w.behind, " \t")
	}
	w.comma()
	if !blank(w.last) {
		w.write(w.style.newline)
	}
}

// comma ends the part before.
func (w *bracketWriter) comma() {
	if w.open {
		w.write("," + w.behind)
		w.open = false
	}
}

// attached is where the comments above a part begin that no empty line separates
// from it.
func (f *File) attached(p part) int {
	rest, at := p.above, p.above
	for line := range bytes.Lines(f.data[p.above:p.start]) {
		if at += len(line); line[len(line)-1] == '\n' && blank(line) {
			rest = at
		}
	}
	return rest
}

// detached writes the other comments above it. They stay when it goes.
func (w *bracketWriter) detached(p part) {
	if above := w.data[p.above:w.attached(p)]; bytes.Contains(above, []byte("#")) {
		w.newLine()
		w.write(string(above))
	}
}

// part writes a part of the file with the changes inside of it.
func (w *bracketWriter) part(p part, changes []change) {
	w.detached(p)
	above := string(w.data[w.attached(p):p.start])
	if strings.Contains(above, "#") {
		w.newLine()
	}
	switch w.comma(); {
	case strings.Contains(above, "#"):
		w.write(above)
	case above == "" && strings.HasSuffix(w.last, ","):
		w.write(" ")
	case w.last == "" && w.data[p.above-1] != '\n':
		w.write(w.indent)
	case blank(w.last) && w.last != "":
	default:
		w.write(above)
	}
	text, err := applied(w.data, p.start, p.end, changes)
	if err != nil {
		w.fail(err.Error())
	}
	w.write(string(text))
	w.open = true
	if w.behind = string(w.data[p.end:p.next]); p.comma >= 0 {
		w.behind = string(w.data[p.end:p.comma]) + string(w.data[p.comma+1:p.next])
	}
}

// fresh writes a new part.
func (w *bracketWriter) fresh(text string, comments []string) {
	if w.lines || len(comments) > 0 {
		if w.newLine(); w.last == "" {
			w.write(w.indent)
		}
	} else if w.comma(); w.last != "" && !strings.HasSuffix(w.last, " ") && !strings.HasSuffix(w.last, "[") && !strings.HasSuffix(w.last, "{") {
		w.write(" ")
	}
	w.write(w.commentLines(comments, len(w.indent)) + text)
	w.open = true
	if w.behind = ""; w.lines {
		w.behind = w.style.newline
	}
}

// close writes what stands in front of the closing bracket, and returns it all.
func (w *bracketWriter) close(n *Node) string {
	b := w.brackets(n)
	at := w.restOfLine(n.body + 1)
	if last := len(b.parts) - 1; last >= 0 {
		at = b.parts[last].next
	}
	if w.open { // without a comma
		if !strings.Contains(w.behind, "\n") {
			w.behind = strings.TrimRight(w.behind, " \t")
		}
		w.write(w.behind)
		w.open = false
	}
	rest := string(w.data[at : n.end-1])
	if strings.Contains(rest, "#") {
		w.newLine()
	}
	if w.write(rest); w.last == "" {
		w.write(w.lineIndent(n.start) + "  ")
	}
	w.write(string(w.data[n.end-1 : n.end]))
	return w.out.String()
}

// rewriteBraces cuts and adds keys in braces. The changes since made are those
// inside of them.
func (f *File) rewriteBraces(n *Node, made int, cut []int, added []addedKey) {
	inside := slices.Clone(f.changes[made:])
	f.changes = f.changes[:made]
	w := f.rewriteBrackets(n)
	add := func(behind int) {
		for _, a := range added {
			if a.behind == behind {
				w.fresh(f.compact(a.pair.Key)+": "+f.compact(a.pair.Value), looseComments(a.pair.Value))
			}
		}
	}
	add(-1)
	for i, p := range f.brackets(n).parts {
		if slices.Contains(cut, i) {
			w.detached(p)
		} else {
			w.part(p, changesIn(inside, p.start, p.end))
		}
		add(i)
	}
	f.change(n, n.body, n.end, w.close(n))
}

func changesIn(changes []change, start, end int) (within []change) {
	for _, c := range changes {
		if c.start >= start && c.end <= end {
			within = append(within, c)
		}
	}
	return within
}

// rewriteList writes a list in brackets again.
func (f *File) rewriteList(n *Node, entries []Entry) {
	parts := f.brackets(n).parts
	stays := make([]bool, len(parts))
	for _, e := range entries {
		if e.From >= 0 {
			stays[e.From] = true
		}
	}
	w := f.rewriteBrackets(n)
	next := 0 // the first part that has had no turn
	gone := func(end int) {
		for ; next < end; next++ {
			if !stays[next] {
				w.detached(parts[next])
			}
		}
	}
	for _, e := range entries {
		if e.From < 0 {
			value := e.Fresh()
			w.fresh(f.compact(value), looseComments(value))
			continue
		}
		gone(e.From)
		w.part(parts[e.From], f.within(func() { e.Edit(n.Items[e.From]) }))
	}
	gone(len(parts))
	f.change(n, n.body, n.end, w.close(n))
}
