package sandbox

import (
	"encoding/base64"
	"net/http"
	"slices"
	"time"
)

// Lifetimes of the OAuth server.
const (
	codeLifetime    = 2 * time.Minute // Getting started (Facilitator), "Linking Outlet"
	tokenLifetime   = time.Hour       // developer documentation, "Direct integration"
	sessionLifetime = 9 * 30 * 24 * time.Hour
)

// consent is what a user allows a client: code and refresh token carry it on.
type consent struct {
	Partner    string // client id
	Phone      string // the user who consented
	Scopes     []string
	Nonce      string
	LoggedInAt time.Time
}

// authCode is an authorization code on its way back to a client. It stays after
// its use, so that a second use is recognised.
type authCode struct {
	consent
	Code        string
	RedirectURI string
	Challenge   string // PKCE S256; empty: the client sent none
	ExpiresAt   time.Time
	Family      string // of the tokens it was exchanged for
	Used        bool
}

// tokenInfo is an access token: who calls, by which grant, with which scopes.
type tokenInfo struct {
	Token      string
	Partner    string // client id
	Grant      string // grantClientCredentials or grantAuthorizationCode
	Phone      string // the merchant user of an authorization-code token
	Scopes     []string
	Family     string // empty: of client credentials
	Generation int
	IssuedAt   time.Time
	ExpiresAt  time.Time
}

// refreshToken is exchanged for new tokens once; a second use revokes its family.
type refreshToken struct {
	consent
	Token     string
	Family    string
	IssuedAt  time.Time
	ExpiresAt time.Time // the end of the merchant's session; rotation does not move it
	Used      bool
}

// tokenFamily is what the tokens of one login have in common, through all
// refreshes. Without it they are revoked.
type tokenFamily struct {
	Generation int // counts the rotations; access tokens of an earlier one are revoked
	ExpiresAt  time.Time
}

// maxTokens is how many access tokens are remembered, and how many of each
// other kind. Those that are no longer valid go first, then the oldest.
const maxTokens = 100_000

func (s *Sandbox) boundTokens() {
	s.store.tokens.bound(bounds[tokenInfo]{
		limit: maxTokens,
		stale: func(t tokenInfo) bool { return !s.valid(t) },
		age:   func(t tokenInfo) time.Time { return t.IssuedAt },
	})
	s.store.refreshes.bound(bounds[refreshToken]{
		limit: maxTokens,
		stale: func(t refreshToken) bool { return !t.ExpiresAt.After(s.now()) },
		age:   func(t refreshToken) time.Time { return t.IssuedAt },
	})
	s.store.families.bound(bounds[tokenFamily]{
		limit: maxTokens,
		stale: func(f tokenFamily) bool { return !f.ExpiresAt.After(s.now()) },
		age:   func(f tokenFamily) time.Time { return f.ExpiresAt },
	})
	s.store.codes.bound(bounds[authCode]{
		limit: maxTokens,
		stale: func(c authCode) bool { return c.ExpiresAt.Before(s.now().Add(-tokenLifetime)) }, // kept an hour longer, to recognise a second use
		age:   func(c authCode) time.Time { return c.ExpiresAt },
	})
	s.store.idempotency.bound(bounds[idempotentAnswer]{
		limit: maxTokens,
		stale: func(a idempotentAnswer) bool { return !a.Expires.After(s.now()) },
		age:   func(a idempotentAnswer) time.Time { return a.Expires },
	})
}

// valid reports whether an access token opens anything now. It runs in a view or an
// update.
func (s *Sandbox) valid(t tokenInfo) bool {
	if !t.ExpiresAt.After(s.now()) {
		return false
	}
	family, ok := s.store.families.get(t.Family)
	return t.Family == "" || ok && t.Generation == family.Generation
}

func (s *Sandbox) oauthRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /oauth2/token", s.createToken)
	mux.HandleFunc("/oauth2/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
	})
	mux.HandleFunc("GET /oauth2/auth", s.authorize)
	mux.HandleFunc("GET /oauth2/login", s.showLogin)
	mux.HandleFunc("POST /oauth2/login", s.submitLogin)
}

// oauthError is a failure of the OAuth server, which is not wrapped in the
// API's envelope (Enterprise Integration Middleware, "Get Access Token").
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
	Hint        string `json:"error_hint,omitempty"`
	Status      int    `json:"status_code,omitempty"`
}

func (e oauthError) Error() string { return e.Code + ": " + e.Description }

// errMissingParameter is the sample of Enterprise Integration Middleware.
func errMissingParameter(name string) oauthError {
	return oauthError{
		Code: "bad_request", Description: "The request was missing a required parameter",
		Hint: name + " missing", Status: http.StatusBadRequest,
	}
}

// errInvalidClient is the other sample of Enterprise Integration Middleware.
func errInvalidClient() oauthError {
	return oauthError{
		Code: "invalid_client", Description: "Client authentication failed",
		Hint: "client id or secret is invalid", Status: http.StatusUnauthorized,
	}
}

// errOAuth returns an error of RFC 6749. GoBiz documents none of them; status and
// form are inferred from the server's likeness to Ory Hydra.
func errOAuth(code, description, hint string) oauthError {
	return oauthError{Code: code, Description: description, Hint: hint, Status: http.StatusBadRequest}
}

func errInvalidGrant(hint string) oauthError {
	return errOAuth("invalid_grant", "The provided authorization grant or refresh token is invalid, expired, revoked, or was issued to another client", hint)
}

func errInvalidScope(scope string) oauthError {
	return errOAuth("invalid_scope", "The requested scope is invalid, unknown, or malformed",
		"the client is not allowed to request scope "+scope)
}

func oauthCodeOf(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "invalid_client"
	case status == http.StatusServiceUnavailable:
		return "temporarily_unavailable"
	case status >= http.StatusInternalServerError:
		return "server_error"
	default:
		return "invalid_request"
	}
}

// hasOffline reports whether a refresh token was asked for. Both names occur in
// GoBiz's documents.
func hasOffline(scopes []string) bool {
	return slices.Contains(scopes, "offline") || slices.Contains(scopes, "offline_access")
}

// checkScopes refuses a call that asks for one scope too many; live, the whole
// call fails. openid and offline are granted to every client.
func checkScopes(p partner, scopes []string) error {
	everybodys := []string{"openid", "offline", "offline_access"}
	for _, scope := range scopes {
		if !slices.Contains(everybodys, scope) && !slices.Contains(p.Scopes, scope) {
			return errInvalidScope(scope)
		}
	}
	return nil
}

// newSecret returns an opaque token.
func (s *Sandbox) newSecret() string {
	b := make([]byte, 32)
	s.random(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
