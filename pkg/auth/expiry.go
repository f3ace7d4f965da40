package auth

import (
	"time"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// expiryMargin is how long before its end a token is replaced: a call may take a while, and clocks differ.
const expiryMargin = 60 * time.Second

// fresh reports whether a token can still be used. A token without a known end is used until the
// API rejects it. One that lives for minutes only has a smaller margin, a tenth of its life.
//
// A clock that was set while the token lived must not make it live longer. Set forward, the wall clock says
// so. Set back, the process's own monotonic clock does, or for another process that the token is of the future. A computer
// that slept stops the monotonic clock, so that the wall clock counts as well.
func fresh(t credentials.Token, now time.Time) bool {
	switch {
	case t.AccessToken.IsZero():
		return false
	case t.Expiry.IsZero():
		return true
	case now.Round(0).Before(t.Obtained.Round(0).Add(-expiryMargin)):
		return false
	}
	margin := expiryMargin
	if !t.Obtained.IsZero() {
		margin = min(margin, t.Expiry.Sub(t.Obtained)/10)
	}
	now = now.Add(margin)
	return now.Before(t.Expiry) && now.Round(0).Before(t.Expiry.Round(0))
}
