package cmd_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// A name of the server does not act on the terminal that shows a menu; where
// nobody looks, the API's own answer is untouched.
func TestPullToATerminal(t *testing.T) {
	t.Parallel()
	const answer = `{"data":{"menus":[{"name":"Mi","menu_items":[{"id":"1","external_id":"T-1","name":"Bakmi` + "\u202e\u2066\u0090\u200f" + `","price":1}]}]}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	t.Cleanup(server.Close)
	env := map[string]string{
		"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_API_URL": server.URL, "GOBIZ_OAUTH_URL": server.URL, "GOBIZ_ACCESS_TOKEN": "token",
	}
	for _, tt := range []struct {
		args     []string
		terminal bool
		want     string
	}{
		{nil, true, `"Bakmi\u202e\u2066\x90\u200f"`},
		{[]string{"-o", "json"}, true, `"Bakmi\u202e\u2066\u0090\u200f"`},
		{[]string{"--raw"}, true, `"name":"Bakmi","price":1`},
		{[]string{"--raw"}, false, answer},
	} {
		streams, _, out, errOut := terminal.Test()
		streams.OutTTY = tt.terminal
		code := cmd.Main(append([]string{"catalog", "pull", "G100000001", "-f", "-"}, tt.args...), testSystem(streams, env))
		if code != 0 || !strings.Contains(out.String(), tt.want) || tt.terminal && strings.ContainsAny(out.String(), "\u202e\u2066\u0090\u200f") {
			t.Errorf("%v: exit code %d, %q %s", tt.args, code, out, errOut)
		}
	}
}
