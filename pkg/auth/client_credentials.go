package auth

import (
	"context"
	"slices"
	"sync"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// ClientCredentials gets tokens for the partner itself and keeps them in memory only, as CI jobs need it.
type ClientCredentials struct {
	endpoint *Endpoint
	scopes   []string
	call     sharedCall

	mu    sync.Mutex
	token credentials.Token
}

// NewClientCredentials returns a source that asks for these scopes.
func NewClientCredentials(endpoint *Endpoint, scopes []string) *ClientCredentials {
	return &ClientCredentials{endpoint: endpoint, scopes: slices.Clone(scopes)}
}

// Token returns a token, a new one when the last one is about to expire.
func (s *ClientCredentials) Token(ctx context.Context, operation string) (string, error) {
	if err := s.Check(ctx, operation); err != nil {
		return "", err
	}
	token, err := s.call.do(ctx, s.cached, func(ctx context.Context) (credentials.Token, error) {
		token, err := s.endpoint.ClientCredentials(ctx, s.scopes)
		if err != nil {
			return credentials.Token{}, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.token = token
		return token, nil
	})
	if err != nil {
		return "", err
	}
	// The server may grant less than was asked for.
	if need := requirementOf(operation); !need.Covers(token.Scopes) {
		return "", s.missingScope(need)
	}
	return token.AccessToken.Reveal(), nil
}

// Check reports whether the scopes that are asked for are enough for an operation.
func (s *ClientCredentials) Check(_ context.Context, operation string) error {
	need := requirementOf(operation)
	switch {
	case !need.Permits(GrantClientCredentials):
		return needsMerchant("")
	case !need.Covers(s.scopes):
		return s.missingScope(need)
	}
	return nil
}

func (s *ClientCredentials) missingScope(need Requirement) error {
	e := LoginError{Grant: GrantClientCredentials, ClientID: s.endpoint.ClientID()}
	if need.Covers(s.scopes) {
		e.Reason = ScopeNotGranted
	} else {
		e.AskFor = withScope(s.scopes, need.Scopes[0])
	}
	return missingScope(e, need)
}

func (s *ClientCredentials) cached() (credentials.Token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, fresh(s.token, s.endpoint.now())
}

// Reject forgets the token, if it is still the one in use.
func (s *ClientCredentials) Reject(_ context.Context, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token.AccessToken.Equal(credentials.NewSecret(token)) {
		s.token = credentials.Token{}
	}
}

// Redact masks the client secret and the token in a text of a server.
func (s *ClientCredentials) Redact(text string) string {
	s.mu.Lock()
	token := s.token.AccessToken
	s.mu.Unlock()
	return secretsOf(token).andClient(s.endpoint.opts.ClientID, s.endpoint.opts.ClientSecret).hide(text)
}

// Status tells about the token in memory.
func (s *ClientCredentials) Status(context.Context) (Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{
		LoggedIn: true, Grant: GrantClientCredentials, Grants: []Grant{GrantClientCredentials},
		ClientID: s.endpoint.ClientID(), Scopes: slices.Clone(s.scopes), Refreshable: true,
	}
	if !s.token.AccessToken.IsZero() {
		st.Scopes, st.ExpiresAt = slices.Clone(s.token.Scopes), s.token.Expiry
	}
	return st, nil
}
