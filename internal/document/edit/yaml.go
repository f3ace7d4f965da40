package edit

import "strings"

// YAML writes an object over several lines, indented by 2, behind the lines of
// head.
func YAML(head string, o Object) ([]byte, error) {
	w := yamlWriter{newline: "\n", out: []byte(head)}
	w.block(o, 0)
	return w.out, w.err
}

// yamlWriter writes values by hand: a YAML library builds a tree and a
// list of events first, which takes several times as long. Text goes through
// [yamlWriter.text], which leaves to the library what is not plain.
type yamlWriter struct {
	out     []byte
	newline string
	compact bool // lists are not indented inside of an object
	err     error
}

// block writes an object or a list over several lines, each indented, with the
// first one where the writer is.
func (w *yamlWriter) block(v any, indent int) {
	switch v := v.(type) {
	case Object:
		for i, p := range v {
			if i > 0 {
				w.indent(indent)
			}
			w.pair(p, indent)
		}
	case List:
		for i, element := range v {
			if i > 0 {
				w.indent(indent)
			}
			if r, ok := element.(relocated); ok && r.text != "" {
				w.out = append(w.out, strings.TrimLeft(r.at(indent), " ")...)
				continue
			}
			w.out = append(w.out, "- "...)
			if isBlock(element) {
				w.block(element, indent+2)
				continue
			}
			w.flow(element, false)
			w.out = append(w.out, w.newline...)
		}
	}
}

// pair writes a key with its value, and the comment behind it.
func (w *yamlWriter) pair(p Pair, indent int) {
	w.text(p.Key, false)
	w.out = append(w.out, ':')
	if isBlock(p.Value) {
		w.out = append(w.out, w.newline...)
		if _, ok := p.Value.(List); !ok || !w.compact {
			indent += 2
		}
		w.indent(indent)
		w.block(p.Value, indent)
		return
	}
	w.out = append(w.out, ' ')
	w.flow(p.Value, false)
	if p.Comment != "" {
		w.out = append(append(w.out, ' '), comment(p.Comment)...)
	}
	w.out = append(w.out, w.newline...)
}

// isBlock tells what is written over several lines. Hours and references are
// not: ["10:00-22:00"].
func isBlock(v any) bool {
	switch v := v.(type) {
	case Object:
		return len(v) > 0
	case List:
		for _, element := range v {
			if _, text := element.(string); !text {
				return true
			}
		}
	}
	return false
}

// flow writes a value on one line.
func (w *yamlWriter) flow(v any, inside bool) {
	switch v := v.(type) {
	case Object:
		w.out = append(w.out, '{')
		for i, p := range v {
			if i > 0 {
				w.out = append(w.out, ", "...)
			}
			w.text(p.Key, true)
			w.out = append(w.out, ": "...)
			w.flow(p.Value, true)
		}
		w.out = append(w.out, '}')
	case List:
		w.out = append(w.out, '[')
		for i, element := range v {
			if i > 0 {
				w.out = append(w.out, ", "...)
			}
			w.flow(element, true)
		}
		w.out = append(w.out, ']')
	case relocated:
		w.flow(v.value, inside)
	case Literal:
		w.out = append(w.out, v...)
	case bool:
		if v {
			w.out = append(w.out, "true"...)
		} else {
			w.out = append(w.out, "false"...)
		}
	case string:
		w.text(v, inside)
	}
}

func (w *yamlWriter) text(s string, inside bool) {
	var err error
	if w.out, err = appendYAMLText(w.out, s, inside); err != nil && w.err == nil {
		w.err = err
	}
}

func (w *yamlWriter) indent(columns int) {
	for range columns {
		w.out = append(w.out, ' ')
	}
}

// comment keeps a comment on its line. Nothing reads escapes there; they show
// what would not be seen.
func comment(s string) string {
	if s == "" {
		return ""
	}
	return "# " + escapeHidden(strings.Join(strings.FieldsFunc(s, breaksLine), " "), true)
}

func breaksLine(r rune) bool { return strings.ContainsRune("\t\n\v\f\r\u0085\u2028\u2029", r) }
