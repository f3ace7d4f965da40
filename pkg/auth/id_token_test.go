package auth_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

func idToken(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

func TestCheckIDToken(t *testing.T) {
	for name, tt := range map[string]struct{ token, want string }{
		"ours":              {idToken(`{"nonce":"nonce-1","aud":"my-app"}`), ""},
		"several audiences": {idToken(`{"aud":["other","my-app"],"nonce":"nonce-1","iss":"x"}`), ""},
		"none":              {"", ""},
		"other nonce":       {idToken(`{"nonce":"nonce-2","aud":"my-app"}`), "nonce"},
		"longer nonce":      {idToken(`{"nonce":"nonce-11","aud":"my-app"}`), "nonce"},
		"no nonce":          {idToken(`{"aud":"my-app"}`), "no nonce"},
		"empty nonce":       {idToken(`{"aud":"my-app","nonce":""}`), "no nonce"},
		"other client":      {idToken(`{"nonce":"nonce-1","aud":["other"]}`), "another client"},
		"no audience":       {idToken(`{"nonce":"nonce-1"}`), "another client"},
		"nonce of a number": {idToken(`{"nonce":1,"aud":"my-app"}`), "not readable"},
		"audience of 1":     {idToken(`{"nonce":"nonce-1","aud":1}`), "not readable"},
		"no JSON":           {idToken(`canary-hunter2`), "not readable"},
		"no base64":         {"h.canary-hunter2!.s", "not readable"},
		"opaque":            {"canary-hunter2", "not readable"},
		"encrypted":         {"a.b.c.d.e", "not readable"},
	} {
		err := auth.CheckIDToken(credentials.NewSecret(tt.token), "my-app", "nonce-1")
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, auth.ErrNonce) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error shows the token", name)
		}
	}
	// A login that sent no nonce has none to find again.
	if err := auth.CheckIDToken(credentials.NewSecret(idToken(`{"nonce":"","aud":"my-app"}`)), "my-app", ""); err == nil {
		t.Error("an empty nonce matches an empty nonce")
	}
}

func TestLoginChecksTheNonce(t *testing.T) {
	f := sandboxFront(t, sandbox.Switches{})
	login := func(change func(*auth.LoginOptions)) (credentials.Record, error) {
		a := f.authorize(t)
		code, err := a.Code(consent(t, a))
		if err != nil {
			t.Fatal(err)
		}
		opts := a.LoginOptions(code)
		change(&opts)
		return auth.Login(t.Context(), f.endpoint(t), opts)
	}
	record, err := login(func(*auth.LoginOptions) {})
	if err != nil || record.Tokens["authorization_code"].IDToken.IsZero() {
		t.Errorf("a login at the sandbox gives %v", err)
	}
	record, err = login(func(o *auth.LoginOptions) { o.Nonce = "another" })
	if !errors.Is(err, auth.ErrNonce) || len(record.Tokens) != 0 {
		t.Errorf("another nonce gives %v with %d tokens", err, len(record.Tokens))
	}
}

// Without the scope openid there is no id_token, and the login is fine.
func TestLoginWithoutIDToken(t *testing.T) {
	s := newServer(t)
	s.idToken = ""
	record, err := auth.Login(t.Context(), s.endpoint(t, nil), (&auth.Authorization{
		Nonce: "nonce-1", RedirectURI: "https://pos.example.com/cb",
	}).LoginOptions("good-code"))
	if err != nil || record.Tokens["authorization_code"].AccessToken.IsZero() {
		t.Errorf("got %v", err)
	}
}
