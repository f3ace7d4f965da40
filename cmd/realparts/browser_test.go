package realparts

import (
	"bytes"
	"image/color"
	"image/png"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// merchant is a machine that is ready for a merchant login, and the browser on
// it.
type merchant struct {
	*machine
	server  *server
	browser *browser
	phone   string
	otp     string
}

// newMerchant keeps secrets in the encrypted file: these tests are about the
// browser.
func newMerchant(t *testing.T, browserArgs ...string) *merchant {
	t.Helper()
	requireParts(t, chromium, chromeDriver)
	s := startServer(t)
	m := newMachine(t).with(s.environment()...).with(
		"GOBIZ_CLIENT_SECRET", s.ClientSecret, "GOBIZ_CREDENTIAL_STORE", "file", "GOBIZ_CREDENTIALS_PASSPHRASE", "open sesame")
	return &merchant{m, s, openBrowser(t, browserArgs...), s.Users[0].Phone, s.Users[0].OTP}
}

// identify goes through the login's first two pages.
func (m *merchant) identify() {
	m.t.Helper()
	m.browser.sees("Log in to GoBiz")
	m.browser.fill("Phone number", m.phone)
	m.browser.press("Continue")
	m.browser.sees("Enter the OTP")
	m.browser.fill("OTP", m.otp)
	m.browser.press("Continue")
	m.browser.sees("Allow access?")
}

// loggedIn checks that the login that is stored works.
func (m *merchant) loggedIn() {
	m.t.Helper()
	stored := m.with("GOBIZ_CLIENT_SECRET", "")
	if got := stored.must("token-info", "--jq", ".user.roles[0]"); got != "owner" {
		m.t.Errorf("token-info says %s", got)
	}
}

// The whole way: the system's browser opens, the merchant mistypes the OTP,
// allows, and is told that it is done.
func TestBrowserAllow(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	opened := m.catchBrowser()
	login := m.merchantLogin()
	m.browser.open(login.page)
	m.browser.sees("Log in to GoBiz")
	m.browser.fill("Phone number", m.phone)
	m.browser.press("Continue")
	m.browser.fill("OTP", "0000")
	m.browser.press("Continue")
	if got := m.browser.find("css selector", "[role=alert]").get("text"); got != "This OTP is not correct. Please try again." {
		t.Errorf("after a wrong OTP the page says %q", got)
	}
	m.browser.fill("OTP", m.otp)
	m.browser.press("Continue")
	m.browser.sees("Allow access?")
	for _, scope := range []string{"openid", "partner:outlet:write", "gofood:catalog:write"} {
		m.browser.find("xpath", "//li/*[contains(., '"+scope+"')]")
	}
	m.browser.press("Allow")
	m.browser.sees("You are logged in")
	if got := opened(); got != login.page {
		t.Fatalf("the system's browser is sent to %q, printed is %q", got, login.page)
	}
	redirect, err := url.Parse(m.browser.address())
	if err != nil || redirect.Hostname() != "127.0.0.1" || redirect.Path != "/callback" || redirect.Host == strings.TrimPrefix(m.server.OAuthURL, "http://") {
		t.Errorf("the browser ends up at %s", redirect.Redacted())
	}
	m.rendered()
	got := login.end()
	if got.code != 0 || !strings.Contains(got.stderr, "logged in: profile default, local, client "+m.server.ClientID) {
		t.Errorf("exit %d\n%s", got.code, got.stderr)
	}
	if code := redirect.Query().Get("code"); code == "" || strings.Contains(got.stderr, code) {
		t.Errorf("the code %q is missing, or printed:\n%s", code, got.stderr)
	}
	m.loggedIn()

	// Who is logged in goes straight to consent, unless asked to log in again.
	again := m.merchantLogin("--no-browser")
	m.browser.open(again.page)
	m.browser.sees("Allow access?")
	again.interrupt().expect(t, 130, "interrupted")
	again = m.merchantLogin("--no-browser", "--prompt-login")
	m.browser.open(again.page)
	m.browser.sees("Log in to GoBiz")
	again.interrupt().expect(t, 130, "interrupted")
	m.loggedIn()
}

func TestBrowserDeny(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	login := m.merchantLogin("--no-browser")
	m.browser.open(login.page)
	m.identify()
	m.browser.press("Deny")
	m.browser.sees("You denied the request")
	login.end().expect(t, 3, "the merchant denied the request")
	if n := m.server.requests("createToken"); n != 0 {
		t.Errorf("%d token requests after Deny", n)
	}
	m.with("GOBIZ_CLIENT_SECRET", "").fails(3, []string{"not logged in"}, "token-info")
}

// A tab of an earlier login comes back to the port of the one under way. It is
// turned away, and the login under way goes on.
func TestBrowserStaleTab(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	stale := m.merchantLogin("--no-browser")
	m.browser.open(stale.page)
	m.identify()
	stale.interrupt().expect(t, 130, "interrupted")

	login := m.merchantLogin("--no-browser", "--callback-port", portOf(t, stale.page))
	m.browser.press("Allow")
	m.browser.sees("This page belongs to another login")
	m.browser.newTab()
	m.browser.open(login.page)
	m.browser.sees("Allow access?")
	m.browser.press("Allow")
	m.browser.sees("You are logged in")
	if got := login.end(); got.code != 0 {
		t.Errorf("exit %d\n%s", got.code, got.stderr)
	}
	m.loggedIn()
}

// In two steps, for a machine that nobody sits at: the merchant's browser is
// elsewhere and finds nothing behind the redirect, and its address is carried
// back by hand.
func TestBrowserElsewhere(t *testing.T) {
	t.Parallel()
	m := newMerchant(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	redirect := "http://" + listener.Addr().String() + "/callback"
	listener.Close() // now nothing listens there
	page := m.must("login", "--grant", "authorization-code", "--redirect-uri", redirect, "--print-url")
	m.browser.open(page)
	m.identify()
	m.browser.press("Allow")
	m.browser.find("css selector", "#main-frame-error") // Chromium's own page
	address := m.browser.address()
	if !strings.HasPrefix(address, redirect+"?code=") {
		t.Fatalf("the browser ends up at %s", address)
	}

	later := m.with("GOBIZ_CLIENT_SECRET", "") // the first step has stored it
	later.fails(3, []string{"state"}, "login", "--complete", address+"x")
	if got := later.must("profile", "show", "--jq", ".redirect_uri"); got != "null" {
		t.Errorf("a redirect URI is kept that has not worked yet: %s", got)
	}
	later.must("login", "--complete", address)
	if got := later.must("profile", "show", "--jq", ".redirect_uri"); got != redirect {
		t.Errorf("the redirect URI that is kept is %s", got)
	}
	m.loggedIn()
	later.fails(3, []string{"gobiz login"}, "login", "--complete", address)
	if n := m.server.requests("createToken"); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
	if files := m.holds(strings.TrimPrefix(address, redirect)); files != nil {
		t.Errorf("the address is kept in %v", files)
	}
}

// portOf is the port of the redirect URI in a login page's URL.
func portOf(t *testing.T, page string) string {
	t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	redirect, err := url.Parse(u.Query().Get("redirect_uri"))
	if err != nil || redirect.Port() == "" {
		t.Fatalf("redirect URI %v: %v", redirect, err)
	}
	return redirect.Port()
}

// --locale decides the pages' language, whatever the browser prefers; without it
// the browser does.
func TestBrowserLocale(t *testing.T) {
	t.Parallel()
	m := newMerchant(t, "--accept-lang=en-US")
	login := m.merchantLogin("--no-browser", "--locale", "id")
	m.browser.open(login.page)
	m.browser.sees("Masuk ke GoBiz")
	if got := m.browser.language(); got != "id" {
		t.Errorf("the page's language is %q", got)
	}
	m.browser.fill("Nomor telepon", m.phone)
	m.browser.press("Lanjut")
	m.browser.sees("Masukkan OTP")
	m.browser.fill("OTP", "0000")
	m.browser.press("Lanjut")
	if got := m.browser.find("css selector", "[role=alert]").get("text"); got != "OTP salah. Silakan coba lagi." {
		t.Errorf("after a wrong OTP the page says %q", got)
	}
	m.browser.fill("OTP", m.otp)
	m.browser.press("Lanjut")
	m.browser.sees("Izinkan akses?")
	m.browser.press("Izinkan")
	if got := login.end(); got.code != 0 {
		t.Errorf("exit %d\n%s", got.code, got.stderr)
	}
	m.loggedIn()

	english := m.merchantLogin("--no-browser", "--prompt-login")
	m.browser.open(english.page)
	m.browser.sees("Log in to GoBiz")
	english.interrupt()
}

// catchBrowser puts a program in the place of the system's browser, which returns
// when its window is closed, after the login. It gives the URL that the program was
// last called with.
func (m *merchant) catchBrowser() func() string {
	m.t.Helper()
	dir := shortTempDir(m.t)
	file := filepath.Join(dir, "opened")
	const script = "#!/bin/sh\nprintf %s \"$1\" >\"$OPENED\"\necho 'a browser is noisy'\nexec tail --pid=$PPID --sleep-interval=0.1 -f /dev/null\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		m.t.Fatal(err)
	}
	m.env["PATH"] = dir + string(os.PathListSeparator) + m.env["PATH"]
	m.env["OPENED"] = file
	m.env["BROWSER"] = "xdg-open" // there is somebody before a screen
	return func() string {
		m.t.Helper()
		opened, err := os.ReadFile(file)
		if err != nil {
			m.t.Fatalf("the system's browser was not opened: %v", err)
		}
		return string(opened)
	}
}

// rendered takes a screenshot and looks whether there is anything to see.
func (m *merchant) rendered() {
	m.t.Helper()
	shot := m.browser.screenshot()
	file := filepath.Join(m.t.TempDir(), "screenshot.png")
	if err := os.WriteFile(file, shot, 0o600); err != nil {
		m.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		m.t.Fatal(err)
	}
	colours := map[color.Color]bool{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			colours[picture.At(x, y)] = true
		}
	}
	if len(colours) < 2 {
		m.t.Error("the page is blank")
	}
}
