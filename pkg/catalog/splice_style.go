package catalog

import (
	"bytes"

	"github.com/gobiz-cli/gobiz/internal/document"
)

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
			if !n.flow && !k.value.flow && k.value.kind == document.List && len(k.value.items) > 0 && k.value.alias == nil {
				m.flush = k.value.column == n.column
			}
			if inHours && k.name == "start" {
				long++
			}
			if inHours && k.value.kind == document.Text && k.name != "start" && k.name != "end" {
				short++
			}
			walk(k.value, inHours || k.name == "operational_hours")
		}
		for _, i := range n.items {
			if inHours && i.kind == document.Text {
				short++
			}
			walk(i, inHours)
		}
	}
	walk(m.root, false)
	m.longHours = long > 0 && short == 0
}
