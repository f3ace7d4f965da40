package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

func merchantToken(t *testing.T, store credentials.Store) credentials.Token {
	t.Helper()
	record, err := store.Load(t.Context(), "jakarta")
	if err != nil {
		t.Fatal(err)
	}
	return record.Tokens[string(auth.GrantAuthorizationCode)]
}

// A store that cannot save is found out before the server takes the refresh token.
func TestRenewalNeedsAStoreThatSaves(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	_, store := stored(t, s, c, &record)
	src := storedOn(t, s, c, &failingStore{Memory: store}, t.TempDir())
	if token, err := src.Token(t.Context(), "linkOutlet"); token != "" || err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %q, %v", token, err)
	}
	if n := s.count("refresh_token"); n != 0 {
		t.Errorf("%d refreshes, which nobody could keep", n)
	}
}

// dropAnswer closes the connection in place of an answer. With rotate the server has done its part before.
func dropAnswer(s *oauthServer, rotate bool) func(http.ResponseWriter, *http.Request) bool {
	return func(http.ResponseWriter, *http.Request) bool {
		if rotate {
			s.refresh = "rt-nobody-has"
		}
		s.before = nil
		panic(http.ErrAbortHandler)
	}
}

func TestRenewalWithoutAnAnswer(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	s.before = dropAnswer(s, false)
	if _, err := src.Token(t.Context(), "linkOutlet"); err == nil || errors.Is(err, auth.ErrNotLoggedIn) {
		t.Errorf("got %v", err)
	}
	if token := merchantToken(t, store); token.RefreshToken.Reveal() != "rt-0" || token.Renewing.IsZero() {
		t.Errorf("the stored refresh token is %q, marked at %s", token.RefreshToken.Reveal(), token.Renewing)
	}
	if st, err := src.Status(t.Context()); err != nil || !st.LoggedIn || st.Interrupted {
		t.Errorf("status is %+v, %v", st, err)
	}
	if token, err := src.Token(t.Context(), "linkOutlet"); token != "at-refresh_token-1" || err != nil {
		t.Errorf("the second try gives %q, %v", token, err)
	}
	if token := merchantToken(t, store); !token.Renewing.IsZero() {
		t.Error("the mark stays after a renewal that worked")
	}
}

func TestRenewalThatLostTheLogin(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantClientCredentials, auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	s.before = dropAnswer(s, true)
	if _, err := src.Token(t.Context(), "linkOutlet"); err == nil {
		t.Fatal("a token without an answer")
	}
	c.advance(time.Hour)
	const command = "jakarta authorization_code"
	check := func(src *auth.Stored) {
		t.Helper()
		_, err := src.Token(t.Context(), "linkOutlet")
		if !errors.Is(err, auth.ErrInterrupted) || !errors.Is(err, auth.ErrNotLoggedIn) || remedy(err) != command ||
			!strings.HasPrefix(err.Error(), "login interrupted while it was renewed") {
			t.Errorf("got %v (%s)", err, remedy(err))
		}
		if err := src.Check(t.Context(), "linkOutlet"); !errors.Is(err, auth.ErrInterrupted) {
			t.Errorf("the check says %v", err)
		}
	}
	check(src)
	check(src)
	check(storedOn(t, s, c, store, t.TempDir()))
	if n := s.count("refresh_token"); n != 2 {
		t.Errorf("%d refreshes, want 2: the lost one and one try", n)
	}
	st, err := src.Status(t.Context())
	if err != nil || !st.Interrupted || !st.LoggedIn || st.Grant != auth.GrantClientCredentials {
		t.Errorf("status is %+v, %v", st, err)
	}
	if token, err := src.Token(t.Context(), "putCatalog"); token == "" || err != nil {
		t.Errorf("client credentials no longer work: %v", err)
	}
	// A new login is as good as any.
	s.refresh = "rt-0"
	if err := src.Remember(t.Context(), s.record(c.Now(), auth.GrantAuthorizationCode)); err != nil {
		t.Fatal(err)
	}
	if token, err := src.Token(t.Context(), "linkOutlet"); token == "" || err != nil {
		t.Errorf("after a new login: %v", err)
	}
	if st, err := src.Status(t.Context()); err != nil || st.Interrupted {
		t.Errorf("status is %+v, %v", st, err)
	}
}

// An answer that says that nothing was renewed takes the mark away: a login that ends months later was not interrupted.
func TestRenewalThatWasRefused(t *testing.T) {
	for name, answer := range map[string]struct {
		status int
		marked bool
	}{"wrong secret": {401, false}, "too many calls": {429, false}, "not the server's answer": {302, false}, "server failed": {502, true}} {
		t.Run(name, func(t *testing.T) {
			s, c := newServer(t), newClock()
			record := s.record(c.Now(), auth.GrantAuthorizationCode)
			src, store := stored(t, s, c, &record)
			s.before = func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(answer.status)
				return true
			}
			if _, err := src.Token(t.Context(), "linkOutlet"); err == nil {
				t.Error("no error")
			}
			if token := merchantToken(t, store); token.RefreshToken.Reveal() != "rt-0" || token.Renewing.IsZero() == answer.marked {
				t.Errorf("stored %q, marked at %s", token.RefreshToken.Reveal(), token.Renewing)
			}
		})
	}
	t.Run("server not there", func(t *testing.T) {
		s, c := newServer(t), newClock()
		record := s.record(c.Now(), auth.GrantAuthorizationCode)
		src, store := stored(t, s, c, &record)
		s.Close()
		if _, err := src.Token(t.Context(), "linkOutlet"); err == nil {
			t.Error("no error")
		}
		if token := merchantToken(t, store); !token.Renewing.IsZero() {
			t.Error("a request that never left marked the login")
		}
	})
}

// Check says beforehand what Token would say, and asks nobody.
func TestCheck(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantClientCredentials)
	src, _ := stored(t, s, c, &record)
	for operation, want := range map[string]error{"putCatalog": nil, "linkOutlet": auth.ErrWrongGrant, "createPromo": auth.ErrScope, "": nil} {
		if err := src.Check(t.Context(), operation); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", operation, err, want)
		}
	}
	cc := auth.NewClientCredentials(s.endpoint(t, c.Now), []string{auth.ScopeCatalogRead})
	for operation, want := range map[string]error{"getCatalog": nil, "putCatalog": auth.ErrScope, "linkOutlet": auth.ErrWrongGrant} {
		if err := cc.Check(t.Context(), operation); !errors.Is(err, want) {
			t.Errorf("environment, %s: %v, want %v", operation, err, want)
		}
	}
	if n := s.count("client_credentials"); n != 0 {
		t.Errorf("%d calls of the server", n)
	}
}
