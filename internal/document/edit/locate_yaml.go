package edit

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gobiz-cli/gobiz/internal/document"
	"go.yaml.in/yaml/v4"
)

var errPlaces = errors.New("the places of its values are not certain")

// locateYAML takes the places where values begin from the library, and finds
// where they end.
func locateYAML(data []byte) (*Node, error) {
	// A carriage return alone would let lines count differently. A mark of byte
	// order would be the file's own where it comes to stand first.
	if bytes.Contains(data, []byte(bom)) || bytes.Count(data, []byte("\r")) != bytes.Count(data, []byte("\r\n")) {
		return nil, errPlaces
	}
	y := &yamlLocator{data: data, lines: []int{0}, anchors: map[*yaml.Node]*Node{}}
	for i, c := range data {
		if c == '\n' {
			y.lines = append(y.lines, i+1)
		}
	}
	content, problem := document.LoadYAML(data, document.UsualLimits.Values)
	if problem != nil {
		return nil, errors.New(problem.Message)
	}
	root, err := y.node(content, -1, false)
	if err == nil && y.lost {
		err = errPlaces
	}
	return root, err
}

type yamlLocator struct {
	data    []byte
	lines   []int // where they begin
	anchors map[*yaml.Node]*Node
	lost    bool // a place is not one of the file, or a text does not end
}

// byteAt returns a byte, or 0 behind the end of the data.
func (y *yamlLocator) byteAt(at int) byte {
	if at >= len(y.data) {
		return 0
	}
	return y.data[at]
}

// offset counts columns in characters from 1.
func (y *yamlLocator) offset(line, column int) int {
	if line < 1 || line > len(y.lines) {
		y.lost = true
		return len(y.data)
	}
	at := y.lines[line-1]
	for range column - 1 {
		if at >= len(y.data) {
			y.lost = true
			break
		}
		_, size := utf8.DecodeRune(y.data[at:])
		at += size
	}
	return at
}

// node finds the bytes of a value. parent is the column of the block it stands in.
func (y *yamlLocator) node(n *yaml.Node, parent int, inFlow bool) (*Node, error) {
	out := &Node{start: y.offset(n.Line, n.Column), anchor: n.Anchor != "", inside: inFlow}
	out.body = out.start
	if n.Kind == yaml.AliasNode {
		known, ok := y.anchors[n.Alias]
		if !ok {
			return nil, errPlaces // it stands in itself
		}
		out.Alias, out.Kind = known, known.Kind
		out.end = y.word(out.start)
		return out, nil
	}
	y.properties(out)
	var err error
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind = document.Object
		err = y.object(n, out)
	case yaml.SequenceNode:
		out.Kind = document.List
		err = y.list(n, out)
	case yaml.ScalarNode:
		out.Kind = document.ScalarKind(n.Tag)
		y.scalar(n, out, parent, inFlow)
	default:
		err = errPlaces
	}
	if n.Anchor != "" {
		y.anchors[n] = out
	}
	return out, err
}

// properties steps over an anchor and a tag.
func (y *yamlLocator) properties(out *Node) {
	for out.body < len(y.data) && (y.data[out.body] == '&' || y.data[out.body] == '!') {
		out.tagged = out.tagged || y.data[out.body] == '!'
		at := y.word(out.body)
		out.body = at
		next := nextToken(y.data, at)
		if next < len(y.data) && !strings.ContainsRune(",]}", rune(y.data[next])) {
			out.body = next
		}
	}
}

// word ends at a blank or a bracket.
func (y *yamlLocator) word(at int) int {
	for at < len(y.data) && !strings.ContainsRune(" \t\r\n,[]{}", rune(y.data[at])) {
		at++
	}
	return at
}

func (y *yamlLocator) column(at int) int { return at - lineStart(y.data, at) }

