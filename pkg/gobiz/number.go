package gobiz

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Rupiah is an amount of money in whole rupiah. It is written as a JSON
// integer and read from 15000, 15000.0, "15000", 1.5e4 and null (zero);
// fractions are rounded to the nearest rupiah, halves away from zero. (Enterprise
// Integration Middleware calls prices decimal; the newer pages use integers.)
type Rupiah int64

// UnmarshalJSON reads any of the forms named above.
func (r *Rupiah) UnmarshalJSON(data []byte) error {
	n, err := parseWhole(data)
	if err != nil {
		return err
	}
	*r = Rupiah(n)
	return nil
}

// Number is a whole number (a quantity, a count) that is read with the same
// tolerance as Rupiah.
type Number int64

// UnmarshalJSON reads 3, 3.0, "3" and null (zero).
func (n *Number) UnmarshalJSON(data []byte) error {
	v, err := parseWhole(data)
	if err != nil {
		return err
	}
	*n = Number(v)
	return nil
}

// parseWhole reads a JSON value as a whole number. Digits are never taken
// through a float unless there is an exponent, so large amounts stay exact.
func parseWhole(data []byte) (int64, error) {
	text, err := scalarText(data)
	if err != nil {
		return 0, fmt.Errorf("not a number: %w", err)
	}
	text = strings.TrimSpace(text)
	if text == "null" || text == "" {
		return 0, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, fmt.Errorf("not a number: %s", cleanText(text, 40))
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("not a number: %s", cleanText(text, 40))
	}
	if !strings.ContainsAny(text, "eE") {
		return parseDecimal(text)
	}
	f = math.Round(f)
	// 2^63 itself does not fit; both bounds are exact as floats.
	if f < math.MinInt64 || f >= -math.MinInt64 {
		return 0, errTooLarge(text)
	}
	return int64(f), nil
}

// parseDecimal reads digits with a decimal point; text is known to be a number.
func parseDecimal(text string) (int64, error) {
	negative := strings.HasPrefix(text, "-")
	whole, fraction, _ := strings.Cut(strings.TrimLeft(text, "+-"), ".")
	if whole == "" {
		whole = "0"
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n == math.MaxInt64 {
		return 0, errTooLarge(text)
	}
	if fraction != "" && fraction[0] >= '5' {
		n++
	}
	if negative {
		n = -n
	}
	return n, nil
}

// scalarText is the text of a JSON string, of a value that is not quoted as it
// stands, and nothing for null.
func scalarText(data []byte) (string, error) {
	switch {
	case string(data) == "null":
		return "", nil
	case len(data) > 0 && data[0] == '"':
		text, err := jsontext.AppendUnquote(nil, data)
		return string(text), err
	}
	return string(data), nil
}

func errTooLarge(text string) error {
	return fmt.Errorf("number out of range: %s", cleanText(text, 40))
}
