package document

import "unicode/utf8"

// start is where a file begins.
var start = Position{1, 1}

// A cursor finds the places of bytes in a text. It goes forward only, so that a
// file of one long line stays linear.
type cursor struct {
	text   []byte
	offset int // the byte that at is the place of
	at     Position
}

// position gives the place of a byte, not before the last one asked for. A byte
// that is no UTF-8 counts as a character.
func (c *cursor) position(offset int) Position {
	offset = min(offset, len(c.text))
	for c.offset < offset {
		_, size := utf8.DecodeRune(c.text[c.offset:])
		if c.text[c.offset] == '\n' {
			c.at = Position{c.at.Line + 1, 1}
		} else {
			c.at.Column++
		}
		c.offset += size
	}
	return c.at
}
