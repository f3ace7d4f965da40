package gobiz

import "net/http"

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
