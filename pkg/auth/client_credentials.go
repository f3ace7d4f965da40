package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// ClientCredentials gets tokens for the partner itself and keeps them in memory only, as CI jobs need it.
type ClientCredentials struct {
	endpoint *Endpoint
	scopes   []string
	flight   flight

	mu    sync.Mutex
	token credentials.Token
}

// NewClientCredentials gives a source that asks for these scopes.
func NewClientCredentials(endpoint *Endpoint, scopes []string) *ClientCredentials {
	return &ClientCredentials{endpoint: endpoint, scopes: slices.Clone(scopes)}
}

// Token gives a token, a new one when the last one is about to expire.
func (s *ClientCredentials) Token(ctx context.Context, operation string) (string, error) {
	if err := s.Check(ctx, operation); err != nil {
		return "", err
	}
	token, err := s.flight.do(ctx, s.cached, func(ctx context.Context) (credentials.Token, error) {
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
	if need := RequirementOf(operation); !need.Covers(token.Scopes) {
		return "", s.missingScope(need)
	}
	return token.AccessToken.Reveal(), nil
}

// Check says whether the scopes that are asked for are enough for an operation.
func (s *ClientCredentials) Check(_ context.Context, operation string) error {
	need := RequirementOf(operation)
	switch {
	case !need.Permits(config.ClientCredentials):
		return &LoginError{
			Kind:    ErrWrongGrant,
			Message: "this call needs a merchant login: gobiz login --grant authorization-code",
			// These credentials come before a stored login, so that another login alone would change nothing.
			advice: "unset GOBIZ_CLIENT_ID GOBIZ_CLIENT_SECRET; gobiz login --grant authorization-code; or set GOBIZ_ACCESS_TOKEN to a merchant's token",
		}
	case !need.Covers(s.scopes):
		return s.missingScope(need)
	}
	return nil
}

func (s *ClientCredentials) missingScope(need Requirement) error {
	if need.Covers(s.scopes) {
		return missingScope(need, fmt.Sprintf("the server left it out although it was asked for: ask GoBiz to grant it to the client id %s", s.endpoint.ClientID()))
	}
	return missingScope(need, fmt.Sprintf("GOBIZ_SCOPES=%q", strings.Join(withScope(s.scopes, need.Scopes[0]), " ")))
}

// withScope adds a scope, so that each stands once.
func withScope(scopes []string, scope string) []string {
	var out []string
	for _, s := range append(slices.Clone(scopes), scope) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
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
		LoggedIn: true, Grant: config.ClientCredentials, Grants: []config.Grant{config.ClientCredentials},
		ClientID: s.endpoint.ClientID(), Scopes: slices.Clone(s.scopes), Refreshable: true,
	}
	if !s.token.AccessToken.IsZero() {
		st.Scopes, st.ExpiresAt = slices.Clone(s.token.Scopes), s.token.Expiry
		st.Tokens = []TokenStatus{{
			Grant: config.ClientCredentials, Scopes: slices.Clone(s.token.Scopes),
			ObtainedAt: s.token.Obtained, ExpiresAt: s.token.Expiry, Refreshable: true,
		}}
	}
	return st, nil
}

func needsMerchant(profile string) error {
	return &LoginError{
		Kind:    ErrWrongGrant,
		Message: "this call needs a merchant login, client credentials cannot make it",
		advice:  loginCommand(profile, config.AuthorizationCode),
	}
}

func missingScope(need Requirement, advice string) error {
	return &LoginError{
		Kind: ErrScope, Scopes: slices.Clone(need.Scopes),
		Message: "the login lacks the scope that this call needs: " + strings.Join(need.Scopes, " or "),
		advice:  advice,
	}
}
