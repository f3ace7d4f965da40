package capture

import (
	"net/http"
	"unicode/utf8"
)

// latin1 is the charset of a line with text that is not UTF-8: each byte of its
// path, query and headers is written as the character of that number, as HTTP
// once defined them (RFC 9110, section 5.5). Other lines name no charset.
const latin1 = "iso-8859-1"

func fromLatin1(text string) string {
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}

func toLatin1(text string) string {
	var raw []byte
	for _, r := range text {
		raw = append(raw, byte(r))
	}
	return string(raw)
}

// isUTF8 reports whether all text of the record is UTF-8.
func (r *Record) isUTF8() bool {
	if !utf8.ValidString(r.Path) || !utf8.ValidString(r.Query) || !utf8.ValidString(r.Signature) {
		return false
	}
	for _, values := range r.Header {
		for _, value := range values {
			if !utf8.ValidString(value) {
				return false
			}
		}
	}
	return true
}

// mapText returns the record with its text changed.
func (r *Record) mapText(change func(string) string) Record {
	changed := *r
	changed.Path, changed.Query, changed.Signature = change(r.Path), change(r.Query), change(r.Signature)
	changed.Header = make(http.Header, len(r.Header))
	for name, values := range r.Header {
		for _, value := range values {
			changed.Header[name] = append(changed.Header[name], change(value))
		}
	}
	return changed
}
