//go:build linux || darwin

package cmd_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// terminalSession is a command that runs in a terminal, and the person in front
// of it. Results go to a buffer, as with `gobiz … > file`.
type terminalSession struct {
	t       *testing.T
	process *exec.Cmd
	screen  *os.File // what the person sees and types into
	tty     *os.File
	before  term.State
	seen    bytes.Buffer // everything that was on the screen
	read    int          // how much of it was expected already
	stdout  bytes.Buffer
}

func inTerminal(t *testing.T, env map[string]string, args ...string) *terminalSession {
	t.Helper()
	return inTerminalOf(t, 0, env, args...)
}

// inTerminalOf is a terminal with so many rows; 0 does not say.
func inTerminalOf(t *testing.T, rows uint16, env map[string]string, args ...string) *terminalSession {
	t.Helper()
	screen, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: rows}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close(); tty.Close() })
	state, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	s := &terminalSession{t: t, process: exec.Command("gobiz", args...), screen: screen, tty: tty, before: *state}
	s.process.Env, s.process.Dir = environ(env), env["HOME"]
	s.process.Stdin, s.process.Stdout, s.process.Stderr = tty, &s.stdout, tty
	s.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // Ctrl-C reaches it as from a keyboard
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// expect waits until a text is on the screen, behind what was expected before.
func (s *terminalSession) expect(text string) {
	s.t.Helper()
	buffer := make([]byte, 1024)
	for {
		if i := strings.Index(s.seen.String()[s.read:], text); i >= 0 {
			s.read += i + len(text)
			return
		}
		n, err := s.screen.Read(buffer)
		s.seen.Write(buffer[:n])
		if err != nil {
			s.t.Fatalf("%q is not on the screen (%v):\n%s", text, err, &s.seen)
		}
	}
}

func (s *terminalSession) typed(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.screen, keys); err != nil {
		s.t.Fatal(err)
	}
}

