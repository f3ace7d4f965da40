package cleantext

import (
	"html"
	"regexp"
	"strings"
	"sync"
)

var (
	titlePattern  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?is)<title[^>]*>([^<]*[^<\s][^<]*)<`) })
	markupPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>|<!--.*?-->|<[^>]*>?`)
	})
)

// maxPage is how much of a page is read, in bytes.
const maxPage = 4096

// Page is what a person needs of a web page that came where something else should:
// its title, else its text. Text that is no page is returned as it is.
func Page(text string) string {
	if !strings.HasPrefix(strings.TrimSpace(text), "<") {
		return text
	}
	text = text[:min(len(text), maxPage)]
	if title := titlePattern().FindStringSubmatch(text); title != nil {
		text = title[1]
	}
	return html.UnescapeString(markupPattern().ReplaceAllString(text, " "))
}
