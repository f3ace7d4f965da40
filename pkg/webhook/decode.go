package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Rupiah is an amount of money in whole rupiah. It is read from 15000, 15000.0
// and "15000"; fractions, which rupiah do not have, are rounded to the nearest,
// halves away from zero.
type Rupiah int64

func decode(data []byte, into any) error {
	return json.Unmarshal(data, into, jsontext.AllowInvalidUTF8(true), json.WithUnmarshalers(tolerant()))
}

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

// maxNesting is how deep the decoder goes.
const maxNesting = 10_000

// malformed says in words why a body does not parse, and where: line and column
// of the body, from 1. The error wraps [ErrMalformed].
func malformed(body []byte, err error) error {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	before := body[:max(0, min(int(syntax.ByteOffset), len(body)))]
	line, column := 1+bytes.Count(before, []byte("\n")), 1+utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Errorf("%w: %d:%d: %s", ErrMalformed, line, column, fault(syntax))
}

func fault(syntax *jsontext.SyntacticError) string {
	switch {
	case errors.Is(syntax.Err, jsontext.ErrDuplicateName):
		return "the key " + shortKey(syntax.JSONPointer.LastToken()) + " is there twice, so that readers would disagree about its value"
	case errors.Is(syntax.Err, io.ErrUnexpectedEOF):
		return "the JSON ends in the middle"
	case strings.Count(string(syntax.JSONPointer), "/") >= maxNesting:
		return fmt.Sprintf("objects and lists are nested more than %d deep", maxNesting)
	}
	return "the JSON does not parse: " + syntax.Err.Error()
}

// shortKey quotes a key: it may be as long as the body.
func shortKey(name string) string {
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80]) + "…"
	}
	return strconv.QuoteToGraphic(name)
}
