package diagnose

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonCauses are forms in which libraries write JSON. Each keeps what it is not
// about as it stands, so that two of them can be told apart, and combined.
func jsonCauses() []bodyCause {
	list := []bodyCause{
		{cause: cause{"json_compact", "the signed body has no blanks between its values: this one was parsed and printed again", rawAdvice}, undo: reformatted()},
		{cause: cause{"json_spaced", `the signed body is written as Python does, with ", " and ": "`, rawAdvice}, undo: reformatted(jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true))},
		{cause: cause{"json_indent_2", "the signed body is indented by two spaces, this one was written anew", rawAdvice}, undo: reformatted(jsontext.WithIndent("  "))},
		{cause: cause{"json_indent_4", "the signed body is indented by four spaces, this one was written anew", rawAdvice}, undo: reformatted(jsontext.WithIndent("    "))},
		{cause: cause{"json_indent_tab", "the signed body is indented by tabs, this one was written anew", rawAdvice}, undo: reformatted(jsontext.WithIndent("\t"))},
		{cause: cause{"json_sorted", "the signed body has its keys in alphabetical order, this one has not", rawAdvice}, undo: sortedKeys},
		{cause: cause{"json_unescaped", "the signed body has characters where this one has escapes (\\u00e9, \\u003c, \\/): it was parsed and written again", rawAdvice}, undo: escapes(plainRune)},
		{cause: cause{"json_ascii", "the signed body escapes what is not ASCII (\\u00e9), this one was parsed and written again", rawAdvice}, undo: escapes(asciiRune, upperASCIIRune)},
		{cause: cause{"json_html_escaped", "the signed body escapes <, > and & (\\u003c), this one was parsed and written again", rawAdvice}, undo: escapes(htmlRune, upperHTMLRune)},
		{cause: cause{"json_slashes", "the signed body escapes slashes (\\/) as PHP does, this one was parsed and written again", rawAdvice}, undo: escapes(slashed(plainRune), slashed(asciiRune))},
		{cause: cause{"json_numbers", "a number is 15000.0 on one side and 15000 on the other: the body was parsed and written again", rawAdvice}, undo: numbers},
	}
	for i := range list {
		list[i].limit = MaxRewritten
		if strings.HasPrefix(list[i].name, "json_indent_") {
			list[i].limit = maxIndented
		}
	}
	return list
}

// Bounds for JSON that is made to be large once it is written anew: indentation
// grows with the depth, for every value.
const (
	maxIndented = 256 << 10 // bytes
	maxDepth    = 32        // a notification has a depth of seven
)

// reformatted writes JSON with other blanks, or its members in another order, and
// leaves strings and numbers as they are.
func reformatted(options ...jsontext.Options) func([]byte) [][]byte {
	options = append(options, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true))
	return func(body []byte) [][]byte {
		v := jsontext.Value(slices.Clone(body))
		ok := looksLikeJSON(body) && depth(body) <= maxDepth && v.Format(options...) == nil
		return one([]byte(v), ok && !bytes.Equal(v, bytes.TrimSpace(body))) // blanks around it are another cause
	}
}

// sortedKeys writes JSON without blanks and with its keys in order, when they are
// not in order already.
func sortedKeys(body []byte) [][]byte {
	sorted, compact := reformatted(jsontext.ReorderRawObjects(true))(body), reformatted()(body)
	if len(sorted) > 0 && len(compact) > 0 && bytes.Equal(sorted[0], compact[0]) {
		return nil
	}
	return sorted
}

func looksLikeJSON(body []byte) bool {
	text := bytes.TrimLeft(body, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// depth is how deep objects and lists are nested, whether or not they end.
func depth(body []byte) int {
	deepest, now := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = stringEnd(body, i+1)
		case '{', '[':
			now++
			deepest = max(deepest, now)
		case '}', ']':
			now--
		}
	}
	return deepest
}

// escapes writes the strings of JSON with other escapes, in each of some styles.
// One that holds half a character stays as it is.
func escapes(styles ...func(dst []byte, r rune) []byte) func([]byte) [][]byte {
	return func(body []byte) [][]byte {
		if !looksLikeJSON(body) {
			return nil
		}
		var bodies [][]byte
		for _, style := range styles {
			bodies = append(bodies, rewrite(body, func(dst, quoted []byte) []byte {
				plain, err := jsontext.AppendUnquote(nil, quoted)
				if err != nil {
					return append(dst, quoted...)
				}
				dst = append(dst, '"')
				for _, r := range string(plain) {
					dst = style(dst, r)
				}
				return append(dst, '"')
			}, nil))
		}
		return bodies
	}
}

