package catalog

import (
	"bytes"
	"strings"
)

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

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
