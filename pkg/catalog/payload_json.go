package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// UnmarshalJSON reads a JSON number with at most two decimals.
func (p *Price) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return errors.New("a price is a number, not text")
	}
	price, problem, _ := parsePrice(string(data), true)
	if problem != "" {
		return errors.New(problem)
	}
	*p = price
	return nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *PayloadHours) UnmarshalJSON(data []byte) error {
	var days map[string][]Window
	if err := json.Unmarshal(data, &days); err != nil {
		return err
	}
	*h = PayloadHours{}
	for name, windows := range days {
		day := slices.Index(Weekdays[:], name)
		if day < 0 {
			return errors.New("unknown day " + quoted(name))
		}
		h[day] = append([]Window{}, windows...)
	}
	return nil
}
