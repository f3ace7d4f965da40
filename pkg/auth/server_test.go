package auth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

const (
	clientID     = "my app:+%" // characters that Basic needs escaped
	clientSecret = "canary-hunter2&="
)

// oauthServer is a login server with the rules of GoBiz: two grants, refresh tokens that rotate, and a reused one that
// ends the login.
type oauthServer struct {
	*httptest.Server
	mu sync.Mutex
	// calls counts by grant type.
	calls map[string]int
	// refresh is the only refresh token that is good.
	refresh string
	issued  int
	// granted limits the scopes; empty grants what is asked for.
	granted []string
	// noRotation answers a refresh without a refresh token.
	noRotation bool
	idToken    string
	// before may answer a call instead of the server.
	before func(w http.ResponseWriter, r *http.Request) bool
	last   *http.Request
	form   url.Values
}

func newServer(t *testing.T) *oauthServer {
	t.Helper()
	s := &oauthServer{calls: map[string]int{}, refresh: "rt-0", idToken: "h.p.s"}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *oauthServer) count(grant string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[grant]
}

func (s *oauthServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodPost || r.URL.Path != "/oauth2/token" {
		http.NotFound(w, r)
		return
	}
	_ = r.ParseForm()
	s.last, s.form = r, r.PostForm
	grant := r.PostForm.Get("grant_type")
	s.calls[grant]++
	if s.before != nil && s.before(w, r) {
		return
	}
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(pass)
	}
	if id != clientID || secret != clientSecret {
		refuse(w, 401, "invalid_client", "Client authentication failed", "client id or secret is invalid")
		return
	}
	scopes := strings.Fields(r.PostForm.Get("scope"))
	answer := map[string]any{"token_type": "bearer", "expires_in": 3599}
	switch grant {
	case "client_credentials":
		if len(s.granted) > 0 {
			scopes = s.granted
		}
		answer["scope"] = strings.Join(scopes, " ")
	case "authorization_code":
		if r.PostForm.Get("code") != "good-code" || r.PostForm.Get("redirect_uri") != "https://pos.example.com/cb" {
			refuse(w, 400, "invalid_grant", "The code is used up", "")
			return
		}
		answer["refresh_token"] = s.refresh
		if s.idToken != "" {
			answer["id_token"] = s.idToken
		}
		answer["scope"] = "openid offline partner:outlet:read gofood:catalog:read"
	case "refresh_token":
		if r.PostForm.Get("refresh_token") != s.refresh {
			s.refresh = "family killed"
			refuse(w, 400, "invalid_grant", "The refresh token was used before", "")
			return
		}
		if !s.noRotation {
			s.refresh = fmt.Sprintf("rt-%d", s.issued+1)
			answer["refresh_token"] = s.refresh
		}
	default:
		refuse(w, 400, "unsupported_grant_type", "no", "")
		return
	}
	s.issued++
	answer["access_token"] = fmt.Sprintf("at-%s-%d", grant, s.issued)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func refuse(w http.ResponseWriter, status int, code, description, hint string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", "req-7")
	w.WriteHeader(status)
	body := map[string]any{"error": code, "error_description": description}
	if hint != "" {
		body["error_hint"], body["status_code"] = hint, status
	}
	_ = json.NewEncoder(w).Encode(body)
}

func (s *oauthServer) endpoint(t *testing.T, now func() time.Time) *auth.Endpoint {
	t.Helper()
	e, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: s.URL + "/", ClientID: clientID, ClientSecret: credentials.NewSecret(clientSecret), UserAgent: "gobiz/test", Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// profile is one at this server.
func (s *oauthServer) profile() auth.Profile {
	return auth.Profile{Name: "jakarta", Environment: "local", OAuthURL: s.URL, Grant: auth.GrantClientCredentials}
}

// record is a stored login of both grants whose tokens expired before now.
func (s *oauthServer) record(now time.Time, grants ...auth.Grant) credentials.Record {
	r := credentials.Record{
		ClientID: clientID, OAuthURL: s.URL, ClientSecret: credentials.NewSecret(clientSecret),
		Tokens: map[string]credentials.Token{},
	}
	for _, g := range grants {
		token := credentials.Token{
			AccessToken: credentials.NewSecret("old-" + string(g)), Obtained: now.Add(-2 * time.Hour), Expiry: now.Add(-time.Hour),
			Scopes: auth.DefaultScopes(g),
		}
		if g == auth.GrantAuthorizationCode {
			token.RefreshToken = credentials.NewSecret("rt-0")
		}
		r.Tokens[string(g)] = token
	}
	return r
}

// clock is a time that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func has(scopes []string, scope string) bool { return slices.Contains(scopes, scope) }
