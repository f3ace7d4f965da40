package gobiz

import (
	"slices"

	"github.com/gobiz-cli/gobiz/internal/redact"
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
	for _, form := range redact.Spellings(token) {
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
	return redact.Values(text, s.secrets)
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
	e.Err = redact.Error(e.Err, s.hide)
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
