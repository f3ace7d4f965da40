// Package cleantext makes text of a server, a file or another program safe to
// show: such text must not move the cursor, set a title, add lines or hide what
// stands there.
package cleantext

import (
	"strings"
	"unicode/utf8"
)

// Text drops escape sequences as a whole, control characters (C0, DEL, C1),
// bidirectional controls and invisible characters; it turns line breaks and
// tabs into one space and invalid UTF-8 into U+FFFD. The joiners that scripts
// and emoji need (U+200C, U+200D) and variation selectors stay.
func Text(s string) string { return clean(s, " ", " ") }

// Lines is [Text] for text of several lines: line feeds stay.
func Lines(s string) string { return clean(s, "\n", " ") }

// Cell is [Text] for a table: a line break stays visible, so that two different
// values never look alike.
func Cell(s string) string { return clean(s, `\n`, `\t`) }

// OneLine is [Text] with runs of white space as one space and at most limit
// characters, behind which an ellipsis stands for the rest. No limit is 0.
func OneLine(s string, limit int) string {
	s = strings.Join(strings.Fields(Text(s)), " ")
	if limit <= 0 || len(s) <= limit {
		return s
	}
	count := 0
	for i := range s {
		if count++; count > limit {
			return s[:i] + "…"
		}
	}
	return s
}

func clean(s, newline, tab string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError:
			b.WriteRune(utf8.RuneError) // also for one invalid byte
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
			// the line feed that follows stands for both
		case isLineBreak(r):
			b.WriteString(newline)
		case r == '\t':
			b.WriteString(tab)
		case r == escape || r >= 0x80 && r <= 0x9f:
			size = sequenceLength(s[i:], r, size)
		case Unsafe(r):
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// plain finds the common case, printable ASCII, without decoding.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

func isLineBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// Unsafe tells whether a terminal acts on the character, or shows nothing
// where a reader should see something.
func Unsafe(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r == 0xad, r == 0x61c, r == 0x180e, r == 0xfeff: // soft hyphen, Arabic letter mark, Mongolian separator, BOM
		return true
	case r == 0x200b, r == 0x200e, r == 0x200f: // zero-width space, direction marks
		return true
	case r >= 0x2028 && r <= 0x202e: // line and paragraph separator, bidirectional embeddings and overrides
		return true
	case r >= 0x2060 && r <= 0x206f: // word joiner, invisible operators, bidirectional isolates
		return true
	case r >= 0xfff9 && r <= 0xfffb: // interlinear annotation
		return true
	case r >= 0xe0000 && r <= 0xe007f: // tag characters
		return true
	}
	return false
}

const escape = 0x1b

// sequenceLength measures the escape sequence at the start of s, given its
// first rune: ECMA-48 control sequences, control strings (OSC, DCS, SOS, PM,
// APC) up to their terminator, and two-byte escapes. A control string without
// an end is only its introducer: the text behind it is not to disappear.
func sequenceLength(s string, first rune, size int) int {
	kind := first
	if first == escape {
		final := size
		for final < len(s) && s[final] >= 0x20 && s[final] <= 0x2f {
			final++ // ESC ( B: a character set
		}
		if final == len(s) || s[final] < 0x30 || s[final] > 0x7e {
			return size
		}
		kind = rune(s[final]) + 0x40 // ESC [ is U+009B in seven bits
		size = final + 1
	}
	switch kind {
	case 0x9b: // CSI
		i := size
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1
		}
		return i
	case 0x90, 0x98, 0x9d, 0x9e, 0x9f: // DCS, SOS, OSC, PM, APC
		for i := size; i < len(s); i++ {
			switch {
			case s[i] == 0x07:
				return i + 1
			case s[i] == escape && i+1 < len(s) && s[i+1] == '\\':
				return i + 2
			case strings.HasPrefix(s[i:], "\u009c"):
				return i + len("\u009c")
			case s[i] == '\n':
				return size // a terminator on another line is not this one's
			}
		}
	}
	return size
}
