package auth

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// A server that rotates refresh tokens takes the old one when it answers. A process that is killed between that moment
// and the saving of the answer takes the only good token with it. No client can close this window, since the new token
// is of the server's making. It is made as small as it gets:
//
//   - The record is saved with a mark before the refresh token is sent, so that a store that cannot save is found out
//     while the login is still good.
//   - Once sent, no interrupt of the caller stops the call and the saving of its answer.
//   - A process that finds the mark of a dead one sends the old token once more. That works if the request never
//     arrived, if the server does not rotate, or if it bears a repetition for a while. If not, the login was lost
//     before. The record then says so: all processes give the same reason, and the server is not asked again.

// ErrInterrupted says that a login ended because a process was killed, or the network failed, while it was renewed. It
// also matches ErrNotLoggedIn.
var ErrInterrupted = errors.New("login interrupted while it was renewed")

// renewMerchant gets new tokens with the record's refresh token. The caller holds the profile's lock and has just loaded the
// record.
func (s *Stored) renewMerchant(ctx context.Context, store credentials.Store, record credentials.Record) (credentials.Token, error) {
	const grant = GrantAuthorizationCode
	old := record.Tokens[string(grant)]
	switch {
	case lost(old):
		return credentials.Token{}, s.interrupted(nil)
	case old.RefreshToken.IsZero():
		return credentials.Token{}, &LoginError{
			Kind: ErrNotLoggedIn, Reason: NoRefreshToken, Message: "the merchant login expired, and it has no refresh token",
			Profile: s.profile.Name, Grant: grant,
		}
	}
	endpoint, err := s.endpoint(record.ClientID, record.ClientSecret)
	if err != nil {
		return credentials.Token{}, err
	}
	put := func(ctx context.Context, token *credentials.Token) error {
		record = record.Clone()
		if delete(record.Tokens, string(grant)); token != nil {
			record.Tokens[string(grant)] = *token
		}
		return s.save(ctx, store, record)
	}
	interruptedBefore := !old.Renewing.IsZero()
	marked := old
	marked.Renewing = cmp.Or(old.Renewing, s.now().Round(0))
	if err := put(ctx, &marked); err != nil {
		return credentials.Token{}, err
	}
	ctx = context.WithoutCancel(ctx) // the client's time-out bounds the call, the store's own bound the saving
	token, err := endpoint.Refresh(ctx, old.RefreshToken, old.Scopes)
	switch {
	case err == nil:
		if token.IDToken.IsZero() {
			token.IDToken = old.IDToken
		}
		// Stored before use.
		if err := put(ctx, &token); err != nil {
			return credentials.Token{}, err
		}
		return token, nil
	case errors.Is(err, ErrNotLoggedIn) && interruptedBefore:
		_ = put(ctx, &credentials.Token{Renewing: marked.Renewing})
		return credentials.Token{}, s.interrupted(err)
	case errors.Is(err, ErrNotLoggedIn):
		// The lock is held and the record was just loaded, so it is this login that ended and not a newer one.
		_ = put(ctx, nil)
		return credentials.Token{}, &LoginError{
			Kind: ErrNotLoggedIn, Message: "the merchant login ended: " + err.Error(), Err: err,
			Profile: s.profile.Name, Grant: grant,
		}
	case !mayHaveRotated(err) && !interruptedBefore:
		_ = put(ctx, &old)
	}
	return credentials.Token{}, err
}

// lost reports whether a token is what an interrupted renewal left behind.
func lost(t credentials.Token) bool {
	return !t.Renewing.IsZero() && t.RefreshToken.IsZero() && t.AccessToken.IsZero()
}

// interrupted says what happened. cause is the server's answer, if it was asked just now.
func (s *Stored) interrupted(cause error) error {
	e := &LoginError{
		Kind: ErrNotLoggedIn, Err: errors.Join(ErrInterrupted, cause), Message: ErrInterrupted.Error(),
		Profile: s.profile.Name, Grant: GrantAuthorizationCode,
	}
	if cause != nil {
		e.Message += ", and its old refresh token is no longer taken: " + cause.Error()
	}
	return e
}

// mayHaveRotated reports whether the server may have taken the refresh token, although no token came back.
func mayHaveRotated(err error) bool {
	var answer *Error
	if errors.As(err, &answer) {
		return answer.Status >= 500 || answer.Status < 300
	}
	var dns *net.DNSError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &dns), errors.As(err, &certificate):
		return false
	case errors.As(err, &op):
		return op.Op != "dial" && op.Op != "proxyconnect"
	}
	return true
}
