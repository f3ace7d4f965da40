// Package edit changes values in a YAML or JSON file that people write, and
// leaves every other byte of it alone: comments, the order of keys, quotes,
// brackets, line ends, anchors. What is new is written as its neighbours are.
//
// [Open] finds the bytes of every value. Within [File.Apply] an object is brought
// to its fields by [File.Object] and a list to its entries by [File.Sequence]. An
// entry of a block list has the comment right above it without an empty line, the
// comments in it, and those below it that are indented deeper: it takes them
// along where it moves, and they go where it goes. Other comments stay.
//
// [YAML] and [JSON] write a value as a new file.
package edit

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

const bom = "\ufeff"

// A File is a file that is edited.
type File struct {
	Root *Node

	bom      []byte // the byte order mark, or nothing
	data     []byte // behind it
	json     bool
	style    style
	comments []span              // in the order of the file; JSON has none
	inside   map[*Node]*brackets // known so far

	changes   []change
	values    map[*Node]any // values that were replaced as a whole
	rewritten []any         // subjects of objects that were written anew
	changed   map[*Node]any // anchored values that the changes touch; nil when not as a whole
	before    int           // while an entry moves, where to; its aliases refer to what comes before
	err       error
}

// Open finds the values of a file, YAML or JSON as for [document.IsJSON]. The
// error says why that is not possible: for a file that does not read, or that has
// values whose places the YAML library does not tell for certain.
func Open(name string, data []byte) (*File, error) {
	text := bytes.TrimPrefix(data, []byte(bom))
	f := &File{bom: data[:len(data)-len(text)], data: text, json: document.IsJSON(name, text), inside: map[*Node]*brackets{}}
	var err error
	if f.json {
		f.Root, err = locateJSON(text)
	} else {
		f.Root, err = locateYAML(text)
	}
	if err == nil && !f.Root.collection() {
		err = errors.New("it is a single value")
	}
	if err != nil {
		return nil, err
	}
	if !f.json {
		f.comments = findComments(text, f.Root)
	}
	f.style = styleOf(text, f.Root, f.json)
	return f, nil
}

// Apply returns the bytes of the file after edits, which call the methods of the
// file. The edits are repeated until it is known which anchored values they
// change: what refers to those is written out. An error says why the file cannot
// be edited; rewritten are the subjects of the objects that were written anew,
// since they shared values through an anchor in a way that does not hold any more.
func (f *File) Apply(edits func()) (data []byte, rewritten []any, err error) {
	anchors := f.Root.anchors(nil)
	for range len(anchors) + 2 {
		f.changes, f.rewritten, f.values, f.err = nil, nil, map[*Node]any{}, nil
		edits()
		if f.err != nil {
			return nil, nil, f.err
		}
		changed := f.changedAnchors(anchors)
		if reflect.DeepEqual(changed, f.changed) || len(changed) == 0 {
			if last := f.Root.last(); last.quote == '|' && !bytes.HasSuffix(f.data, []byte("\n")) && blank(f.data[last.end:]) &&
				slices.ContainsFunc(f.changes, func(c change) bool { return c.end >= last.end && c.of != last }) {
				return nil, nil, errors.New("no line feed ends its last text")
			}
			text, err := applied(f.data, 0, len(f.data), f.changes)
			return slices.Concat(f.bom, text), f.rewritten, err
		}
		f.changed = changed
	}
	return nil, nil, errors.New("its anchors depend on each other")
}

// changedAnchors returns the anchored values that the changes touch.
func (f *File) changedAnchors(anchors []*Node) map[*Node]any {
	changed := map[*Node]any{}
	for _, a := range anchors {
		for _, c := range f.changes {
			if c.of.start >= a.start && c.of.end <= a.end || c.start < a.end && c.end > a.start {
				changed[a] = f.values[a]
				if c.of != a && c.start <= a.start && c.end >= a.end {
					changed[a] = nil // it is cut, or moves
					break
				}
			}
		}
		if before, ok := f.changed[a]; ok && changed[a] == nil {
			if _, still := changed[a]; !still {
				changed[a] = before
			}
		}
	}
	return changed
}

