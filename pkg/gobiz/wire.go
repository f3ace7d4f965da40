package gobiz

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// wireTransport stands directly above the network. It refuses what is no answer
// to a call, and takes secrets out of the texts of the network's errors.
type wireTransport struct {
	next http.RoundTripper
}

// An interimFailure is an interim answer (1xx) where the final one should be.
type interimFailure struct{ status int }

func (e *interimFailure) Error() string {
	if e.status == http.StatusSwitchingProtocols {
		return "the server switched to another protocol, which was not asked for"
	}
	return "the server sent an interim answer and no final one"
}

func (t *wireTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	state := stateOf(req.Context())
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, state.hideError(wireError(err))
	}
	if resp.StatusCode < http.StatusOK {
		// The body of a 101 is the connection itself: neither a time-out nor a
		// cancelled context would end the reading of it.
		resp.Body.Close()
		state.lastStatus = resp.StatusCode
		return nil, &interimFailure{resp.StatusCode}
	}
	return resp, nil
}

// errProxyAddress stands for net/http's own error, which quotes the address with
// its password, in parts and as a whole.
var errProxyAddress = errors.New("the proxy address in the environment (HTTPS_PROXY, HTTP_PROXY) is not a valid URL")

var userinfoPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://[^\s"]*@`) })

// wireError masks the user and password of URLs in an error of net/http.
func wireError(err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "invalid proxy address"):
		return errProxyAddress
	case strings.Contains(text, "@"):
		return withText(err, userinfoPattern().ReplaceAllString(text, "://"+masked+"@"))
	}
	return err
}

// A hiddenError is an error with another text.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.err }

// Format keeps verbs such as %+v from walking to the text that was replaced.
func (e *hiddenError) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.text) }

func withText(err error, text string) error {
	if err == nil || err.Error() == text {
		return err
	}
	return &hiddenError{text, err}
}
