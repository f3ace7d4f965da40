package catalog

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// MarshalJSON writes the days that are named, each with its windows.
func (h Hours) MarshalJSON() ([]byte, error) { return h.appendJSON(nil), nil }

// MarshalJSONTo is MarshalJSON without a slice for each item.
func (h *Hours) MarshalJSONTo(enc *jsontext.Encoder) error {
	return enc.WriteValue(h.appendJSON(enc.AvailableBuffer()))
}

func (h *Hours) appendJSON(out []byte) []byte {
	out = append(out, '{')
	for day, windows := range h {
		if windows == nil {
			continue
		}
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), Weekdays[day]...), `":[`...)
		for i, w := range windows {
			if i > 0 {
				out = append(out, ',')
			}
			// What is not UTF-8 is replaced.
			out, _ = jsontext.AppendQuote(append(out, `{"start":`...), w.Start)
			out, _ = jsontext.AppendQuote(append(out, `,"end":`...), w.End)
			out = append(out, '}')
		}
		out = append(out, ']')
	}
	return append(out, '}')
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
