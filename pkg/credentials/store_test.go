package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// canary is a value that must never show up outside of a store's ciphertext.
const canary = "canary-hunter2"

// sample is a record of every field, with an access token of this many bytes.
func sample(size int) Record {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return Record{
		ClientID: "my-app", OAuthURL: "https://login.example.com",
		ClientSecret: NewSecret(canary), NotificationSecret: NewSecret("relay-" + canary),
		Tokens: map[string]Token{
			"client_credentials": {AccessToken: NewSecret(strings.Repeat("x", size)), Obtained: at, Expiry: at.Add(time.Hour), Scopes: []string{"a:b", "c:d"}},
			"authorization_code": {AccessToken: NewSecret("at-é"), RefreshToken: NewSecret("rt"), IDToken: NewSecret("h.p.s"), Renewing: at},
		},
		Pending: PendingLogin{
			ClientID: "other-app", OAuthURL: "https://other.example.com", ClientSecret: NewSecret("pending-" + canary),
			State: NewSecret("state-" + canary), Verifier: NewSecret("verifier-" + canary), Nonce: NewSecret("nonce-" + canary),
			RedirectURI: "https://pos.example.com/cb", Scopes: []string{"openid", "a:b"}, CreatedAt: at,
		},
	}
}

// testStore holds for every store.
func testStore(t *testing.T, store Store) {
	t.Helper()
	ctx := t.Context()
	if _, err := store.Load(ctx, "Jakarta.1"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("an empty store gives %v", err)
	}
	if err := store.Delete(ctx, "Jakarta.1"); err != nil {
		t.Fatalf("deleting nothing: %v", err)
	}
	for _, size := range []int{10, 5000, 30000, 10} {
		want := sample(size)
		if err := store.Save(ctx, "Jakarta.1", want); err != nil {
			t.Fatal(err)
		}
		got, err := store.Load(ctx, "Jakarta.1")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(Secret{})); d != "" {
			t.Fatalf("size %d: the record changed (-saved +loaded):\n%s", size, d)
		}
	}
	if err := store.Save(ctx, "other", Record{ClientID: "b"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(ctx, "Jakarta.1"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(ctx, "Jakarta.1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after the deletion: %v", err)
	}
	if got, err := store.Load(ctx, "other"); err != nil || got.ClientID != "b" {
		t.Errorf("the other profile is now %+v, %v", got, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := store.Load(cancelled, "other"); store.Name() != KindFile && !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled load gives %v", err)
	}
}

// TestFormAtRest keeps records readable that were written before.
func TestFormAtRest(t *testing.T) {
	const written = `{"version":1,"client_id":"my-app","oauth_url":"https://login.example.com","client_secret":"canary-hunter2","notification_secret":"relay-canary-hunter2",` +
		`"tokens":{"authorization_code":{"access_token":"at-é","refresh_token":"rt","id_token":"h.p.s","renewing":"2026-03-01T12:00:00Z"},` +
		`"client_credentials":{"access_token":"xxx","obtained":"2026-03-01T12:00:00Z","expiry":"2026-03-01T13:00:00Z","scopes":["a:b","c:d"]}},` +
		`"pending":{"client_id":"other-app","oauth_url":"https://other.example.com","client_secret":"pending-canary-hunter2","state":"state-canary-hunter2",` +
		`"verifier":"verifier-canary-hunter2","nonce":"nonce-canary-hunter2","redirect_uri":"https://pos.example.com/cb","scopes":["openid","a:b"],"created_at":"2026-03-01T12:00:00Z"}}`
	got, err := decodeRecord([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sample(3), got, cmp.AllowUnexported(Secret{})); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if data, err := sample(3).encode(); err != nil || string(data) != written {
		t.Errorf("wrote %s, %v", data, err)
	}
	for record, want := range map[*Record]string{{}: `{"version":1}`, {ClientSecret: NewSecret("a\xffb")}: `{"version":1,"client_secret":"a�b"}`} {
		if data, err := record.encode(); err != nil || string(data) != want {
			t.Errorf("wrote %s, %v; want %s", data, err, want)
		}
	}
}

func TestMemory(t *testing.T) {
	store := NewMemory()
	testStore(t, store)
	r := sample(1)
	if err := store.Save(t.Context(), "p", r); err != nil {
		t.Fatal(err)
	}
	r.Tokens["client_credentials"] = Token{}
	r.Pending.RedirectURI = ""
	r.Pending.Scopes[0] = ""
	got, err := store.Load(t.Context(), "p")
	if err != nil || got.Tokens["client_credentials"].AccessToken.IsZero() || got.Pending.RedirectURI == "" || got.Pending.Scopes[0] == "" {
		t.Error("a change of the saved record reached the store")
	}
}

func TestOpen(t *testing.T) {
	for kind, want := range map[string]string{"": "keyring", "keyring": "keyring", "file": "file"} {
		store, err := Open(kind, Options{Dir: t.TempDir()})
		if err != nil || store.Name() != want {
			t.Errorf("Open(%q) gives %v, %v", kind, store, err)
		}
	}
	if _, err := Open("plain", Options{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("an unknown kind gives %v", err)
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	r := sample(1)
	r.Tokens["client_credentials"] = Token{AccessToken: NewSecret(canary)}
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, r), fmt.Sprintf(verb, &r), fmt.Sprintf(verb, r.ClientSecret), fmt.Sprintf(verb, r.Pending))
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	texts = append(texts, string(data))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "record", r, "secret", r.ClientSecret)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "record", r, "secret", r.ClientSecret)
	texts = append(texts, log.String())
	for _, text := range texts {
		if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
			t.Errorf("shows a secret: %s", text)
		}
	}
	if got := r.ClientSecret.String(); got != "[hidden]" {
		t.Errorf("a secret prints as %q", got)
	}
	if !r.ClientSecret.Equal(NewSecret(canary)) || r.ClientSecret.Equal(NewSecret("")) {
		t.Error("Equal is wrong")
	}
}
