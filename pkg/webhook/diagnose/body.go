package diagnose

import (
	"bytes"
	"encoding/binary"
	"html"
	"iter"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// bodyCause is a transform of the body. undo gives what the body may have been
// before.
type bodyCause struct {
	cause
	undo  func(body []byte) [][]byte
	limit int // bytes of the largest body it is tried on, 0 for any
}

func (c bodyCause) skips(body []byte) bool { return c.limit > 0 && len(body) > c.limit }

// candidates are the bodies that are not the one at hand.
func (c bodyCause) candidates(body []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if c.skips(body) {
			return
		}
		for _, candidate := range c.undo(body) {
			if !bytes.Equal(candidate, body) && !yield(candidate) {
				return
			}
		}
	}
}

const (
	rawAdvice  = "verify the bytes as they arrived, before anything parses them"
	fileAdvice = "save the body without changing it: printf '%s' instead of echo, curl --data-binary instead of -d, no editor"
	textAdvice = "take the body as bytes, not as text that has been decoded"
)

// bodyCauses come in the order in which people meet them: of several that explain
// a mismatch the first is the likeliest.
func bodyCauses() []bodyCause {
	return append([]bodyCause{
		{cause{"newline_added", "the body has a newline at its end that was not signed", fileAdvice}, newlineOff, 0},
		{cause{"newline_missing", "the newline at the end of the body is missing", fileAdvice + "; $(…) in a shell drops it"}, newlineOn, 0},
		{cause{"blanks_added", "the body has blanks around it that were not signed", fileAdvice}, func(b []byte) [][]byte { return [][]byte{bytes.TrimSpace(b)} }, 0},
		{cause{"crlf_added", "the body has Windows line ends (CRLF), and was signed with LF", fileAdvice + "; check git's core.autocrlf"}, toLF, 0},
		{cause{"crlf_missing", "the body has Unix line ends (LF), and was signed with CRLF", fileAdvice + "; check git's core.autocrlf"}, toCRLF, 0},
		{cause{"bom_added", "the body begins with a byte order mark that was not signed", fileAdvice}, bomOff, 0},
		{cause{"bom_missing", "the byte order mark at the body's beginning is missing", textAdvice}, bomOn, 0},
		{cause{"body_empty", "the signature is that of an empty body", "sign the body itself: something had read the stream before, so that nothing was left"}, func([]byte) [][]byte { return [][]byte{nil} }, 0},
		{cause{"http_headers", "HTTP headers stand before the body", "save the body alone: curl without -i"}, headersOff, 0},
		{cause{"body_quotes", "the body has quotes around it", fileAdvice}, quotesOff, 0},
		{cause{"utf16", "the body was written as UTF-16", fileAdvice + "; PowerShell's > writes UTF-16"}, fromUTF16, MaxRewritten},
		{cause{"base64", "the body is still in base64", "decode it first: an AWS Lambda gets isBase64Encoded with its event"}, fromBase64Body, MaxRewritten},
		{cause{"json_string", "the body is a JSON string that holds the body, encoded twice", rawAdvice}, fromJSONString, MaxRewritten},
		{cause{"form_encoded", "the body was read as a form, or is percent-encoded", rawAdvice + ": a form parser has read it"}, fromForm, MaxRewritten},
		{cause{"html_entities", "the body has HTML entities in place of characters", "take the body from the request, not from a page that shows it"}, fromEntities, MaxRewritten},
		{cause{"mojibake", "the body's UTF-8 was decoded as Latin-1 and encoded again", textAdvice}, fromMojibake, MaxRewritten},
		{cause{"latin1", "the body was written as Latin-1 in place of UTF-8", textAdvice}, fromLatin1, MaxRewritten},
	}, jsonCauses()...)
}

func newlineOff(body []byte) [][]byte {
	rest, ok := bytes.CutSuffix(body, []byte("\n"))
	if !ok {
		return nil
	}
	return [][]byte{rest, bytes.TrimSuffix(rest, []byte("\r")), bytes.TrimRight(body, "\r\n")}
}

func newlineOn(body []byte) [][]byte {
	return [][]byte{slices.Concat(body, []byte("\n")), slices.Concat(body, []byte("\r\n"))}
}

func toLF(body []byte) [][]byte {
	return [][]byte{bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))}
}

func toCRLF(body []byte) [][]byte {
	return [][]byte{bytes.ReplaceAll(toLF(body)[0], []byte("\n"), []byte("\r\n"))}
}

const bom = "\uFEFF"

func bomOff(body []byte) [][]byte {
	rest, ok := bytes.CutPrefix(body, []byte(bom))
	return one(rest, ok)
}

