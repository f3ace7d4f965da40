package redact

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Spellings are the forms in which a server may repeat a value: as it is, as it
// stands in a form or a URL, and as it stands in JSON. An empty value has none.
func Spellings(value string) []string {
	if value == "" {
		return nil
	}
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	if quoted, err := json.Marshal(value); err == nil {
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	return forms
}

// ErrProxyAddress stands for net/http's own error, which quotes the address with
// its password, in parts and as a whole.
var ErrProxyAddress = errors.New("the proxy address in the environment (HTTPS_PROXY, HTTP_PROXY) is not a valid URL")

var userinfoPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://[^\s"]*@`) })

// Error is err with the secrets in its text hidden: those that hide knows, and
// the user and password of a URL. It unwraps to err.
func Error(err error, hide func(string) string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if strings.Contains(text, "invalid proxy address") {
		return ErrProxyAddress
	}
	shown := hide(text)
	if strings.Contains(shown, "@") {
		shown = userinfoPattern().ReplaceAllString(shown, "://"+Masked+"@")
	}
	if shown == text {
		return err
	}
	return &hiddenError{shown, err}
}

// hiddenError is an error with another text.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.err }

// Format keeps verbs such as %+v from walking to the text that was replaced.
func (e *hiddenError) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.text) }
