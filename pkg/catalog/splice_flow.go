package catalog

import (
	"bytes"
	"slices"
	"strings"
)

// A flowPart is a pair or an element in brackets with what belongs to it: the
// comments on the lines above it, and the one behind it on its line, which may
// stand behind the comma.
type flowPart struct {
	above      int // where what stands between the last part and this one begins
	start, end int
	comma      int // or -1
	next       int
}

// flowParts is the inside of brackets. Comments that no part has stand between
// the bracket and the first one, or behind the last one.
type flowParts struct {
	parts    []flowPart
	comments bool // there are any between the parts
	lines    bool // there are line breaks between the parts
}

// flowParts takes brackets apart.
func (m *merger) flowParts(n *region) *flowParts {
	if known := m.flows[n]; known != nil {
		return known
	}
	f := &flowParts{}
	y := yamlLayout{data: m.data}
	at := m.restOfLine(n.body + 1)
	add := func(start, end int) {
		p := flowPart{above: at, start: start, end: end, comma: -1}
		behind := end
		if next := y.blank(end); next < n.end && m.data[next] == ',' {
			p.comma, behind = next, next+1
		}
		at = m.restOfLine(behind)
		p.next = at
		f.parts = append(f.parts, p)
	}
	for _, k := range n.keys {
		add(k.start, k.value.end)
	}
	for _, i := range n.items {
		add(i.start, i.end)
	}
	from := n.body
	for _, p := range append(slices.Clone(f.parts), flowPart{start: n.end, end: n.end}) {
		f.comments = f.comments || len(m.remarksWithin(from, p.start)) > 0
		f.lines = f.lines || bytes.Contains(m.data[from:p.start], []byte("\n"))
		from = p.end
	}
	m.flows[n] = f
	return f
}

// restOfLine steps over a comment and the line break behind it, or over blanks
// when something else follows on the line.
func (m *merger) restOfLine(at int) int {
	end := at
	for end < len(m.data) && (m.data[end] == ' ' || m.data[end] == '\t') {
		end++
	}
	if stop := lineEnd(m.data, end); end > at && m.data[end] == '#' || len(bytes.TrimSpace(m.data[end:stop])) == 0 {
		return min(stop+1, len(m.data))
	}
	return end
}

// commentedFlow tells whether comments stand between the parts of brackets.
func (m *merger) commentedFlow(n *region) bool {
	return n.flow && !m.json && m.flowParts(n).comments
}

// A flowWriter writes brackets again whose parts change while comments stand
// between them.
type flowWriter struct {
	m      *merger
	out    strings.Builder
	indent string // of parts on lines of their own
	lines  bool
	last   string // since the last line break
	open   bool   // a comma is to come before the next part
	behind string // what follows that comma
}

// respace opens brackets, with the comment that stands behind the first one.
func (m *merger) respace(n *region) *flowWriter {
	f := m.flowParts(n)
	w := &flowWriter{m: m, lines: f.lines, indent: lineIndent(m.data, n.start) + "  "}
	for _, p := range f.parts {
		if len(bytes.TrimSpace(m.data[lineStart(m.data, p.start):p.start])) == 0 {
			w.indent = lineIndent(m.data, p.start)
			break
		}
	}
	w.write(string(m.data[n.body:m.restOfLine(n.body+1)]))
	return w
}

func (w *flowWriter) write(s string) {
	w.out.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		w.last = s[i+1:]
	} else {
		w.last += s
	}
}

// newLine ends the line, after the part before.
func (w *flowWriter) newLine() {
	if !strings.Contains(w.behind, "\n") {
		w.behind = strings.TrimRight(w.behind, " \t")
	}
	w.comma()
	if strings.TrimSpace(w.last) != "" {
		w.write(w.m.newline)
	}
}

// comma ends the part before.
func (w *flowWriter) comma() {
	if w.open {
		w.write("," + w.behind)
		w.open = false
	}
}

// attached is where the comments above a part begin that no empty line separates
// from it.
func (m *merger) attached(p flowPart) int {
	rest, at := p.above, p.above
	for line := range bytes.Lines(m.data[p.above:p.start]) {
		if at += len(line); line[len(line)-1] == '\n' && len(bytes.TrimSpace(line)) == 0 {
			rest = at
		}
	}
	return rest
}

// detached writes the other comments above it. They stay when it goes.
func (w *flowWriter) detached(p flowPart) {
	if above := w.m.data[p.above:w.m.attached(p)]; bytes.Contains(above, []byte("#")) {
		w.newLine()
		w.write(string(above))
	}
}

