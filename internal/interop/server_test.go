// Package interop holds pkg/auth against an OAuth server that is not ours:
// fosite, the library under Ory Hydra, with its strict settings. GoBiz's login
// server answers like a Hydra of some version.
package interop

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/storage"
	"github.com/ory/fosite/token/jwt"
)

const (
	clientSecret = "a secret, with / and + and %" // to be form-encoded in HTTP Basic
	partner      = "partner"                      // authenticates with HTTP Basic
	facilitator  = "facilitator"                  // authenticates with form fields
	partnerPage  = "https://partner.example/gobiz/callback?from=gobiz"
)

// granted are the scopes that both clients may ask for.
var granted = []string{
	"openid", "offline", "partner:outlet:read", "partner:outlet:write", "gofood:catalog:read", "gofood:catalog:write",
	"gofood:order:read", "gofood:order:write", "gofood:outlet:write",
}

// server is fosite behind Hydra's paths. Its merchant allows everything at
// once, unless deny is set.
type server struct {
	*httptest.Server
	provider   fosite.OAuth2Provider
	deny       atomic.Bool
	tokenCalls atomic.Int32
}

// formats are the two forms of an error: with error_hint, as Hydra's first
// versions, and with everything in error_description.
var formats = map[string]bool{"with error_hint": true, "without error_hint": false}

func newServer(t *testing.T, legacyErrors bool) *server {
	t.Helper()
	config := &fosite.Config{
		AccessTokenLifespan:   time.Hour,
		AuthorizeCodeLifespan: 2 * time.Minute,
		RefreshTokenScopes:    []string{"offline"},
		ScopeStrategy:         fosite.ExactScopeStrategy,
		EnforcePKCE:           true,
		MinParameterEntropy:   fosite.MinParameterEntropy,
		UseLegacyErrorFormat:  legacyErrors,
		IDTokenIssuer:         "https://login.example/",
		GlobalSecret:          random(32),
		HashCost:              4, // a test's passwords need no time
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keyOf := func(context.Context) (any, error) { return key, nil }
	hash, err := (&fosite.BCrypt{Config: config}).Hash(t.Context(), []byte(clientSecret))
	if err != nil {
		t.Fatal(err)
	}
	store := storage.NewMemoryStore()
	for id, method := range map[string]string{partner: "client_secret_basic", facilitator: "client_secret_post"} {
		store.Clients[id] = &fosite.DefaultOpenIDConnectClient{
			DefaultClient: &fosite.DefaultClient{
				ID: id, Secret: hash, Scopes: slices.Clone(granted),
				GrantTypes:    []string{"client_credentials", "authorization_code", "refresh_token"},
				ResponseTypes: []string{"code"},
				RedirectURIs:  []string{"http://127.0.0.1/callback", partnerPage},
			},
			TokenEndpointAuthMethod: method,
		}
	}
	s := &server{provider: compose.Compose(config, store,
		&compose.CommonStrategy{
			CoreStrategy:               compose.NewOAuth2HMACStrategy(config),
			OpenIDConnectTokenStrategy: compose.NewOpenIDConnectStrategy(keyOf, config),
			Signer:                     &jwt.DefaultSigner{GetPrivateKey: keyOf},
		},
		compose.OAuth2AuthorizeExplicitFactory, compose.OAuth2ClientCredentialsGrantFactory, compose.OAuth2RefreshTokenGrantFactory,
		compose.OpenIDConnectExplicitFactory, compose.OpenIDConnectRefreshFactory, compose.OAuth2PKCEFactory,
		compose.OAuth2TokenIntrospectionFactory,
	)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth2/auth", s.authorize)
	mux.HandleFunc("POST /oauth2/token", s.token)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func newSession() *openid.DefaultSession {
	now := time.Now()
	return &openid.DefaultSession{
		Claims:  &jwt.IDTokenClaims{Subject: "merchant", AuthTime: now, RequestedAt: now},
		Headers: &jwt.Headers{},
		Subject: "merchant",
	}
}

func (s *server) authorize(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	request, err := s.provider.NewAuthorizeRequest(ctx, r)
	if err == nil && s.deny.Load() {
		err = fosite.ErrAccessDenied
	}
	if err != nil {
		s.provider.WriteAuthorizeError(ctx, w, request, err)
		return
	}
	for _, scope := range request.GetRequestedScopes() {
		request.GrantScope(scope)
	}
	response, err := s.provider.NewAuthorizeResponse(ctx, request, newSession())
	if err != nil {
		s.provider.WriteAuthorizeError(ctx, w, request, err)
		return
	}
	s.provider.WriteAuthorizeResponse(ctx, w, request, response)
}

func (s *server) token(w http.ResponseWriter, r *http.Request) {
	s.tokenCalls.Add(1)
	ctx := r.Context()
	request, err := s.provider.NewAccessRequest(ctx, r, newSession())
	if err != nil {
		s.provider.WriteAccessError(ctx, w, request, err)
		return
	}
	if request.GetGrantTypes().ExactOne("client_credentials") {
		for _, scope := range request.GetRequestedScopes() {
			request.GrantScope(scope)
		}
	}
	response, err := s.provider.NewAccessResponse(ctx, request)
	if err != nil {
		s.provider.WriteAccessError(ctx, w, request, err)
		return
	}
	s.provider.WriteAccessResponse(ctx, w, request, response)
}

// active says whether the server takes an access token, and gives its scopes.
func (s *server) active(ctx context.Context, token string) (scopes []string, ok bool) {
	_, request, err := s.provider.IntrospectToken(ctx, token, fosite.AccessToken, newSession())
	if err != nil {
		return nil, false
	}
	return request.GetGrantedScopes(), true
}
