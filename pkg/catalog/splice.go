package catalog

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// An edit replaces bytes of a file. of is the value that it changes.
type edit struct {
	start, end int
	text       string
	of         *region
}

// spliced gives the bytes from start to end with the edits made.
func spliced(data []byte, start, end int, edits []edit) ([]byte, error) {
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	out := make([]byte, 0, end-start+256)
	at := start
	for _, e := range edits {
		if e.start < at || e.end < e.start || e.end > end {
			return nil, fmt.Errorf("two changes meet in one place")
		}
		out = append(append(out, data[at:e.start]...), e.text...)
		at = e.end
	}
	return append(out, data[at:end]...), nil
}

func (m *merger) edit(of *region, start, end int, text string) {
	m.edits = append(m.edits, edit{start, end, text, of})
}

func (m *merger) fail(why string) {
	if m.err == nil {
		m.err = fmt.Errorf("%s", why)
	}
}

// within runs something and gives the edits it makes, without making them.
func (m *merger) within(run func()) []edit {
	before := m.edits
	m.edits = nil
	run()
	made := m.edits
	m.edits = before
	return made
}

// object brings the fields of an object to what they are to be, which is given
// in the order that new ones are put in.
func (m *merger) object(n *region, who Note, fields []mergedField) {
	if n.kind != kindObject {
		m.fail("an object is written as something else")
		return
	}
	var cut []int
	made := len(m.edits)
	giveUp := func() {
		m.edits, cut = m.edits[:made], nil
		m.rewrite(n, who, fields)
	}
	if n.alias != nil {
		if m.stale(n) || slices.ContainsFunc(fields, func(f mergedField) bool { return !m.unchanged(n.alias, f) }) {
			giveUp()
		}
		return
	}
	if n.merges() {
		for _, k := range n.keys {
			if k.merge && m.stale(k.value) {
				giveUp()
				return
			}
		}
	}
	previous := -1 // index of the key that the last field has
	defer func() { m.cutKeys(n, cut) }()
	for _, f := range fields {
		at := slices.IndexFunc(n.keys, func(k regionKey) bool { return k.name == f.name && !k.merge })
		switch {
		case at >= 0:
			if f.value != nil || f.keep {
				previous = max(previous, at)
			}
			if v := n.keys[at].value; !f.keep && f.edit != nil && f.value != nil && v.alias == nil && (v.kind == kindList || v.kind == kindObject) {
				m.field(n, at, f) // its parts know whether they change
				continue
			}
			if m.unchanged(n, f) {
				continue
			}
			if f.value == nil {
				if n.merges() || len(n.keys) == 1 {
					giveUp()
					return
				}
				cut = append(cut, at)
				continue
			}
			m.field(n, at, f)
		case f.keep || f.value == nil && !n.merges():
		case f.value == nil:
			giveUp()
			return
		case n.merges() && f.edit != nil:
			giveUp()
			return
		default:
			m.insertKey(n, previous, pair{key: f.name, value: f.value})
		}
	}
}

// unchanged tells whether a field needs no edit.
func (m *merger) unchanged(n *region, f mergedField) bool {
	k := n.key(f.name)
	if k == nil {
		return f.keep || f.value == nil && !n.merges()
	}
	if k.value.alias != nil {
		if value, changed := m.changed[k.value.alias]; changed {
			return value != nil && reflect.DeepEqual(value, f.value)
		}
	}
	if m.stale(k.value) {
		return false
	}
	if f.keep {
		return true
	}
	if f.edit == nil || f.value == nil || k.value.kind != kindList && k.value.kind != kindObject {
		return false
	}
	err, notes := m.err, m.notes
	made := m.within(func() { f.edit(k.value.target()) })
	same := len(made) == 0 && m.err == nil
	m.err, m.notes = err, notes
	return same
}

// field changes the value of a key.
func (m *merger) field(n *region, at int, f mergedField) {
	k := &n.keys[at]
	v := k.value
	if v.alias != nil {
		m.replace(n, v, f.value)
		return
	}
	m.values[v] = f.value
	if f.edit != nil && (v.kind == kindList || v.kind == kindObject) {
		f.edit(v)
		return
	}
	m.replace(n, v, f.value)
}

// replace writes a value over another one.
func (m *merger) replace(parent, v *region, value any) {
	start := v.body
	if v.tagged || v.alias != nil {
		start = v.start
	}
	switch {
	case v.kind == kindNull && v.start == v.end:
		m.edit(v, v.end, v.end, " "+m.inline(v, value, parent.flow))
	case !v.flow && v.alias == nil && (v.kind == kindObject || v.kind == kindList) && isBlock(value):
		w := m.writer()
		w.block(value, v.column)
		m.edit(v, v.body, v.end, strings.TrimSuffix(m.written(w), m.newline))
	default:
		m.edit(v, start, v.end, m.inline(v, value, parent.flow))
	}
}

// rewrite gives up what an object refers to.
func (m *merger) rewrite(n *region, who Note, fields []mergedField) {
	var o object
	for _, f := range fields {
		if f.value != nil {
			o = append(o, pair{key: f.name, value: f.value})
		}
	}
	who.Message = "it shares values through an anchor in a way that does not hold any more; the entry is written anew, without its comments"
	m.notes = append(m.notes, who)
	start := n.body
	if n.alias != nil {
		start = n.start
	}
	if n.flow {
		m.edit(n, start, n.end, m.inline(n, o, true))
		return
	}
	w := m.writer()
	column := start - lineStart(m.data, start)
	w.block(o, column)
	m.edit(n, start, n.end, strings.TrimSuffix(m.written(w), m.newline))
}

