//go:build linux || darwin

package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// slowUser is somebody whose menus show an hour after the write, unless told
// otherwise. priced writes a file whose only item has that price.
func slowUser(t *testing.T, delay time.Duration) (s *sandbox.Sandbox, env map[string]string, priced func(int) string) {
	t.Helper()
	s, err := sandbox.Start(context.Background(), sandbox.Options{CatalogDelay: delay})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	env = userOf(t, s)
	return s, env, func(price int) string {
		return pricedMenu(t, env, price)
	}
}

// pricedMenu writes the menu that is live with another price of its first item.
func pricedMenu(t *testing.T, env map[string]string, price int) string {
	t.Helper()
	live, name := filepath.Join(env["HOME"], "live.yaml"), fmt.Sprintf("menu-%d.yaml", price)
	if _, err := os.Stat(live); err != nil {
		gobiz(t, env, "catalog", "pull", pushTo, "-f", "live.yaml")
	}
	menu, err := os.ReadFile(live)
	if err != nil {
		t.Fatal(err)
	}
	priced := strings.Replace(string(menu), "price: 27000", fmt.Sprint("price: ", price), 1)
	if err := os.WriteFile(filepath.Join(env["HOME"], name), []byte(priced), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func userOf(t *testing.T, s *sandbox.Sandbox) map[string]string {
	info := s.Info()
	return map[string]string{
		"HOME": t.TempDir(), "TERM": "xterm", "GOBIZ_ENV": "local", "GOBIZ_API_URL": info.APIURL, "GOBIZ_OAUTH_URL": info.OAuthURL,
		"GOBIZ_CLIENT_ID": info.ClientID, "GOBIZ_CLIENT_SECRET": info.ClientSecret,
	}
}

// wants runs a command that must end so and say so.
func wants(t *testing.T, env map[string]string, code int, says string, args ...string) {
	t.Helper()
	o := runProcess(t, env, args...)
	if o.code != code || !strings.Contains(o.stdout+o.stderr, says) {
		t.Errorf("gobiz %s: exit code %d, want %d and %q:\n%s%s", strings.Join(args, " "), o.code, code, says, o.stdout, o.stderr)
	}
}

const pushTo = "G100000001"

func TestPushNotLiveYet(t *testing.T) {
	t.Parallel()
	s, env, priced := slowUser(t, time.Hour)
	gobiz(t, env, "catalog", "push", pushTo, "-f", priced(28000), "--yes")
	wants(t, env, 0, "already on its way", "catalog", "push", pushTo, "-f", priced(28000), "--yes")
	wants(t, env, 0, "no changes", "catalog", "diff", pushTo, "-f", priced(28000))
	wants(t, env, 0, " pushed ", "catalog", "rollback", pushTo, "--yes")
	// Another sandbox never had that menu.
	other, err := sandbox.Start(context.Background(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	there := userOf(t, other)
	there["HOME"] = env["HOME"]
	wants(t, there, 2, "there is no such snapshot", "catalog", "rollback", pushTo, "--yes")
	gobiz(t, env, "catalog", "diff", pushTo, "-f", priced(29000), "--save-plan", "plan")
	wants(t, there, 6, "the plan was made for local on ", "catalog", "push", "--plan", "plan", "--yes")
	control := sandbox.NewControl(s.Info().ControlURL, nil)
	requests, err := control.Requests(t.Context())
	if err != nil || requests.Counts["putCatalog"] != 2 {
		t.Errorf("%d writes, %v", requests.Counts["putCatalog"], err)
	}
	// Nor has one that begins anew at the same address, and nothing is on its way there.
	if err := control.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	wants(t, env, 2, "there is no such snapshot", "catalog", "rollback", pushTo, "--yes")
	wants(t, env, 0, " pushed ", "catalog", "push", pushTo, "-f", "menu-28000.yaml", "--yes")
}

func TestPushWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	s, env, priced := slowUser(t, -1)
	if err := sandbox.NewControl(s.Info().ControlURL, nil).SetFaults(t.Context(), sandbox.Fault{Target: "putCatalog", Truncate: true, Keep: 3}); err != nil {
		t.Fatal(err)
	}
	o := runProcess(t, env, "catalog", "push", pushTo, "-f", priced(28000), "--yes")
	log, err := os.ReadFile(filepath.Join(env["HOME"], ".local/state/gobiz/audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := auditLines(string(log))
	if err != nil || len(lines) != 1 {
		t.Fatalf("%v, %v", lines, err)
	}
	for _, says := range []string{"may have been replaced", lines[0].RequestID, "gobiz catalog diff " + pushTo + " -f menu-28000.yaml"} {
		if o.code != 1 || !strings.Contains(o.stderr, says) {
			t.Errorf("exit code %d, without %q:\n%s", o.code, says, o.stderr)
		}
	}
	wants(t, env, 0, "no changes", "catalog", "diff", pushTo, "-f", "menu-28000.yaml")
}

func TestInterruptedWhileWaiting(t *testing.T) {
	t.Parallel()
	_, env, priced := slowUser(t, time.Hour)
	s := inTerminal(t, env, "catalog", "push", pushTo, "-f", priced(28000), "--yes", "--wait")
	s.expect("waiting until the menu")
	s.typed("\x03")
	code, screen := s.end()
	if code != 130 || !strings.Contains(screen, "the menu was accepted") {
		t.Errorf("exit code %d:\n%s", code, screen)
	}
}

// The question shows all that 'catalog diff' does, and what has moved while it
// stood is shown and asked.
func TestMovedAtThePrompt(t *testing.T) {
	t.Parallel()
	_, env, priced := slowUser(t, -1)
	whole := gobiz(t, env, "catalog", "diff", pushTo, "-f", priced(28000))
	s := inTerminal(t, env, "catalog", "push", pushTo, "-f", priced(28000))
	s.expect("[y/N] ")
	for line := range strings.Lines(whole) {
		if shown := s.seen.String(); !strings.Contains(strings.ReplaceAll(withoutStyle(shown), "\r", ""), line) {
			t.Fatalf("without %q:\n%s", line, shown)
		}
	}
	gobiz(t, env, "catalog", "push", pushTo, "-f", priced(30000), "--yes") // the lock is free
	s.typed("y\r")
	s.expect("price was 27000 and is now 30000")
	s.expect("[y/N] ")
	s.typed("y\r")
	if code, screen := s.end(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, screen)
	}
	wants(t, env, 0, "no changes", "catalog", "diff", pushTo, "-f", "menu-28000.yaml")
}

// A diff that the terminal is too small for goes through the pager, before the
// question; without one that works it is shown as it is.
func TestPagerBeforeTheQuestion(t *testing.T) {
	t.Parallel()
	_, env, priced := slowUser(t, -1)
	pager := filepath.Join(t.TempDir(), "pager")
	if err := os.WriteFile(pager, []byte("#!/bin/sh\necho \"paged with $1\"; cat; read answer </dev/tty; echo \"read $answer\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for rows, page := range map[uint16]string{3: pager + " -x", 2: "no-such-pager", 200: pager} {
		env["PAGER"] = page
		s := inTerminalOf(t, rows, env, "catalog", "push", pushTo, "-f", priced(28000))
		if rows == 3 {
			s.expect("paged with -x")
			s.typed("q\r")
			s.expect("read q")
		}
		s.expect("[y/N] ")
		s.typed("n\r")
		code, screen := s.end()
		if code != 6 || !strings.Contains(screen, "Rp 28.000") || strings.Contains(screen, "paged with") != (rows == 3) {
			t.Errorf("%d rows: exit code %d:\n%s", rows, code, screen)
		}
	}
}

func withoutStyle(s string) string {
	for _, code := range []string{"0", "1", "2", "31", "32", "33"} {
		s = strings.ReplaceAll(s, "\x1b["+code+"m", "")
	}
	return s
}

// Processes push one after another, also behind one that was killed.
func TestParallelProcesses(t *testing.T) {
	t.Parallel()
	s, env, priced := slowUser(t, 200*time.Millisecond)
	g := newGate(t, s.Info().APIURL)
	env["GOBIZ_API_URL"] = g.URL
	trap := g.arm("PUT", 1, beforeRequest)
	holder := exec.Command("gobiz", "catalog", "push", pushTo, "-f", priced(27500), "--yes")
	holder.Env, holder.Dir = environ(env), env["HOME"]
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	<-trap.stopped
	wants(t, env, 6, fmt.Sprintf("is under way: catalog push %s, process %d on ", pushTo, holder.Process.Pid),
		"catalog", "push", pushTo, "-f", priced(28000), "--yes", "--lock-wait", "0")

	type pusher struct {
		*exec.Cmd
		output bytes.Buffer
	}
	var pushers []*pusher
	for i := range 3 {
		p := &pusher{Cmd: exec.Command("gobiz", "catalog", "push", pushTo, "-f", priced(28000+500*i), "--yes", "--wait")}
		p.Env, p.Dir, p.Stdout, p.Stderr = environ(env), env["HOME"], &p.output, &p.output
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		pushers = append(pushers, p)
	}
	kill(t, holder)
	close(trap.killed)
	live := 0
	for _, p := range pushers {
		switch err := p.Wait(); {
		case err == nil:
			live++
		case !strings.Contains(p.output.String(), "another push has replaced it"):
			t.Errorf("%v: %s", err, &p.output)
		}
	}
	if live == 0 {
		t.Error("none came live")
	}
	digests := strings.Fields(gobiz(t, env, "catalog", "history", pushTo, "--jq", ".[].digest"))
	seen := map[string]int{}
	for _, digest := range digests {
		seen[digest]++
	}
	// The killed one and the first of the others have replaced the same menu. That of
	// the killed one might still come, so it is kept as well.
	if len(digests) != 5 || len(seen) != 4 {
		t.Errorf("the snapshots are of %v", seen)
	}
	checkWhole(t, env)
}
