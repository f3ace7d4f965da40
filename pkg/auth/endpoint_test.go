package auth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

func TestClientCredentialsCall(t *testing.T) {
	s := newServer(t)
	c := newClock()
	token, err := s.endpoint(t, c.Now).ClientCredentials(t.Context(), []string{"a:b", "c:d"})
	if err != nil {
		t.Fatal(err)
	}
	if token.AccessToken.Reveal() != "at-client_credentials-1" || !token.RefreshToken.IsZero() || strings.Join(token.Scopes, " ") != "a:b c:d" {
		t.Errorf("got %q %v", token.AccessToken.Reveal(), token)
	}
	if want := c.Now().Add(3599 * time.Second); !token.Expiry.Equal(want) {
		t.Errorf("expires at %s, want %s", token.Expiry, want)
	}
	if _, _, ok := s.last.BasicAuth(); !ok || s.form.Has("client_secret") {
		t.Error("the client did not authenticate by HTTP Basic alone")
	}
	if s.form.Get("scope") != "a:b c:d" || s.last.Header.Get("User-Agent") != "gobiz/test" || len(s.last.Header.Get("X-Request-Id")) != 36 {
		t.Errorf("sent %v with %v", s.form, s.last.Header)
	}
}

func TestExchangeAndRefreshCalls(t *testing.T) {
	s := newServer(t)
	e := s.endpoint(t, nil)
	token, err := e.Exchange(t.Context(), "good-code", "https://pos.example.com/cb", "verifier", []string{"openid"})
	if err != nil {
		t.Fatal(err)
	}
	if token.RefreshToken.Reveal() != "rt-0" || token.IDToken.Reveal() != "h.p.s" || !has(token.Scopes, auth.ScopeOutletRead) {
		t.Errorf("got %v", token)
	}
	if s.form.Get("client_secret") != clientSecret || s.form.Get("code_verifier") != "verifier" || s.last.Header.Get("Authorization") != "" {
		t.Errorf("sent %v with %v", s.form, s.last.Header)
	}
	token, err = e.Refresh(t.Context(), token.RefreshToken, token.Scopes)
	if err != nil {
		t.Fatal(err)
	}
	if token.RefreshToken.Reveal() != "rt-2" || !has(token.Scopes, auth.ScopeOutletRead) {
		t.Errorf("a refresh gives %q with %v", token.RefreshToken.Reveal(), token.Scopes)
	}
	s.noRotation = true
	token, err = e.Refresh(t.Context(), token.RefreshToken, token.Scopes)
	if err != nil || token.RefreshToken.Reveal() != "rt-2" {
		t.Errorf("without rotation the refresh token is %q, %v", token.RefreshToken.Reveal(), err)
	}
}

func TestAuthorizeURL(t *testing.T) {
	s := newServer(t)
	a := s.endpoint(t, nil).Authorize(auth.AuthorizationRequest{
		RedirectURI: "http://127.0.0.1:1/callback", Scopes: []string{"openid", "offline"}, PromptLogin: true, Locale: "id",
	})
	u, err := url.Parse(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"client_id": clientID, "response_type": "code", "scope": "openid offline", "state": a.State, "user_type": "merchant",
		"redirect_uri": "http://127.0.0.1:1/callback", "nonce": a.Nonce, "prompt": "login", "ui_locales": "id", "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if u.Path != "/oauth2/auth" || q.Has("code_verifier") || strings.Contains(a.URL, url.QueryEscape(clientSecret)) {
		t.Errorf("URL is %s", a.URL)
	}
}