// Stale reports whether something in a value refers to what the edits change.
func (f *File) Stale(n *Node) bool {
	if len(f.changed) == 0 && f.before == 0 {
		return false
	}
	if n.Alias != nil {
		_, changed := f.changed[n.Alias]
		return changed || f.before > 0 && n.Alias.start >= f.before || f.Stale(n.Alias)
	}
	for _, k := range n.Keys {
		if f.Stale(k.Value) {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, f.Stale)
}

// Raw is a value as it stands in the file, without its anchor and tag.
func (f *File) Raw(n *Node) string { return string(f.data[n.body:n.end]) }

// A change replaces bytes of a file. of is the value that it changes.
type change struct {
	start, end int
	text       string
	of         *Node
}

var errOverlap = errors.New("two changes meet in one place")

// applied returns the bytes from start to end with the changes made.
func applied(data []byte, start, end int, changes []change) ([]byte, error) {
	slices.SortStableFunc(changes, func(a, b change) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	out := make([]byte, 0, end-start+256)
	at := start
	for _, c := range changes {
		if c.start < at || c.end < c.start || c.end > end {
			return nil, errOverlap
		}
		out = append(append(out, data[at:c.start]...), c.text...)
		at = c.end
	}
	return append(out, data[at:end]...), nil
}

func (f *File) change(of *Node, start, end int, text string) {
	f.changes = append(f.changes, change{start, end, text, of})
}

func (f *File) fail(why string) {
	if f.err == nil {
		f.err = errors.New(why)
	}
}

// within returns the changes that something makes, without making them.
func (f *File) within(run func()) []change {
	before := f.changes
	f.changes = nil
	run()
	made := f.changes
	f.changes = before
	return made
}

func (f *File) lineEnd(at int) int   { return lineEnd(f.data, at) }
func (f *File) lineStart(at int) int { return lineStart(f.data, at) }

// lineIndent is the blanks that the line of a byte begins with.
func (f *File) lineIndent(at int) string {
	line := f.data[f.lineStart(at):f.lineEnd(f.lineStart(at))]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// nextToken steps over blanks, line breaks and comments of YAML.
func nextToken(data []byte, at int) int {
	for at < len(data) {
		switch c := data[at]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			at++
		case c == '#' && (at == 0 || strings.ContainsRune(" \t\n", rune(data[at-1]))):
			at = lineEnd(data, at)
		default:
			return at
		}
	}
	return at
}

// lineEnd is where the line feed of a line is, or the end of the data.
func lineEnd(data []byte, at int) int {
	if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(data)
}

func lineStart(data []byte, at int) int { return bytes.LastIndexByte(data[:at], '\n') + 1 }

// blanks are the white space of both formats. What else Unicode knows of it is
// text, also what ends a line in YAML 1.1.
const blanks = " \t\r\n"

func blank[T string | []byte](s T) bool {
	for i := range len(s) {
		if !strings.Contains(blanks, string(s[i:i+1])) {
			return false
		}
	}
	return true
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(blanks, r) })
}

// A style is how a file is written.
type style struct {
	newline string
	unit    string // of JSON's indentation
	spaced  bool   // JSON has a blank behind a colon
	compact bool   // YAML lists are not indented inside of an object
}

func styleOf(data []byte, root *Node, json bool) style {
	s := style{newline: "\n", unit: "  ", spaced: bytes.Contains(data, []byte(`": `))}
	if bytes.Contains(data, []byte("\r\n")) {
		s.newline = "\r\n"
	}
	if json {
		for line := range bytes.Lines(data) {
			if text := bytes.TrimLeft(line, " \t"); len(text) < len(line) && !blank(text) {
				s.unit = string(line[:len(line)-len(text)])
				break
			}
		}
	}
	var walk func(*Node)
	walk = func(n *Node) {
		for _, k := range n.Keys {
			if v := k.Value; !n.flow && !v.flow && v.Kind == document.List && len(v.Items) > 0 && v.Alias == nil {
				s.compact = v.column == n.column
			}
			walk(k.Value)
		}
		for _, i := range n.Items {
			walk(i)
		}
	}
	walk(root)
	return s
}
