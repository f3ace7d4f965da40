package catalog

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gobiz-cli/gobiz/internal/document"
)

const maxJSONDepth = 64 // which Parse has checked

// jsonScan lays out JSON that is known to be valid.
type jsonScan struct {
	data  []byte
	at    int
	depth int
}

func (s *jsonScan) blank() byte {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return s.data[s.at]
		}
	}
	return 0
}

func (s *jsonScan) value() (*region, error) {
	first := s.blank()
	out := &region{start: s.at, body: s.at, flow: true}
	switch first {
	case '{', '[':
		if s.depth++; s.depth > maxJSONDepth {
			return nil, errNoLayout
		}
		defer func() { s.depth-- }()
		out.kind = document.List
		if first == '{' {
			out.kind = document.Object
		}
		s.at++
		for {
			switch s.blank() {
			case '}', ']':
				s.at++
				out.end = s.at
				return out, nil
			case ',':
				s.at++
				continue
			case 0:
				return nil, errNoLayout
			}
			if out.kind == document.List {
				value, err := s.value()
				if err != nil {
					return nil, err
				}
				out.items = append(out.items, value)
				continue
			}
			k := regionKey{start: s.at}
			s.text()
			k.end = s.at
			name, err := jsontext.AppendUnquote(nil, s.data[k.start:k.end])
			if err != nil || s.blank() != ':' {
				return nil, errNoLayout
			}
			k.name = string(name)
			s.at++
			if k.value, err = s.value(); err != nil {
				return nil, err
			}
			out.keys = append(out.keys, k)
		}
	case '"':
		out.kind, out.quote = document.Text, '"'
		s.text()
	case 0:
		return nil, errNoLayout
	default:
		out.kind = document.Number
		if first == 'n' {
			out.kind = document.Null
		}
		for s.at < len(s.data) && !jsonEnd(s.data[s.at]) {
			s.at++
		}
	}
	out.end = s.at
	return out, nil
}

func jsonEnd(c byte) bool {
	switch c {
	case ',', '}', ']', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

func (s *jsonScan) text() {
	for s.at++; s.at < len(s.data) && s.data[s.at] != '"'; s.at++ {
		if s.data[s.at] == '\\' {
			s.at++
		}
	}
	s.at = min(s.at+1, len(s.data))
}
