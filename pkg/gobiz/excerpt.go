package gobiz

import (
	"bytes"
	"unicode/utf8"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// maxSnippet is the number of characters shown of a body that is not JSON.
const maxSnippet = 200

// cleanText makes text from a server safe to show on one line of at most limit
// characters.
func cleanText(text string, limit int) string {
	// Enough bytes for limit characters even when much is dropped; a body of
	// megabytes need not be walked.
	return cleantext.OneLine(text[:min(len(text), limit*utf8.UTFMax*4)], limit)
}

// excerpt is the beginning of a body that is not the documented JSON, or the title
// of a web page, with secrets and personal data masked. hide masks the secrets of
// the call.
func excerpt(body []byte, hide func(string) string) string {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		body = []byte(cleantext.Page(string(body)))
	}
	return cleanText(string(maskJSON(body, maxSnippet*utf8.UTFMax, hide)), maxSnippet)
}
