package edit

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A value that a file is to have is an [Object], a [List], a [Literal], a
// string, a bool, or what [File.Moved] gives.

// An Object is its pairs in their order.
type Object []Pair

// A Pair is a key of an object, with the comment that YAML puts behind the value
// where that stands on one line.
type Pair struct {
	Key     string
	Value   any
	Comment string
}

// A List is its elements.
type List []any

// A Literal is written as it is: a number.
type Literal string

// JSON writes a value, indented by 2, with a line feed at its end.
func JSON(v any) ([]byte, error) {
	w := jsonWriter{newline: "\n", unit: "  ", spaced: true}
	w.lines(v, "")
	w.out.WriteByte('\n')
	return w.out.Bytes(), w.err
}

type jsonWriter struct {
	out     bytes.Buffer
	newline string
	unit    string // of indentation
	spaced  bool   // a blank behind a colon, and behind a comma on the same line
	err     error
}

// lines writes a value over several lines, which are indented like the one that
// the writer is on.
func (w *jsonWriter) lines(v any, indent string) {
	deeper := w.newline + indent + w.unit
	w.write(v, deeper, ","+deeper, w.newline+indent, func(v any) { w.lines(v, indent+w.unit) })
}

// line writes a value on one line.
func (w *jsonWriter) line(v any) {
	comma := ","
	if w.spaced {
		comma = ", "
	}
	w.write(v, "", comma, "", w.line)
}

// write puts first in front of the first part of an object or a list, between in
// front of the others and last behind all.
func (w *jsonWriter) write(v any, first, between, last string, part func(any)) {
	separator := func(i int, bracket string) {
		if i == 0 {
			w.out.WriteString(bracket + first)
		} else {
			w.out.WriteString(between)
		}
	}
	switch v := v.(type) {
	case Object:
		for i, p := range v {
			separator(i, "{")
			w.scalar(p.Key)
			w.out.WriteByte(':')
			if w.spaced {
				w.out.WriteByte(' ')
			}
			part(p.Value)
		}
		w.close(len(v), "{", last+"}")
	case List:
		for i, element := range v {
			separator(i, "[")
			part(element)
		}
		w.close(len(v), "[", last+"]")
	case Literal:
		w.out.WriteString(string(v))
	default:
		w.scalar(v)
	}
}

func (w *jsonWriter) close(parts int, open, closing string) {
	if parts == 0 {
		closing = open + closing[len(closing)-1:]
	}
	w.out.WriteString(closing)
}

func (w *jsonWriter) scalar(v any) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	w.out.WriteString(escapeHidden(strings.TrimSuffix(text.String(), "\n"), false))
}
