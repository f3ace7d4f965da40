package auth_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// front stands before a login server, counts the refreshes, and may come between.
type front struct {
	*httptest.Server
	next http.Handler

	mu        sync.Mutex
	refreshes int
	// first answers the first refresh; serve has the server do it.
	first func(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter))
}

func newFront(t *testing.T, next http.Handler) *front {
	t.Helper()
	f := &front{next: next}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client died while it was sending
	}
	serve := func(w http.ResponseWriter) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		f.next.ServeHTTP(w, again)
	}
	form, _ := url.ParseQuery(string(body))
	if form.Get("grant_type") == "refresh_token" {
		f.mu.Lock()
		f.refreshes++
		first := f.first
		f.first = nil
		f.mu.Unlock()
		if first != nil {
			first(w, r, serve)
			return
		}
	}
	serve(w)
}

func (f *front) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.refreshes
}

// losesTheAnswer has the server do its part, and keeps the answer until the client is gone.
func (f *front) losesTheAnswer() (done <-chan struct{}) {
	arrived := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.first = func(_ http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter)) {
		serve(httptest.NewRecorder())
		close(arrived)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	return arrived
}

// sandboxFront is the real sandbox behind a front.
func sandboxFront(t *testing.T, switches sandbox.Switches) *front {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Options{Switches: switches})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return newFront(t, s.Handler())
}

const (
	sandboxClient   = "sandbox-facilitator"
	sandboxSecret   = "sandbox-facilitator-secret"
	sandboxRedirect = "http://127.0.0.1:8400/callback"
)

func (f *front) endpoint(t *testing.T) *auth.Endpoint {
	t.Helper()
	e, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: f.URL, ClientID: sandboxClient, ClientSecret: credentials.NewSecret(sandboxSecret),
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// authorize begins a merchant login at the sandbox.
func (f *front) authorize(t *testing.T, scopes ...string) *auth.Authorization {
	t.Helper()
	if len(scopes) == 0 {
		scopes = auth.DefaultScopes(auth.GrantAuthorizationCode)
	}
	return f.endpoint(t).Authorize(auth.AuthorizationRequest{RedirectURI: sandboxRedirect, Scopes: scopes})
}

// consent is the merchant who logs in and presses Allow.
func consent(t *testing.T, a *auth.Authorization) url.Values {
	t.Helper()
	back, err := sandbox.Merchant{Phone: "+6281200000001", OTP: "111111"}.Consent(t.Context(), a.URL, true)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := auth.ParseCallback(back.String())
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// merchantRecord is a stored login of the sandbox's merchant whose access token expired.
func (f *front) merchantRecord(t *testing.T) credentials.Record {
	t.Helper()
	a := f.authorize(t)
	code, err := a.Code(consent(t, a))
	if err != nil {
		t.Fatal(err)
	}
	record, err := auth.Login(t.Context(), f.endpoint(t), a.LoginOptions(code))
	if err != nil {
		t.Fatal(err)
	}
	token := record.Tokens[string(auth.GrantAuthorizationCode)]
	token.Obtained, token.Expiry = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	record.Tokens[string(auth.GrantAuthorizationCode)] = token
	return record
}
