package gobiz

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/internal/backoff"
	"github.com/gobiz-cli/gobiz/internal/redact"
)

const (
	firstBackoff = 500 * time.Millisecond // upper end of the first wait
	maxBackoff   = 30 * time.Second
	// maxRetryAfter is the longest wait that the server may ask for. When it asks
	// for more the call fails at once and the error says for how long.
	maxRetryAfter = 60 * time.Second
)

// An Attempt is one request of a call and what came of it.
type Attempt struct {
	Operation string
	Method    string
	Path      string // without the query
	RequestID string
	Number    int // from 1
	Status    int // 0 without an answer
	Err       error
	Duration  time.Duration
	// Again says whether there will be another attempt, Wait after how long.
	Again bool
	Wait  time.Duration
}

type beforeRetryKey struct{}

// WithBeforeRetry has a function called before a call with this context is sent
// once more, behind the pause. Its error ends the call. Its own context does not
// have it, so that it may make calls.
func WithBeforeRetry(ctx context.Context, f func(context.Context) error) context.Context {
	return context.WithValue(ctx, beforeRetryKey{}, f)
}

// beforeRetry is the function of a context; nil when it has none.
func beforeRetry(ctx context.Context) func(context.Context) error {
	f, _ := ctx.Value(beforeRetryKey{}).(func(context.Context) error)
	if f == nil {
		return nil
	}
	return func(ctx context.Context) error { return f(WithBeforeRetry(ctx, nil)) }
}

// retryRefused carries an error of a function of WithBeforeRetry, which is no network failure.
type retryRefused struct{ err error }

func (e *retryRefused) Error() string { return e.err.Error() }
func (e *retryRefused) Unwrap() error { return e.err }

// mayHaveActed reports whether an attempt may have had its effect although there
// is no answer that says so.
func mayHaveActed(resp *http.Response, err error) bool {
	if err == nil {
		return resp.StatusCode >= http.StatusInternalServerError
	}
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect") {
		return false
	}
	return !isUnsent(err)
}

// retryTransport repeats calls that may be repeated.
type retryTransport struct {
	next        http.RoundTripper
	renew       func(context.Context, *callState) bool
	maxAttempts int
	onAttempt   func(Attempt)
	now         func() time.Time
}

func (t *retryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	state := stateOf(ctx)
	for try := 1; ; try++ {
		start := t.now()
		resp, err := t.next.RoundTrip(req)
		state.attempts++
		state.uncertain = state.uncertain || mayHaveActed(resp, err)

		renewed := err == nil && resp.StatusCode == http.StatusUnauthorized && t.renew != nil && t.renew(ctx, state)
		if !renewed && state.tokenErr != nil && isCancellation(ctx, state.tokenErr) {
			t.report(state, resp, err, t.now().Sub(start), false, 0)
			discard(resp)
			return nil, context.Cause(ctx)
		}
		var wait time.Duration
		again := renewed
		if renewed {
			try-- // a token that ended in the middle of a run is no failed attempt
		} else {
			wait, again = t.plan(ctx, state, try, resp, err)
		}
		if again && req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
			again = false
		}
		t.report(state, resp, err, t.now().Sub(start), again, wait)
		if !again {
			return resp, err
		}
		discard(resp)
		if err := backoff.Sleep(ctx, wait); err != nil {
			return nil, err
		}
		if state.beforeRetry != nil && !renewed {
			if err := state.beforeRetry(ctx); err != nil {
				return nil, &retryRefused{err}
			}
		}
		if req, err = rewind(req); err != nil {
			return nil, err
		}
	}
}

// plan decides whether to repeat, and after which wait.
func (t *retryTransport) plan(ctx context.Context, state *callState, try int, resp *http.Response, err error) (time.Duration, bool) {
	if !state.idempotent || try >= t.maxAttempts || ctx.Err() != nil {
		return 0, false
	}
	wait := backoff.Pause(try, firstBackoff, maxBackoff)
	if err != nil {
		if isPermanent(err) {
			return 0, false
		}
	} else {
		if !isRetryableStatus(resp.StatusCode) {
			return 0, false
		}
		asked := backoff.RetryAfter(resp.Header, t.now())
		if asked > maxRetryAfter {
			return 0, false
		}
		wait = max(wait, asked)
	}
	// Waiting past the caller's deadline would only hide the real error.
	if deadline, ok := ctx.Deadline(); ok && t.now().Add(wait).After(deadline) {
		return 0, false
	}
	return wait, true
}

func isRetryableStatus(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// isPermanent tells failures that come again when the call is repeated at once.
func isPermanent(err error) bool {
	var (
		limit   *LimitError
		dns     *net.DNSError
		interim *interimFailure
	)
	switch {
	case errors.Is(err, context.Canceled), errors.As(err, &limit), errors.As(err, &interim):
		return true
	case errors.As(err, &dns):
		return dns.IsNotFound
	}
	return isUnsent(err)
}

// isUnsent tells failures of an attempt of which the server has seen nothing.
func isUnsent(err error) bool {
	var (
		token     *tokenFailure
		pace      *paceFailure
		dns       *net.DNSError
		cert      *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		record    tls.RecordHeaderError
	)
	return errors.Is(err, errForeignHost) || errors.Is(err, redact.ErrProxyAddress) || errors.As(err, &token) || errors.As(err, &pace) ||
		errors.As(err, &dns) || errors.As(err, &cert) || errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &record)
}

func (t *retryTransport) report(state *callState, resp *http.Response, err error, took time.Duration, again bool, wait time.Duration) {
	if t.onAttempt == nil {
		return
	}
	a := Attempt{
		Operation: state.operation, Method: state.method, Path: state.path, RequestID: state.requestID,
		Number: state.attempts, Err: err, Duration: took, Again: again, Wait: wait,
	}
	if resp != nil {
		a.Status = resp.StatusCode
	}
	t.onAttempt(a)
}

// rewind returns a copy of the request with an unread body.
func rewind(req *http.Request) (*http.Request, error) {
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		again.Body = body
	}
	return again, nil
}

// discard reads the rest of a short body so that the connection can be used
// again.
func discard(resp *http.Response) {
	if resp == nil {
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	resp.Body.Close()
}
