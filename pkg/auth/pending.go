package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// A merchant login in two steps, for machines without a browser or a prompt: one process shows the login page and keeps
// what it sent, another one takes the address that the merchant's browser ended up at.

// PendingLifetime is how long a kept login may wait for its merchant.
const PendingLifetime = 15 * time.Minute

var (
	// ErrNoPending says that no merchant login waits, or that it is one of another login server.
	ErrNoPending = errors.New("no login is waiting")
	// ErrPendingExpired says that a merchant login waited for too long.
	ErrPendingExpired = errors.New("the login waited for too long")
)

// RememberPending keeps a merchant login in the profile's record until the merchant comes back. It replaces one that
// waits already; tokens and secrets of the profile stay.
func (s *Stored) RememberPending(ctx context.Context, a *Authorization, clientSecret credentials.Secret) error {
	store, unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	record, err := store.Load(ctx, s.profile.Name)
	if err != nil && !errors.Is(err, credentials.ErrNotFound) {
		return err
	}
	record = record.Clone()
	record.Pending = credentials.PendingLogin{
		ClientID: a.ClientID, OAuthURL: a.OAuthURL, ClientSecret: clientSecret,
		State: credentials.NewSecret(a.State), Verifier: credentials.NewSecret(a.Verifier), Nonce: credentials.NewSecret(a.Nonce),
		RedirectURI: a.RedirectURI, Scopes: slices.Clone(a.Scopes), CreatedAt: a.CreatedAt,
	}
	return s.save(ctx, store, record)
}

// Pending returns the merchant login that waits in the profile, without its URL: the merchant has it. Errors are a
// *LoginError of kind ErrNoPending or ErrPendingExpired, or those of the store.
func (s *Stored) Pending(ctx context.Context) (*Authorization, error) {
	store, err := s.open()
	if err != nil {
		return nil, err
	}
	record, err := store.Load(ctx, s.profile.Name)
	if err != nil && !errors.Is(err, credentials.ErrNotFound) {
		return nil, err
	}
	return s.pending(record)
}

func (s *Stored) pending(record credentials.Record) (*Authorization, error) {
	p := record.Pending
	refuse := func(kind error, format string, args ...any) error {
		return &LoginError{Kind: kind, Message: fmt.Sprintf(format, args...), Profile: s.profile.Name, Grant: GrantAuthorizationCode}
	}
	switch {
	case p.IsZero():
		return nil, refuse(ErrNoPending, "no login of profile %q is waiting for its merchant", s.profile.Name)
	case p.OAuthURL != s.profile.OAuthURL:
		return nil, refuse(ErrNoPending, "the login of profile %q that is waiting is one at %s, not at %s", s.profile.Name, p.OAuthURL, s.profile.OAuthURL)
	case s.expired(p):
		return nil, refuse(ErrPendingExpired, "the login of profile %q waited for more than %d minutes", s.profile.Name, int(PendingLifetime.Minutes()))
	}
	return &Authorization{
		State: p.State.Reveal(), Verifier: p.Verifier.Reveal(), Nonce: p.Nonce.Reveal(),
		RedirectURI: p.RedirectURI, Scopes: slices.Clone(p.Scopes),
		ClientID: p.ClientID, OAuthURL: p.OAuthURL, CreatedAt: p.CreatedAt,
	}, nil
}

// expired also gives up a login of the future: the clock was set back, and nobody knows how long it waited.
func (s *Stored) expired(p credentials.PendingLogin) bool {
	age := s.now().Sub(p.CreatedAt)
	return age > PendingLifetime || age < -PendingLifetime
}

// Complete ends the merchant login that waits: it takes the answer that ParseCallback gave, exchanges the code,
// stores the tokens, and with them the relay secret if there is one, and forgets what was kept. The profile is
// locked from the first step to the last, so that two processes never send one code twice, which would end the login.
//
// Errors are those of Pending, Authorization.Code, Login and Remember. After any of them the login still waits, and
// the merchant can open the same page again.
func (s *Stored) Complete(ctx context.Context, answer url.Values, notificationSecret credentials.Secret) (credentials.Record, error) {
	store, unlock, err := s.lock(ctx)
	if err != nil {
		return credentials.Record{}, err
	}
	defer unlock()
	record, err := store.Load(ctx, s.profile.Name)
	if err != nil && !errors.Is(err, credentials.ErrNotFound) {
		return credentials.Record{}, err
	}
	a, err := s.pending(record)
	if err != nil {
		return credentials.Record{}, err
	}
	code, err := a.Code(answer)
	if err != nil {
		return credentials.Record{}, err
	}
	endpoint, err := s.endpoint(a.ClientID, record.Pending.ClientSecret)
	if err != nil {
		return credentials.Record{}, err
	}
	opts := a.LoginOptions(code)
	opts.NotificationSecret = notificationSecret
	done, err := Login(ctx, endpoint, opts)
	if err != nil {
		return credentials.Record{}, err
	}
	return done, s.remember(context.WithoutCancel(ctx), store, done)
}
