package gobiz

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Redactor is a TokenSource that knows more secrets than the token in use, such
// as the client secret and the refresh token behind it. Redact replaces them in a
// text that came from a server, before it is put into an error or a log.
type Redactor interface {
	Redact(text string) string
}

// used remembers a token that was sent, so that an answer that repeats it is not
// shown as it is.
func (s *callState) used(token string) {
	for _, form := range []string{token, url.QueryEscape(token)} {
		if !slices.Contains(s.secrets, form) {
			s.secrets = append(s.secrets, form)
		}
	}
}

// hide masks the secrets of the call by their value.
func (s *callState) hide(text string) string {
	if text == "" {
		return ""
	}
	if s.redactor != nil {
		text = s.redactor.Redact(text)
	}
	return hideValues(text, s.secrets)
}

// hideError is hide for the text of an error.
func (s *callState) hideError(err error) error {
	if err == nil {
		return nil
	}
	return withText(err, s.hide(err.Error()))
}

// hideIn masks the secrets in what an error tells. Text is masked when it is read,
// before it is cut; and here again, since control characters inside a secret
// are gone by now.
func (s *callState) hideIn(e *Error) *Error {
	for _, field := range []*string{&e.Title, &e.Message, &e.Code, &e.Severity, &e.RequestID, &e.Body} {
		*field = s.hide(*field)
	}
	for i := range e.More {
		p := &e.More[i]
		for _, field := range []*string{&p.Title, &p.Message, &p.Code, &p.Severity} {
			*field = s.hide(*field)
		}
	}
	e.Err = s.hideError(e.Err)
	return e
}

// hideAll masks the strings of a decoded JSON value, in place where that is possible.
func hideAll(value any, hide func(string) string) any {
	switch v := value.(type) {
	case string:
		return hide(v)
	case []any:
		for i := range v {
			v[i] = hideAll(v[i], hide)
		}
	case map[string]any:
		for name, member := range v {
			member = hideAll(member, hide)
			if shown := hide(name); shown != name {
				delete(v, name)
				name = shown
			}
			v[name] = member
		}
	}
	return value
}

const (
	minSecret  = 4 // a shorter value is no secret, and stands in many words
	longSecret = 8 // a shorter one is masked only where it stands alone
)

// hideValues replaces values in a text, and the beginning of one at its end: the
// text may have been cut.
func hideValues(text string, values []string) string {
	// A value that contains another one goes first.
	values = slices.SortedFunc(slices.Values(values), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, value := range values {
		switch {
		case len(value) < minSecret:
		case len(value) < longSecret:
			text = hideWord(text, value)
		default:
			text = strings.ReplaceAll(text, value, masked)
			for n := min(len(value)-1, len(text)); n >= longSecret; n-- {
				if strings.HasSuffix(text, value[:n]) {
					text = text[:len(text)-n] + masked
					break
				}
			}
		}
	}
	return text
}

// hideWord replaces a value where neither a letter nor a digit stands beside it.
func hideWord(text, value string) string {
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
		if isWordRune(before) || isWordRune(after) && rest != "" {
			b.WriteString(value)
		} else {
			b.WriteString(masked)
		}
		before, _ = utf8.DecodeLastRuneInString(value)
		text = rest
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
