package gobiz

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSnippet is the number of characters shown of a body that is not JSON.
const maxSnippet = 200

// zeroWidthJoiner holds emoji together and cannot change a terminal.
const zeroWidthJoiner = '\u200d'

// cleanText makes text from a server safe to show on one line: control and
// format characters (escape sequences, bidirectional overrides) go, runs of
// white space become one space, and at most limit characters stay.
func cleanText(text string, limit int) string {
	// Enough bytes for limit characters even when much is dropped; a body of
	// megabytes need not be walked.
	if most := limit * utf8.UTFMax * 4; len(text) > most {
		text = text[:most]
	}
	var b strings.Builder
	count, space := 0, false
	for _, r := range text {
		if unicode.IsSpace(r) {
			space = count > 0
			continue
		}
		if unicode.Is(unicode.C, r) && r != zeroWidthJoiner {
			continue // control, format, private use, surrogates
		}
		if space {
			if count++; count > limit {
				break
			}
			b.WriteByte(' ')
			space = false
		}
		if count++; count > limit {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// snippet is cleanText for bytes.
func snippet(body []byte, limit int) string {
	if most := limit * utf8.UTFMax * 4; len(body) > most {
		body = body[:most]
	}
	return cleanText(string(body), limit)
}

// excerpt is the beginning of a body that is not the documented JSON, with
// secrets and personal data masked. hide masks the secrets of the call.
func excerpt(body []byte, hide func(string) string) string {
	return snippet(maskJSON(body, maxSnippet*utf8.UTFMax, hide), maxSnippet)
}