// inline writes a value where another one stood, on its line. JSON objects and
// lists of several lines keep to that.
func (m *merger) inline(v *region, value any, inFlow bool) string {
	switch x := value.(type) {
	case string:
		return m.scalar(v, x, inFlow)
	case literal:
		if bytes.ContainsRune(m.data[v.start:v.end], '_') && !m.json {
			return grouped(string(x))
		}
		return string(x)
	case object, list:
		if m.json && bytes.Contains(m.data[v.start:v.end], []byte("\n")) {
			return m.indented(value, lineIndent(m.data, v.start))
		}
	}
	return m.compact(value)
}

func (m *merger) scalar(v *region, s string, inFlow bool) string {
	if m.json {
		return m.compact(s)
	}
	switch hidden := strings.ContainsFunc(s, oneLine); {
	case v.quote == '"' && !hidden:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	case v.quote == '\'' && !hidden:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	text, err := appendYAMLText(nil, s, inFlow)
	if err != nil {
		m.fail(err.Error())
	}
	return string(text)
}

// grouped writes 25000 as 25_000.
func grouped(digits string) string {
	digits, negative := strings.CutPrefix(digits, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "_" + digits[i:]
	}
	return sign(negative) + digits
}

// compact writes a value on one line.
func (m *merger) compact(value any) string {
	if !m.json {
		w := m.writer()
		w.flow(value, true)
		return m.written(w)
	}
	var out bytes.Buffer
	m.compactJSON(&out, value)
	return out.String()
}

func (m *merger) compactJSON(out *bytes.Buffer, value any) {
	comma, colon := ", ", ": "
	if !m.spaced {
		comma, colon = ",", ":"
	}
	switch v := value.(type) {
	case object:
		for i, p := range v {
			out.WriteString([]string{comma, "{"}[b2i(i == 0)])
			m.compactJSON(out, p.key)
			out.WriteString(colon)
			m.compactJSON(out, p.value)
		}
		out.WriteString([]string{"}", "{}"}[b2i(len(v) == 0)])
	case list:
		for i, element := range v {
			out.WriteString([]string{comma, "["}[b2i(i == 0)])
			m.compactJSON(out, element)
		}
		out.WriteString([]string{"]", "[]"}[b2i(len(v) == 0)])
	default:
		if err := writeJSON(out, v, ""); err != nil {
			m.fail(err.Error())
		}
	}
}

// indented writes a JSON value over several lines.
func (m *merger) indented(value any, indent string) string {
	var out bytes.Buffer
	if err := writeJSON(&out, value, "\n"); err != nil {
		m.fail(err.Error())
	}
	var text strings.Builder
	for i, line := range strings.Split(out.String(), "\n") {
		rest := strings.TrimLeft(line, " ")
		if i > 0 {
			text.WriteString(m.newline + indent)
		}
		text.WriteString(strings.Repeat(m.unit, (len(line)-len(rest))/2) + rest)
	}
	return text.String()
}

func (m *merger) writer() *yamlWriter { return &yamlWriter{newline: m.newline, flush: m.flush} }

func (m *merger) written(w *yamlWriter) string {
	if w.err != nil {
		m.fail(w.err.Error())
	}
	return string(w.out)
}

func lineIndent(data []byte, at int) string {
	start := lineStart(data, at)
	line := data[start:lineEnd(data, start)]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

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
		m.edit(n, n.keys[0].start, n.keys[first].start, "")
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

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// encodedHours writes hours as the file does.
func (m *merger) encodedHours(h *Hours) any {
	if h == nil {
		return nil
	}
	var o object
	o = o.hours(h)
	m.restyleHours(o)
	return o[0].value
}

// restyleHours turns "10:00-22:00" into {start, end} where the file has that.
func (m *merger) restyleHours(o object) {
	if !m.longHours {
		return
	}
	for i, p := range o {
		days, ok := p.value.(object)
		if p.key != "operational_hours" || !ok {
			continue
		}
		var out object
		for _, day := range days {
			long := list{}
			for _, w := range day.value.(list) {
				if text, ok := w.(string); ok {
					window, _ := parseWindow(text)
					w = object{{key: "start", value: window.Start}, {key: "end", value: window.End}}
				}
				long = append(long, w)
			}
			if day.key != everyDay {
				out = append(out, pair{key: day.key, value: long})
				continue
			}
			for _, name := range Weekdays {
				out = append(out, pair{key: name, value: long})
			}
		}
		o[i].value = out
	}
}

// learnStyle looks at how the file is written.
func (m *merger) learnStyle() {
	m.newline = "\n"
	if bytes.Contains(m.data, []byte("\r\n")) {
		m.newline = "\r\n"
	}
	m.unit = "  "
	if m.json {
		for line := range bytes.Lines(m.data) {
			if text := bytes.TrimLeft(line, " \t"); len(text) < len(line) && len(bytes.TrimSpace(text)) > 0 {
				m.unit = string(line[:len(line)-len(text)])
				break
			}
		}
	}
	m.spaced = bytes.Contains(m.data, []byte(`": `))
	short, long := 0, 0
	var walk func(n *region, inHours bool)
	walk = func(n *region, inHours bool) {
		for _, k := range n.keys {
			if !n.flow && !k.value.flow && k.value.kind == kindList && len(k.value.items) > 0 && k.value.alias == nil {
				m.flush = k.value.column == n.column
			}
			if inHours && k.name == "start" {
				long++
			}
			if inHours && k.value.kind == kindText && k.name != "start" && k.name != "end" {
				short++
			}
			walk(k.value, inHours || k.name == "operational_hours")
		}
		for _, i := range n.items {
			if inHours && i.kind == kindText {
				short++
			}
			walk(i, inHours)
		}
	}
	walk(m.root, false)
	m.longHours = long > 0 && short == 0
}
