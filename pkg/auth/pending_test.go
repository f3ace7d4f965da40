package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// waiting begins a merchant login at a server of this package's tests and keeps it.
func waiting(t *testing.T, s *oauthServer, c *clock, src *auth.Stored) *auth.Authorization {
	t.Helper()
	a := s.endpoint(t, c.Now).Authorize(auth.AuthorizationRequest{
		RedirectURI: "https://pos.example.com/cb", Scopes: []string{"openid", "offline", auth.ScopeOutletRead},
	})
	if err := src.RememberPending(t.Context(), a, credentials.NewSecret(clientSecret)); err != nil {
		t.Fatal(err)
	}
	s.idToken = idToken(fmt.Sprintf(`{"nonce":%q,"aud":%q}`, a.Nonce, clientID))
	return a
}

func back(a *auth.Authorization, code string) url.Values {
	return url.Values{"state": {a.State}, "code": {code}}
}

func TestPendingIsKeptForAnotherProcess(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantClientCredentials, auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	a := waiting(t, s, c, src)

	other := storedOn(t, s, c, store, t.TempDir())
	p, err := other.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.State != a.State || p.Verifier != a.Verifier || p.Nonce != a.Nonce || p.RedirectURI != a.RedirectURI || !slices.Equal(p.Scopes, a.Scopes) ||
		p.ClientID != clientID || p.OAuthURL != s.URL || !p.CreatedAt.Equal(c.Now()) {
		t.Errorf("got %v", p)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, *p) + fmt.Sprintf(verb, p); strings.Contains(text, a.Verifier) || strings.Contains(text, clientSecret) {
			t.Errorf("%s shows %s", verb, text)
		}
	}
	// The profile works on while it waits.
	if token, err := other.Token(t.Context(), "linkOutlet"); token != "at-refresh_token-1" || err != nil {
		t.Errorf("got %q, %v", token, err)
	}
	if _, err := src.Pending(t.Context()); err != nil {
		t.Errorf("a refresh ended the login that waits: %v", err)
	}
}

func TestPendingInAProfileWithoutLogin(t *testing.T) {
	s, c := newServer(t), newClock()
	src, store := stored(t, s, c, nil)
	a := waiting(t, s, c, src)
	if _, err := src.Token(t.Context(), "putCatalog"); !errors.Is(err, auth.ErrNotLoggedIn) || err.Error() != `profile "jakarta" is not logged in` {
		t.Errorf("a token while the login waits: %v", err)
	}
	if st, err := src.Status(t.Context()); err != nil || st.LoggedIn {
		t.Errorf("status is %+v, %v", st, err)
	}
	done, err := src.Complete(t.Context(), back(a, "good-code"), credentials.NewSecret("relay"))
	if err != nil || done.Tokens["authorization_code"].AccessToken.IsZero() {
		t.Fatalf("completing gives %v", err)
	}
	if s.form.Get("code_verifier") != a.Verifier || s.form.Get("redirect_uri") != a.RedirectURI {
		t.Errorf("sent %v", s.form)
	}
	if token, err := src.Token(t.Context(), "getTokenInfo"); token != "at-authorization_code-1" || err != nil {
		t.Errorf("got %q, %v", token, err)
	}
	record, err := store.Load(t.Context(), "jakarta")
	if err != nil || !record.Pending.IsZero() || record.NotificationSecret.Reveal() != "relay" || record.ClientSecret.Reveal() != clientSecret {
		t.Errorf("the record is %v, %v", record, err)
	}
	if _, err := src.Pending(t.Context()); !errors.Is(err, auth.ErrNoPending) {
		t.Errorf("after the login: %v", err)
	}
}