func (y *yamlLocator) object(n *yaml.Node, out *Node) error {
	out.flow = n.Style&yaml.FlowStyle != 0
	parent := -1
	if !out.flow {
		if len(n.Content) == 0 {
			return errPlaces
		}
		out.body = y.offset(n.Content[0].Line, n.Content[0].Column)
		out.column = y.column(out.body)
		parent = out.column
	}
	out.end = out.body + 1
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode || name.Anchor != "" {
			return errPlaces
		}
		at := &Node{start: y.offset(name.Line, name.Column)}
		at.body = at.start
		y.properties(at)
		y.scalar(name, at, parent, out.flow)
		value, err := y.node(n.Content[i+1], parent, out.flow)
		if err != nil {
			return err
		}
		if value.start == value.end && !bytes.ContainsRune(y.data[at.end:max(at.end, value.start)], ':') {
			value.start, value.body, value.end = at.end, at.end, at.end // a key without a colon
		}
		value.parent = out
		out.Keys = append(out.Keys, Key{Name: name.Value, start: at.start, end: at.end, Value: value, Merge: name.Tag == "!!merge"})
		out.end = value.end
	}
	return y.close(out, '}')
}

func (y *yamlLocator) list(n *yaml.Node, out *Node) error {
	out.flow = n.Style&yaml.FlowStyle != 0
	parent := -1
	if !out.flow {
		if len(n.Content) == 0 || y.byteAt(out.body) != '-' {
			return errPlaces
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
		value.parent = out
		out.Items = append(out.Items, value)
		out.end = value.end
	}
	return y.close(out, ']')
}

// close finds the bracket of a flow collection.
func (y *yamlLocator) close(out *Node, bracket byte) error {
	if !out.flow {
		return nil
	}
	at := nextToken(y.data, out.end)
	if at < len(y.data) && y.data[at] == ',' {
		at = nextToken(y.data, at+1)
	}
	if at >= len(y.data) || y.data[at] != bracket {
		return errPlaces
	}
	out.end = at + 1
	return nil
}

func (y *yamlLocator) scalar(n *yaml.Node, out *Node, parent int, inFlow bool) {
	data := y.data
	at := out.body
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		out.quote = '"'
		for at++; at < len(data) && data[at] != '"'; at++ {
			if data[at] == '\\' {
				at++
			}
		}
		out.end = y.quoteEnd(at)
	case n.Style&yaml.SingleQuotedStyle != 0:
		out.quote = '\''
		for at++; at < len(data) && (data[at] != '\'' || y.byteAt(at+1) == '\''); at++ {
			if data[at] == '\'' {
				at++
			}
		}
		out.end = y.quoteEnd(at)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		out.quote = '|'
		out.end = y.deeper(lineEnd(data, at), parent)
	case n.Value == "":
		out.body = out.start
		for next := out.body; y.byteAt(next) == '&' || y.byteAt(next) == '!'; next = nextToken(data, out.body) {
			out.body = y.word(next)
		}
		out.end = out.body
	default:
		y.plainLines(n, out, inFlow)
	}
}

// quoteEnd is behind a closing quote.
func (y *yamlLocator) quoteEnd(at int) int {
	y.lost = y.lost || at >= len(y.data)
	return min(at+1, len(y.data))
}

// plainLines ends a text without quotes, which may have several lines.
func (y *yamlLocator) plainLines(n *yaml.Node, out *Node, inFlow bool) {
	left := words(n.Value)
	for at := out.body; ; at = nextToken(y.data, out.end) {
		out.end = y.plain(at, inFlow)
		here := words(string(y.data[at:out.end]))
		if len(here) == 0 || len(here) > len(left) || !slices.Equal(here, left[:len(here)]) {
			y.lost = true
			return
		}
		if left = left[len(here):]; len(left) == 0 {
			return
		}
	}
}

// plain ends a text without quotes on its line.
func (y *yamlLocator) plain(at int, inFlow bool) int {
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

// deeper returns the end of the last line that is indented by more than a column
// and follows at once. A blank line is one when it is longer than the text's
// indentation.
func (y *yamlLocator) deeper(at, column int) int {
	end, indent := at, 0
	for at < len(y.data) {
		next := min(at+1, len(y.data))
		stop := lineEnd(y.data, next)
		line := bytes.TrimRight(y.data[next:stop], "\r")
		blanks := len(line) - len(bytes.TrimLeft(line, " "))
		switch blank := blank(line); {
		case !blank && blanks <= column:
			return end
		case !blank:
			end = next + len(line)
			if indent == 0 {
				indent = blanks
			}
		case indent > 0 && blanks > indent:
			end = next + len(line)
		}
		if stop <= at {
			return end
		}
		at = stop
	}
	return end
}
