package document

import (
	"strconv"
	"strings"
)

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
