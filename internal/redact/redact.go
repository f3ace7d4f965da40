// Package redact takes secrets out of text by their value: a server may repeat
// what was sent to it. It is a leaf, so that the API client and the login mask
// alike without knowing each other.
package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Masked stands where a secret stood.
const Masked = "***"

const (
	minSecret  = 4 // bytes; a shorter value is no secret, and stands in many words
	longSecret = 8 // bytes; a shorter one is masked only where it stands alone
)

// Values replaces values in a text, and the beginning of one at its end: the
// text may have been cut.
func Values(text string, values []string) string {
	if text == "" {
		return ""
	}
	// A value that contains another one goes first.
	values = slices.SortedFunc(slices.Values(values), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, value := range values {
		switch {
		case len(value) < minSecret:
		case len(value) < longSecret:
			text = word(text, value)
		default:
			text = strings.ReplaceAll(text, value, Masked)
			for n := min(len(value)-1, len(text)); n >= longSecret; n-- {
				if strings.HasSuffix(text, value[:n]) {
					text = text[:len(text)-n] + Masked
					break
				}
			}
		}
	}
	return text
}

// word replaces a value where neither a letter nor a digit stands beside it.
func word(text, value string) string {
	var b strings.Builder
	before := ' ' // the character that stands before text
	for {
		at := strings.Index(text, value)
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		rest := text[at+len(value):]
		if at > 0 {
			before, _ = utf8.DecodeLastRuneInString(text[:at])
		}
		after, _ := utf8.DecodeRuneInString(rest)
		b.WriteString(text[:at])
		if inWord(before) || inWord(after) && rest != "" {
			b.WriteString(value)
		} else {
			b.WriteString(Masked)
		}
		before, _ = utf8.DecodeLastRuneInString(value)
		text = rest
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