// rewrite copies JSON, with its strings written by text, which gets them with
// their quotes, and its numbers by number, which gets the last string before them:
// the member's name. What is not JSON is copied somehow.
func rewrite(body []byte, text func(dst, quoted []byte) []byte, number func(dst, number, name []byte) []byte) []byte {
	dst := make([]byte, 0, len(body)+len(body)/4)
	var name []byte
	for i := 0; i < len(body); {
		switch c := body[i]; {
		case c == '"':
			end := stringEnd(body, i+1)
			name = body[i+1 : end]
			quoted := body[i:min(end+1, len(body))]
			if text == nil {
				dst = append(dst, quoted...)
			} else {
				dst = text(dst, quoted)
			}
			i += len(quoted)
		case number != nil && (c == '-' || c >= '0' && c <= '9'):
			end := i + 1
			for end < len(body) && strings.IndexByte("0123456789+-.eE", body[end]) >= 0 {
				end++
			}
			dst = number(dst, body[i:end], name)
			i = end
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

// stringEnd finds the quote that ends a string.
func stringEnd(body []byte, i int) int {
	for ; i < len(body) && body[i] != '"'; i++ {
		if body[i] == '\\' {
			i++
		}
	}
	return min(i, len(body))
}

// plainRune escapes what has to be escaped.
func plainRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r < ' ':
		if i := strings.IndexRune("\b\f\n\r\t", r); i >= 0 {
			return append(dst, '\\', "bfnrt"[i])
		}
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	return utf8.AppendRune(dst, r)
}

func asciiRune(dst []byte, r rune) []byte      { return appendASCII(dst, r, `\u%04x`) }
func upperASCIIRune(dst []byte, r rune) []byte { return appendASCII(dst, r, `\u%04X`) }

func appendASCII(dst []byte, r rune, format string) []byte {
	switch {
	case r < utf8.RuneSelf:
		return plainRune(dst, r)
	case r > 0xFFFF:
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(fmt.Appendf(dst, format, high), format, low)
	}
	return fmt.Appendf(dst, format, r)
}

func htmlRune(dst []byte, r rune) []byte      { return appendHTML(dst, r, `\u%04x`) }
func upperHTMLRune(dst []byte, r rune) []byte { return appendHTML(dst, r, `\u%04X`) }

func appendHTML(dst []byte, r rune, format string) []byte {
	if strings.ContainsRune("<>&\u2028\u2029", r) {
		return fmt.Appendf(dst, format, r)
	}
	return plainRune(dst, r)
}

// slashed is a style with escaped slashes. Of asciiRune it is what PHP's
// json_encode does without flags.
func slashed(style func(dst []byte, r rune) []byte) func(dst []byte, r rune) []byte {
	return func(dst []byte, r rune) []byte {
		if r == '/' {
			dst = append(dst, '\\')
		}
		return style(dst, r)
	}
}

// amounts are the members that have money in them.
var amounts = []string{"price", "order_total", "takeaway_charges", "gross_amount", "amount", "total"}

// numbers writes whole numbers with and without a fraction: all of them, and the
// amounts of money alone.
func numbers(body []byte) [][]byte {
	if !looksLikeJSON(body) {
		return nil
	}
	whole := func(dst, n, _ []byte) []byte {
		digits, fraction, _ := bytes.Cut(n, []byte("."))
		if len(bytes.Trim(fraction, "0")) > 0 {
			return append(dst, n...)
		}
		return append(dst, digits...)
	}
	with := func(fraction string, moneyOnly bool) func(dst, n, name []byte) []byte {
		return func(dst, n, name []byte) []byte {
			dst = append(dst, n...)
			if bytes.ContainsAny(n, ".eE") || moneyOnly && !slices.Contains(amounts, string(name)) {
				return dst
			}
			return append(dst, fraction...)
		}
	}
	var bodies [][]byte
	for _, style := range []func(dst, n, name []byte) []byte{whole, with(".0", true), with(".0", false), with(".00", true), with(".00", false)} {
		bodies = append(bodies, rewrite(body, nil, style))
	}
	return bodies
}
