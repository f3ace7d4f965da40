package catalog

import (
	"fmt"

	"github.com/gobiz-cli/gobiz/internal/document"
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
// The API decides whether a price may have decimals (only the
// Enterprise API's, "Update menu").
func Parse(name string, data []byte, api API) (*File, Findings) {
	r := &reader{api: api, limits: usualLimits}
	return r.parse(name, data)
}

func (r *reader) parse(name string, data []byte) (*File, Findings) {
	var s *File
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
		s.Name = name
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
	text, problem := document.Readable(data)
	if problem != nil {
		r.problem(problem)
	}
	return text
}

// problem reports why a file cannot be read, with what to do about it where the
// file is to be a catalog.
func (r *reader) problem(p *document.Problem) {
	hint := p.Hint
	switch p.Message {
	case document.Archive:
		hint = "save it as YAML or JSON in the shape of the API's own body"
	case document.Empty:
		hint = "gobiz catalog pull writes one from a live menu"
	case document.OnlyComments:
		hint = "gobiz catalog pull writes a file from a live menu"
	case document.ManyDocuments:
		hint = "keep one catalog in a file, without --- in between"
	case document.GoesOn:
		hint = "keep one catalog in a file"
	}
	r.syntax(Position(p.Position), p.Message, hint)
}

func isJSON(name string, data []byte) bool { return document.IsJSON(name, data) }
