package catalog

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/gobiz-cli/gobiz/internal/document"
	"go.yaml.in/yaml/v4"
)

// A region is a value of a file with the bytes that it takes, for edits that
// leave the rest of the file alone.
type region struct {
	kind       document.Kind
	start, end int // with its anchor and tag; an empty value has no bytes
	body       int // behind anchor and tag
	flow       bool
	inside     bool // in brackets of YAML
	quote      byte // of a text: ' or ", | for several lines, else 0
	anchor     bool
	tagged     bool
	alias      *region
	keys       []regionKey
	items      []*region
	column     int // of the keys or dashes, in bytes from 0; of block style only
}

type regionKey struct {
	name       string
	start, end int // of the key
	value      *region
	merge      bool
}

// key gives an object's own key.
func (n *region) key(name string) *regionKey {
	for i := range n.keys {
		if k := &n.keys[i]; k.name == name && !k.merge {
			return k
		}
	}
	return nil
}

// merges tells whether an object has keys of another one.
func (n *region) merges() bool {
	for _, k := range n.keys {
		if k.merge {
			return true
		}
	}
	return false
}

// target is what stands in the file for an alias.
func (n *region) target() *region {
	if n.alias != nil {
		return n.alias
	}
	return n
}

var errNoLayout = errors.New("the places of its values are not certain")

// layout finds the bytes of every value. The data is one that [Parse] takes.
func layout(name string, data []byte) (*region, error) {
	if isJSON(name, bytes.TrimPrefix(data, []byte("\ufeff"))) {
		s := &jsonScan{data: data}
		if bytes.HasPrefix(data, []byte("\ufeff")) {
			s.at = len("\ufeff")
		}
		return s.value()
	}
	return layoutYAML(data)
}

// layoutYAML takes the places where values begin from the library, and finds
// where they end.
func layoutYAML(data []byte) (root *region, err error) {
	// Line breaks that only YAML knows would let lines count differently.
	if bytes.Contains(data, []byte("\u0085")) || bytes.Contains(data, []byte("\u2028")) || bytes.Contains(data, []byte("\u2029")) ||
		bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n")) {
		return nil, errNoLayout
	}
	y := &yamlLayout{data: data, done: map[*yaml.Node]*region{}}
	text := data
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		y.bom = len("\ufeff")
		text = data[y.bom:]
	}
	y.lines = append(y.lines, y.bom)
	for i, c := range data {
		if c == '\n' {
			y.lines = append(y.lines, i+1)
		}
	}
	content, problem := document.LoadYAML(text, document.UsualLimits.Values)
	if problem != nil {
		return nil, errors.New(problem.Message)
	}
	defer func() {
		if recover() != nil { // an index out of a place that is not one
			root, err = nil, errNoLayout
		}
	}()
	return y.node(content, -1, false)
}

type yamlLayout struct {
	data  []byte
	bom   int
	lines []int
	done  map[*yaml.Node]*region
}

// offset counts columns in characters from 1.
func (y *yamlLayout) offset(line, column int) int {
	at := y.lines[line-1]
	for range column - 1 {
		if c := y.data[at]; c < 0x80 {
			at++
			continue
		}
		_, size := utf8.DecodeRune(y.data[at:])
		at += size
	}
	return at
}

// node lays out a value. parent is the column of the block it stands in.
func (y *yamlLayout) node(n *yaml.Node, parent int, inFlow bool) (*region, error) {
	out := &region{start: y.offset(n.Line, n.Column), anchor: n.Anchor != "", inside: inFlow}
	out.body = out.start
	if n.Kind == yaml.AliasNode {
		known, ok := y.done[n.Alias]
		if !ok {
			return nil, errNoLayout // it stands in itself
		}
		out.alias, out.kind = known, known.kind
		out.end = y.word(out.start)
		return out, nil
	}
	y.properties(out)
	var err error
	switch n.Kind {
	case yaml.MappingNode:
		out.kind = document.Object
		err = y.object(n, out)
	case yaml.SequenceNode:
		out.kind = document.List
		err = y.list(n, out)
	case yaml.ScalarNode:
		out.kind = document.ScalarKind(n.Tag)
		y.scalar(n, out, parent, inFlow)
	default:
		err = errNoLayout
	}
	if n.Anchor != "" {
		y.done[n] = out
	}
	return out, err
}

// properties steps over an anchor and a tag.
func (y *yamlLayout) properties(out *region) {
	for out.body < len(y.data) && (y.data[out.body] == '&' || y.data[out.body] == '!') {
		out.tagged = out.tagged || y.data[out.body] == '!'
		at := y.word(out.body)
		out.body = at
		next := y.blank(at)
		if next < len(y.data) && !strings.ContainsRune(",]}", rune(y.data[next])) {
			out.body = next
		}
	}
}

// word ends at a blank or a bracket.
func (y *yamlLayout) word(at int) int {
	for at < len(y.data) && !strings.ContainsRune(" \t\r\n,[]{}", rune(y.data[at])) {
		at++
	}
	return at
}

