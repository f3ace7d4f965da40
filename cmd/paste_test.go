//go:build linux || darwin

package cmd_test

import (
	"context"
	"net"
	"regexp"
	"strings"
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
	s := inTerminal(t, env, append([]string{"login", "--grant", "authorization-code"}, args...)...)
	s.expect("Paste that address here")
	owner := info.Users[0]
	return &pastedLogin{s, sandbox.Merchant{Phone: owner.Phone, OTP: owner.OTP}, loginPage.FindString(s.seen.String())}
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
		"deny":          {func(l *pastedLogin) { l.typed(l.comeBack(false) + "\r") }, 3, "the merchant denied the request"},
		"another login": {func(l *pastedLogin) { l.typed("http://127.0.0.1/callback?code=abc&state=another-state\r") }, 3, "its state is another one"},
		"Ctrl-C":        {func(l *pastedLogin) { l.typed("\x03") }, 130, "interrupted"},
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
