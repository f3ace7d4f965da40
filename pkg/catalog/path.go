package catalog

import (
	"strconv"
	"strings"
)

// path is where the reader is, menus[0].menu_items[3].price. It becomes text
// only when a finding needs it.
type path struct {
	parent *path
	key    string // empty for an index
	index  int
}

func (p *path) child(key string) *path { return &path{parent: p, key: key} }
func (p *path) at(index int) *path     { return &path{parent: p, index: index} }

func (p *path) String() string {
	if p == nil {
		return ""
	}
	if p.key == "" {
		return p.parent.String() + "[" + strconv.Itoa(p.index) + "]"
	}
	key := p.key
	if !plainKey(key) {
		key = strconv.QuoteToASCII(shorten(key))
	}
	if before := p.parent.String(); before != "" {
		return before + "." + key
	}
	return key
}

func plainKey(s string) bool {
	return len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// quoted shows text of the file inside a message: short, and with nothing in it
// that a terminal acts on.
func quoted(s string) string { return strconv.QuoteToGraphic(shorten(s)) }

func shorten(s string) string {
	const most = 60
	if runes := []rune(s[:min(len(s), 4*most)]); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
