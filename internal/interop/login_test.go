package interop

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

func (s *server) endpoint(t *testing.T, client string) *auth.Endpoint {
	t.Helper()
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: s.URL, ClientID: client, ClientSecret: credentials.NewSecret(clientSecret), UserAgent: "gobiz/interop",
	})
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

// remedy is what a program learns from an error about what would help: the
// command line makes its hints of it.
func remedy(err error) string {
	var login *auth.LoginError
	var answer *auth.Error
	switch {
	case errors.As(err, &login):
		return fmt.Sprintf("%s profile %s grant %s", login.Reason, login.Profile, login.Grant)
	case errors.As(err, &answer):
		return fmt.Sprintf("refused %v of %v", answer.RefusedScopes(), answer.Scopes)
	}
	return ""
}

// wantError checks kind, text and remedy of an error.
func wantError(t *testing.T, err, kind error, words ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want an error of the kind %v", err, kind)
	}
	text := err.Error() + "\nremedy: " + remedy(err)
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in: %s", word, text)
		}
	}
	if strings.Contains(text, clientSecret) || strings.Contains(text, url.QueryEscape(clientSecret)) {
		t.Errorf("the client secret is in: %s", text)
	}
}

func forBothFormats(t *testing.T, test func(*testing.T, *server)) {
	for name, legacy := range formats {
		t.Run(name, func(t *testing.T) { test(t, newServer(t, legacy)) })
	}
}

