//go:build linux || darwin

package cmd_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

var (
	loginPage = regexp.MustCompile(`http://127\.0\.0\.1:\d+/oauth2/auth\?\S+`)
	countdown = regexp.MustCompile(`Paste that address here \[(\d+):(\d\d)\]: `)
)

// pastedLogin is a merchant login on a machine without a browser.
type pastedLogin struct {
	*terminalSession
	merchant sandbox.Merchant
	page     string
}

func startPastedLogin(t *testing.T, args ...string) *pastedLogin {
	t.Helper()
	server, env := aSandbox(t)
	info := server.Info()
	env["GOBIZ_CLIENT_ID"], env["GOBIZ_CLIENT_SECRET"] = info.ClientID, info.ClientSecret
	env["GOBIZ_CREDENTIAL_STORE"], env["GOBIZ_CREDENTIALS_PASSPHRASE"] = "file", "correct horse"
	return startMerchantLogin(t, info, env, "Paste that address here", args...)
}

// startMerchantLogin waits until a text is on the screen, behind the login page's
// URL.
func startMerchantLogin(t *testing.T, info sandbox.Info, env map[string]string, shown string, args ...string) *pastedLogin {
	s := inTerminal(t, env, append([]string{"login", "--grant", "authorization-code"}, args...)...)
	s.expect(shown)
	owner := info.Users[0]
	return &pastedLogin{s, sandbox.Merchant{Phone: owner.Phone, OTP: owner.OTP}, loginPage.FindString(s.seen.String())}
}

// withLauncher puts a program in the place of the system's browser.
func withLauncher(t *testing.T, env map[string]string, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	env["PATH"] = dir + string(os.PathListSeparator) + os.Getenv("PATH")
	env["BROWSER"] = "xdg-open" // there is somebody before a screen
}

// The first window of many browsers is the launcher itself, which ends when the
// window is closed.
func TestMerchantLoginWhileTheLauncherRuns(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("another launcher")
	}
	server, env := aSandbox(t)
	info := server.Info()
	env["GOBIZ_CLIENT_ID"], env["GOBIZ_CLIENT_SECRET"] = info.ClientID, info.ClientSecret
	env["GOBIZ_CREDENTIAL_STORE"], env["GOBIZ_CREDENTIALS_PASSPHRASE"] = "file", "correct horse"
	window := filepath.Join(t.TempDir(), "window")
	if err := syscall.Mkfifo(window, 0o600); err != nil {
		t.Fatal(err)
	}
	withLauncher(t, env, "exec cat "+window)
	l := startMerchantLogin(t, info, env, "a browser opens it")
	open, err := os.OpenFile(window, os.O_WRONLY, 0) // waits for the launcher
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	answer, err := http.Get(l.comeBack(true))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if page, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(page), "You are logged in") {
		t.Errorf("%v\n%s", err, page)
	}
	if code, screen := l.end(); code != 0 || strings.Contains(screen, "Paste") {
		t.Errorf("exit code %d:\n%s", code, screen)
	}
}

// What the exchange of the code gives is what the page says, and nothing of a
// login that failed is kept.
func TestMerchantLoginThatFails(t *testing.T) {
	t.Parallel()
	server, env := aSandbox(t)
	info := server.Info()
	env["GOBIZ_CLIENT_ID"], env["GOBIZ_CLIENT_SECRET"] = info.ClientID, "a wrong secret"
	env["GOBIZ_CREDENTIAL_STORE"], env["GOBIZ_CREDENTIALS_PASSPHRASE"] = "file", "correct horse"
	withLauncher(t, env, "exit 3") // nothing is before a screen after all
	// The port is filled in.
	l := startMerchantLogin(t, info, env, "Paste that address here", "--redirect-uri", "http://127.0.0.1/callback", "--callback-port", freePort(t))
	answer, err := http.Get(l.comeBack(true))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if page, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(page), "The login failed") || !strings.Contains(string(page), "invalid_client") {
		t.Errorf("%v\n%s", err, page)
	}
	if code, screen := l.end(); code != 3 || !strings.Contains(screen, "invalid_client") {
		t.Errorf("exit code %d:\n%s", code, screen)
	}
	if o := run(env, "profile", "list", "--jq", "length"); o.stdout != "0\n" {
		t.Errorf("a profile is kept: %+v", o)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

// comeBack gives the address the merchant's browser ends up at.
func (l *pastedLogin) comeBack(allow bool) string {
	l.t.Helper()
	back, err := l.merchant.Consent(context.Background(), l.page, allow)
	if err != nil {
		l.t.Fatal(err)
	}
	return back.String()
}

func TestMerchantLoginByPaste(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--no-browser"}, {"--redirect-uri", "https://pos.example.test/gobiz/callback"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			l := startPastedLogin(t, args...)
			l.typed("https://pos.example.test/nothing\r")
			l.expect("it has no code")
			l.expect("Paste that address here")
			l.typed("http://127.0.0.1/callback?code=abc&state=another-state\r")
			l.expect("its state is another one")
			l.expect("Paste that address here")
			address := l.comeBack(true)
			l.typed(address + "\r")
			l.expect("logged in")
			code, screen := l.end()
			if code != 0 {
				t.Errorf("exit code %d:\n%s", code, screen)
			}
			if !countdown.MatchString(screen) || !strings.Contains(screen, " characters") {
				t.Errorf("no countdown, or what was pasted is not counted:\n%q", screen)
			}
			_, query, _ := strings.Cut(address, "?")
			if strings.Contains(screen, query) {
				t.Errorf("the code is on the screen:\n%s", screen)
			}
		})
	}
}

func TestMerchantLoginByPasteRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		play func(*pastedLogin)
		code int
		says string
	}{
		"deny":   {func(l *pastedLogin) { l.typed(l.comeBack(false) + "\r") }, 3, "the merchant denied the request"},
		"Ctrl-C": {func(l *pastedLogin) { l.typed("\x03") }, 130, "interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := startPastedLogin(t, "--no-browser")
			tt.play(l)
			code, screen := l.end()
			if code != tt.code || !strings.Contains(screen, tt.says) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, tt.code, tt.says, screen)
			}
			port := regexp.MustCompile(`redirect_uri=http%3A%2F%2F(127\.0\.0\.1)%3A(\d+)`).FindStringSubmatch(l.page)
			if conn, err := net.Dial("tcp", net.JoinHostPort(port[1], port[2])); err == nil {
				conn.Close()
				t.Error("the receiver still listens")
			}
		})
	}
}