func TestServerErrors(t *testing.T) {
	page := "<html><head><style>x</style></head><body><h1>502 Bad\x1b[31m Gateway</h1>" + strings.Repeat("<p>long</p>", 500)
	for _, tt := range []struct {
		name   string
		status int
		typ    string
		body   string
		kind   error
		text   string
	}{
		{"with hint", 401, "application/json", `{"error":"invalid_client","error_description":"Client authentication failed","error_hint":"client id or secret is invalid","status_code":401}`, auth.ErrCredentials, "login server answered 401 invalid_client: Client authentication failed; client id or secret is invalid (request id req-7)"},
		{"newer form", 400, "application/json", `{"error":"invalid_scope","error_description":"The requested scope is invalid.\nnot 'x'"}`, auth.ErrScope, "login server answered 400 invalid_scope: The requested scope is invalid. not 'x' (request id req-7)"},
		{"documented 400", 400, "application/json", `{"error":"bad_request","error_description":"Request was missing a required parameter","error_hint":"client_id missing","status_code":400}`, nil, "400 bad_request: Request was missing a required parameter; client_id missing"},
		{"login ended", 400, "application/json", `{"error":"invalid_grant"}`, auth.ErrNotLoggedIn, "login server answered 400 invalid_grant (request id req-7)"},
		{"plain text", 405, "text/plain", "Method Not Allowed\n", nil, "login server answered 405: Method Not Allowed (request id req-7)"},
		{"HTML", 502, "text/html", page, auth.ErrServer, "login server answered 502: 502 Bad Gateway long long"},
		{"empty", 503, "", "", auth.ErrServer, "login server answered 503 (request id req-7)"},
		{"HTML with 200", 200, "text/html", "<html>captive portal canary-hunter2", nil, "login server answered 200: the answer is no token"},
		{"no token", 200, "application/json", `{"access":"canary-hunter2"}`, nil, "login server answered 200: the answer is no token"},
		{"no bearer", 200, "application/json", `{"access_token":"canary-hunter2","token_type":"mac"}`, nil, "login server answered 200: the answer is no token: its token_type is not bearer"},
		{"cut", 200, "application/json", `{"access_token":"canary-hunter2`, nil, "login server answered 200: the answer is no token"},
		{"redirect", 307, "", "", nil, "login server answered 307"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				w.Header().Set("Content-Type", tt.typ)
				w.Header().Set("X-Request-Id", "req-7")
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer server.Close()
			e, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: server.URL, ClientID: clientID, ClientSecret: credentials.NewSecret(clientSecret)})
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.Refresh(t.Context(), credentials.NewSecret("rt"), []string{"a:b"})
			var answer *auth.Error
			if !errors.As(err, &answer) {
				t.Fatalf("got %v", err)
			}
			if answer.Status != tt.status || answer.RequestID != "req-7" {
				t.Errorf("got %+v", answer)
			}
			if !strings.Contains(err.Error(), tt.text) || len([]rune(err.Error())) > 250 {
				t.Errorf("text is %q, want %q", err, tt.text)
			}
			for _, kind := range []error{auth.ErrCredentials, auth.ErrScope, auth.ErrNotLoggedIn, auth.ErrServer} {
				if got, want := errors.Is(err, kind), errors.Is(tt.kind, kind); got != want {
					t.Errorf("errors.Is(%v) is %v, want %v", kind, got, want)
				}
			}
			if strings.Contains(err.Error(), "canary") || strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("text is not clean: %q", err)
			}
			if calls != 1 {
				t.Errorf("%d calls: a refresh must not be repeated, a redirect not followed", calls)
			}
		})
	}
}

func TestScopeErrorNamesTheScopes(t *testing.T) {
	s := newServer(t)
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, 400, "invalid_scope", "no", "")
		return true
	}
	_, err := s.endpoint(t, nil).ClientCredentials(t.Context(), []string{"a:b", "c:d"})
	var answer *auth.Error
	if !errors.As(err, &answer) || strings.Join(answer.Scopes, " ") != "a:b c:d" {
		t.Errorf("got %v", err)
	}
	if n := s.count("client_credentials"); n != 1 {
		t.Errorf("a refusal was repeated: %d calls", n)
	}
}

func TestRefusedScopesAreNamed(t *testing.T) {
	asked := []string{"openid", "food:read", "gofood:read", "gofood:read:all"}
	for text, want := range map[string]string{
		"The OAuth 2.0 Client is not allowed to request scope 'gofood:read'.": "gofood:read",
		"not allowed: gofood:read:all, food:read.":                            "food:read gofood:read:all",
		"scope must contain offline":                                          "",
		"The requested scope is invalid":                                      "",
		"invalid scope openid food:read gofood:read gofood:read:all":          "", // repeats what was asked for
	} {
		for _, e := range []*auth.Error{
			{Code: "invalid_scope", Description: text, Scopes: asked}, {Code: "invalid_scope", Description: "no", Hint: text, Scopes: asked},
		} {
			if got := strings.Join(e.RefusedScopes(), " "); got != want {
				t.Errorf("%q names %q, want %q", text, got, want)
			}
		}
	}
	if got := (&auth.Error{Code: "invalid_grant", Hint: "food:read", Scopes: asked}).RefusedScopes(); got != nil {
		t.Errorf("another error names %q", got)
	}
}

