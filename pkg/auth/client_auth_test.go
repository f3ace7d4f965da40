package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// A strict server registers one way of client authentication for each client.
func TestClientAuth(t *testing.T) {
	var basic, form bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _, basic = r.BasicAuth()
		form = r.PostFormValue("client_secret") != ""
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"a-token","token_type":"bearer","expires_in":3599}`))
	}))
	defer server.Close()
	for _, tt := range []struct {
		way, grant  string
		basic, form bool
	}{
		{"", "client_credentials", true, false},
		{"", "authorization_code", false, true},
		{"", "refresh_token", false, true},
		{"basic", "authorization_code", true, false},
		{"basic", "refresh_token", true, false},
		{"post", "client_credentials", false, true},
	} {
		endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
			OAuthURL: server.URL, ClientID: "my-app", ClientSecret: credentials.NewSecret("made-up-secret"), ClientAuth: tt.way,
		})
		if err != nil {
			t.Fatal(err)
		}
		switch tt.grant {
		case "client_credentials":
			_, err = endpoint.ClientCredentials(t.Context(), nil)
		case "authorization_code":
			_, err = endpoint.Exchange(t.Context(), "a-code", "http://127.0.0.1/callback", "", nil)
		case "refresh_token":
			_, err = endpoint.Refresh(t.Context(), credentials.NewSecret("a-refresh-token"), nil)
		}
		if err != nil || basic != tt.basic || form != tt.form {
			t.Errorf("%q, %s: Basic %v, form %v, %v", tt.way, tt.grant, basic, form, err)
		}
	}
}
