package document

import (
	"bytes"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxDepth = 64      // levels of nesting
	maxNodes = 200_000 // values, also those that YAML aliases stand for
)

// Parse reads a file, YAML or JSON: by the extension of name, else by what the
// data looks like. The problem says why there is no value.
func Parse(name string, data []byte) (*Node, *Problem) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at, what := unreadable(data); what != "" {
		return nil, &Problem{Position: at, Message: what}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &Problem{Position: Position{1, 1}, Message: "the file is empty"}
	}
	if isJSON(name, data) {
		return parseJSON(data)
	}
	return parseYAML(data)
}

// isJSON sends JSON under a YAML name to the JSON reader as well: YAML does not
// know all of its escapes.
func isJSON(name string, data []byte) bool {
	first := bytes.TrimLeft(data, " \t\r\n")[0]
	looksLikeJSON := first == '{' || first == '['
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return looksLikeJSON && jsontext.Value(data).IsValid(jsontext.AllowDuplicateNames(true))
	}
	return looksLikeJSON
}

// unreadable finds the first byte that no text file has.
func unreadable(data []byte) (at Position, what string) {
	at = Position{1, 1}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return at, "the text is not UTF-8"
		case r < 0x20 && r != '\t' && r != '\r' && r != '\n', r == 0x7f:
			return at, "there is a control character here"
		case r == '\n':
			at = Position{at.Line + 1, 0}
		}
		at.Column++
		i += size
	}
	return at, ""
}