func TestPendingErrors(t *testing.T) {
	s, c := newServer(t), newClock()
	src, store := stored(t, s, c, nil)
	const again = "jakarta authorization_code"
	_, err := src.Pending(t.Context())
	if !errors.Is(err, auth.ErrNoPending) || !strings.Contains(err.Error(), `"jakarta"`) || remedy(err) != again {
		t.Errorf("nothing waits: %v (%s)", err, remedy(err))
	}
	if _, err := src.Complete(t.Context(), url.Values{}, credentials.Secret{}); !errors.Is(err, auth.ErrNoPending) {
		t.Errorf("completing nothing: %v", err)
	}
	a := waiting(t, s, c, src)

	// What comes back wrong leaves the login waiting, and the server is not asked.
	for name, tt := range map[string]struct {
		answer url.Values
		want   error
	}{
		"other state": {url.Values{"state": {"another-state"}, "code": {"good-code"}}, auth.ErrState},
		"denied":      {url.Values{"state": {a.State}, "error": {"access_denied"}}, auth.ErrDenied},
	} {
		if _, err := src.Complete(t.Context(), tt.answer, credentials.Secret{}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := s.count("authorization_code"); n != 0 {
		t.Errorf("%d calls of the server", n)
	}
	if _, err := src.Complete(t.Context(), back(a, "used-code"), credentials.Secret{}); !errors.Is(err, auth.ErrNotLoggedIn) || remedy(err) != "code_rejected" {
		t.Errorf("a used code: %v (%s)", err, remedy(err))
	}
	s.idToken = idToken(`{"nonce":"another","aud":"x"}`)
	if _, err := src.Complete(t.Context(), back(a, "good-code"), credentials.Secret{}); !errors.Is(err, auth.ErrNonce) {
		t.Errorf("another nonce: %v", err)
	}
	if _, err := src.Pending(t.Context()); err != nil {
		t.Errorf("after the failures: %v", err)
	}

	// Another login server never sees the code.
	other := newServer(t)
	if _, err := storedOn(t, other, c, store, t.TempDir()).Pending(t.Context()); !errors.Is(err, auth.ErrNoPending) || !strings.Contains(err.Error(), s.URL) {
		t.Errorf("at another server: %v", err)
	}

	c.advance(15 * time.Minute)
	if _, err := src.Pending(t.Context()); err != nil {
		t.Errorf("after 15 minutes: %v", err)
	}
	c.advance(time.Second)
	for range 2 {
		_, err = src.Complete(t.Context(), back(a, "good-code"), credentials.Secret{})
		if !errors.Is(err, auth.ErrPendingExpired) || remedy(err) != again {
			t.Errorf("after more: %v (%s)", err, remedy(err))
		}
	}
	// What is saved next leaves it out.
	if err := src.Remember(t.Context(), s.record(c.Now(), auth.GrantClientCredentials)); err != nil {
		t.Fatal(err)
	}
	if record, err := store.Load(t.Context(), "jakarta"); err != nil || !record.Pending.IsZero() {
		t.Errorf("the expired login is still stored (%v)", err)
	}
}

func TestPendingAndOtherLogins(t *testing.T) {
	s, c := newServer(t), newClock()
	src, _ := stored(t, s, c, nil)
	waiting(t, s, c, src)
	if err := src.Remember(t.Context(), s.record(c.Now(), auth.GrantClientCredentials)); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Pending(t.Context()); err != nil {
		t.Errorf("a login with client credentials ended the merchant's: %v", err)
	}
	if err := src.Remember(t.Context(), s.record(c.Now(), auth.GrantAuthorizationCode)); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Pending(t.Context()); !errors.Is(err, auth.ErrNoPending) {
		t.Errorf("a merchant's login left another one waiting: %v", err)
	}
	waiting(t, s, c, src)
	if err := src.Remember(t.Context(), credentials.Record{ClientID: "another", OAuthURL: s.URL}); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Pending(t.Context()); !errors.Is(err, auth.ErrNoPending) {
		t.Errorf("secrets of another client are still there: %v", err)
	}
	waiting(t, s, c, src)
	if was, err := src.Forget(t.Context()); !was || err != nil {
		t.Errorf("logout: %v, %v", was, err)
	}
	if _, err := src.Pending(t.Context()); !errors.Is(err, auth.ErrNoPending) {
		t.Errorf("after logout: %v", err)
	}
}

// Two processes complete one login. The code is sent once: the sandbox would end the login at the second time.
func TestCompleteOnce(t *testing.T) {
	f := sandboxFront(t, sandbox.Switches{})
	s := &oauthServer{Server: f.Server}
	c := &clock{now: time.Now()}
	store, dir := credentials.NewMemory(), t.TempDir()
	a := f.authorize(t)
	if err := storedOn(t, s, c, store, dir).RememberPending(t.Context(), a, credentials.NewSecret(sandboxSecret)); err != nil {
		t.Fatal(err)
	}
	answer := consent(t, a)
	errs := make(chan error, 2)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			_, err := storedOn(t, s, c, store, dir).Complete(context.WithoutCancel(t.Context()), answer, credentials.Secret{})
			errs <- err
		})
	}
	wg.Wait()
	one, two := <-errs, <-errs
	if one != nil {
		one, two = two, one
	}
	if one != nil || !errors.Is(two, auth.ErrNoPending) {
		t.Errorf("got %v and %v", one, two)
	}
	c.advance(2 * time.Hour) // the login is alive: it can be renewed
	if _, err := storedOn(t, s, c, store, dir).Token(t.Context(), "linkOutlet"); err != nil {
		t.Error(err)
	}
}
