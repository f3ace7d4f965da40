package catalog

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// MaxFileSize is the largest catalog file that is read, in bytes. A menu of
	// 5,000 items has 2 MB.
	MaxFileSize = 16 << 20

	maxDepth = 64 // levels of nesting; the format needs 8

	// maxAliasNodes bounds the values that YAML aliases stand for: a menu of
	// 5,000 items that share their opening hours has 150,000.
	maxAliasNodes = 500_000

	// maxYAMLMarks bounds the lines, commas and opening brackets of a YAML file,
	// and so its values: the YAML library needs more than 1 KB for each. A menu
	// of 5,000 items has 150,000.
	maxYAMLMarks = 500_000
)

// Parse reads a catalog file, YAML or JSON: by the extension of name, else by
// what the data looks like. It never stops at the first problem; a source with
// an error among its findings is incomplete, and nil when the file has no
// structure at all. name stands in messages only.
//
// The API decides whether a price may have decimals (Enterprise only, seed 001,
// "Update menu").
func Parse(name string, data []byte, api API) (*Source, Findings) {
	r := &reader{api: api, aliasLimit: maxAliasNodes}
	return r.parse(name, data)
}

func (r *reader) parse(name string, data []byte) (*Source, Findings) {
	root := r.load(name, data)
	if root == nil {
		return nil, r.sorted()
	}
	s := r.source(root)
	s.File = name
	return s, r.sorted()
}

// load turns the text into nodes, or reports why it cannot.
func (r *reader) load(name string, data []byte) *node {
	if len(data) > MaxFileSize {
		r.syntax(Position{}, fmt.Sprintf("the file has %d MiB, more than the %d that a catalog may have", len(data)>>20, MaxFileSize>>20), "")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at, what, hint := unreadable(data); what != "" {
		r.syntax(at, what, hint)
		return nil
	}
	if len(bytes.TrimSpace(data)) == 0 {
		r.syntax(Position{Line: 1, Column: 1}, "the file is empty", "gobiz catalog pull writes one from a live menu")
		return nil
	}
	if isJSON(name, data) {
		return r.loadJSON(data)
	}
	return r.loadYAML(data)
}

// isJSON decides by extension, then by content. JSON under a YAML name goes to
// the JSON reader as well: YAML does not know all of its escapes.
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
func unreadable(data []byte) (at Position, what, hint string) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return Position{Line: 1, Column: 1}, "this is a ZIP archive, perhaps a spreadsheet", "save it as YAML or JSON in the shape of the API's own body"
	}
	line, start := 1, 0
	for i := 0; i < len(data); {
		c := data[i]
		if c >= 0x20 && c < 0x7f {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		at := func() Position { return Position{line, utf8.RuneCount(data[start:i]) + 1} }
		switch {
		case r == '\n':
			line, start = line+1, i+1
		case r == utf8.RuneError && size == 1:
			return at(), "the text is not UTF-8", "save the file as UTF-8"
		case r < 0x20 && r != '\t' && r != '\r', r == 0x7f:
			return at(), fmt.Sprintf("control character U+%04X", r), "delete it"
		}
		i += size
	}
	return Position{}, "", ""
}
