package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

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
		wait := backoff(attempt)
		var answer *Error
		if errors.As(err, &answer) && answer.RetryAfter > 0 {
			wait = answer.RetryAfter
		}
		if err == nil || attempt == retryAttempts || !repeatable(err) || ctx.Err() != nil || wait > retryMax {
			return token, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return token, cancelled(ctx)
		}
	}
}

// backoff is exponential with full jitter.
func backoff(attempt int) time.Duration {
	return rand.N(min(retryBase<<(attempt-1), retryMax)) + 1
}

func repeatable(err error) bool {
	var network *networkError
	if errors.As(err, &network) {
		// A certificate does not get better by waiting.
		var certificate *tls.CertificateVerificationError
		var authority x509.UnknownAuthorityError
		return !errors.As(err, &certificate) && !errors.As(err, &authority)
	}
	return errors.Is(err, ErrServer)
}

// retryAfter reads the header's two forms: seconds, or a date.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 24*3600)) * time.Second, true
	}
	if t, err := http.ParseTime(value); err == nil {
		return max(t.Sub(now), 0), true
	}
	return 0, false
}
