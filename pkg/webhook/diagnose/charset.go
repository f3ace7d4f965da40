package diagnose

import (
	"slices"
	"unicode/utf8"
)

// windows1252 has the characters of bytes 0x80 to 0x9F, where Windows-1252
// differs from Latin-1. Browsers and Windows take one for the other. Bytes
// without a character keep their number.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ"

// fromMojibake returns the bytes that were taken for characters, by either table.
func fromMojibake(body []byte) [][]byte {
	if isASCII(body) || !utf8.Valid(body) {
		return nil
	}
	table := []rune(windows1252)
	raw := make([]byte, 0, len(body))
	for _, r := range string(body) {
		// The tables do not contradict each other: a character above 0xFF is in one alone.
		if i := slices.Index(table, r); i >= 0 {
			r = rune(0x80 + i)
		}
		if r > 0xFF {
			return nil
		}
		raw = append(raw, byte(r))
	}
	return [][]byte{raw}
}

// fromLatin1 takes each byte for a character, by one table and by the other.
func fromLatin1(body []byte) [][]byte {
	if isASCII(body) {
		return nil
	}
	table := []rune(windows1252)
	var latin1, windows []byte
	for _, b := range body {
		r := rune(b)
		latin1 = utf8.AppendRune(latin1, r)
		if b >= 0x80 && b <= 0x9F {
			r = table[b-0x80]
		}
		windows = utf8.AppendRune(windows, r)
	}
	return [][]byte{latin1, windows}
}

func isASCII(body []byte) bool {
	for _, b := range body {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
