package catalog

import (
	"encoding/json"
	"errors"
	"slices"
)

// MarshalJSON writes the days that are named, each with its windows.
func (h *Hours) MarshalJSON() ([]byte, error) { return h.appendJSON(nil), nil }

func (h *Hours) appendJSON(out []byte) []byte {
	t := newJSONText(out, 0)
	t.begin('{')
	for day, windows := range h {
		if windows == nil {
			continue
		}
		t.list(Weekdays[day])
		for _, w := range windows {
			t.begin('{')
			t.text("start", w.Start)
			t.text("end", w.End)
			t.end("}")
		}
		t.end("]")
	}
	t.end("}")
	return t.out
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *Hours) UnmarshalJSON(data []byte) error {
	var days map[string][]Window
	if err := json.Unmarshal(data, &days); err != nil {
		return err
	}
	*h = Hours{}
	for name, windows := range days {
		day := slices.Index(Weekdays[:], name)
		if day < 0 {
			return errors.New("unknown day " + quoted(name))
		}
		h[day] = append([]Window{}, windows...)
	}
	return nil
}
