// Package auth gets access tokens from GoBiz's OAuth server and keeps them fresh.
//
// A Source gives the token that an operation of the API needs: the right
// grant, with a scope that does, refreshed before it expires. There are three: Static (a token
// from the environment), ClientCredentials (a client id and secret from the environment;
// nothing is stored) and Stored (a profile; tokens rest in a credentials.Store, and
// several processes refresh them once).
//
// Endpoint is the client of the token endpoint below them.
package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// Source gives access tokens. It is the TokenSource of the gobiz package with a
// view for `gobiz status`. Its methods may be called from several goroutines.
type Source interface {
	// Token gives a valid access token with the grant and a scope that the operation
	// needs. An empty operation means: any call, with the profile's main grant. Errors match
	// ErrNotLoggedIn, ErrWrongGrant or ErrScope, or are an *Error of the server, or of the network.
	Token(ctx context.Context, operation string) (string, error)
	// Reject says that the API answered 401 to this token: the next Token is another one.
	Reject(ctx context.Context, token string)
	// Check says whether Token could give a token for the operation, without a call to the server. Its
	// errors are the LoginErrors of Token.
	Check(ctx context.Context, operation string) error
	// Status describes what the source has, without a call to the server.
	Status(ctx context.Context) (Status, error)
}

// Status is what is known about a login without asking the server.
type Status struct {
	// LoggedIn says that there is a token or a way to get one.
	LoggedIn bool
	Grant    config.Grant
	// Grants are all that can be used, the main one first.
	Grants   []config.Grant
	ClientID string
	// Scopes are those of the token, or those to ask for when there is none yet. Unknown for a token from
	// the environment.
	Scopes []string
	// ExpiresAt is zero when there is no token, or its end is unknown.
	ExpiresAt time.Time
	// Refreshable says that a new token comes without a person.
	Refreshable bool
	// Store is the name of the credential store, or empty for the environment.
	Store string
	// Tokens are all that are at hand, those of the main grant first.
	Tokens []TokenStatus
	// Interrupted says that the merchant login was lost while it was renewed (see ErrInterrupted).
	Interrupted bool
}

// TokenStatus is a token without its secrets.
type TokenStatus struct {
	Grant  config.Grant
	Scopes []string
	// ObtainedAt is zero when it is not known, ExpiresAt too.
	ObtainedAt, ExpiresAt time.Time
	// Refreshable says that a new token comes without a person.
	Refreshable bool
	// Renewing says that another process is renewing the token now, or was interrupted while it did.
	Renewing bool
}

// Options are what New needs besides the settings.
type Options struct {
	// OpenStore opens the credential store of the profile. It is called only for a Stored source, and
	// not before the first token. Nil means that there is no store.
	OpenStore func() (credentials.Store, error)
	// HTTPClient talks to the token endpoint. Nil means a client with a time-out of 30 s. Redirects
	// are never followed: they would carry the client secret elsewhere.
	HTTPClient *http.Client
	// UserAgent is sent to the token endpoint.
	UserAgent string
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// OnSkew is called when an answer of the login server shows that this machine's clock is off by more than
	// ClockTolerance; skew is ours minus theirs. Each source calls it once at most; see SkewOnce.
	OnSkew func(skew time.Duration)
}

// New picks the source that the settings ask for: a token of the environment, else client id and
// secret of the environment, else the profile's stored login. It does no I/O.
func New(settings config.Settings, opts Options) (Source, error) {
	if token := settings.AccessToken(); token != "" {
		return NewStatic(credentials.NewSecret(token)), nil
	}
	if secret := settings.ClientSecret(); secret != "" && settings.ClientID != "" {
		endpoint, err := NewEndpoint(EndpointOptions{
			OAuthURL: settings.OAuthURL, ClientID: settings.ClientID, ClientSecret: credentials.NewSecret(secret),
			ClientAuth: settings.ClientAuth,
			HTTPClient: opts.HTTPClient, UserAgent: opts.UserAgent, Now: opts.Now, OnSkew: opts.OnSkew,
		})
		if err != nil {
			return nil, err
		}
		return NewClientCredentials(endpoint, scopesFor(settings, config.ClientCredentials)), nil
	}
	return NewStored(settings, opts), nil
}
