package sender

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// An Edit replaces one value of a body.
type Edit struct {
	path  []step
	text  string // the path as it was written
	value any
}

// A step leads from a value to one inside it.
type step struct {
	key   string
	index int // in a list; -1 for a key
}

// An EditError is an edit that cannot be read or does not fit the body.
type EditError struct {
	Path   string // as it was written, or all of an edit that has no path
	Reason string
}

func (e *EditError) Error() string { return e.Path + ": " + e.Reason }

// ParseEdit reads PATH=VALUE, such as body.order.order_items[0].notes="no ice".
// The value is JSON when it parses as such and text when it does not, so 25000
// is a number, null is null, and F-1 needs no quotes.
func ParseEdit(text string) (Edit, error) {
	path, value, ok := strings.Cut(text, "=")
	if !ok {
		return Edit{}, &EditError{text, "it has no =VALUE"}
	}
	steps, reason := parsePath(path)
	if reason != "" {
		return Edit{}, &EditError{path, reason}
	}
	return Edit{path: steps, text: path, value: parseEditValue(value)}, nil
}

// String is the path of the edit.
func (e Edit) String() string { return e.text }

// parsePath reads keys with dots between them and places in lists in brackets.
func parsePath(path string) (steps []step, reason string) {
	for part := range strings.SplitSeq(path, ".") {
		key, rest, bracket := strings.Cut(part, "[")
		if key == "" {
			return nil, "it has an empty key"
		}
		steps = append(steps, step{key, -1})
		for bracket {
			var digits string
			var closed bool
			digits, rest, closed = strings.Cut(rest, "]")
			index, err := strconv.ParseUint(digits, 10, 31)
			if err != nil || !closed {
				return nil, "a place in a list is a number in brackets, such as order_items[0]"
			}
			steps = append(steps, step{"", int(index)})
			if rest == "" {
				break
			}
			if rest, bracket = strings.CutPrefix(rest, "["); !bracket {
				return nil, "behind a bracket comes a dot"
			}
		}
	}
	return steps, ""
}

// explicitNull is a null that stays in a plain body.
var explicitNull = json.RawMessage("null")

func parseEditValue(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	value, err := parseValue(d)
	if _, end := d.Token(); err != nil || end != io.EOF {
		return text
	}
	if value == nil {
		return explicitNull
	}
	return value
}

// Added is something that an edit adds to a body.
type Added struct {
	Key    string   // empty for an element of a list
	Beside []string // the keys that are there
}

// Adds returns what the edit would add to the body of v, nil when what it sets is
// there.
func (e Edit) Adds(v any) (*Added, error) {
	tree, err := treeOf(v)
	if err != nil {
		return nil, err
	}
	_, added, err := e.apply(tree)
	return added, err
}

// apply makes the edit below v and returns what takes v's place. A null on the way
// becomes an object: in another event of the order there is one.
func (e Edit) apply(v any) (any, *Added, error) {
	var where *Added
	result, err := e.set(v, e.path, &where)
	return result, where, err
}

func (e Edit) set(v any, path []step, where **Added) (any, error) {
	if len(path) == 0 {
		return e.value, nil
	}
	next := path[0]
	if raw, ok := v.(json.RawMessage); ok && string(raw) == string(explicitNull) {
		v = nil
	}
	if next.index >= 0 {
		return e.setElement(v, path, where)
	}
	var o object
	switch v := v.(type) {
	case nil:
	case object:
		o = v
	default:
		return nil, &EditError{e.text, fmt.Sprintf("there is no %q below a value that is no object", next.key)}
	}
	i := slices.IndexFunc(o, func(m member) bool { return m.key == next.key })
	if i < 0 {
		note(where, next.key, o)
		o, i = append(o, member{key: next.key}), len(o)
	}
	value, err := e.set(o[i].value, path[1:], where)
	o[i].value = value
	return o, err
}

func (e Edit) setElement(v any, path []step, where **Added) (any, error) {
	var list []any
	switch v := v.(type) {
	case nil:
	case []any:
		list = v
	default:
		return nil, &EditError{e.text, fmt.Sprintf("there is no [%d] in a value that is no list", path[0].index)}
	}
	switch at := path[0].index; {
	case at > len(list):
		return nil, &EditError{e.text, fmt.Sprintf("the list has %s; [%d] would add one", elements(len(list)), len(list))}
	case at == len(list):
		note(where, "", nil)
		list = append(list, nil)
	}
	value, err := e.set(list[path[0].index], path[1:], where)
	list[path[0].index] = value
	return list, err
}

func elements(n int) string {
	if n == 1 {
		return "1 element"
	}
	return fmt.Sprintf("%d elements", n)
}

// note keeps the first thing that was not there.
func note(where **Added, key string, beside object) {
	if *where != nil {
		return
	}
	a := &Added{Key: key}
	for _, m := range beside {
		a.Beside = append(a.Beside, m.key)
	}
	*where = a
}
