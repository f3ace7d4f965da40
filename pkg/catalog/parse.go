package catalog

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxFileSize is the largest catalog file that is read, in bytes. A menu of
// 50,000 items has 20 MB as YAML and 28 MB as JSON.
const MaxFileSize = 64 << 20

const maxDepth = 64 // levels of nesting; the format needs 8

// limits keep what a file can make of memory near to its size. A value may be two
// bytes of the file, and takes a hundred in memory, a thousand in the YAML
// library's.
type limits struct {
	run        int // bytes of a YAML file that are nodes at a time, about
	yamlMarks  int // lines, commas and opening brackets, and so values, that the YAML library is given at a time
	jsonValues int // values of a JSON file that are held at a time
	aliasNodes int // values that YAML aliases stand for: 5,000 items that share their opening hours have 150,000
	entities   int // items, variant categories and variants: a menu of 50,000 items has 65,000
}

var usualLimits = limits{run: 32 << 10, yamlMarks: 500_000, jsonValues: 500_000, aliasNodes: 500_000, entities: 1_000_000}

// inRuns tells whether a file is large enough to be read in runs.
func (l *limits) inRuns(data []byte) bool { return len(data) >= 4*l.run }

// Parse reads a catalog file, YAML or JSON: by the extension of name, else by
// what the data looks like. It never stops at the first problem; a source with
// an error among its findings is incomplete, and nil when the file has no
// structure at all. name stands in messages only.
//
// Items with the same opening hours share them: replace hours, do not change
// them in place.
//
// The API decides whether a price may have decimals (Enterprise only, seed 001,
// "Update menu").
func Parse(name string, data []byte, api API) (*Source, Findings) {
	r := &reader{api: api, limits: usualLimits}
	return r.parse(name, data)
}

func (r *reader) parse(name string, data []byte) (*Source, Findings) {
	var s *Source
	if data = r.readable(data); data != nil {
		if isJSON(name, data) {
			s = r.jsonSource(data)
		} else {
			s = r.yamlSource(data)
		}
	}
	if s != nil && r.entities > r.limits.entities {
		s, r.findings = nil, nil
		r.syntax(Position{}, fmt.Sprintf("the file has more than %d items, variant categories and variants", r.limits.entities), "keep one outlet's menu in a file")
	}
	if s != nil {
		s.File = name
	}
	return s, r.sorted()
}

// readable gives the text without its byte order mark, or reports why it is no
// text.
func (r *reader) readable(data []byte) []byte {
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
	return data
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
