package triage_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/triage"
)

// withOutlets answers the list of outlets, and the merchant's.
func withOutlets(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") == "" {
		gobizLike(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/integrations/partner/v1/token-info":
		_, _ = w.Write([]byte(`{"success":true,"data":{"user":{"roles":["owner"]},"outlets":[{"id":"G1","name":"A"},{"id":"G2","name":"B"}]}}`))
	case r.URL.Query().Get("page") == "1":
		_, _ = w.Write([]byte(`{"success":true,"data":{"outlets":[{"id":"G1"}]}}`))
	default:
		_, _ = w.Write([]byte(`{"success":true,"data":{"outlets":[]}}`))
	}
}

// stored is a set-up of a profile with both logins in an encrypted file.
func stored(t *testing.T, list ...triage.Login) triage.Setup {
	base := serve(t, withOutlets)
	s := setup(t, base, base)
	s.Profile = triage.Profile{Name: "jakarta", Origin: "--profile", Known: []string{"jakarta"}}
	s.Store = &encryptedFile{path: "credentials.json"}
	for i := range list {
		list[i].FromEnvironment = false
	}
	s.Logins = logins(list...)
	return s
}

func TestBothLogins(t *testing.T) {
	t.Parallel()
	server, merchant := serverLogin, merchantLogin
	server.ExpiresAt = time.Now().Add(30*time.Minute + 10*time.Second)
	merchant.ExpiresAt = time.Now().Add(-3 * time.Hour)
	got := examine(t, stored(t, server, merchant))
	want(t, got, "logins", triage.OK, "client credentials, token for 30 minutes, then renewed; merchant login, token expired 3 hours ago, will be renewed", "")
	want(t, got, "token", triage.OK, "client credentials, merchant login", "")
	want(t, got, "scopes", triage.OK, "they cover token-info, link, outlets list and catalog push", "")
	want(t, got, "outlets", triage.OK, "1 linked outlet", "")
	want(t, got, "merchant", triage.OK, "the merchant who logged in has 2 outlets", "")
}

func TestNotLoggedIn(t *testing.T) {
	t.Parallel()
	s := stored(t)
	s.Logins = func(context.Context) ([]triage.Login, error) {
		return nil, &advised{`profile "jakarta" is not logged in`, "gobiz login --profile jakarta"}
	}
	got := examine(t, s)
	want(t, got, "credentials", triage.Failed, `profile "jakarta" is not logged in`, "gobiz login --profile jakarta")
	want(t, got, "token", triage.Skipped, "not checked, because credentials failed", "")
	want(t, got, "login_host", triage.OK, "405", "")
	if !got["credentials"].Login {
		t.Error("no credentials are a matter of the login")
	}
}

func TestExpiredLogin(t *testing.T) {
	t.Parallel()
	ended := merchantLogin
	ended.Usable, ended.Renewable, ended.ExpiresAt = false, false, time.Now().Add(-5*time.Hour)

	// The only one.
	s := stored(t)
	s.Logins = func(context.Context) ([]triage.Login, error) {
		return []triage.Login{ended}, &advised{`profile "jakarta" is not logged in`, "gobiz login --profile jakarta --grant authorization-code"}
	}
	want(t, examine(t, s), "credentials", triage.Failed, "the merchant login expired 5 hours ago and cannot be renewed",
		"gobiz login --profile jakarta --grant authorization-code")

	// One of two: the rest works.
	got := examine(t, stored(t, serverLogin, ended))
	want(t, got, "logins", triage.Warning, "merchant login, expired 5 hours ago and not renewable, which token-info and link would need",
		"gobiz login --profile jakarta --grant authorization-code")
	want(t, got, "token", triage.OK, "there is one: client credentials", "")
	want(t, got, "outlets", triage.OK, "1 linked outlet", "")
	want(t, got, "merchant", triage.Skipped, "no merchant login", "")

	lost := ended
	lost.Lost, lost.ExpiresAt = true, time.Time{}
	want(t, examine(t, stored(t, serverLogin, lost)), "logins", triage.Warning, "merchant login, lost while it was renewed",
		"gobiz login --profile jakarta --grant authorization-code")
}

