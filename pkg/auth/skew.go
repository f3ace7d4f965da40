package auth

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// ClockTolerance is how far this machine's clock may be off before OnSkew is called. Tokens do not depend on it: their
// end is counted from this machine's own clock.
const ClockTolerance = 2 * time.Minute

// SkewOnce gives a function that calls f the first time only. A program that makes several sources and endpoints
// passes one such function to all of them, and hears of a wrong clock once.
func SkewOnce(f func(skew time.Duration)) func(skew time.Duration) {
	if f == nil {
		return nil
	}
	var once sync.Once
	return func(skew time.Duration) { once.Do(func() { f(skew) }) }
}

// skewOf compares the clock with an answer's Date header: ours minus theirs. The server wrote
// the date about half a round trip before the answer came, and cut it to the second.
func skewOf(header http.Header, sent, received time.Time) (skew time.Duration, ok bool) {
	theirs, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0, false
	}
	ours := sent.Add(received.Sub(sent) / 2)
	return ours.Sub(theirs.Add(time.Second / 2)).Round(time.Second), true
}

func skewed(skew time.Duration) bool { return skew.Abs() > ClockTolerance }

// ServerCheck is what one answer of a server tells, whatever it says.
type ServerCheck struct {
	Status    int
	RoundTrip time.Duration
	// Skew is this machine's clock minus the server's, to the second. HasDate is false when the server did not tell
	// its time.
	Skew    time.Duration
	HasDate bool
}

// Skewed reports whether this machine's clock is off by more than ClockTolerance.
func (c ServerCheck) Skewed() bool { return c.HasDate && skewed(c.Skew) }

// CheckServer asks a server for url without any credentials, as a diagnosis does: does it resolve, does it answer, what time is
// it there. Redirects are not followed. A nil client has a time-out of 30 s, a nil now is time.Now. Errors are the
// network's own.
func CheckServer(ctx context.Context, client *http.Client, url string, now func() time.Time) (ServerCheck, error) {
	c := http.Client{Timeout: tokenTimeout}
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Jar = nil
	if now == nil {
		now = time.Now
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ServerCheck{}, fmt.Errorf("server not checked: %w", err)
	}
	sent := now()
	resp, err := c.Do(req)
	if err != nil {
		return ServerCheck{}, secrets{}.hideError(err)
	}
	received := now()
	_ = resp.Body.Close()
	check := ServerCheck{Status: resp.StatusCode, RoundTrip: received.Sub(sent)}
	check.Skew, check.HasDate = skewOf(resp.Header, sent, received)
	return check, nil
}
