package catalog

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
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
	if n.kind != document.Object {
		m.fail("an object is written as something else")
		return
	}
	var cut []int
	var added []addedKey
	made := len(m.edits)
	giveUp := func() {
		m.edits, cut, added = m.edits[:made], nil, nil
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
	defer func() {
		switch {
		case len(cut)+len(added) == 0:
		case m.commentedFlow(n), n.flow && slices.ContainsFunc(added, func(a addedKey) bool { return len(looseComments(a.pair.value)) > 0 }):
			m.respaceKeys(n, made, cut, added)
		default:
			for _, a := range added {
				m.insertKey(n, a.behind, a.pair)
			}
			m.cutKeys(n, cut)
		}
	}()
	for _, f := range fields {
		at := slices.IndexFunc(n.keys, func(k regionKey) bool { return k.name == f.name && !k.merge })
		switch {
		case at >= 0:
			if f.value == nil && f.commented != nil && !f.keep && len(m.commentsOfKey(n, at)) > 0 {
				f.value = f.commented
			}
			if f.value != nil || f.keep {
				previous = max(previous, at)
			}
			if v := n.keys[at].value; !f.keep && f.edit != nil && f.value != nil && v.alias == nil && (v.kind == document.List || v.kind == document.Object) {
				m.field(n, at, f) // its parts know whether they change
				continue
			}
			if m.unchanged(n, f) {
				// An id that a pull had made is a real one as soon as it was pushed.
				if v := n.keys[at].value; f.name == "external_id" && v.alias == nil && m.comments[entityKey{who.Entity, who.ExternalID}] == "" {
					m.dropMadeID(n, v.end)
				}
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
		case n.merges() && f.parts:
			giveUp()
			return
		default:
			added = append(added, addedKey{previous, pair{key: f.name, value: f.value}})
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
	if f.edit == nil || f.value == nil || k.value.kind != document.List && k.value.kind != document.Object {
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
	if f.edit != nil && (v.kind == document.List || v.kind == document.Object) {
		f.edit(v)
		return
	}
	m.replace(n, v, f.value)
	if f.name == "external_id" {
		m.dropMadeID(n, v.end)
	}
}

// dropMadeID takes away the comment of a pull that an id is not a real one.
func (m *merger) dropMadeID(n *region, end int) {
	for _, r := range m.remarksWithin(end, lineEnd(m.data, end)) {
		text := strings.TrimSuffix(string(m.data[r.start:r.end]), madeIDMessage)
		switch rest := strings.TrimRight(text, "; "); {
		case len(text) == r.end-r.start:
		case rest == "#":
			m.edit(n, len(bytes.TrimRight(m.data[:r.start], " \t")), r.end, "")
		default:
			m.edit(n, r.start+len(rest), r.end, "")
		}
	}
}

// replace writes a value over another one.
func (m *merger) replace(parent, v *region, value any) {
	start := v.body
	if v.tagged || v.alias != nil {
		start = v.start
	}
	switch {
	case v.kind == document.Null && !parent.flow && isBlock(value) && m.keyLine(v):
		column := parent.column + 2
		if _, ok := value.(list); ok && m.flush {
			column = parent.column
		}
		m.linesBelow(v, value, column)
	case v.kind == document.Null && v.start == v.end:
		m.edit(v, v.end, v.end, " "+m.inline(v, value, parent.flow))
	case !v.flow && v.alias == nil && (v.kind == document.Object || v.kind == document.List) && isBlock(value):
		w := m.writer()
		w.block(value, v.column)
		above := m.commentLines(m.commentsWithin(v.body, v.end), v.column)
		m.edit(v, v.body, v.end, above+strings.TrimSuffix(m.written(w), m.newline))
	case v.quote == '|':
		text := m.inline(v, value, parent.flow)
		for _, comment := range m.commentsWithin(v.body, v.end) {
			text += " # " + comment
		}
		m.edit(v, start, v.end, text)
	default:
		m.edit(v, start, v.end, m.inline(v, value, parent.flow))
	}
}

// rewrite gives up what an object refers to. Its comments stay: behind a key
// that is still there, else above the first one.
func (m *merger) rewrite(n *region, who Note, fields []mergedField) {
	var o object
	start := n.body
	if n.alias != nil {
		start = n.start
	}
	var loose []string
	end := n.end
	if n.alias == nil {
		if behind := m.remarksWithin(end, lineEnd(m.data, end)); len(behind) > 0 && !n.flow {
			end = behind[0].end // of the last key
		}
		loose = m.commentsWithin(start, end)
	}
	for _, f := range fields {
		if f.value == nil {
			continue
		}
		p := pair{key: f.name, value: f.value}
		if k := n.key(f.name); k != nil && n.alias == nil && !n.flow && !isBlock(f.value) {
			if behind := m.commentsWithin(k.value.end, min(lineEnd(m.data, k.value.end), end)); len(behind) == 1 {
				p.comment = behind[0]
				at := slices.Index(loose, behind[0])
				loose = slices.Delete(loose, at, at+1)
			}
		}
		o = append(o, p)
	}
	who.Message = "it shares values through an anchor in a way that does not hold any more; the entry is written anew"
	m.notes = append(m.notes, who)
	column := start - lineStart(m.data, start)
	if n.flow {
		text := m.inline(n, o, true)
		if len(loose) > 0 {
			text = "{" + m.newline + strings.Repeat(" ", column+1) + m.commentLines(loose, column+1) + text[1:]
		}
		m.edit(n, start, n.end, text)
		return
	}
	w := m.writer()
	w.block(o, column)
	m.edit(n, start, end, m.commentLines(loose, column)+strings.TrimSuffix(m.written(w), m.newline))
}

// commentLines writes comments where an entry at this column begins, each with a
// line of its own.
func (m *merger) commentLines(comments []string, column int) string {
	var out strings.Builder
	for _, c := range comments {
		out.WriteString("# " + c + m.newline + strings.Repeat(" ", column))
	}
	return out.String()
}

func lineIndent(data []byte, at int) string {
	start := lineStart(data, at)
	line := data[start:lineEnd(data, start)]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}