func TestClientCredentials(t *testing.T) {
	s := newServer(t, false)
	want := auth.DefaultScopes(auth.GrantClientCredentials)
	token, err := s.endpoint(t, partner).ClientCredentials(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := s.active(t.Context(), token.AccessToken.Reveal())
	if !ok || !slices.Equal(got, want) || !slices.Equal(token.Scopes, want) {
		t.Errorf("token is active: %v, with %v; gobiz believes %v; want %v", ok, got, token.Scopes, want)
	}
	if left := time.Until(token.Expiry); left <= 0 || left > time.Hour {
		t.Errorf("it expires in %v", left)
	}
	if !token.RefreshToken.IsZero() {
		t.Error("there is a refresh token")
	}
}

func TestClientIsRefused(t *testing.T) {
	forBothFormats(t, func(t *testing.T, s *server) {
		wrong, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: s.URL, ClientID: partner, ClientSecret: credentials.NewSecret("wrong")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = wrong.ClientCredentials(t.Context(), nil)
		wantError(t, err, auth.ErrCredentials, "401 invalid_client")
		if n := s.tokenCalls.Load(); n != 1 {
			t.Errorf("%d calls: a rejected secret is not sent again", n)
		}
		// The server says which way of authentication the client is registered for.
		_, err = s.endpoint(t, facilitator).ClientCredentials(t.Context(), nil)
		wantError(t, err, auth.ErrCredentials, "client_secret_post", "client_secret_basic")
	})
}

func TestScopeIsRefused(t *testing.T) {
	asked := []string{"gofood:catalog:read", "promo:food_promo:write"}
	forBothFormats(t, func(t *testing.T, s *server) {
		_, err := s.endpoint(t, partner).ClientCredentials(t.Context(), asked)
		wantError(t, err, auth.ErrScope, "invalid_scope", "not allowed to request scope 'promo:food_promo:write'", "refused [promo:food_promo:write] of [gofood:catalog:read promo:food_promo:write]")
		if n := s.tokenCalls.Load(); n != 1 {
			t.Errorf("%d calls", n)
		}
		_, err = s.merchantLogin(t, facilitator, append([]string{"openid"}, asked...))
		wantError(t, err, auth.ErrScope, "invalid_scope", "not allowed to request scope 'promo:food_promo:write'", "refused [promo:food_promo:write] of [openid gofood:catalog:read promo:food_promo:write]")
	})
}

// merchantLogin sends a browser through the server and back to a receiver on
// this machine, and exchanges the code.
func (s *server) merchantLogin(t *testing.T, client string, scopes []string) (credentials.Record, error) {
	t.Helper()
	receiver, err := auth.NewReceiver("http://127.0.0.1:0/callback")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := s.endpoint(t, client)
	a := endpoint.Authorize(auth.AuthorizationRequest{RedirectURI: receiver.RedirectURI(), Scopes: scopes, Locale: "id", PromptLogin: true})
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	visited := make(chan struct{})
	go func() {
		defer close(visited)
		response, err := http.Get(a.URL)
		if err != nil {
			cancel(err)
			return
		}
		response.Body.Close()
	}()
	var record credentials.Record
	err = receiver.Wait(ctx, a, func(ctx context.Context, code string) (err error) {
		record, err = auth.Login(ctx, endpoint, a.LoginOptions(code))
		return err
	})
	<-visited
	if err == nil {
		token := record.Tokens[string(auth.GrantAuthorizationCode)]
		if got := claims(t, token.IDToken.Reveal())["nonce"]; got != a.Nonce {
			t.Errorf("the id_token has the nonce %v, sent was %s", got, a.Nonce)
		}
	}
	return record, err
}

// claims are those of a JWT whose signature does not matter here.
func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("the id_token has %d parts", len(parts))
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func TestMerchantLogin(t *testing.T) {
	s := newServer(t, true)
	want := auth.DefaultScopes(auth.GrantAuthorizationCode)
	record, err := s.merchantLogin(t, facilitator, want)
	if err != nil {
		t.Fatal(err)
	}
	token := record.Tokens[string(auth.GrantAuthorizationCode)]
	got, ok := s.active(t.Context(), token.AccessToken.Reveal())
	if !ok || !slices.Equal(got, want) || !slices.Equal(token.Scopes, want) {
		t.Errorf("token is active: %v, with %v; gobiz believes %v", ok, got, token.Scopes)
	}
	if token.RefreshToken.IsZero() {
		t.Error("there is no refresh token")
	}
}

// A redirect URI that is the partner's own page: the address that the browser
// ends up at is pasted.
func TestMerchantLoginAtPartnersPage(t *testing.T) {
	s := newServer(t, false)
	endpoint := s.endpoint(t, facilitator)
	scopes := []string{"openid", "partner:outlet:read"}
	a := endpoint.Authorize(auth.AuthorizationRequest{RedirectURI: partnerPage, Scopes: scopes})
	back := s.visit(t, a.URL)
	if back.Host != "partner.example" || back.Query().Get("from") != "gobiz" {
		t.Fatalf("the browser is sent to %s", back)
	}
	answer, err := auth.ParseCallback(back.String())
	if err != nil {
		t.Fatal(err)
	}
	code, err := a.Code(answer)
	if err != nil {
		t.Fatal(err)
	}
	login := a.LoginOptions(code)
	record, err := auth.Login(t.Context(), endpoint, login)
	if err != nil {
		t.Fatal(err)
	}
	_, err = auth.Login(t.Context(), endpoint, login)
	wantError(t, err, auth.ErrNotLoggedIn, "the login code was rejected", string(auth.CodeRejected))
	if _, ok := s.active(t.Context(), record.Tokens[string(auth.GrantAuthorizationCode)].AccessToken.Reveal()); ok {
		t.Error("the token of a code that came twice still works: this server does not see reuse")
	}
}

func TestMerchantDenies(t *testing.T) {
	forBothFormats(t, func(t *testing.T, s *server) {
		s.deny.Store(true)
		_, err := s.merchantLogin(t, facilitator, []string{"openid", "offline"})
		wantError(t, err, auth.ErrDenied, "denied")
		if n := s.tokenCalls.Load(); n != 0 {
			t.Errorf("%d calls of the token endpoint", n)
		}
	})
}

// visit gives where the server sends a browser, nil when it stays.
func (s *server) visit(t *testing.T, page string) *url.URL {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	back, err := response.Location()
	if errors.Is(err, http.ErrNoLocation) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// The server is as strict as this package says: what gobiz sends is accepted
// because it is right, not because anything is.
func TestServerIsStrict(t *testing.T) {
	s := newServer(t, false)
	endpoint := s.endpoint(t, facilitator)
	request := auth.AuthorizationRequest{RedirectURI: "http://127.0.0.1:8400/callback", Scopes: []string{"openid", "offline"}}
	for name, tt := range map[string]struct {
		parameter, value string
		want             string // error sent back; empty: the browser is not sent back
	}{
		"as gobiz sends it":      {"", "", "none"},
		"state of 7 characters":  {"state", "1234567", "invalid_state"},
		"no code challenge":      {"code_challenge", "", "invalid_request"},
		"plain code challenge":   {"code_challenge_method", "plain", "invalid_request"},
		"another response type":  {"response_type", "token", "unsupported_response_type"},
		"a scope prefix":         {"scope", "openid gofood:catalog", "invalid_scope"},
		"another path":           {"redirect_uri", "http://127.0.0.1:8400/callback/", ""},
		"localhost":              {"redirect_uri", "http://localhost:8400/callback", ""},
		"partner's page, longer": {"redirect_uri", partnerPage + "&more=1", ""},
		"unknown client":         {"client_id", "nobody", ""},
	} {
		page, err := url.Parse(endpoint.Authorize(request).URL)
		if err != nil {
			t.Fatal(err)
		}
		query := page.Query()
		if query.Set(tt.parameter, tt.value); tt.value == "" {
			query.Del(tt.parameter)
		}
		page.RawQuery = query.Encode()
		got, back := "", s.visit(t, page.String())
		if back != nil {
			if got = back.Query().Get("error"); got == "" && back.Query().Has("code") {
				got = "none"
			}
		}
		if got != tt.want {
			t.Errorf("%s: the answer is %q, want %q (%v)", name, got, tt.want, back)
		}
	}
	a := endpoint.Authorize(request)
	code, err := a.Code(s.visit(t, a.URL).Query())
	if err != nil {
		t.Fatal(err)
	}
	_, err = endpoint.Exchange(t.Context(), code, a.RedirectURI, endpoint.Authorize(request).Verifier, request.Scopes)
	wantError(t, err, auth.ErrNotLoggedIn, "invalid_grant")
}

// profile is a stored merchant login whose clock can be put forward.
type profile struct {
	*auth.Stored
	store *credentials.Memory
	clock time.Time
}

const profileName = "jakarta"

func (s *server) profile(t *testing.T) *profile {
	t.Helper()
	record, err := s.merchantLogin(t, facilitator, auth.DefaultScopes(auth.GrantAuthorizationCode))
	if err != nil {
		t.Fatal(err)
	}
	p := &profile{store: credentials.NewMemory(), clock: time.Now()}
	p.Stored = auth.NewStored(auth.Profile{Name: profileName, OAuthURL: s.URL, Grant: auth.GrantClientCredentials}, auth.Options{
		StateDir:  t.TempDir(),
		OpenStore: func() (credentials.Store, error) { return p.store, nil },
		Now:       func() time.Time { return p.clock },
	})
	if err := p.Remember(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *profile) stored(t *testing.T) credentials.Token {
	t.Helper()
	record, err := p.store.Load(t.Context(), profileName)
	if err != nil {
		t.Fatal(err)
	}
	return record.Tokens[string(auth.GrantAuthorizationCode)]
}

// linkOutlet needs a merchant's token.
const operation = "linkOutlet"

func TestRefreshRotates(t *testing.T) {
	s := newServer(t, true)
	p := s.profile(t)
	seen := map[string]bool{p.stored(t).RefreshToken.Reveal(): true}
	old := p.stored(t).AccessToken.Reveal()
	for range 4 {
		p.clock = p.clock.Add(2 * time.Hour)
		calls := s.tokenCalls.Load()
		token, err := p.Token(t.Context(), operation)
		if err != nil {
			t.Fatal(err)
		}
		scopes, ok := s.active(t.Context(), token)
		if !ok || !slices.Contains(scopes, "offline") || token == old {
			t.Fatalf("the new token is active: %v, with %v", ok, scopes)
		}
		if _, ok := s.active(t.Context(), old); ok {
			t.Error("the old access token still works: this server does not rotate")
		}
		refresh := p.stored(t).RefreshToken.Reveal()
		if seen[refresh] {
			t.Error("the stored refresh token is not the new one")
		}
		if n := s.tokenCalls.Load() - calls; n != 1 {
			t.Errorf("%d calls for one refresh", n)
		}
		seen[refresh], old = true, token
	}
}

// Somebody else used the refresh token first. The server then trusts neither,
// and the user is told to log in.
func TestReuseEndsTheLogin(t *testing.T) {
	forBothFormats(t, func(t *testing.T, s *server) {
		p := s.profile(t)
		copied := p.stored(t)
		thief, err := s.endpoint(t, facilitator).Refresh(t.Context(), copied.RefreshToken, copied.Scopes)
		if err != nil {
			t.Fatal(err)
		}
		p.clock = p.clock.Add(2 * time.Hour)
		_, err = p.Token(t.Context(), operation)
		wantError(t, err, auth.ErrNotLoggedIn, "the merchant login ended", "refresh token was already used",
			"profile "+profileName+" grant authorization_code")
		if _, ok := s.active(t.Context(), thief.AccessToken.Reveal()); ok {
			t.Error("the other one's access token still works")
		}
		_, err = s.endpoint(t, facilitator).Refresh(t.Context(), thief.RefreshToken, copied.Scopes)
		wantError(t, err, auth.ErrNotLoggedIn, "invalid_grant")

		// The dead token is forgotten, and the server is not asked again.
		calls := s.tokenCalls.Load()
		if !p.stored(t).RefreshToken.IsZero() {
			t.Error("the dead refresh token is still stored")
		}
		_, err = p.Token(t.Context(), operation)
		if err == nil || !strings.Contains(remedy(err), "profile "+profileName) {
			t.Errorf("the next call gives %v (%s)", err, remedy(err))
		}
		if n := s.tokenCalls.Load() - calls; n != 0 {
			t.Errorf("%d more calls of the server", n)
		}
	})
}

// Without the scope offline there is no refresh token: the login lasts an hour,
// and the message says how it lasts longer.
func TestLoginWithoutOffline(t *testing.T) {
	s := newServer(t, false)
	record, err := s.merchantLogin(t, facilitator, []string{"openid", "partner:outlet:read"})
	if err != nil {
		t.Fatal(err)
	}
	if token := record.Tokens[string(auth.GrantAuthorizationCode)]; !token.RefreshToken.IsZero() {
		t.Error("there is a refresh token without the scope offline")
	}
}
