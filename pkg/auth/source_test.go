package auth_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// remedy is what a program learns from a LoginError about what would help.
func remedy(err error) string {
	var e *auth.LoginError
	if !errors.As(err, &e) {
		return ""
	}
	words := append([]string{string(e.Reason), e.Profile, e.Environment, string(e.Grant), e.ClientID}, e.AskFor...)
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}

func TestNewPicksTheSource(t *testing.T) {
	s := newServer(t)
	source := func(token, secret string) auth.TokenSource {
		profile := s.profile()
		profile.ClientID, profile.AccessToken, profile.ClientSecret = clientID, credentials.NewSecret(token), credentials.NewSecret(secret)
		src, err := auth.New(profile, auth.Options{OpenStore: func() (credentials.Store, error) {
			t.Error("the store was opened")
			return credentials.NewMemory(), nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	if src, ok := source("t", clientSecret).(*auth.Static); !ok {
		t.Errorf("a token gives %T", src)
	}
	src := source("", clientSecret)
	token, err := src.Token(t.Context(), "putCatalog")
	if err != nil || token != "at-client_credentials-1" {
		t.Errorf("client id and secret give %q, %v", token, err)
	}
	if got := s.form.Get("scope"); has(strings.Fields(got), "offline") || !has(strings.Fields(got), auth.ScopeCatalogWrite) {
		t.Errorf("asked for %q", got)
	}
	if src, ok := source("", "").(*auth.Stored); !ok {
		t.Errorf("nothing gives %T", src)
	}
}

func TestStatic(t *testing.T) {
	src := auth.NewStatic(credentials.NewSecret("t"), "GOBIZ_ACCESS_TOKEN")
	for _, op := range []string{"", "linkOutlet", "putCatalog"} {
		if token, err := src.Token(t.Context(), op); token != "t" || err != nil {
			t.Errorf("%s gives %q, %v", op, token, err)
		}
	}
	src.Reject(t.Context(), "another")
	if _, err := src.Token(t.Context(), ""); err != nil {
		t.Errorf("a rejection of another token gives %v", err)
	}
	src.Reject(t.Context(), "t")
	_, err := src.Token(t.Context(), "")
	if !errors.Is(err, auth.ErrNotLoggedIn) || remedy(err) != "token_rejected" || !strings.Contains(err.Error(), "GOBIZ_ACCESS_TOKEN") {
		t.Errorf("after the rejection: %v (%s)", err, remedy(err))
	}
}

func TestClientCredentialsSource(t *testing.T) {
	s := newServer(t)
	c := newClock()
	src := auth.NewClientCredentials(s.endpoint(t, c.Now), auth.DefaultScopes(auth.GrantClientCredentials))
	get := func(want string) {
		t.Helper()
		if token, err := src.Token(t.Context(), "getCatalog"); token != want || err != nil {
			t.Errorf("got %q, %v; want %q", token, err, want)
		}
	}
	get("at-client_credentials-1")
	c.advance(3599*time.Second - 61*time.Second)
	get("at-client_credentials-1")
	c.advance(2 * time.Second) // 59 s before its end
	get("at-client_credentials-2")
	src.Reject(t.Context(), "at-client_credentials-1") // an old one
	get("at-client_credentials-2")
	src.Reject(t.Context(), "at-client_credentials-2")
	get("at-client_credentials-3")

	_, err := src.Token(t.Context(), "linkOutlet")
	if !errors.Is(err, auth.ErrWrongGrant) || !strings.Contains(err.Error(), "needs a merchant login") || remedy(err) != "authorization_code" {
		t.Errorf("link gives %v (%s)", err, remedy(err))
	}
	_, err = src.Token(t.Context(), "createPromo")
	if !errors.Is(err, auth.ErrScope) || !strings.Contains(err.Error(), auth.ScopePromoWrite) || !strings.HasPrefix(remedy(err), "client_credentials "+clientID+" partner:outlet:read ") || !strings.HasSuffix(remedy(err), " "+auth.ScopePromoWrite) {
		t.Errorf("promo gives %v (%s)", err, remedy(err))
	}
	if n := s.count("client_credentials"); n != 3 {
		t.Errorf("%d calls of the server, want 3", n)
	}
}

// The server grants less than was asked for.
func TestGrantedScopesCount(t *testing.T) {
	s := newServer(t)
	s.granted = []string{auth.ScopeCatalogRead}
	src := auth.NewClientCredentials(s.endpoint(t, nil), auth.DefaultScopes(auth.GrantClientCredentials))
	if _, err := src.Token(t.Context(), "putCatalog"); !errors.Is(err, auth.ErrScope) {
		t.Errorf("got %v", err)
	}
	if _, err := src.Token(t.Context(), "getCatalog"); err != nil {
		t.Error(err)
	}
}

func TestOneCallForManyGoroutines(t *testing.T) {
	s := newServer(t)
	arrived := make(chan struct{})
	release := make(chan struct{})
	s.before = func(http.ResponseWriter, *http.Request) bool {
		close(arrived)
		<-release
		return false
	}
	src := auth.NewClientCredentials(s.endpoint(t, nil), nil)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if token, err := src.Token(t.Context(), ""); token != "at-client_credentials-1" || err != nil {
				t.Errorf("got %q, %v", token, err)
			}
		})
	}
	<-arrived
	close(release)
	wg.Wait()
	if n := s.count("client_credentials"); n != 1 {
		t.Errorf("%d calls of the server, want 1", n)
	}
}

// The goroutine that asks the server gives up; one that waits must not fail with it.
func TestLeaderGivesUp(t *testing.T) {
	s := newServer(t)
	arrived := make(chan struct{}, 2)
	first := true
	s.before = func(_ http.ResponseWriter, r *http.Request) bool {
		arrived <- struct{}{}
		if first {
			first = false
			<-r.Context().Done()
		}
		return false
	}
	src := auth.NewClientCredentials(s.endpoint(t, nil), nil)
	ctx, cancel := context.WithCancel(t.Context())
	leader := make(chan error, 1)
	go func() {
		_, err := src.Token(ctx, "")
		leader <- err
	}()
	<-arrived
	follower := make(chan error, 1)
	go func() {
		_, err := src.Token(t.Context(), "")
		follower <- err
	}()
	cancel()
	if err := <-leader; !errors.Is(err, context.Canceled) {
		t.Errorf("the leader got %v", err)
	}
	if err := <-follower; err != nil {
		t.Errorf("the follower got %v", err)
	}
}

// stored gives a source on a memory store with a record.
func stored(t *testing.T, s *oauthServer, c *clock, record *credentials.Record) (*auth.Stored, *credentials.Memory) {
	t.Helper()
	store := credentials.NewMemory()
	if record != nil {
		if err := store.Save(t.Context(), "jakarta", *record); err != nil {
			t.Fatal(err)
		}
	}
	return storedOn(t, s, c, store, t.TempDir()), store
}

func storedOn(t *testing.T, s *oauthServer, c *clock, store credentials.Store, stateDir string) *auth.Stored {
	t.Helper()
	return auth.NewStored(s.profile(), auth.Options{
		StateDir: stateDir,
		Now:      c.Now, OpenStore: func() (credentials.Store, error) { return store, nil },
	})
}

func TestStoredPicksTheGrant(t *testing.T) {
	c := newClock()
	both := []auth.Grant{auth.GrantClientCredentials, auth.GrantAuthorizationCode}
	for _, tt := range []struct {
		name   string
		grants []auth.Grant
		noCC   bool // no client secret, so no client credentials
		op     string
		want   string
		kind   error
		remedy string
	}{
		{name: "server step", grants: both, op: "putCatalog", want: "at-client_credentials-1"},
		{name: "merchant step", grants: both, op: "linkOutlet", want: "at-refresh_token-1"},
		{name: "merchant preferred", grants: both, op: "updateOutletProperties", want: "at-refresh_token-1"},
		{name: "properties by client credentials", grants: both[:1], op: "updateOutletProperties", want: "at-client_credentials-1"},
		{name: "merchant login alone", grants: both[1:], noCC: true, op: "putCatalog", want: "at-refresh_token-1"},
		{name: "client of a merchant login", grants: both[1:], op: "putCatalog", want: "at-client_credentials-1"},
		{name: "main grant", grants: both, op: "", want: "at-client_credentials-1"},
		{name: "raw call", grants: both, op: "somethingNew", want: "at-client_credentials-1"},
		{name: "link without merchant", grants: both[:1], op: "linkOutlet", kind: auth.ErrWrongGrant, remedy: "jakarta authorization_code"},
		{name: "promo by merchant alone", grants: both[1:], noCC: true, op: "listPromos", kind: auth.ErrWrongGrant, remedy: "jakarta client_credentials"},
		{name: "promo without scope", grants: both, op: "listPromos", kind: auth.ErrScope, remedy: " " + auth.ScopePromoRead},
		{name: "nothing", noCC: true, op: "putCatalog", kind: auth.ErrNotLoggedIn, remedy: "jakarta client_credentials"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t)
			record := s.record(c.Now(), tt.grants...)
			if tt.noCC {
				record.ClientSecret = credentials.Secret{}
				s.before = func(_ http.ResponseWriter, r *http.Request) bool {
					r.PostForm.Set("client_secret", clientSecret) // this server knows public clients
					return false
				}
			}
			src, _ := stored(t, s, c, &record)
			token, err := src.Token(t.Context(), tt.op)
			if tt.kind != nil {
				if !errors.Is(err, tt.kind) || !strings.Contains(remedy(err), tt.remedy) {
					t.Errorf("got %v (%s)", err, remedy(err))
				}
				if n := s.count("client_credentials") + s.count("refresh_token"); n != 0 {
					t.Errorf("the server was asked %d times before the error", n)
				}
				return
			}
			if token != tt.want || err != nil {
				t.Errorf("got %q, %v; want %q", token, err, tt.want)
			}
		})
	}
}

