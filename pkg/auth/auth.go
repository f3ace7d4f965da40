// Package auth gets access tokens from GoBiz's OAuth server and keeps them fresh.
//
// A TokenSource gives the token that an operation of the API needs: the right
// grant, with a scope that does, refreshed before it expires. [New] picks one for
// a [Profile]: [Static] for a token that is given, [ClientCredentials] for a
// client id and secret that are given (nothing is stored), else [Stored]: tokens
// rest in a credentials.Store, and several processes refresh them once.
//
// [Endpoint] calls the token endpoint below them. A merchant logs in with
// [Endpoint.Authorize], a [Receiver] for the browser's way back, and [Login].
package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// Grant is an OAuth grant, in the words of RFC 6749.
type Grant string

// The grants of GoBiz.
const (
	GrantClientCredentials Grant = "client_credentials" // the partner itself
	GrantAuthorizationCode Grant = "authorization_code" // a merchant who logs in
)

// TokenSource is a source of access tokens: the TokenSource of the gobiz package
// with two methods more. Its methods may be called from several goroutines.
type TokenSource interface {
	// Token returns a valid access token with the grant and a scope that the operation
	// needs. An empty operation means: any call, with the profile's main grant. Errors match
	// ErrNotLoggedIn, ErrWrongGrant or ErrScope, or are an *Error of the server, or of the network.
	Token(ctx context.Context, operation string) (string, error)
	// Reject notes that the API answered 401 to this token: the next Token is another one.
	Reject(ctx context.Context, token string)
	// Check reports whether Token could give a token for the operation, without a call to the server. Its
	// errors are the LoginErrors of Token.
	Check(ctx context.Context, operation string) error
	// Status describes what the source has, without a call to the server.
	Status(ctx context.Context) (Status, error)
}

// Status is what is known about a login without asking the server.
type Status struct {
	// LoggedIn says that there is a token or a way to get one.
	LoggedIn bool
	Grant    Grant
	// Grants are all that can be used, the main one first.
	Grants   []Grant
	ClientID string
	// Scopes are those of the token, or those to ask for when there is none yet. Unknown for a Static token.
	Scopes []string
	// ExpiresAt is zero when there is no token, or its end is unknown.
	ExpiresAt time.Time
	// Refreshable says that a new token comes without a person.
	Refreshable bool
	// Store is the name of the credential store, or empty when nothing is stored.
	Store string
	// Interrupted says that the merchant login was lost while it was renewed (see ErrInterrupted).
	Interrupted bool
}

// Profile says who logs in, where, and for what.
type Profile struct {
	// Name is what a login is stored under. Empty when nothing is stored.
	Name string
	// Environment is what the user calls the hosts. Errors repeat it.
	Environment string
	// OAuthURL is the base URL of the login server.
	OAuthURL string
	ClientID string
	// ClientAuth is as in EndpointOptions.
	ClientAuth string
	// Grant is the main one, of calls that take either.
	Grant Grant
	// Scopes to ask for. Empty means the defaults of a grant.
	Scopes []string
	// Enterprise says that the profile is one of the legacy Enterprise Integration Middleware.
	Enterprise bool

	// AccessToken is used as it is, if there is one, and nothing else.
	AccessToken credentials.Secret
	// AccessTokenOrigin is what errors call the place that AccessToken comes from, such as a variable.
	AccessTokenOrigin string
	// ClientSecret is used with ClientID, if there is one, and no stored login.
	ClientSecret credentials.Secret
	// Incomplete is what errors of a missing login add: which of ClientID and ClientSecret was given
	// without the other. Empty when there is nothing to say.
	Incomplete string
}

// ScopesFor returns the scopes to ask for with a grant.
func (p Profile) ScopesFor(grant Grant) []string {
	if scopes := ScopesForGrant(p.Scopes, grant); len(scopes) > 0 {
		return scopes
	}
	if p.Enterprise {
		return EnterpriseScopes()
	}
	return DefaultScopes(grant)
}

// Options are what New needs besides the profile.
type Options struct {
	// OpenStore opens the credential store of the profile. It is called only for a Stored source, and
	// not before the first token. Nil means that there is no store.
	OpenStore func() (credentials.Store, error)
	// StateDir is the folder of the locks that keep processes from refreshing one login at the same time.
	StateDir string
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

// New picks the source that a profile asks for: its access token, else its client id and secret, else its stored
// login. It does no I/O.
func New(profile Profile, opts Options) (TokenSource, error) {
	if !profile.AccessToken.IsZero() {
		return NewStatic(profile.AccessToken, profile.AccessTokenOrigin), nil
	}
	if !profile.ClientSecret.IsZero() && profile.ClientID != "" {
		endpoint, err := NewEndpoint(profile.endpoint(opts))
		if err != nil {
			return nil, err
		}
		return NewClientCredentials(endpoint, profile.ScopesFor(GrantClientCredentials)), nil
	}
	return NewStored(profile, opts), nil
}

// endpoint is the profile's client at its login server.
func (p Profile) endpoint(opts Options) EndpointOptions {
	return EndpointOptions{
		OAuthURL: p.OAuthURL, ClientID: p.ClientID, ClientSecret: p.ClientSecret, ClientAuth: p.ClientAuth,
		HTTPClient: opts.HTTPClient, UserAgent: opts.UserAgent, Now: opts.Now, OnSkew: opts.OnSkew,
	}
}
