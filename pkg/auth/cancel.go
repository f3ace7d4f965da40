package auth

import (
	"context"
	"errors"
)

// cancelledError says why a caller gave up. It matches the cause and context.Canceled (or DeadlineExceeded).
type cancelledError struct{ cause, err error }

func (e *cancelledError) Error() string   { return e.cause.Error() }
func (e *cancelledError) Unwrap() []error { return []error{e.cause, e.err} }

// cancelled is the error of a context that has ended, nil before.
func cancelled(ctx context.Context) error {
	err := ctx.Err()
	if cause := context.Cause(ctx); err != nil && !errors.Is(cause, err) {
		return &cancelledError{cause, err}
	}
	return context.Cause(ctx)
}