// part writes a part of the file with the edits inside of it.
func (w *flowWriter) part(p flowPart, edits []edit) {
	m := w.m
	w.detached(p)
	above := string(m.data[m.attached(p):p.start])
	if strings.Contains(above, "#") {
		w.newLine()
	}
	switch w.comma(); {
	case strings.Contains(above, "#"):
		w.write(above)
	case above == "" && strings.HasSuffix(w.last, ","):
		w.write(" ")
	case w.last == "" && m.data[p.above-1] != '\n':
		w.write(w.indent)
	case strings.TrimSpace(w.last) == "" && w.last != "":
	default:
		w.write(above)
	}
	text, err := spliced(m.data, p.start, p.end, edits)
	if err != nil {
		m.fail(err.Error())
	}
	w.write(string(text))
	w.open = true
	if w.behind = string(m.data[p.end:p.next]); p.comma >= 0 {
		w.behind = string(m.data[p.end:p.comma]) + string(m.data[p.comma+1:p.next])
	}
}

// fresh writes a new part.
func (w *flowWriter) fresh(text string, comments []string) {
	if w.lines || len(comments) > 0 {
		if w.newLine(); w.last == "" {
			w.write(w.indent)
		}
	} else if w.comma(); w.last != "" && !strings.HasSuffix(w.last, " ") && !strings.HasSuffix(w.last, "[") && !strings.HasSuffix(w.last, "{") {
		w.write(" ")
	}
	w.write(w.m.commentLines(comments, len(w.indent)) + text)
	w.open = true
	if w.behind = ""; w.lines {
		w.behind = w.m.newline
	}
}

// close writes what stands in front of the closing bracket, and gives it all.
func (w *flowWriter) close(n *region) string {
	f := w.m.flowParts(n)
	at := w.m.restOfLine(n.body + 1)
	if last := len(f.parts) - 1; last >= 0 {
		at = f.parts[last].next
	}
	if w.open { // without a comma
		if !strings.Contains(w.behind, "\n") {
			w.behind = strings.TrimRight(w.behind, " \t")
		}
		w.write(w.behind)
		w.open = false
	}
	rest := string(w.m.data[at : n.end-1])
	if strings.Contains(rest, "#") {
		w.newLine()
	}
	if w.write(rest); w.last == "" {
		w.write(lineIndent(w.m.data, n.start) + "  ")
	}
	w.write(string(w.m.data[n.end-1 : n.end]))
	return w.out.String()
}

// respaceKeys cuts and adds keys in braces. The edits since made are those
// inside of them.
func (m *merger) respaceKeys(n *region, made int, cut []int, added []addedKey) {
	inside := slices.Clone(m.edits[made:])
	m.edits = m.edits[:made]
	w := m.respace(n)
	add := func(behind int) {
		for _, a := range added {
			if a.behind == behind {
				w.fresh(a.pair.key+": "+m.compact(a.pair.value), looseComments(a.pair.value))
			}
		}
	}
	add(-1)
	for i, p := range m.flowParts(n).parts {
		if slices.Contains(cut, i) {
			w.detached(p)
		} else {
			w.part(p, editsWithin(inside, p.start, p.end))
		}
		add(i)
	}
	m.edit(n, n.body, n.end, w.close(n))
}

func editsWithin(edits []edit, start, end int) (within []edit) {
	for _, e := range edits {
		if e.start >= start && e.end <= end {
			within = append(within, e)
		}
	}
	return within
}

// respaceList writes a list in brackets again.
func (m *merger) respaceList(n *region, entries []entry) {
	parts := m.flowParts(n).parts
	stays := make([]bool, len(parts))
	for _, e := range entries {
		if e.from >= 0 {
			stays[e.from] = true
		}
	}
	w := m.respace(n)
	next := 0 // the first part that has had no turn
	gone := func(end int) {
		for ; next < end; next++ {
			if !stays[next] {
				w.detached(parts[next])
			}
		}
	}
	for _, e := range entries {
		if e.from < 0 {
			value := e.fresh()
			w.fresh(m.compact(value), looseComments(value))
			continue
		}
		gone(e.from)
		w.part(parts[e.from], m.within(func() { e.edit(n.items[e.from]) }))
	}
	gone(len(parts))
	m.edit(n, n.body, n.end, w.close(n))
}