func TestStoredNobody(t *testing.T) {
	s, c := newServer(t), newClock()
	src, _ := stored(t, s, c, nil)
	_, err := src.Token(t.Context(), "putCatalog")
	if !errors.Is(err, auth.ErrNotLoggedIn) || err.Error() != `profile "jakarta" is not logged in` || remedy(err) != "jakarta client_credentials" {
		t.Errorf("got %v (%s)", err, remedy(err))
	}
	st, err := src.Status(t.Context())
	if err != nil || st.LoggedIn || st.Refreshable {
		t.Errorf("status is %+v, %v", st, err)
	}
}

// The client may not use client credentials: the merchant's token does, and the server is asked once.
func TestStoredFallsBackToTheMerchant(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	s.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.PostForm.Get("grant_type") != "client_credentials" {
			return false
		}
		refuse(w, 400, "unauthorized_client", "not allowed to use this grant", "")
		return true
	}
	src, _ := stored(t, s, c, &record)
	for range 3 {
		if token, err := src.Token(t.Context(), "putCatalog"); token != "at-refresh_token-1" || err != nil {
			t.Errorf("got %q, %v", token, err)
		}
	}
	if n := s.count("client_credentials"); n != 1 {
		t.Errorf("%d calls for client credentials, want 1", n)
	}
}

