package webhook

import (
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Rupiah is an amount of money in whole rupiah. It is read from 15000, 15000.0
// and "15000"; fractions, which rupiah do not have, are rounded to the nearest,
// halves away from zero.
type Rupiah int64

// tolerant reads values of another type than expected as what they mean, or not
// at all: one field that GoBiz changes must not lose an order.
func tolerant() *json.Unmarshalers { return json.UnmarshalFromFunc(readTolerantly) }

func readTolerantly(d *jsontext.Decoder, into any) error {
	kind := d.PeekKind()
	if kind == 'n' || kind == jsontext.KindInvalid {
		return errors.ErrUnsupported // null is the zero value; errors come from the decoder
	}
	switch into := into.(type) {
	case *jsontext.Value, *persons:
		return errors.ErrUnsupported
	case *time.Time:
		text, err := readText(d)
		if at, bad := time.Parse(time.RFC3339Nano, text); bad == nil {
			*into = at
		}
		return err
	}
	value := reflect.ValueOf(into).Elem()
	switch value.Kind() {
	case reflect.String:
		if kind != '"' && kind != '0' {
			return d.SkipValue()
		}
		text, err := readText(d)
		value.SetString(text)
		return err
	case reflect.Int, reflect.Int64:
		text, err := readText(d)
		value.SetInt(wholeNumber(text, kind == '"'))
		return err
	case reflect.Bool:
		text, err := readText(d)
		value.SetBool(text == "true" || text == "1")
		return err
	case reflect.Struct:
		return only(d, kind == '{')
	case reflect.Slice:
		return only(d, kind == '[')
	case reflect.Pointer:
		return only(d, value.Type().Elem().Kind() != reflect.Struct || kind == '{')
	}
	return errors.ErrUnsupported
}

// only leaves a value to the decoder, or passes over one of the wrong kind.
func only(d *jsontext.Decoder, right bool) error {
	if right {
		return errors.ErrUnsupported
	}
	return d.SkipValue()
}

// readText returns the characters of a value that is one token; empty for objects
// and lists.
func readText(d *jsontext.Decoder) (string, error) {
	switch d.PeekKind() {
	case '{', '[':
		return "", d.SkipValue()
	}
	raw, err := d.ReadValue()
	if err != nil {
		return "", err
	}
	return string(unquote(raw)), nil
}

// wholeNumber reads a number that should be whole; 0 when it is none. A text with
// three decimals is none: "28.000" may be meant as thousands.
func wholeNumber(text string, quoted bool) int64 {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if _, fraction, _ := strings.Cut(text, "."); quoted && len(fraction) > 2 {
		return 0
	}
	const exact = 1 << 53 // above it a float is no longer a certain integer
	f, err := strconv.ParseFloat(text, 64)
	if f = math.Round(f); err != nil || !(math.Abs(f) < exact) {
		return 0
	}
	return int64(f)
}
