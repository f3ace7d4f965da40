package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

func TestLoginRememberForget(t *testing.T) {
	s, c := newServer(t), newClock()
	src, store := stored(t, s, c, nil)
	login, err := auth.Login(t.Context(), s.endpoint(t, c.Now), auth.LoginOptions{
		Grant: auth.GrantClientCredentials, Scopes: []string{"openid", "offline", auth.ScopeCatalogRead}, NotificationSecret: credentials.NewSecret("relay"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.form.Get("scope"); got != auth.ScopeCatalogRead {
		t.Errorf("asked for %q: client credentials leave out openid and offline", got)
	}
	if err := src.Remember(t.Context(), login); err != nil {
		t.Fatal(err)
	}
	if token, err := src.Token(t.Context(), "getCatalog"); token != "at-client_credentials-1" || err != nil {
		t.Errorf("got %q, %v", token, err)
	}
	st, err := src.Status(t.Context())
	if err != nil || !st.LoggedIn || st.Grant != auth.GrantClientCredentials || st.ClientID != clientID || !st.Refreshable ||
		st.Store != "memory" || !st.ExpiresAt.Equal(c.Now().Add(3599*time.Second)) || strings.Join(st.Scopes, " ") != auth.ScopeCatalogRead {
		t.Errorf("status is %+v, %v", st, err)
	}

	// The merchant login of the same client joins the first one.
	merchant, err := auth.Login(t.Context(), s.endpoint(t, c.Now), auth.LoginOptions{
		Grant: auth.GrantAuthorizationCode, Code: "good-code", RedirectURI: "https://pos.example.com/cb",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Remember(t.Context(), merchant); err != nil {
		t.Fatal(err)
	}
	record, err := store.Load(t.Context(), "jakarta")
	if err != nil || len(record.Tokens) != 2 || record.NotificationSecret.Reveal() != "relay" {
		t.Errorf("the record has %d tokens, %v", len(record.Tokens), err)
	}
	if token, err := src.Token(t.Context(), "getTokenInfo"); token != "at-authorization_code-2" || err != nil {
		t.Errorf("got %q, %v", token, err)
	}

	// A login of another client replaces everything.
	if err := src.Remember(t.Context(), credentials.Record{ClientID: "another", OAuthURL: s.URL}); err != nil {
		t.Fatal(err)
	}
	record, err = store.Load(t.Context(), "jakarta")
	if err != nil || len(record.Tokens) != 0 || !record.ClientSecret.IsZero() || !record.NotificationSecret.IsZero() {
		t.Errorf("secrets of another client are still there (%v)", err)
	}

	for _, want := range []bool{true, false} {
		if was, err := src.Forget(t.Context()); was != want || err != nil {
			t.Errorf("forgetting gives %v, %v; want %v", was, err, want)
		}
	}
	if _, err := src.Token(t.Context(), "getCatalog"); !errors.Is(err, auth.ErrNotLoggedIn) {
		t.Errorf("after logout: %v", err)
	}
}

func TestLoginFails(t *testing.T) {
	s := newServer(t)
	_, err := auth.Login(t.Context(), s.endpoint(t, nil), auth.LoginOptions{Grant: auth.GrantAuthorizationCode, Code: "used", RedirectURI: "https://pos.example.com/cb"})
	if !errors.Is(err, auth.ErrNotLoggedIn) || remedy(err) != "code_rejected" {
		t.Errorf("a used code gives %v (%s)", err, remedy(err))
	}
	e, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: s.URL, ClientID: clientID, ClientSecret: credentials.NewSecret("wrong-canary")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = auth.Login(t.Context(), e, auth.LoginOptions{Grant: auth.GrantClientCredentials})
	if !errors.Is(err, auth.ErrCredentials) || strings.Contains(err.Error(), "canary") {
		t.Errorf("a wrong secret gives %v", err)
	}
	e, err = auth.NewEndpoint(auth.EndpointOptions{OAuthURL: s.URL, ClientID: clientID})
	if err != nil {
		t.Fatal(err)
	}
	_, err = auth.Login(t.Context(), e, auth.LoginOptions{Grant: auth.GrantClientCredentials})
	if !errors.Is(err, auth.ErrNotLoggedIn) || remedy(err) != "no_client_secret" {
		t.Errorf("no secret gives %v (%s)", err, remedy(err))
	}
}
