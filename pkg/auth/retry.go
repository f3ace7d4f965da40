package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"github.com/gobiz-cli/gobiz/internal/backoff"
	"github.com/gobiz-cli/gobiz/internal/redact"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

const (
	retryAttempts = 4
	retryBase     = 250 * time.Millisecond
	retryMax      = 10 * time.Second // also the longest Retry-After that is waited for
)

// retry repeats a call that changes nothing at the server.
func retry(ctx context.Context, call func(context.Context) (credentials.Token, error)) (credentials.Token, error) {
	for attempt := 1; ; attempt++ {
		token, err := call(ctx)
		wait := backoff.Pause(attempt, retryBase, retryMax)
		var answer *Error
		if errors.As(err, &answer) && answer.RetryAfter > 0 {
			wait = answer.RetryAfter
		}
		if err == nil || attempt == retryAttempts || !repeatable(err) || ctx.Err() != nil || wait > retryMax {
			return token, err
		}
		if backoff.Sleep(ctx, wait) != nil {
			return token, cancelled(ctx)
		}
	}
}

func repeatable(err error) bool {
	var network *NetworkError
	if errors.As(err, &network) {
		// A certificate does not get better by waiting.
		var certificate *tls.CertificateVerificationError
		var authority x509.UnknownAuthorityError
		return !errors.As(err, &certificate) && !errors.As(err, &authority) && !errors.Is(err, redact.ErrProxyAddress)
	}
	return errors.Is(err, ErrServer)
}
