package gobiz

import (
	"net/http"
	"net/url"

	"github.com/gobiz-cli/gobiz/internal/redact"
)

// newTransport builds the stack that a request passes from top to bottom:
//
//	retry    repeats, and asks for another token after a 401
//	auth     adds the token, for the configured host only
//	pace     waits for the limiter
//	log      one masked record for each attempt
//	timeout  bounds the attempt
//	buffer   reads the answer, so that a cut-off body counts as a network failure
//	limit    bounds the size of the answer
//	wire     refuses what is no final answer, masks the network's errors
func newTransport(base *url.URL, o Options) http.RoundTripper {
	var rt http.RoundTripper = &limitTransport{next: &wireTransport{next: o.Transport}, max: o.MaxResponse}
	rt = &bufferTransport{next: rt}
	rt = &timeoutTransport{next: rt}
	if o.Logger != nil {
		rt = &logTransport{next: rt, logger: o.Logger, now: o.Now}
	}
	if o.Limiter != nil {
		rt = &paceTransport{next: rt, limiter: o.Limiter}
	}
	auth := &authTransport{next: rt, base: base, tokens: o.Tokens}
	return &retryTransport{
		next:        auth,
		renew:       auth.renew,
		maxAttempts: o.MaxAttempts,
		onAttempt:   o.OnAttempt,
		now:         o.Now,
	}
}

// defaultTransport keeps as many connections as there are workers; the default
// of two makes most of a fleet's calls open a new connection each.
func defaultTransport(concurrency int) http.RoundTripper {
	shared, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	own := shared.Clone()
	own.MaxIdleConnsPerHost = concurrency
	own.MaxIdleConns = max(own.MaxIdleConns, concurrency)
	return own
}

const maxRedirects = 5

// checkRedirect follows redirects within the configured host that keep the
// method. Others end the call: the token must not leave the host, https must
// not become http, and a write must not become a GET that looks like success.
func checkRedirect(base *url.URL) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		state := stateOf(req.Context())
		target := cleanText(req.URL.Scheme+"://"+req.URL.Host, 200)
		switch {
		case !sameOrigin(req.URL, base) && !state.foreign:
			state.redirect = "the server redirects to " + target + "; not followed, because the token belongs to " + base.Scheme + "://" + base.Host
		case !sameOrigin(req.URL, base) && req.URL.Scheme != "https":
			state.redirect = "the server redirects to " + target + "; not followed, because it is not https"
		case req.Method != via[0].Method:
			state.redirect = "the server redirects the " + via[0].Method + " as a " + req.Method + "; not followed, because that would not do what was asked"
		case len(via) > maxRedirects:
			state.redirect = "the server redirects in a circle"
		default:
			return nil
		}
		return http.ErrUseLastResponse
	}
}

// closeBody closes a request's body, which a RoundTripper must do also when it
// fails.
func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// paceTransport waits for the limiter before each attempt.
type paceTransport struct {
	next    http.RoundTripper
	limiter Limiter
}

// paceFailure carries an error of the limiter, which is no network failure.
type paceFailure struct{ err error }

func (e *paceFailure) Error() string { return e.err.Error() }
func (e *paceFailure) Unwrap() error { return e.err }

func (t *paceTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.limiter.Wait(req.Context()); err != nil {
		closeBody(req)
		return nil, &paceFailure{err}
	}
	return t.next.RoundTrip(req)
}

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
		return nil, redact.Error(err, state.hide)
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