func TestNetworkErrorsUnwrap(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	e, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: server.URL, ClientID: "id", ClientSecret: credentials.NewSecret(clientSecret)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Refresh(t.Context(), credentials.NewSecret("rt"), nil)
	if !errors.Is(err, syscall.ECONNREFUSED) || !strings.HasPrefix(err.Error(), "login server not reached: ") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = e.ClientCredentials(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAnswerIsBounded(t *testing.T) {
	read := 0
	client := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(endless{&read})}, nil
	})}
	e, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: "https://login.example.com", ClientID: "id", HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Refresh(t.Context(), credentials.NewSecret("rt"), nil); err == nil || !strings.Contains(err.Error(), "the answer is no token: it is larger than") {
		t.Errorf("got %v", err)
	}
	if read > 2<<20 {
		t.Errorf("%d bytes were read", read)
	}
}

type endless struct{ read *int }

func (e endless) Read(p []byte) (int, error) {
	*e.read += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answers gives a client whose calls are answered in order, the last one for ever.
func answers(calls *int, list ...func() (*http.Response, error)) *http.Client {
	return &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		answer := list[min(*calls, len(list)-1)]
		*calls++
		return answer()
	})}
}

func answer(status int, body string, header ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func broken() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func TestRetry(t *testing.T) {
	good := answer(200, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
	for _, tt := range []struct {
		name      string
		list      []func() (*http.Response, error)
		calls     int
		ok        bool
		atLeast   time.Duration
		less      time.Duration
		cancelled time.Duration
	}{
		{name: "5xx, then good", list: []func() (*http.Response, error){answer(503, ""), answer(500, "<html>"), good}, calls: 3, ok: true, less: 10 * time.Second},
		{name: "network, then good", list: []func() (*http.Response, error){broken, good}, calls: 2, ok: true, less: 10 * time.Second},
		{name: "429 says when", list: []func() (*http.Response, error){answer(429, "", "Retry-After", "7"), good}, calls: 2, ok: true, atLeast: 7 * time.Second, less: 8 * time.Second},
		{name: "429 says much later", list: []func() (*http.Response, error){answer(429, "", "Retry-After", "3600"), good}, calls: 1, less: time.Second},
		{name: "never good", list: []func() (*http.Response, error){answer(502, "")}, calls: 4, less: 10 * time.Second},
		{name: "refused", list: []func() (*http.Response, error){answer(401, `{"error":"invalid_client"}`), good}, calls: 1, less: time.Millisecond},
		{name: "interrupted", list: []func() (*http.Response, error){answer(429, "", "Retry-After", "7"), good}, calls: 1, cancelled: time.Second, less: 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				e, err := auth.NewEndpoint(auth.EndpointOptions{
					OAuthURL: "https://login.example.com", ClientID: "id", ClientSecret: credentials.NewSecret("s"), HTTPClient: answers(&calls, tt.list...),
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx := t.Context()
				if tt.cancelled > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.cancelled)
					defer cancel()
				}
				began := time.Now()
				_, err = e.ClientCredentials(ctx, []string{"a:b"})
				if (err == nil) != tt.ok || calls != tt.calls {
					t.Errorf("%d calls, error %v; want %d", calls, err, tt.calls)
				}
				if took := time.Since(began); took < tt.atLeast || took >= tt.less {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestEndpointNeedsAClient(t *testing.T) {
	for _, opts := range []auth.EndpointOptions{{}, {OAuthURL: "https://x.example.com"}, {ClientID: "id"}} {
		if _, err := auth.NewEndpoint(opts); !errors.Is(err, auth.ErrNotLoggedIn) {
			t.Errorf("%+v gives %v", opts, err)
		}
	}
}
