package document

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Messages about a file as a whole. Who knows what the file is for may have a
// better hint for them.
const (
	Archive       = "this is a ZIP archive, perhaps a spreadsheet"
	Empty         = "the file is empty"
	OnlyComments  = "the file has no content but comments"
	ManyDocuments = "the file holds more than one YAML document"
	GoesOn        = "the JSON goes on behind its end"
)

// Readable returns the text of a file without its byte order mark. The problem is
// the first byte that no text file has, or that there is nothing in it.
func Readable(data []byte) (text []byte, problem *Problem) {
	text = bytes.TrimPrefix(data, []byte("\ufeff"))
	if problem = unreadable(text); problem != nil {
		return nil, problem
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, syntax(start, Empty, "")
	}
	return text, nil
}

func unreadable(text []byte) *Problem {
	if bytes.HasPrefix(text, []byte("PK\x03\x04")) {
		return syntax(start, Archive, "save it as YAML or JSON")
	}
	problem := func(offset int, message, hint string) *Problem {
		return syntax(newCursor(string(text)).position(offset), message, hint)
	}
	for i := 0; i < len(text); {
		if c := text[i]; c >= 0x20 && c < 0x7f { // most of a file
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return problem(i, "the text is not UTF-8", "save the file as UTF-8")
		case r < 0x20 && r != '\t' && r != '\r' && r != '\n', r == 0x7f:
			return problem(i, fmt.Sprintf("control character U+%04X", r), "delete it")
		}
		i += size
	}
	return nil
}

// IsJSON tells which reader a text is for: by the extension of name, else by
// what the text looks like. JSON under a YAML name is JSON as well: YAML does
// not know all of its escapes.
func IsJSON(name string, text []byte) bool {
	content := bytes.TrimLeft(text, " \t\r\n")
	looksLikeJSON := len(content) > 0 && (content[0] == '{' || content[0] == '[')
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return looksLikeJSON && jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true))
	}
	return looksLikeJSON
}

// A cursor finds the places of bytes in a text. It goes forward only, so that a
// file of one long line stays linear.
type cursor struct {
	text    string
	offset  int      // the byte that at is the place of
	at      Position // of it
	lineEnd int      // where its line ends, behind the line break
	ascii   bool     // no character of the line has two bytes
}

func newCursor(text string) *cursor {
	c := &cursor{text: text, at: start}
	c.line()
	return c
}

// line looks at the line that begins at the offset.
func (c *cursor) line() {
	line := c.text[c.offset:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	}
	c.lineEnd, c.ascii = c.offset+len(line), true
	for i := range len(line) {
		if line[i] >= utf8.RuneSelf {
			c.ascii = false
			break
		}
	}
}

// position returns the place of a byte, not before the last one asked for. A byte
// that is no UTF-8 counts as a character.
func (c *cursor) position(offset int) Position {
	offset = min(offset, len(c.text))
	for offset >= c.lineEnd && c.lineEnd < len(c.text) {
		c.offset, c.at = c.lineEnd, Position{c.at.Line + 1, 1}
		c.line()
	}
	if c.ascii {
		c.at.Column += offset - c.offset
	} else {
		c.at.Column += utf8.RuneCountInString(c.text[c.offset:offset])
	}
	c.offset = offset
	return c.at
}

// A step is a key or, where it is empty, an index.
type step struct {
	key   string
	index int
}

// pathOf writes steps as menus[0].menu_items[3].price.
func pathOf(steps ...step) string {
	var out strings.Builder
	for _, s := range steps {
		switch {
		case s.key == "":
			out.WriteString("[" + strconv.Itoa(s.index) + "]")
			continue
		case out.Len() > 0:
			out.WriteByte('.')
		}
		if plainKey(s.key) {
			out.WriteString(s.key)
		} else {
			out.WriteString(strconv.QuoteToASCII(shorten(s.key)))
		}
	}
	return out.String()
}

func plainKey(s string) bool {
	return len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// Quote shows text of a file inside a message: short, and with nothing in it
// that a terminal acts on.
func Quote(s string) string { return strconv.QuoteToGraphic(shorten(s)) }

// shorten cuts a text that is not ours for a message.
func shorten(s string) string {
	const most = 60 // characters
	if runes := []rune(s[:min(len(s), 4*most)]); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