func bomOn(body []byte) [][]byte {
	return [][]byte{append([]byte(bom), body...)}
}

func quotesOff(body []byte) [][]byte {
	text, ok := unquoted(string(body))
	return one([]byte(text), ok)
}

// headersOff cuts a request or an answer behind its headers.
func headersOff(body []byte) [][]byte {
	first, _, _ := bytes.Cut(body, []byte("\n"))
	if !bytes.Contains(first, []byte("HTTP/")) && !isHeaderLine(first) {
		return nil
	}
	for _, blank := range []string{"\r\n\r\n", "\n\n"} {
		if _, rest, ok := bytes.Cut(body, []byte(blank)); ok {
			return [][]byte{rest}
		}
	}
	return nil
}

// isHeaderLine recognises Name: value.
func isHeaderLine(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(": "))
	return ok && len(name) > 0 && !bytes.ContainsAny(name, " \t{[\"")
}

func fromUTF16(body []byte) [][]byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}):
		order, body = binary.LittleEndian, body[2:]
	case bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		order, body = binary.BigEndian, body[2:]
	case len(body) > 1 && body[0] != 0 && body[1] == 0:
		order = binary.LittleEndian
	case len(body) > 1 && body[0] == 0 && body[1] != 0:
		order = binary.BigEndian
	default:
		return nil
	}
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	text := []byte(string(utf16.Decode(units)))
	return append(newlineOff(text), text) // what writes UTF-16 ends with a newline
}

func fromBase64Body(body []byte) [][]byte {
	raw := decodeBase64(strings.TrimSpace(string(body)))
	return one(raw, len(raw) > 0)
}

// fromJSONString takes a JSON string, and text with its escapes but without its
// quotes, as logs have it.
func fromJSONString(body []byte) [][]byte {
	text := bytes.TrimSpace(body)
	if len(text) == 0 || text[0] != '"' {
		if !bytes.Contains(text, []byte(`\"`)) {
			return nil
		}
		text = append(append([]byte{'"'}, text...), '"')
	}
	unquoted, err := jsontext.AppendUnquote(nil, text)
	return one(unquoted, err == nil)
}

// fromForm takes percent-encoding off: of a whole body, of a form whose one name
// is the body, and of one that has the body as its one value.
func fromForm(body []byte) [][]byte {
	text := string(bytes.TrimSpace(body))
	var texts []string
	if name, ok := strings.CutSuffix(text, "="); ok {
		texts = append(texts, name)
	}
	if name, value, ok := strings.Cut(text, "="); ok && !strings.ContainsAny(name, "{[\"%") {
		texts = append(texts, value)
	}
	var bodies [][]byte
	for _, t := range texts {
		bodies = append(bodies, []byte(t))
	}
	for _, t := range append(texts, text) {
		for _, unescape := range []func(string) (string, error){url.QueryUnescape, url.PathUnescape} {
			if plain, err := unescape(t); err == nil && plain != t {
				bodies = append(bodies, []byte(plain))
			}
		}
	}
	return bodies
}

func fromEntities(body []byte) [][]byte {
	return one([]byte(html.UnescapeString(string(body))), bytes.IndexByte(body, '&') >= 0)
}

// windows1252 has the characters of bytes 0x80 to 0x9F, where Windows-1252
// differs from Latin-1. Browsers and Windows take one for the other. Bytes
// without a character keep their number.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ"

// fromMojibake returns the bytes that were taken for characters, by either table.
func fromMojibake(body []byte) [][]byte {
	if isASCII(body) || !utf8.Valid(body) {
		return nil
	}
	table := []rune(windows1252)
	raw := make([]byte, 0, len(body))
	for _, r := range string(body) {
		// The tables do not contradict each other: a character above 0xFF is in one alone.
		if i := slices.Index(table, r); i >= 0 {
			r = rune(0x80 + i)
		}
		if r > 0xFF {
			return nil
		}
		raw = append(raw, byte(r))
	}
	return [][]byte{raw}
}

// fromLatin1 takes each byte for a character, by one table and by the other.
func fromLatin1(body []byte) [][]byte {
	if isASCII(body) {
		return nil
	}
	table := []rune(windows1252)
	var latin1, windows []byte
	for _, b := range body {
		r := rune(b)
		latin1 = utf8.AppendRune(latin1, r)
		if b >= 0x80 && b <= 0x9F {
			r = table[b-0x80]
		}
		windows = utf8.AppendRune(windows, r)
	}
	return [][]byte{latin1, windows}
}

func isASCII(body []byte) bool {
	return !slices.ContainsFunc(body, func(b byte) bool { return b >= utf8.RuneSelf })
}
