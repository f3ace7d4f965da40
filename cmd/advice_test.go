package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// What to type next after an error of a package that knows no command line.
func TestAdvice(t *testing.T) {
	t.Parallel()
	const merchant = auth.GrantAuthorizationCode
	stored := func(e auth.LoginError) error {
		e.Profile = "jakarta"
		return fmt.Errorf("list outlets: %w", &e)
	}
	given := func(e auth.LoginError) error { return &e }
	refused := func(e auth.Error) error { return &e }
	_, malformed := auth.ParseCallback("hello")
	_, noServer := auth.NewEndpoint(auth.EndpointOptions{})
	_, noClient := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: "https://accounts.example.com"})
	_, noStore := credentials.Open("cellar", credentials.Options{})
	_, otherState := (&auth.Authorization{State: "one"}).Code(url.Values{"state": {"another"}})
	file := filepath.Join("home", "gobiz", "credentials.json")

	for _, tt := range []struct {
		err  error
		want string
	}{
		{given(auth.LoginError{Kind: auth.ErrNotLoggedIn}), "gobiz login, or set GOBIZ_CLIENT_ID and GOBIZ_CLIENT_SECRET"},
		{stored(auth.LoginError{Kind: auth.ErrNotLoggedIn}), "gobiz login --profile jakarta"},
		{stored(auth.LoginError{Kind: auth.ErrNotLoggedIn, Grant: merchant}), "gobiz login --profile jakarta --grant authorization-code"},
		{stored(auth.LoginError{Kind: auth.ErrNotLoggedIn, Grant: merchant, Err: &auth.Error{Code: "invalid_scope"}}), "gobiz login --profile jakarta --grant authorization-code"},
		{stored(auth.LoginError{Kind: auth.ErrNotLoggedIn, Grant: merchant, Reason: auth.NoRefreshToken}), "gobiz login --profile jakarta --grant authorization-code (with scope offline it lasts)"},
		{stored(auth.LoginError{Kind: auth.ErrNotLoggedIn, Reason: auth.OtherServer, Environment: "production"}), "gobiz login --profile jakarta --env production"},
		{given(auth.LoginError{Kind: auth.ErrNotLoggedIn, Reason: auth.NoClientSecret}), "gobiz login --client-secret-stdin, or set GOBIZ_CLIENT_SECRET"},
		{given(auth.LoginError{Kind: auth.ErrNotLoggedIn, Reason: auth.CodeRejected, Err: &auth.Error{Code: "invalid_grant"}}), "a code works once and for two minutes: start gobiz login again"},
		{given(auth.LoginError{Kind: auth.ErrNotLoggedIn, Reason: auth.TokenMalformed}), "set GOBIZ_ACCESS_TOKEN to the token alone, or unset it and use a login"},
		{given(auth.LoginError{Kind: auth.ErrNotLoggedIn, Reason: auth.TokenRejected}), "set a new GOBIZ_ACCESS_TOKEN, or unset it and use a login"},
		{noServer, "set the environment, or GOBIZ_OAUTH_URL"},
		{noClient, "gobiz login --client-id ID, or set GOBIZ_CLIENT_ID"},
		{
			given(auth.LoginError{Kind: auth.ErrWrongGrant, Grant: merchant}),
			"unset GOBIZ_CLIENT_ID GOBIZ_CLIENT_SECRET; gobiz login --grant authorization-code; or set GOBIZ_ACCESS_TOKEN to a merchant's token",
		},
		{stored(auth.LoginError{Kind: auth.ErrWrongGrant, Grant: merchant}), "gobiz login --profile jakarta --grant authorization-code"},
		{stored(auth.LoginError{Kind: auth.ErrWrongGrant, Grant: auth.GrantClientCredentials}), "gobiz login --profile jakarta"},
		{given(auth.LoginError{Kind: auth.ErrScope, AskFor: []string{"a", "b"}}), `GOBIZ_SCOPES="a b"`},
		{stored(auth.LoginError{Kind: auth.ErrScope, AskFor: []string{"a", "b"}}), "gobiz login --profile jakarta --scope a --scope b"},
		{
			given(auth.LoginError{Kind: auth.ErrScope, Reason: auth.ScopeNotGranted, ClientID: "my-app"}),
			"the server left it out although it was asked for: ask GoBiz to grant it to the client id my-app",
		},
		{given(auth.LoginError{Kind: auth.ErrNonce}), "start gobiz login again; if it repeats, check the environment's login server: gobiz status"},
		{malformed, `paste the whole address from the browser, or "CODE STATE"`},
		{stored(auth.LoginError{Kind: auth.ErrNoPending, Grant: merchant}), "gobiz login --profile jakarta --grant authorization-code --print-url"},
		{stored(auth.LoginError{Kind: auth.ErrPendingExpired, Grant: merchant}), "gobiz login --profile jakarta --grant authorization-code --print-url"},
		{otherState, "log in on the page that was shown last, or start gobiz login again"},
		{auth.ErrDenied, "nothing was stored; start gobiz login again when the merchant agrees"},

		{
			refused(auth.Error{Code: "invalid_scope", Scopes: []string{"a:b", "c:d"}}),
			"one scope too many fails the whole login; asked for: a:b c:d; choose with --scope (GOBIZ_SCOPES)",
		},
		{
			refused(auth.Error{Code: "invalid_scope", Scopes: []string{"a:b", "c:d"}, Description: "c:d is not allowed"}),
			"one scope too many fails the whole login; asked for: a:b c:d; leave out c:d with --scope (GOBIZ_SCOPES), or ask GoBiz to grant it",
		},
		{refused(auth.Error{Code: "invalid_client"}), "check client id and secret, and that they are of this environment: gobiz login"},
		{refused(auth.Error{Code: "invalid_grant"}), "gobiz login --grant authorization-code"},
		{refused(auth.Error{Status: 503}), "try again later"},
		{refused(auth.Error{Status: 404}), ""},
		{&auth.NetworkError{Err: errors.New("no such host")}, "check the network and the environment: gobiz status"},
		{&auth.NetworkError{Err: context.Canceled}, ""},
		{&auth.LockError{Path: "x.lock", Err: auth.ErrLockHeld}, "end the other gobiz process (it holds x.lock), then try again"},
		{&auth.LockError{Path: "x.lock", Err: errors.New("no")}, "check the permissions of x.lock, or set GOBIZ_STATE_DIR to a folder of yours"},

		{noStore, "use --credential-store keyring or --credential-store file"},
		{
			&credentials.Error{Kind: credentials.ErrUnavailable, Store: credentials.KindKeyring},
			"gobiz login --credential-store file (encrypted with a passphrase), or set GOBIZ_CLIENT_ID and GOBIZ_CLIENT_SECRET",
		},
		{&credentials.Error{Kind: credentials.ErrDamaged, Store: credentials.KindKeyring}, "gobiz logout, then gobiz login"},
		{&credentials.Error{Kind: credentials.ErrUnavailable, Store: credentials.KindFile, Path: file}, "check the folder " + filepath.Dir(file)},
		{&credentials.Error{Kind: credentials.ErrUnavailable, Store: credentials.KindFile, Path: file, Err: atomicfile.ErrReadOnly}, "make it writable: chmod u+w " + shellWord(file)},
		{&credentials.Error{Kind: credentials.ErrUnavailable, Store: credentials.KindFile, Path: file, Err: atomicfile.ErrNotRegular}, "remove " + file + " and run gobiz login"},
		{&credentials.Error{Kind: credentials.ErrDamaged, Store: credentials.KindFile, Path: file}, "remove " + file + " and run gobiz login"},
		{&credentials.Error{Kind: credentials.ErrPassphrase, Store: credentials.KindFile, Path: file}, "check GOBIZ_CREDENTIALS_PASSPHRASE, or remove " + file + " and run gobiz login"},
		{&credentials.Error{Kind: credentials.ErrPassphrase, Store: credentials.KindFile}, "set GOBIZ_CREDENTIALS_PASSPHRASE"},
		{errors.New("something else"), ""},
	} {
		if got := advice(tt.err); got != tt.want {
			t.Errorf("%v (%T): %q, want %q", tt.err, tt.err, got, tt.want)
		}
	}
}

