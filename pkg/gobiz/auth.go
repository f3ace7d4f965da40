package gobiz

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// authTransport adds the access token. A request for another scheme, host or
// port goes without it, and goes at all only when the server itself gave that
// URL (the QR image of a payment).
type authTransport struct {
	next   http.RoundTripper
	base   *url.URL
	tokens TokenSource
}

// tokenFailure carries an error of the TokenSource through the stack.
type tokenFailure struct{ err error }

func (e *tokenFailure) Error() string { return e.err.Error() }
func (e *tokenFailure) Unwrap() error { return e.err }

var errForeignHost = errors.New("request for another host than the configured one was not sent")

func (t *authTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	state := stateOf(req.Context())
	if !sameOrigin(req.URL, t.base) {
		if !state.foreign {
			closeBody(req)
			return nil, errForeignHost
		}
		req = req.Clone(req.Context())
		req.Header.Del("Authorization")
		return t.next.RoundTrip(req)
	}
	if given := req.Header.Get("Authorization"); given != "" {
		_, value, _ := strings.Cut(given, " ")
		state.used(value)
		return t.next.RoundTrip(req)
	}
	if t.tokens == nil {
		return t.next.RoundTrip(req)
	}
	token, err := t.tokens.Token(req.Context(), state.operation)
	if err == nil && (token == "" || strings.ContainsFunc(token, isNotTokenRune)) {
		err = errors.New("the access token is empty or holds characters that a header cannot carry")
	}
	if err != nil {
		closeBody(req)
		return nil, &tokenFailure{err}
	}
	state.token = token
	state.used(token)
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+token)
	return t.next.RoundTrip(req)
}

func isNotTokenRune(r rune) bool { return r <= ' ' || r > '~' }

// renew asks for another token after a 401, once for each call. It reports
// whether there is one.
func (t *authTransport) renew(ctx context.Context, state *callState) bool {
	if t.tokens == nil || state.token == "" || state.reauthorized {
		return false
	}
	state.reauthorized = true
	rejected := state.token
	t.tokens.Reject(ctx, rejected)
	token, err := t.tokens.Token(ctx, state.operation)
	if err != nil {
		state.tokenErr = err
		return false
	}
	return token != rejected
}
