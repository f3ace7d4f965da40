//go:build linux || darwin

package cmd_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Processes that change the config file at the same time lose nothing, neither
// profiles nor the secrets of a login.
func TestProfilesInParallel(t *testing.T) {
	t.Parallel()
	server, env := aSandbox(t)
	info := server.Info()
	env["GOBIZ_CREDENTIAL_STORE"], env["GOBIZ_CREDENTIALS_PASSPHRASE"] = "file", "correct horse"
	var running []*exec.Cmd
	start := func(stdin string, args ...string) {
		c := exec.Command("gobiz", args...)
		c.Env, c.Dir, c.Stdin = environ(env), env["HOME"], strings.NewReader(stdin)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, c)
	}
	for i := range 8 {
		start("", "profile", "set", fmt.Sprintf("p%d", i), "environment=local")
	}
	for i := range 6 {
		start(info.ClientSecret, "login", "-p", fmt.Sprintf("s%d", i), "--client-id", info.ClientID, "--client-secret-stdin")
	}
	for _, c := range running {
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %v", c.Args, err)
		}
	}
	if got := runProcess(t, env, "profile", "list", "--jq", "length"); strings.TrimSpace(got.stdout) != "14" {
		t.Errorf("%s profiles are left of 14\n%s", got.stdout, got.stderr)
	}
	for i := range 6 {
		if got := runProcess(t, env, "status", "-p", fmt.Sprintf("s%d", i), "--jq", ".logged_in"); got.stdout != "true\n" {
			t.Errorf("s%d is logged in: %s%s", i, got.stdout, got.stderr)
		}
	}
}