// Client credentials of the environment cannot do what a merchant must; the
// message itself says how.
func TestMerchantLoginIsNamed(t *testing.T) {
	t.Parallel()
	tokens, err := auth.New(auth.Profile{
		OAuthURL: "https://accounts.example.com", ClientID: "my-app", ClientSecret: credentials.NewSecret("s"), Grant: auth.GrantClientCredentials,
	}, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := classify(t.Context(), tokens.Check(t.Context(), "linkOutlet"))
	if e.Exit != exitAuth || e.Message != "this call needs a merchant login: gobiz login --grant authorization-code" {
		t.Errorf("%+v", e)
	}
}

func TestRelaySecrets(t *testing.T) {
	t.Parallel()
	store := credentials.NewMemory()
	if err := store.Save(t.Context(), "jakarta", credentials.Record{NotificationSecret: credentials.NewSecret("stored, older")}); err != nil {
		t.Fatal(err)
	}
	open := func() (credentials.Store, error) { return store, nil }
	vars := map[string]string{"GOBIZ_PROFILE": "jakarta"}
	secrets := func() string {
		t.Helper()
		cfg, err := config.Load(config.Options{Getenv: func(name string) string { return vars[name] }})
		if err != nil {
			t.Fatal(err)
		}
		s, err := cfg.ResolveNew("")
		if err != nil {
			t.Fatal(err)
		}
		got, err := relaySecrets(t.Context(), s, open)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(got, "|")
	}
	if got := secrets(); got != "stored|older" {
		t.Errorf("of the profile: %q", got)
	}
	vars["GOBIZ_NOTIFICATION_SECRET"] = "new,old"
	open = nil // the store is not touched
	if got := secrets(); got != "new|old" {
		t.Errorf("of the environment: %q", got)
	}
}

func TestEmptySandboxID(t *testing.T) {
	t.Parallel()
	_, err := sandbox.NewControl("http://127.0.0.1:1", nil).AdvanceOrder(t.Context(), "", "")
	if e := classify(t.Context(), err); e.Exit != exitFailed || e.Code != "failed" || e.Message != "sandbox: the order number is empty; gobiz sandbox state shows what there is" {
		t.Errorf("%+v", e)
	}
}