func TestStoredRefreshIsSavedBeforeUse(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	token, err := src.Token(t.Context(), "linkOutlet")
	if err != nil {
		t.Fatal(err)
	}
	got, err := store.Load(t.Context(), "jakarta")
	if err != nil {
		t.Fatal(err)
	}
	saved := got.Tokens["authorization_code"]
	if saved.AccessToken.Reveal() != token || saved.RefreshToken.Reveal() != s.refresh {
		t.Errorf("saved %q and %q, the server's refresh token is %q", saved.AccessToken.Reveal(), saved.RefreshToken.Reveal(), s.refresh)
	}
	if !slices.Equal(saved.Scopes, auth.DefaultScopes(auth.GrantAuthorizationCode)) {
		t.Errorf("an answer without scope changed the scopes to %v", saved.Scopes)
	}
	// A store that cannot save: the token is not given out.
	failing := &failingStore{Memory: store}
	src = storedOn(t, s, c, failing, t.TempDir())
	c.advance(2 * time.Hour)
	if token, err := src.Token(t.Context(), "linkOutlet"); err == nil || token != "" || !strings.Contains(err.Error(), "saving the login") {
		t.Errorf("got %q, %v", token, err)
	}
}

type failingStore struct{ *credentials.Memory }

func (*failingStore) Save(context.Context, string, credentials.Record) error {
	return errors.New("disk full")
}

// An interrupt during a refresh does not lose the new refresh token.
func TestStoredRefreshSurvivesAnInterrupt(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	ctx, cancel := context.WithCancel(t.Context())
	s.before = func(http.ResponseWriter, *http.Request) bool {
		cancel()
		return false
	}
	_, _ = src.Token(ctx, "linkOutlet")
	got, err := store.Load(t.Context(), "jakarta")
	if err != nil || got.Tokens["authorization_code"].RefreshToken.Reveal() != s.refresh {
		t.Errorf("the store has %q, the server %q (%v)", got.Tokens["authorization_code"].RefreshToken.Reveal(), s.refresh, err)
	}
}

