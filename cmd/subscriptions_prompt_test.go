//go:build linux

package cmd_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// TestSyncPrompt: a sync asks everywhere, and on production the deletions are
// to be typed.
func TestSyncPrompt(t *testing.T) {
	t.Parallel()
	const (
		question = "make 2 changes to subscriptions on "
		asTyped  = "type delete 1 to go on: "
	)
	for _, tt := range []struct {
		name, keys string
		production bool
		args       []string
		code       int
		says       string
		writes     int
	}{
		{name: "yes", keys: "y\r", says: question + "local? [y/N] ", writes: 2},
		{name: "no", keys: "\r", code: 6, says: "not done: make 2 changes to subscriptions was not confirmed"},
		{name: "Ctrl-C", keys: "\x03", code: 130, says: "interrupted"},
		{name: "dry run", args: []string{"--dry-run"}, says: "dry run, nothing was changed"},
		{name: "no input", args: []string{"--no-input"}, code: 6, says: "pass --yes"},
		{name: "production", production: true, keys: "delete 1\r", says: "[PRODUCTION] " + question + "production, 1 of them deletions?\r\n" + asTyped, writes: 2},
		{name: "production, yes is not enough", production: true, keys: "y\r", code: 6, says: asTyped},
		{name: "production, another number", production: true, keys: "delete 2\r", code: 6, says: "was not confirmed"},
		{name: "production, consent given", production: true, args: []string{"--yes"}, writes: 2},
		{name: "production, no input", production: true, args: []string{"--no-input"}, code: 6, says: "needs consent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var (
				server *sandbox.Sandbox
				env    map[string]string
			)
			if tt.production {
				server, env = aProduction(t)
			} else {
				server, env = aSandbox(t)
			}
			info := server.Info()
			env["GOBIZ_CLIENT_ID"], env["GOBIZ_CLIENT_SECRET"] = info.ClientID, info.ClientSecret
			file := filepath.Join(env["HOME"], "subscriptions.yaml")
			const wanted = "subscriptions: [{event: gofood.order.placed, url: 'https://pos.example.com/a'}, {event: gofood.order.created, url: 'https://pos.example.com/a'}]\n"
			if err := os.WriteFile(file, []byte(wanted), 0o600); err != nil {
				t.Fatal(err)
			}
			local := maps.Clone(env)
			maps.Copy(local, map[string]string{"GOBIZ_ENV": "local", "GOBIZ_API_URL": info.APIURL, "GOBIZ_OAUTH_URL": info.OAuthURL, "HTTPS_PROXY": ""})
			for _, path := range []string{"a", "b"} {
				if o := run(local, "subscriptions", "add", "gofood.order.placed", "--url", "https://pos.example.com/"+path); o.code != 0 {
					t.Fatalf("%+v", o)
				}
			}
			before := writesOf(t, server)

			s := inTerminal(t, env, append([]string{"subscriptions", "sync", "-f", file}, tt.args...)...)
			if tt.keys != "" {
				s.expect("- gofood.order.placed  https://pos.example.com/b  duplicate of ")
				s.expect("to do: 1 to create, 0 to update, 1 to delete; 1 unchanged, 0 kept")
				s.expect(question)
				if tt.production {
					s.expect(asTyped)
				} else {
					s.expect("[y/N] ")
				}
				s.typed(tt.keys)
			}
			code, screen := s.end()
			if code != tt.code || !strings.Contains(screen, tt.says) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, tt.code, tt.says, screen)
			}
			if asked := strings.Contains(screen, question); asked != (tt.keys != "") {
				t.Errorf("asked: %v:\n%s", asked, screen)
			}
			if got := writesOf(t, server) - before; got != tt.writes {
				t.Errorf("%d requests that write, want %d", got, tt.writes)
			}
		})
	}
}

// writesOf counts the requests that changed subscriptions.
func writesOf(t *testing.T, server *sandbox.Sandbox) int {
	t.Helper()
	requests, err := sandbox.NewControl(server.Info().ControlURL, nil).Requests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return requests.Counts["createSubscription"] + requests.Counts["updateSubscription"] + requests.Counts["deleteSubscription"]
}
