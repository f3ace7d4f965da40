package auth

import (
	"time"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// expiryMargin is how long before its end a token is replaced: a call may take a while, and clocks differ.
const expiryMargin = 60 * time.Second

// fresh reports whether a token can still be used. A token without a known end is used until the
// API rejects it. One that lives for minutes only has a smaller margin, a tenth of its life.
func fresh(t credentials.Token, now time.Time) bool {
	switch {
	case t.AccessToken.IsZero():
		return false
	case t.Expiry.IsZero():
		return true
	}
	margin := expiryMargin
	if !t.Obtained.IsZero() {
		margin = min(margin, t.Expiry.Sub(t.Obtained)/10)
	}
	return now.Add(margin).Before(t.Expiry)
}