func TestStoredReject(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	dir := t.TempDir()
	other := storedOn(t, s, c, store, dir)
	first, err := src.Token(t.Context(), "linkOutlet")
	if err != nil {
		t.Fatal(err)
	}
	// Another process has the same token, finds it rejected first and replaces it.
	if token, err := other.Token(t.Context(), "linkOutlet"); token != first || err != nil {
		t.Fatalf("the other process got %q, %v", token, err)
	}
	other.Reject(t.Context(), first)
	second, err := other.Token(t.Context(), "linkOutlet")
	if err != nil || second == first {
		t.Fatalf("after the rejection: %q, %v", second, err)
	}
	src.Reject(t.Context(), first)
	if token, err := src.Token(t.Context(), "linkOutlet"); token != second || err != nil {
		t.Errorf("got %q, %v; want the token that the other process stored", token, err)
	}
	if n := s.count("refresh_token"); n != 2 {
		t.Errorf("%d refreshes, want 2", n)
	}
}

func TestStoredLoginThatEnded(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantClientCredentials, auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	s.refresh = "another"
	_, err := src.Token(t.Context(), "linkOutlet")
	if !errors.Is(err, auth.ErrNotLoggedIn) || remedy(err) != "jakarta authorization_code" {
		t.Errorf("got %v (%s)", err, remedy(err))
	}
	got, err := store.Load(t.Context(), "jakarta")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got.Tokens["authorization_code"]; ok {
		t.Error("the login that ended is still stored")
	}
	if got.ClientSecret.IsZero() {
		t.Error("the client secret is gone too")
	}
	if token, err := src.Token(t.Context(), "putCatalog"); err != nil || token == "" {
		t.Errorf("client credentials no longer work: %v", err)
	}
}

// The server is down: nothing that is stored goes away.
func TestStoredServerDown(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	src, store := stored(t, s, c, &record)
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	}
	if _, err := src.Token(t.Context(), "linkOutlet"); !errors.Is(err, auth.ErrServer) {
		t.Errorf("got %v", err)
	}
	got, err := store.Load(t.Context(), "jakarta")
	if err != nil || got.Tokens["authorization_code"].RefreshToken.Reveal() != "rt-0" {
		t.Errorf("the stored login changed: %v", err)
	}
}

// A token never goes to the hosts of another login server.
func TestStoredOtherHosts(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantClientCredentials)
	record.OAuthURL = "https://accounts.go-jek.com"
	src, _ := stored(t, s, c, &record)
	_, err := src.Token(t.Context(), "putCatalog")
	if !errors.Is(err, auth.ErrNotLoggedIn) || !strings.Contains(err.Error(), "https://accounts.go-jek.com") || remedy(err) != "other_server jakarta local client_credentials" {
		t.Errorf("got %v", err)
	}
	record.OAuthURL, record.ClientID = s.URL, "another"
	_, store := stored(t, s, c, &record)
	profile := s.profile()
	profile.ClientID = clientID
	src = auth.NewStored(profile, auth.Options{OpenStore: func() (credentials.Store, error) { return store, nil }, StateDir: t.TempDir()})
	if _, err := src.Token(t.Context(), "putCatalog"); !errors.Is(err, auth.ErrNotLoggedIn) {
		t.Errorf("got %v", err)
	}
}

func TestStoredOneRefreshForManyGoroutines(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), auth.GrantAuthorizationCode)
	dir, store := t.TempDir(), credentials.NewMemory()
	if err := store.Save(t.Context(), "jakarta", record); err != nil {
		t.Fatal(err)
	}
	// Two sources are like two processes: they share the lock file and the store alone.
	sources := []*auth.Stored{storedOn(t, s, c, store, dir), storedOn(t, s, c, store, dir)}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if token, err := sources[i%2].Token(t.Context(), "linkOutlet"); token != "at-refresh_token-1" || err != nil {
				t.Errorf("got %q, %v", token, err)
			}
		})
	}
	wg.Wait()
	if n := s.count("refresh_token"); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

func TestShortLivedTokensAreUsed(t *testing.T) {
	s, c := newServer(t), newClock()
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"short","token_type":"bearer","expires_in":"30"}`))
		return true
	}
	src := auth.NewClientCredentials(s.endpoint(t, c.Now), nil)
	for range 5 {
		if _, err := src.Token(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		c.advance(5 * time.Second)
	}
	if n := s.count("client_credentials"); n != 1 {
		t.Errorf("%d calls in 25 s of a token of 30 s", n)
	}
}