// end waits for the command and gives its exit code and all that the screen
// showed. The terminal must be as it was.
func (s *terminalSession) end() (code int, screen string) {
	s.t.Helper()
	_ = s.process.Wait() // its exit code is what counts
	after, err := term.GetState(int(s.tty.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	if *after != s.before {
		s.t.Errorf("the terminal is not as it was")
	}
	s.tty.Close()
	rest, _ := io.ReadAll(s.screen) // ends with an error when the other side is closed
	s.seen.Write(rest)
	return s.process.ProcessState.ExitCode(), s.seen.String()
}

// productionHosts are GoBiz's own. No test ever reaches them.
var productionHosts = []string{"api.gobiz.co.id", "accounts.go-jek.com"}

// aSandbox gives a sandbox in this process and the environment of a user of it.
func aSandbox(t *testing.T) (*sandbox.Sandbox, map[string]string) {
	t.Helper()
	s, err := sandbox.Start(context.Background(), sandbox.Options{CatalogDelay: -1, Hosts: productionHosts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	info := s.Info()
	return s, map[string]string{
		"HOME": t.TempDir(), "TERM": "xterm", "GOBIZ_ENV": "local", "GOBIZ_API_URL": info.APIURL, "GOBIZ_OAUTH_URL": info.OAuthURL,
	}
}

func TestLoginPrompts(t *testing.T) {
	t.Parallel()
	server, env := aSandbox(t)
	info := server.Info()
	const passphrase = "correct horse"
	s := inTerminal(t, env, "login", "--credential-store", "file")
	s.expect("Client id (App ID)")
	s.typed(info.ClientID + "\r")
	s.expect("Client secret")
	s.typed(info.ClientSecret + "\r")
	s.expect("Relay secret")
	s.typed(info.NotificationSecret + "\r")
	s.expect("Passphrase of the encrypted credential file")
	s.typed(passphrase + "\r")
	s.expect("Passphrase again")
	s.typed(passphrase + "\r")
	s.expect("logged in: profile default")
	code, screen := s.end()
	if code != 0 || s.stdout.Len() > 0 {
		t.Errorf("exit code %d, stdout %q", code, &s.stdout)
	}
	if !strings.Contains(screen, info.ClientID) {
		t.Errorf("what is no secret shows while it is typed:\n%s", screen)
	}
	for _, secret := range []string{info.ClientSecret, info.NotificationSecret, passphrase} {
		if strings.Contains(screen, secret) {
			t.Errorf("a secret is on the screen:\n%s", screen)
		}
	}

	env["GOBIZ_CREDENTIALS_PASSPHRASE"] = passphrase
	if o := run(env, "outlets", "list", "--jq", "length"); o.stdout != "3\n" {
		t.Errorf("with the stored login: %+v", o)
	}
	if o := run(env, "webhook", "sign", filepath.Join(env["HOME"], ".config", "gobiz", "config.yaml")); o.code != 0 {
		t.Errorf("with the stored relay secret: %+v", o)
	}

	env["GOBIZ_CREDENTIALS_PASSPHRASE"] = ""
	s = inTerminal(t, env, "profile", "set-secret", "notification")
	s.expect("Passphrase of the encrypted credential file")
	s.typed(passphrase + "\r")
	s.expect("The relay secret")
	s.typed("another one\r")
	if code, screen := s.end(); code != 0 || strings.Contains(screen, "another one") || !strings.Contains(screen, "the relay secret of profile default is in the encrypted file") {
		t.Errorf("exit code %d:\n%s", code, screen)
	}
}

// A .gobiz.yaml that chooses production is named in every question.
func TestProductionByFolderPrompt(t *testing.T) {
	t.Parallel()
	env := map[string]string{"HOME": t.TempDir(), "TERM": "xterm", "GOBIZ_CREDENTIAL_STORE": "file"}
	if o := run(env, "profile", "set", "shop", "environment=production"); o.code != 0 {
		t.Fatalf("%+v", o)
	}
	if err := os.WriteFile(filepath.Join(env["HOME"], ".gobiz.yaml"), []byte("profile: shop\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := inTerminal(t, env, "login")
	s.expect("profile shop is production, chosen by ")
	s.expect("[PRODUCTION, by ")
	s.expect(".gobiz.yaml] Client id")
	s.typed("\x03")
	if code, screen := s.end(); code != 130 {
		t.Errorf("exit code %d:\n%s", code, screen)
	}
}

func TestLoginPromptsRefused(t *testing.T) {
	t.Parallel()
	_, env := aSandbox(t)
	env["GOBIZ_CLIENT_ID"], env["GOBIZ_CREDENTIAL_STORE"] = "sandbox-facilitator", "file"
	for _, tt := range []struct {
		name string
		play func(*terminalSession)
		code int
		says string
	}{
		{"nothing typed", func(s *terminalSession) { s.typed("\r") }, 2, "the client secret is empty"},
		{"end of input", func(s *terminalSession) { s.typed("\x04") }, 2, "--client-secret-stdin"},
		{"Ctrl-C", func(s *terminalSession) { s.typed("half of it\x03") }, 130, "interrupted"},
		{"wrong secret", func(s *terminalSession) {
			s.typed("wrong\r")
			s.expect("Relay secret")
			s.typed("\r")
		}, 3, "invalid_client"},
		{"passphrases differ", func(s *terminalSession) {
			s.typed("sandbox-facilitator-secret\r")
			s.expect("Relay secret")
			s.typed("\r")
			s.expect("Passphrase of")
			s.typed("one\r")
			s.expect("Passphrase again")
			s.typed("another\r")
		}, 2, "the two passphrases differ"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			own := map[string]string{}
			for name, value := range env {
				own[name] = value
			}
			own["HOME"] = t.TempDir()
			s := inTerminal(t, own, "login")
			s.expect("Client secret")
			tt.play(s)
			code, screen := s.end()
			if code != tt.code || !strings.Contains(screen, tt.says) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, tt.code, tt.says, screen)
			}
			for _, typed := range []string{"half of it", "wrong", "sandbox-facilitator-secret"} {
				if strings.Contains(screen, typed) {
					t.Errorf("%q is on the screen:\n%s", typed, screen)
				}
			}
			if stored, _ := filepath.Glob(filepath.Join(own["HOME"], ".*", "*", "*")); len(stored) > 0 {
				for _, path := range stored {
					if strings.HasSuffix(path, "credentials.json") || strings.HasSuffix(path, "config.yaml") {
						t.Errorf("stored %s", path)
					}
				}
			}
		})
	}
}

func TestPushPrompt(t *testing.T) {
	t.Parallel()
	const source = `menus: [{name: Mi, menu_items: [{external_id: MI-001, name: Bakmi Ayam, price: 29000}]}]`
	for _, tt := range []struct {
		name, keys string
		args       []string
		env, says  string
		code       int
		puts       int
	}{
		{name: "yes", keys: "y\r", code: 0, puts: 1},
		{name: "yes in full", keys: "YES\r", code: 0, puts: 1},
		{name: "no", keys: "n\r", code: 6},
		{name: "just enter", keys: "\r", code: 6},
		{name: "something else", keys: "yo\r", code: 6},
		{name: "end of input", keys: "\x04", code: 6},
		{name: "Ctrl-C", keys: "\x03", code: 130},
		{name: "consent given", args: []string{"--yes"}, code: 0, puts: 1},
		{name: "no input", args: []string{"--no-input"}, code: 6, says: "needs consent, and --no-input forbids to ask"},
		{name: "in CI", env: "CI=1", code: 6, says: "CI forbids to ask"},
		{name: "GOBIZ_NO_INPUT", env: "GOBIZ_NO_INPUT=yes", code: 6, says: "GOBIZ_NO_INPUT forbids to ask"},
		{name: "not in CI", env: "CI=false", keys: "y\r", code: 0, puts: 1},
		{name: "GOBIZ_NO_INPUT is off", env: "GOBIZ_NO_INPUT=0", keys: "n\r", code: 6},
		{name: "dry run", args: []string{"--dry-run"}, code: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, env := aSandbox(t)
			info := server.Info()
			env["GOBIZ_CLIENT_ID"], env["GOBIZ_CLIENT_SECRET"] = info.ClientID, info.ClientSecret
			if name, value, set := strings.Cut(tt.env, "="); set {
				env[name] = value
			}
			if err := os.WriteFile(filepath.Join(env["HOME"], "menu.yaml"), []byte(source), 0o600); err != nil {
				t.Fatal(err)
			}
			s := inTerminal(t, env, append([]string{"catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8"}, tt.args...)...)
			if tt.keys != "" {
				s.expect("items: 8 live, 1 in the file")
				s.expect("replace the menu of G100000001 \"")
				s.expect("\" on local (")
				s.expect(" changed)? [y/N] ")
				s.typed(tt.keys)
			}
			code, screen := s.end()
			if code != tt.code {
				t.Errorf("exit code %d, want %d:\n%s", code, tt.code, screen)
			}
			if !strings.Contains(screen, tt.says) {
				t.Errorf("does not say %q:\n%s", tt.says, screen)
			}
			if asked := strings.Contains(screen, "[y/N]"); asked != (tt.keys != "") {
				t.Errorf("asked: %v:\n%s", asked, screen)
			}
			if pushed := strings.Contains(s.stdout.String(), " pushed "); pushed != (tt.puts > 0) || tt.code != 0 && s.stdout.Len() > 0 {
				t.Errorf("stdout: %s", &s.stdout)
			}
			requests, err := sandbox.NewControl(info.ControlURL, nil).Requests(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n := requests.Counts["putCatalog"]; n != tt.puts {
				t.Errorf("%d requests of putCatalog, want %d", n, tt.puts)
			}
		})
	}
}
