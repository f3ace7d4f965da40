package catalog

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// MarshalJSON writes the days that are named, each with its windows.
func (h Hours) MarshalJSON() ([]byte, error) { return h.appendJSON(nil) }

// MarshalJSONTo is MarshalJSON without a slice for each item.
func (h *Hours) MarshalJSONTo(enc *jsontext.Encoder) error {
	text, err := h.appendJSON(enc.AvailableBuffer())
	if err != nil {
		return err
	}
	return enc.WriteValue(text)
}

func (h *Hours) appendJSON(out []byte) (_ []byte, err error) {
	first := len(out)
	out = append(out, '{')
	for day, windows := range h {
		if windows == nil {
			continue
		}
		if len(out) > first+1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), Weekdays[day]...), `":[`...)
		for i, w := range windows {
			if i > 0 {
				out = append(out, ',')
			}
			if out, err = jsontext.AppendQuote(append(out, `{"start":`...), w.Start); err != nil {
				return nil, err
			}
			if out, err = jsontext.AppendQuote(append(out, `,"end":`...), w.End); err != nil {
				return nil, err
			}
			out = append(out, '}')
		}
		out = append(out, ']')
	}
	return append(out, '}'), nil
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
