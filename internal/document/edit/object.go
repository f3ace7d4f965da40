package edit

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// A Field of an object as it is to be.
type Field struct {
	Name      string
	Value     any         // nil: it is to be left out
	Commented any         // what it says instead of being left out, when it has comments
	Keep      bool        // the file says already what it is to say
	Edit      func(*Node) // changes an object or a list from the inside; may be nil
	Parts     bool        // only Edit knows whether it changes

	// Comment returns what is left of a comment behind the value, with its #; a #
	// alone takes it away. It may be nil.
	Comment func(string) string
}

// Object brings the fields of an object to what they are to be. They are given in
// the order in which new ones are put in; keys of other names stay. subject
// stands for the object among those that [File.Apply] tells of: one that is
// written anew, with the fields alone, since it shares with another one, through
// an anchor, what is to change.
func (f *File) Object(n *Node, subject any, fields []Field) {
	if n.Kind != document.Object {
		f.fail("an object is written as something else")
		return
	}
	made := len(f.changes)
	cut, added, ok := f.fields(n, fields)
	switch {
	case (!ok || len(cut)+len(added) > 0) && n.Alias == nil && f.explicitKeys(n):
		f.fail("a key stands behind a question mark")
	case len(cut) > 0 && f.swallows(n):
		f.fail(errSwallows)
	case !ok:
		f.changes = f.changes[:made]
		f.rewrite(n, fields)
		f.rewritten = append(f.rewritten, subject)
	case len(cut)+len(added) == 0:
	case len(n.Keys) == 0 && !f.commentedBrackets(n):
		var o Object
		for _, a := range added {
			o = append(o, a.pair)
		}
		f.Replace(n, o)
	case f.commentedBrackets(n), n.flow && slices.ContainsFunc(added, func(a addedKey) bool { return len(looseComments(a.pair.Value)) > 0 }):
		f.rewriteBraces(n, made, cut, added)
	default:
		for _, a := range added {
			f.insertKey(n, a.behind, a.pair)
		}
		f.cutKeys(n, cut)
	}
}

// fields changes values in their place, and returns the keys that are to be cut, by
// their indexes, and added. It is not ok when the object shares what is to change
// with another one.
func (f *File) fields(n *Node, fields []Field) (cut []int, added []addedKey, ok bool) {
	if n.Alias != nil {
		return nil, nil, !f.Stale(n) && !slices.ContainsFunc(fields, func(field Field) bool { return !f.unchanged(n.Alias, field) })
	}
	if slices.ContainsFunc(n.Keys, func(k Key) bool { return k.Merge && f.Stale(k.Value) }) {
		return nil, nil, false
	}
	merges := n.Merges()
	previous := -1 // index of the key that the last field has
	for _, field := range fields {
		at := slices.IndexFunc(n.Keys, func(k Key) bool { return k.Name == field.Name && !k.Merge })
		if at < 0 {
			switch {
			case field.Keep, field.Value == nil && !merges:
			case field.Value == nil, merges && field.Parts:
				return nil, nil, false
			default:
				added = append(added, addedKey{previous, Pair{Key: field.Name, Value: field.Value}})
			}
			continue
		}
		v := n.Keys[at].Value
		if field.Value == nil && field.Commented != nil && !field.Keep && len(f.commentsOfKey(n, at)) > 0 {
			field.Value = field.Commented
		}
		if field.Value != nil || field.Keep {
			previous = max(previous, at)
		}
		switch {
		case !field.Keep && field.Edit != nil && field.Value != nil && v.Alias == nil && v.collection():
			f.set(v, field) // its parts know whether they change
		case f.unchanged(n, field):
			f.editComment(v, field.Comment)
		case field.Value != nil:
			f.set(v, field)
		case merges:
			return nil, nil, false
		default:
			cut = append(cut, at)
		}
	}
	return cut, added, len(cut) == 0 || len(cut) < len(n.Keys)
}

// unchanged reports whether a field needs no change.
func (f *File) unchanged(n *Node, field Field) bool {
	v := n.Get(field.Name)
	if v == nil {
		return field.Keep || field.Value == nil && !n.Merges()
	}
	if v.Alias != nil {
		if value, changed := f.changed[v.Alias]; changed {
			return value != nil && reflect.DeepEqual(value, field.Value)
		}
	}
	if f.Stale(v) {
		return false
	}
	if field.Keep {
		return true
	}
	if field.Edit == nil || field.Value == nil || !v.collection() {
		return false
	}
	err, rewritten := f.err, f.rewritten
	made := f.within(func() { field.Edit(v.Target()) })
	same := len(made) == 0 && f.err == nil
	f.err, f.rewritten = err, rewritten
	return same
}

// set changes the value of a field.
func (f *File) set(v *Node, field Field) {
	if v.Alias != nil {
		f.Replace(v, field.Value)
		return
	}
	f.values[v] = field.Value
	if field.Edit != nil && v.collection() {
		field.Edit(v)
		return
	}
	f.Replace(v, field.Value)
	f.editComment(v, field.Comment)
}

// editComment changes the comments behind a value on its line.
func (f *File) editComment(v *Node, left func(string) string) {
	if left == nil || v.Alias != nil {
		return
	}
	for _, c := range f.commentsIn(v.end, f.lineEnd(v.end)) {
		text := string(f.data[c.start:c.end])
		switch rest := left(text); rest {
		case text:
		case "#":
			f.change(v.parent, len(bytes.TrimRight(f.data[:c.start], " \t")), c.end, "")
		default:
			f.change(v.parent, c.start, c.end, rest)
		}
	}
}

// rewrite writes an object anew, with the fields alone. Its comments stay: behind
// a key that is still there, else above the first one.
func (f *File) rewrite(n *Node, fields []Field) {
	var o Object
	start := n.body
	if n.Alias != nil {
		start = n.start
	}
	var loose []string
	end := n.end
	if n.Alias == nil {
		if behind := f.commentsIn(end, f.lineEnd(end)); len(behind) > 0 && !n.flow {
			end = behind[0].end // of the last key
		}
		loose = f.textsIn(start, end)
	}
	for _, field := range fields {
		if field.Value == nil {
			continue
		}
		p := Pair{Key: field.Name, Value: field.Value}
		if v := n.Get(field.Name); v != nil && n.Alias == nil && !n.flow && !isBlock(field.Value) {
			if behind := f.textsIn(v.end, min(f.lineEnd(v.end), end)); len(behind) == 1 {
				p.Comment = behind[0]
				at := slices.Index(loose, behind[0])
				loose = slices.Delete(loose, at, at+1)
			}
		}
		o = append(o, p)
	}
	column := start - f.lineStart(start)
	if n.flow || len(o) == 0 || n.inFlow() {
		text := f.inline(n, o, true)
		if len(loose) > 0 && n.flow {
			text = "{" + f.style.newline + strings.Repeat(" ", column+1) + f.commentLines(loose, column+1) + text[1:]
		}
		f.change(n, start, n.end, text)
		return
	}
	f.change(n, start, end, f.commentLines(loose, column)+strings.TrimSuffix(f.block(o, column), f.style.newline))
}
