package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// LoginOptions describe a login.
type LoginOptions struct {
	Grant Grant
	// Scopes to ask for. Empty means DefaultScopes. openid and offline are left out for client credentials.
	Scopes []string
	// Code, RedirectURI and Verifier come from the merchant's browser, for the grant authorization_code.
	Code, RedirectURI, Verifier string
	// Nonce must come back in the id_token, if there is one. Empty is not checked. See Authorization.LoginOptions.
	Nonce string
	// NotificationSecret is the relay secret to keep with the login, or empty.
	NotificationSecret credentials.Secret
}

// Login gets a token and gives the record to remember with Stored.Remember. It stores nothing.
func Login(ctx context.Context, endpoint *Endpoint, opts LoginOptions) (credentials.Record, error) {
	scopes := Profile{Scopes: opts.Scopes}.ScopesFor(opts.Grant)
	var token credentials.Token
	var err error
	switch opts.Grant {
	case GrantClientCredentials:
		if endpoint.opts.ClientSecret.IsZero() {
			return credentials.Record{}, &LoginError{Kind: ErrNotLoggedIn, Reason: NoClientSecret, Message: "no client secret"}
		}
		token, err = endpoint.ClientCredentials(ctx, scopes)
	case GrantAuthorizationCode:
		token, err = endpoint.Exchange(ctx, opts.Code, opts.RedirectURI, opts.Verifier, scopes)
		if errors.Is(err, ErrNotLoggedIn) {
			err = &LoginError{
				Kind: ErrNotLoggedIn, Reason: CodeRejected, Err: err, Message: "the login code was rejected: " + err.Error(),
			}
		}
		if err == nil && opts.Nonce != "" {
			err = checkIDToken(token.IDToken, endpoint.ClientID(), opts.Nonce)
		}
	default:
		return credentials.Record{}, fmt.Errorf("unknown grant %q", opts.Grant)
	}
	if err != nil {
		return credentials.Record{}, err
	}
	return credentials.Record{
		ClientID: endpoint.ClientID(), OAuthURL: endpoint.OAuthURL(),
		ClientSecret: endpoint.opts.ClientSecret, NotificationSecret: opts.NotificationSecret,
		Tokens: map[string]credentials.Token{string(opts.Grant): token},
	}, nil
}

// Remember stores a login in the profile. Tokens of the other grant and the relay secret stay, when they are of
// the same client and login server. A merchant login that waits is done with a merchant's
// token, and dropped by the login of another client.
func (s *Stored) Remember(ctx context.Context, login credentials.Record) error {
	store, unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return s.remember(ctx, store, login)
}

// remember is Remember for a caller that holds the profile's lock.
func (s *Stored) remember(ctx context.Context, store credentials.Store, login credentials.Record) error {
	record := login.Clone()
	old, err := store.Load(ctx, s.profile.Name)
	if p := old.Pending; record.Tokens[string(GrantAuthorizationCode)].AccessToken.IsZero() &&
		p.ClientID == login.ClientID && p.OAuthURL == login.OAuthURL {
		record.Pending = p
	}
	switch {
	case err == nil && old.ClientID == login.ClientID && old.OAuthURL == login.OAuthURL:
		for grant, token := range old.Tokens {
			if _, ok := record.Tokens[grant]; !ok {
				record.Tokens[grant] = token
			}
		}
		if record.NotificationSecret.IsZero() {
			record.NotificationSecret = old.NotificationSecret
		}
		if record.ClientSecret.IsZero() {
			record.ClientSecret = old.ClientSecret
		}
	case err != nil && !errors.Is(err, credentials.ErrNotFound) && !errors.Is(err, credentials.ErrDamaged):
		return err
	}
	s.mu.Lock()
	clear(s.rejected)
	clear(s.refused)
	s.mu.Unlock()
	return s.save(ctx, store, record)
}

// Forget removes the profile's stored login from this machine. It reports whether there was one. The tokens stay valid
// at GoBiz until they expire: no revocation is documented.
func (s *Stored) Forget(ctx context.Context) (bool, error) {
	store, err := s.open()
	if err != nil {
		return false, err
	}
	// A store that does not answer is found out before the lock is held, so that
	// several processes wait for it at the same time and not in turn.
	if _, err := store.Load(ctx, s.profile.Name); errors.Is(err, credentials.ErrUnavailable) {
		return false, err
	}
	unlock, err := lockProfile(ctx, s.opts.StateDir, s.profile.Name)
	if err != nil {
		return false, err
	}
	defer unlock()
	_, err = store.Load(ctx, s.profile.Name)
	if errors.Is(err, credentials.ErrNotFound) {
		return false, nil
	}
	if err != nil && !errors.Is(err, credentials.ErrDamaged) {
		return false, err
	}
	if err := store.Delete(ctx, s.profile.Name); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record, s.loaded = credentials.Record{}, false
	return true, nil
}
