package terminal

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"slices"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// document writes exactly one document: JSON, its YAML form, or what the jq
// filter makes of it. Nothing is written when the value cannot be marshalled.
func (p *Printer) document(v any) error {
	data, err := marshal(v, p.filter == nil && p.format == FormatJSON)
	switch {
	case err != nil:
		return err
	case p.filter != nil:
		return p.filter.run(p.ctx, p.streams.Out, data, p.streams.OutTTY)
	case p.format == FormatYAML:
		data, err = yamlFromJSON(data)
	default:
		data = append(data, '\n')
	}
	if err != nil {
		return err
	}
	_, err = p.streams.Out.Write(data)
	return err
}

// numbers writes a json.Number as the number it is. The json package here knows
// only that its kind is a string.
var numbers = sync.OnceValue(func() *json.Marshalers {
	return json.MarshalFunc(func(n stdjson.Number) ([]byte, error) {
		if n == "" {
			return []byte("0"), nil
		}
		return []byte(n), nil
	})
})

// A JSONAppender writes its own JSON on one line, which is faster than by json
// tags.
type JSONAppender interface {
	AppendJSON(dst []byte) []byte
}

// marshal reads json tags as encoding/json does, with three differences: a nil
// slice is [] and a nil map {}, HTML is not escaped, and characters a terminal
// would act on are written as \u escapes, which changes no value.
func marshal(v any, indent bool) ([]byte, error) {
	if a, ok := v.(JSONAppender); ok && !indent {
		return escapeUnsafe(a.AppendJSON(make([]byte, 0, 512))), nil
	}
	options := []json.Options{
		jsonv1.DefaultOptionsV1(),
		json.FormatNilSliceAsNull(false),
		json.FormatNilMapAsNull(false),
		jsontext.EscapeForHTML(false),
		jsontext.AllowInvalidUTF8(true),
		json.WithMarshalers(numbers()),
	}
	if indent {
		options = append(options, jsontext.WithIndent("  "))
	}
	data, err := json.Marshal(v, options...)
	if err != nil {
		return nil, fmt.Errorf("cannot write the result as JSON: %w", err)
	}
	return escapeUnsafe(data), nil
}

// escapeUnsafe replaces the characters that a terminal acts on by \u escapes.
// They can only stand inside strings: a JSON encoder has already escaped what
// is below U+0020 there, so line feeds of the indentation are left alone.
func escapeUnsafe(data []byte) []byte {
	if !slices.ContainsFunc(data, func(c byte) bool { return c > 0x7e }) {
		return data
	}
	var out bytes.Buffer
	out.Grow(len(data) + 16)
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r >= 0x7f && cleantext.Unsafe(r) {
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		} else {
			out.Write(data[i : i+size])
		}
		i += size
	}
	return out.Bytes()
}
