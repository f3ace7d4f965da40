package catalog

import (
	"bytes"
	"errors"
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
