package catalog

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ignorable reports whether a character shows nothing: what Unicode calls
// Default_Ignorable_Code_Point (Unicode Standard, section 5.21), made of the tables
// that it is derived from.
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// joins reports whether an ignorable character does its work behind another one:
// the joiners, variation selectors and tags of emoji and of scripts that join.
// Latin letters need none.
func joins(before, r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner, firstTag, lastTag = 0x200c, 0x200d, 0xe0020, 0xe007f
	selector := unicode.Is(unicode.Variation_Selector, r)
	switch {
	case selector && strings.ContainsRune("0123456789#*", before): // a keycap
		return true
	case selector, r == zeroWidthJoiner, r == zeroWidthNonJoiner, r >= firstTag && r <= lastTag:
		return before > unicode.MaxASCII && !unicode.Is(unicode.Latin, before)
	}
	return false
}

// oddBlank reports whether a character looks like a blank and is another one.
func oddBlank(r rune) bool { return r != ' ' && unicode.Is(unicode.Zs, r) }

// plainText spares most texts the closer look.
func plainText(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// looks is what a reader sees of a text: composed, with plain blanks and none at
// an end, and without what shows nothing. Nobody can tell two texts apart that
// look the same.
func looks(s string) string {
	if unseen(s, true, false) == "" && norm.NFC.IsNormalString(s) {
		return s // as mostly
	}
	return strings.TrimSpace(norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case ignorable(r), unicode.IsControl(r):
			return -1
		}
		return r
	}, s)))
}

// folded is a text without its case, its blanks and its Unicode form.
func folded(s string) string {
	return strings.ToLower(strings.ReplaceAll(norm.NFKC.String(looks(s)), " ", ""))
}

// unseen names the first thing in a text that a reader does not see; empty when
// there is none. id is for an external id, which needs no joiners; prose may have
// several lines, and blanks of all kinds.
func unseen(s string, id, prose bool) string {
	if plainText(s) {
		return ""
	}
	if !prose && strings.TrimFunc(s, unicode.IsSpace) != s {
		return "a blank at an end"
	}
	var before rune
	for _, r := range s {
		switch {
		case r == '\n' && prose, !id && joins(before, r):
		case r == '\n':
			return "the line break U+000A"
		case unicode.IsControl(r):
			return fmt.Sprintf("the control character U+%04X", r)
		case ignorable(r), r == '\u2028', r == '\u2029': // the last two end lines
			return fmt.Sprintf("the invisible character U+%04X", r)
		case oddBlank(r) && !prose:
			return fmt.Sprintf("the blank U+%04X, which is not the plain one", r)
		}
		if !ignorable(r) {
			before = r
		}
	}
	return ""
}
