package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// endpointAt is an endpoint of a server that always answers the same.
func endpointAt(t *testing.T, handler http.HandlerFunc) (*auth.Endpoint, *int) {
	t.Helper()
	calls := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { calls++; handler(w, r) }))
	t.Cleanup(s.Close)
	e, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: s.URL, ClientID: clientID, ClientSecret: credentials.NewSecret(clientSecret)})
	if err != nil {
		t.Fatal(err)
	}
	return e, &calls
}

// A login server that repeats what it was sent must not bring it into an error.
func TestEchoedSecretsAreMasked(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(clientID) + ":" + url.QueryEscape(clientSecret)))
	said := []string{clientSecret, url.QueryEscape(clientSecret), basic, "canary-refresh", "canary-code", "canary-verifier", "canary-code"}
	for name, answer := range map[string]func(text string) (int, string){
		"description": func(text string) (int, string) {
			return 400, `{"error":"invalid_request","error_description":"` + text + `"}`
		},
		"code":  func(text string) (int, string) { return 400, `{"error":"` + text + `","error_hint":"` + text + `"}` },
		"plain": func(text string) (int, string) { return 403, "form was " + text },
		"cut":   func(text string) (int, string) { return 403, strings.Repeat("x", 108) + " " + text },
		"page":  func(text string) (int, string) { return 403, "<p>" + text + "</p>" },
	} {
		for _, text := range said {
			e, _ := endpointAt(t, func(w http.ResponseWriter, _ *http.Request) {
				status, body := answer(text)
				w.Header().Set("X-Request-Id", text)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			})
			_, err := e.ClientCredentials(t.Context(), nil)
			if strings.HasPrefix(text, "canary-r") {
				_, err = e.Refresh(t.Context(), credentials.NewSecret(text), nil)
			} else if strings.HasPrefix(text, "canary-c") || strings.HasPrefix(text, "canary-v") {
				_, err = e.Exchange(t.Context(), "canary-code", "https://pos.example.com/cb", "canary-verifier", nil)
			}
			var failure *auth.Error
			if !errors.As(err, &failure) {
				t.Fatal(err)
			}
			if shown := fmt.Sprintf("%v %+v", err, *failure); strings.Contains(shown, text[:8]) {
				t.Errorf("%s shows %q: %s", name, text, shown)
			}
		}
	}
}

func TestSourcesRedact(t *testing.T) {
	s := newServer(t)
	ctx := t.Context()
	for name, source := range map[string]auth.TokenSource{
		"access token":       auth.NewStatic(credentials.NewSecret("canary-access"), ""),
		"client credentials": auth.NewClientCredentials(s.endpoint(t, nil), []string{auth.ScopeOutletRead}),
	} {
		token, err := source.Token(ctx, "listLinkedOutlets")
		if err != nil {
			t.Fatal(name, err)
		}
		text := source.(interface{ Redact(string) string }).Redact("bearer " + token + " of " + clientSecret)
		if strings.Contains(text, token) || name != "access token" && strings.Contains(text, clientSecret) || !strings.HasPrefix(text, "bearer *** of ") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestProxyPasswordIsNotShown(t *testing.T) {
	client := &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
		return nil, errors.New(`invalid proxy address "http://user:hunter2/x@proxy.example.com:3128": invalid port ":hunter2" after host`)
	}}}
	e, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: "https://login.example.com", ClientID: "id", HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Refresh(t.Context(), credentials.NewSecret("rt"), nil)
	if text := fmt.Sprintf("%v %+v", err, errors.Unwrap(err)); err == nil || strings.Contains(text, "hunter2") || !strings.Contains(text, "proxy address") {
		t.Error(text)
	}
}

func TestTokenWithOddCharactersIsRefused(t *testing.T) {
	for name, answer := range map[string]string{
		"control character": `{"access_token":"a\u001bb"}`, "line break": `{"access_token":"a\r\nX: y"}`, "space": `{"access_token":"a b"}`,
		"letter beyond ASCII": `{"access_token":"é"}`, "refresh token": `{"access_token":"a","refresh_token":"b\u0000"}`,
	} {
		e, calls := endpointAt(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answer)
		})
		token, err := e.ClientCredentials(t.Context(), nil)
		var failure *auth.Error
		if name == "refresh token" {
			token, err = e.Exchange(t.Context(), "code", "https://pos.example.com/cb", "", nil)
			*calls--
		}
		if !errors.As(err, &failure) || !strings.Contains(err.Error(), "answer is no token") || !token.AccessToken.IsZero() || *calls != 1 {
			t.Errorf("%s: %v after %d calls", name, err, *calls)
		}
	}
	for _, given := range []string{"two words", "line\nbreak", "é"} {
		source := auth.NewStatic(credentials.NewSecret(given), "GOBIZ_ACCESS_TOKEN")
		_, err := source.Token(t.Context(), "getOutlet")
		status, _ := source.Status(t.Context())
		if !errors.Is(err, auth.ErrNotLoggedIn) || !strings.Contains(err.Error(), "GOBIZ_ACCESS_TOKEN is no access token") || status.LoggedIn || strings.Contains(err.Error(), given) {
			t.Errorf("%q: %v", given, err)
		}
	}
}

func TestCancelledTokenCallTellsTheCause(t *testing.T) {
	arrived := make(chan struct{})
	e, _ := endpointAt(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	cause := errors.New("the user pressed a key")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-arrived
		cancel(cause)
	}()
	source := auth.NewClientCredentials(e, []string{auth.ScopeOutletRead})
	for range 2 { // under way, and before it began
		if _, err := source.Token(ctx, "getOutlet"); !errors.Is(err, cause) || !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
}

// The server leaves out a scope that was asked for: asking again brings nothing.
func TestScopeThatIsNotGrantedIsNamedOnce(t *testing.T) {
	s := newServer(t)
	s.granted = []string{auth.ScopeCatalogRead}
	source := auth.NewClientCredentials(s.endpoint(t, nil), []string{auth.ScopeOutletRead, auth.ScopeCatalogRead})
	_, err := source.Token(t.Context(), "getOutlet")
	if !errors.Is(err, auth.ErrScope) || strings.Count(remedy(err)+err.Error(), auth.ScopeOutletRead) != 1 || remedy(err) != "scope_not_granted client_credentials "+clientID {
		t.Errorf("%v (%s)", err, remedy(err))
	}
	source = auth.NewClientCredentials(s.endpoint(t, nil), []string{auth.ScopeOutletRead, auth.ScopeOutletRead})
	if err := source.Check(t.Context(), "getCatalog"); remedy(err) != "client_credentials "+clientID+" partner:outlet:read gofood:catalog:read" {
		t.Errorf("%v (%s)", err, remedy(err))
	}
}
