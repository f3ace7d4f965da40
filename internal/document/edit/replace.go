package edit

import (
	"bytes"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// Replace writes a value over another one, in its style.
func (f *File) Replace(n *Node, value any) {
	start := n.body
	if n.tagged || n.Alias != nil {
		start = n.start
	}
	empty := n.Kind == document.Null && n.body == n.end && start == n.body
	if k := n.parent.keyOf(n); empty && k != nil && k.end == n.end { // without a colon
		if n.inFlow() && !bytes.Contains(f.data[k.start:k.end], []byte("\n")) {
			f.change(n, n.end, n.end, ": "+f.inline(n, value, true))
		} else {
			f.fail("a key has no colon")
		}
		return
	}
	switch {
	case n.Kind == document.Null && !n.inFlow() && isBlock(value) && f.endsKeyLine(n):
		column := n.parent.column + 2
		if _, ok := value.(List); ok && f.style.compact {
			column = n.parent.column
		}
		f.linesBelow(n, value, column)
	case empty:
		f.change(n, n.end, n.end, " "+f.inline(n, value, n.inFlow()))
	case !n.flow && n.Alias == nil && n.collection() && isBlock(value):
		above := f.commentLines(f.textsIn(n.body, n.end), n.column)
		f.change(n, n.body, n.end, above+strings.TrimSuffix(f.block(value, n.column), f.style.newline))
	case n.quote == '|':
		text := f.margin(n, start) + f.inline(n, value, n.inFlow())
		for _, comment := range f.textsIn(n.body, n.end) {
			text += " # " + comment
		}
		f.change(n, start, n.end, text)
	default:
		f.change(n, start, n.end, f.margin(n, start)+f.inline(n, value, n.inFlow()))
	}
}

// margin is what a value that begins a line lacks there to be indented deeper
// than its key: a text of several lines may have its | there.
func (f *File) margin(n *Node, start int) string {
	column := start - f.lineStart(start)
	if n.inside || n.parent == nil || f.json || column > n.parent.column || !blank(f.data[start-column:start]) {
		return ""
	}
	return strings.Repeat(" ", n.parent.column+2-column)
}

// inline writes a value where another one stood, on its line. JSON objects and
// lists of several lines keep to that.
func (f *File) inline(n *Node, value any, inFlow bool) string {
	switch v := value.(type) {
	case string:
		return f.scalar(n, v, inFlow)
	case Literal:
		if !f.json && bytes.ContainsRune(f.data[n.start:n.end], '_') {
			return grouped(string(v))
		}
		return string(v)
	case Object, List:
		if f.json && bytes.Contains(f.data[n.start:n.end], []byte("\n")) {
			return f.indented(value, f.lineIndent(n.start))
		}
	}
	return f.compact(value)
}

// scalar writes a text in the quotes of another one.
func (f *File) scalar(n *Node, s string, inFlow bool) string {
	if f.json {
		return f.compact(s)
	}
	switch hidden := strings.ContainsFunc(s, oneLine); {
	case n.quote == '"' && !hidden:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	case n.quote == '\'' && !hidden:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	text, err := appendYAMLText(nil, s, inFlow)
	if err != nil {
		f.fail(err.Error())
	}
	return string(text)
}

// grouped writes 25000 as 25_000.
func grouped(number string) string {
	digits := strings.TrimPrefix(number, "-")
	sign := number[:len(number)-len(digits)]
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "_" + digits[i:]
	}
	return sign + digits
}

// compact writes a value on one line.
func (f *File) compact(value any) string {
	if f.json {
		return f.jsonText(func(w *jsonWriter) { w.line(value) })
	}
	w := f.writer()
	w.flow(value, true)
	return f.written(w)
}

// indented writes a JSON value over several lines.
func (f *File) indented(value any, indent string) string {
	return f.jsonText(func(w *jsonWriter) { w.lines(value, indent) })
}

func (f *File) jsonText(write func(*jsonWriter)) string {
	w := &jsonWriter{newline: f.style.newline, unit: f.style.unit, spaced: f.style.spaced}
	write(w)
	if w.err != nil {
		f.fail(w.err.Error())
	}
	return w.out.String()
}

// block writes a YAML value over several lines, of which the first is indented
// already.
func (f *File) block(value any, column int) string {
	w := f.writer()
	w.block(value, column)
	return f.written(w)
}

func (f *File) writer() *yamlWriter {
	return &yamlWriter{newline: f.style.newline, compact: f.style.compact}
}

func (f *File) written(w *yamlWriter) string {
	if w.err != nil {
		f.fail(w.err.Error())
	}
	return string(w.out)
}
