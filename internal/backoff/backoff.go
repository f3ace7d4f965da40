// Package backoff says how long to wait before a call is repeated.
package backoff

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Pause is the wait behind the attempt of this number, counted from 1:
// exponential with full jitter, so that many who failed together do not come
// back together. It is above 0 and at most first doubled for each attempt before
// this one, and never above most.
func Pause(attempt int, first, most time.Duration) time.Duration {
	for range attempt - 1 {
		if first >= most {
			break
		}
		first *= 2
	}
	return 1 + rand.N(min(first, most))
}

// RetryAfter reads the header of this name, seconds or a date (RFC 9110, 10.2.3);
// 0 if there is none. A date is compared with the server's own Date, since our
// clock may be off; now stands in for it, and a zero now for nothing.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		const most = int64(365 * 24 * time.Hour / time.Second) // no overflow
		return time.Duration(min(max(seconds, 0), most)) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	if now.IsZero() {
		return 0
	}
	return max(at.Sub(now), 0)
}

// Sleep waits, unless ctx ends before or while it does: then it returns the cause.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
