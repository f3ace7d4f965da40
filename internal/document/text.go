package document

import (
	"bytes"
	"fmt"
	"path/filepath"
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

// Readable gives the text of a file without its byte order mark. The problem is
// the first byte that no text file has, or that there is nothing in it.
func Readable(data []byte) (text []byte, problem *Problem) {
	text = bytes.TrimPrefix(data, []byte("\ufeff"))
	if problem = unreadable(text); problem != nil {
		return nil, problem
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, &Problem{Position: start, Message: Empty}
	}
	return text, nil
}

func unreadable(text []byte) *Problem {
	if bytes.HasPrefix(text, []byte("PK\x03\x04")) {
		return &Problem{Position: start, Message: Archive, Hint: "save it as YAML or JSON"}
	}
	problem := func(offset int, message, hint string) *Problem {
		c := cursor{text: text, at: start}
		return &Problem{Position: c.position(offset), Message: message, Hint: hint}
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

// shorten cuts a text that is not ours for a message.
func shorten(s string) string {
	const most = 60 // characters
	if runes := []rune(s[:min(len(s), 4*most)]); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
