package gobiz

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A TimeoutError says that an attempt took longer than Options.Timeout.
type TimeoutError struct {
	After time.Duration
}

func (e *TimeoutError) Error() string { return fmt.Sprintf("timed out after %s", e.After) }

// Timeout is true, as in net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// timeoutTransport bounds one attempt. An answer that the caller streams may
// take longer in all, but each wait for data is bounded.
type timeoutTransport struct {
	next http.RoundTripper
}

func (t *timeoutTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	state := stateOf(req.Context())
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(state.timeout, func() { cancel(&TimeoutError{After: state.timeout}) })
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	timer.Stop()
	if err != nil {
		err = timeoutCause(ctx, err)
		cancel(nil)
		return nil, err
	}
	if !state.stream {
		cancel(nil)
		return resp, nil
	}
	resp.Body = &timedBody{body: resp.Body, ctx: ctx, cancel: cancel, timer: timer, timeout: state.timeout}
	return resp, nil
}

// timeoutCause returns our own error when the time was over.
func timeoutCause(ctx context.Context, err error) error {
	var timeout *TimeoutError
	if errors.As(context.Cause(ctx), &timeout) {
		return timeout
	}
	return err
}

type timedBody struct {
	body    io.ReadCloser
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	timeout time.Duration
}

func (b *timedBody) Read(p []byte) (int, error) {
	// The clock runs while we wait for the server, not while the caller works.
	b.timer.Reset(b.timeout)
	n, err := b.body.Read(p)
	b.timer.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = timeoutCause(b.ctx, err)
	}
	return n, err
}

func (b *timedBody) Close() error {
	b.timer.Stop()
	err := b.body.Close()
	b.cancel(nil)
	return err
}