// blank steps over blanks, line breaks and comments.
func (y *yamlLayout) blank(at int) int {
	for at < len(y.data) {
		switch c := y.data[at]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			at++
		case c == '#' && (at == 0 || strings.ContainsRune(" \t\n", rune(y.data[at-1]))):
			at = lineEnd(y.data, at)
		default:
			return at
		}
	}
	return at
}

func (y *yamlLayout) column(at int) int { return at - lineStart(y.data, at) }

func (y *yamlLayout) object(n *yaml.Node, out *region) error {
	out.flow = n.Style&yaml.FlowStyle != 0
	parent := -1
	if !out.flow {
		if len(n.Content) == 0 {
			return errNoLayout
		}
		out.body = y.offset(n.Content[0].Line, n.Content[0].Column)
		out.column = y.column(out.body)
		parent = out.column
	}
	out.end = out.body + 1
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode || name.Anchor != "" {
			return errNoLayout
		}
		at := &region{start: y.offset(name.Line, name.Column)}
		at.body = at.start
		y.scalar(name, at, parent, true)
		value, err := y.node(n.Content[i+1], parent, out.flow)
		if err != nil {
			return err
		}
		out.keys = append(out.keys, regionKey{name: name.Value, start: at.start, end: at.end, value: value, merge: name.Tag == "!!merge"})
		out.end = value.end
	}
	return y.close(out, '}')
}

func (y *yamlLayout) list(n *yaml.Node, out *region) error {
	out.flow = n.Style&yaml.FlowStyle != 0
	parent := -1
	if !out.flow {
		if len(n.Content) == 0 || y.data[out.body] != '-' {
			return errNoLayout
		}
		out.column = y.column(out.body)
		parent = out.column
	}
	out.end = out.body + 1
	for _, child := range n.Content {
		value, err := y.node(child, parent, out.flow)
		if err != nil {
			return err
		}
		out.items = append(out.items, value)
		out.end = value.end
	}
	return y.close(out, ']')
}

// close finds the bracket of a flow collection.
func (y *yamlLayout) close(out *region, bracket byte) error {
	if !out.flow {
		return nil
	}
	at := y.blank(out.end)
	if at < len(y.data) && y.data[at] == ',' {
		at = y.blank(at + 1)
	}
	if at >= len(y.data) || y.data[at] != bracket {
		return errNoLayout
	}
	out.end = at + 1
	return nil
}

func (y *yamlLayout) scalar(n *yaml.Node, out *region, parent int, inFlow bool) {
	data := y.data
	at := out.body
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		out.quote = '"'
		for at++; data[at] != '"'; at++ {
			if data[at] == '\\' {
				at++
			}
		}
		out.end = at + 1
	case n.Style&yaml.SingleQuotedStyle != 0:
		out.quote = '\''
		for at++; data[at] != '\'' || at+1 < len(data) && data[at+1] == '\''; at++ {
			if data[at] == '\'' {
				at++
			}
		}
		out.end = at + 1
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		out.quote = '|'
		out.end = y.deeper(lineEnd(data, at), parent, true)
	case n.Value == "" && n.Tag == "!!null":
		out.end = out.body
	default:
		out.end = y.plain(at, inFlow)
		if !inFlow {
			if end := y.deeper(lineEnd(data, at), parent, false); strings.ContainsAny(n.Value, " \n") && end > lineEnd(data, at) &&
				out.end == len(bytes.TrimRight(data[:lineEnd(data, at)], " \t\r")) {
				out.end = end
			}
		}
	}
}

// plain ends a text without quotes on its line.
func (y *yamlLayout) plain(at int, inFlow bool) int {
	end := lineEnd(y.data, at)
	for i := at; i < end; i++ {
		c := y.data[i]
		switch {
		case c == ':' && (i+1 == end || strings.ContainsRune(" \t\r", rune(y.data[i+1])) || inFlow && strings.ContainsRune(",[]{}", rune(y.data[i+1]))),
			c == '#' && i > at && (y.data[i-1] == ' ' || y.data[i-1] == '\t'),
			inFlow && strings.ContainsRune(",[]{}", rune(c)):
			end = i
		}
	}
	return at + len(bytes.TrimRight(y.data[at:end], " \t\r"))
}

// deeper gives the end of the last line that is indented by more than a column
// and follows at once. In a literal text a # is no comment.
func (y *yamlLayout) deeper(at, column int, literal bool) int {
	end := at
	for at < len(y.data) {
		next := at + 1
		stop := lineEnd(y.data, min(next, len(y.data)))
		line := y.data[min(next, len(y.data)):stop]
		text := bytes.TrimLeft(line, " ")
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
			if len(line)-len(text) <= column || !literal && (trimmed[0] == '#' || len(line) == len(text)) {
				return end
			}
			end = len(bytes.TrimRight(y.data[:stop], " \t\r"))
			if literal {
				end = stop - len(line) + len(bytes.TrimRight(line, "\r"))
			}
		}
		if stop <= at {
			return end
		}
		at = stop
	}
	return end
}

// lineEnd is where the line feed of a line is, or the end of the data.
func lineEnd(data []byte, at int) int {
	if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(data)
}

func lineStart(data []byte, at int) int { return bytes.LastIndexByte(data[:at], '\n') + 1 }