func TestTokenFails(t *testing.T) {
	t.Parallel()
	rejected := &advised{"login server answered 401 invalid_client", "check client id and secret: gobiz login"}
	for _, test := range []struct {
		name    string
		fail    map[string]error
		status  triage.Status
		message string
		fix     string
	}{
		{
			"the main one", map[string]error{"listNotifications": rejected}, triage.Failed,
			"client credentials: login server answered 401 invalid_client (check client id", "gobiz login --profile jakarta",
		},
		{
			"the other one", map[string]error{"getTokenInfo": rejected}, triage.Warning,
			"there is a token of the other kind: client credentials", "gobiz login --profile jakarta --grant authorization-code",
		},
		{
			"time-out", map[string]error{"listNotifications": context.DeadlineExceeded}, triage.Failed,
			"client credentials: no answer within 5s", "gobiz token -vv",
		},
		{
			"both", map[string]error{"listNotifications": errors.New("one"), "getTokenInfo": errors.New("two")}, triage.Failed,
			"client credentials: one; merchant login: two", "gobiz login --profile jakarta",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := stored(t, serverLogin, merchantLogin)
			s.Tokens.(*tokens).fail = test.fail
			got := examine(t, s)
			want(t, got, "token", test.status, test.message, test.fix)
			if test.status == triage.Failed && (!got["token"].Login || got["scopes"].Status != triage.Skipped) {
				t.Errorf("login %v, scopes %+v", got["token"].Login, got["scopes"])
			}
			if test.status == triage.Warning && got["merchant"].Status != triage.Skipped {
				t.Errorf("the merchant was asked for without a token: %+v", got["merchant"])
			}
		})
	}
}

func TestMissingScope(t *testing.T) {
	t.Parallel()
	few := serverLogin
	few.Scopes = []string{"gofood:catalog:read"}
	s := setup(t, serve(t, withOutlets), serve(t, withOutlets))
	s.Logins = logins(few)
	got := examine(t, s)
	want(t, got, "scopes", triage.Warning, "missing: partner:outlet:read, gofood:catalog:write; will not work: outlets list and catalog push",
		`export GOBIZ_SCOPES="gofood:catalog:read partner:outlet:read gofood:catalog:write"`)
	want(t, got, "outlets", triage.Skipped, "the token lacks partner:outlet:read", "")

	// What one login lacks, the other one may have.
	got = examine(t, stored(t, few, merchantLogin))
	want(t, got, "scopes", triage.Warning, "missing: gofood:catalog:write; will not work: catalog push",
		"gobiz login --profile jakarta --scope gofood:catalog:read --scope gofood:catalog:write")
	want(t, got, "outlets", triage.OK, "1 linked outlet", "")
}

// TestGrantedLess has the server grant less than was asked for, which shows
// only after the token came.
func TestGrantedLess(t *testing.T) {
	t.Parallel()
	s := setup(t, serve(t, withOutlets), serve(t, withOutlets))
	source := &lesser{}
	s.Tokens, s.Logins = source, source.logins
	want(t, examine(t, s), "scopes", triage.Warning, "missing: gofood:catalog:write",
		`export GOBIZ_SCOPES="partner:outlet:read gofood:catalog:read gofood:catalog:write"`)
}

type lesser struct {
	tokens
	asked bool
}

func (l *lesser) Token(context.Context, string) (string, error) {
	l.asked = true
	return "canary-token", nil
}

func (l *lesser) logins(context.Context) ([]triage.Login, error) {
	login := serverLogin
	if login.Scopes = slices.Clone(login.Scopes); l.asked {
		login.Scopes = login.Scopes[:2]
	}
	return []triage.Login{login}, nil
}

func TestAccessToken(t *testing.T) {
	t.Parallel()
	s := setup(t, serve(t, withOutlets), serve(t, withOutlets))
	s.Logins = logins(triage.Login{Main: true, Usable: true, FromEnvironment: true})
	s.Getenv = func(name string) string { return map[string]string{"GOBIZ_ACCESS_TOKEN": "canary"}[name] }
	got := examine(t, s)
	want(t, got, "credentials", triage.OK, "GOBIZ_ACCESS_TOKEN", "")
	want(t, got, "scopes", triage.Skipped, "not known", "")
	want(t, got, "merchant", triage.Skipped, "not known whether the token is a merchant's", "")

	s = setup(t, s.Settings.OAuthURL, serve(t, gobizLike)) // refuses every token
	s.Logins = logins(triage.Login{Main: true, Usable: true, FromEnvironment: true})
	s.Getenv = func(name string) string { return map[string]string{"GOBIZ_ACCESS_TOKEN": "canary"}[name] }
	want(t, examine(t, s), "outlets", triage.Failed, "the API does not take the token", "export GOBIZ_ACCESS_TOKEN=TOKEN")
}

func TestNoOutlets(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			gobizLike(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"success":true,"data":{"outlets":[]}}`))
	})
	want(t, examine(t, setup(t, base, base)), "outlets", triage.Warning, "none is linked", "gobiz link OUTLET # with a merchant login")
}

func TestSlowOutlets(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			<-r.Context().Done()
			return
		}
		gobizLike(w, r)
	})
	s := setup(t, base, base)
	s.Timeout = time.Second
	want(t, examine(t, s), "outlets", triage.Failed, "no answer within 1s", "gobiz outlets list -vv")
}
