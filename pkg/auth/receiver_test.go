package auth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// merchantLogin is a login under way: its receiver waits, and get is the
// merchant's browser coming back.
type merchantLogin struct {
	t             *testing.T
	receiver      *auth.Receiver
	authorization *auth.Authorization
	cancel        context.CancelCauseFunc
	ended         chan struct{}
	code          string
	finished      chan error // what the exchange of the code gives
	err           error
}

func startMerchantLogin(t *testing.T, pageWait ...time.Duration) *merchantLogin {
	t.Helper()
	receiver, err := auth.NewReceiver("http://127.0.0.1:0/callback")
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range pageWait {
		receiver.WaitForPage(limit)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	l := &merchantLogin{
		t: t, receiver: receiver, cancel: cancel, ended: make(chan struct{}), finished: make(chan error, 1),
		authorization: &auth.Authorization{State: "state-of-this-login", RedirectURI: receiver.RedirectURI()},
	}
	go func() {
		defer close(l.ended)
		l.err = receiver.Wait(ctx, l.authorization, func(_ context.Context, code string) error {
			l.code = code
			return <-l.finished
		})
	}()
	t.Cleanup(func() {
		cancel(nil)
		<-l.ended
	})
	return l
}

func (l *merchantLogin) get(query string) (status int, page string) {
	l.t.Helper()
	resp, err := http.Get(l.receiver.RedirectURI() + "?" + query)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (l *merchantLogin) wait() (string, error) {
	<-l.ended
	return l.code, l.err
}

func TestReceiverTakesTheCode(t *testing.T) {
	l := startMerchantLogin(t)
	l.finished <- nil
	status, page := l.get("code=the-code&state=state-of-this-login")
	if status != http.StatusOK || !strings.Contains(page, "You are logged in") || !strings.Contains(page, "ot affiliated with Gojek") {
		t.Errorf("%d %s", status, page)
	}
	if strings.Contains(page, "the-code") {
		t.Error("the page shows the code")
	}
	if code, err := l.wait(); code != "the-code" || err != nil {
		t.Errorf("code %q, %v", code, err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(strings.TrimSuffix(l.receiver.RedirectURI(), "/callback"), "http://")); err == nil {
		t.Error("the port is still open after the login")
	}
}

// The page does not say that a login is done before it is, and says what failed.
func TestReceiverWaitsForTheExchange(t *testing.T) {
	const answer = "code=the-code&state=state-of-this-login"
	l := startMerchantLogin(t)
	failure := errors.New("the login code was rejected: <b>too old</b>")
	pages := make(chan string)
	go func() {
		_, page := l.get(answer)
		pages <- page
	}()
	select {
	case page := <-pages:
		t.Errorf("before the exchange has ended: %s", page)
	case <-time.After(50 * time.Millisecond):
	}
	l.finished <- failure
	if page := <-pages; !strings.Contains(page, "The login failed") || !strings.Contains(page, "rejected: &lt;b&gt;too old") || strings.Contains(page, "You are logged in") {
		t.Error(page)
	}
	if _, err := l.wait(); !errors.Is(err, failure) {
		t.Error(err)
	}

	l = startMerchantLogin(t, time.Millisecond)
	if _, page := l.get(answer); !strings.Contains(page, "The login is not done yet") {
		t.Error(page)
	}
	l.finished <- nil
	if _, err := l.wait(); err != nil {
		t.Error(err)
	}
}

func TestReceiverTurnsOtherLoginsAway(t *testing.T) {
	l := startMerchantLogin(t)
	for _, query := range []string{"code=forged&state=another-state", "code=forged", "error=access_denied&state=", ""} {
		if status, page := l.get(query); status != http.StatusBadRequest || !strings.Contains(page, "another login") {
			t.Errorf("%q: %d %s", query, status, page)
		}
	}
	l.finished <- nil
	l.get("code=true-one&state=state-of-this-login")
	if code, err := l.wait(); code != "true-one" || err != nil {
		t.Errorf("code %q, %v", code, err)
	}
}

func TestReceiverDenied(t *testing.T) {
	l := startMerchantLogin(t)
	if _, page := l.get("error=access_denied&state=state-of-this-login"); !strings.Contains(page, "denied") {
		t.Error(page)
	}
	if _, err := l.wait(); !errors.Is(err, auth.ErrDenied) {
		t.Error(err)
	}
}

func TestReceiverServerError(t *testing.T) {
	l := startMerchantLogin(t)
	l.get("error=invalid_scope&error_description=scope+promo+is+not+granted&state=state-of-this-login")
	_, err := l.wait()
	var answer *auth.Error
	if !errors.As(err, &answer) || answer.Code != "invalid_scope" || !strings.Contains(err.Error(), "promo") {
		t.Error(err)
	}
}

func TestReceiverShowsNothingOfTheAnswer(t *testing.T) {
	l := startMerchantLogin(t)
	const hostile = "%3Cscript%3Ealert(1)%3C/script%3E%22%20onload=%22alert(1)"
	for _, query := range []string{
		"code=" + hostile + "&state=" + hostile,
		"error=" + hostile + "&error_description=" + hostile + "&error_uri=javascript:alert(1)&state=state-of-this-login",
	} {
		if _, page := l.get(query); strings.Contains(page, "alert") {
			t.Errorf("%s: the page has it: %s", query, page)
		}
	}
	l.wait()
}

func TestReceiverOtherPaths(t *testing.T) {
	l := startMerchantLogin(t)
	resp, err := http.Get(strings.Replace(l.receiver.RedirectURI(), "/callback", "/favicon.ico", 1))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Error(resp.Status)
	}
}

func TestReceiverStops(t *testing.T) {
	l := startMerchantLogin(t)
	interrupted := errors.New("interrupted")
	l.cancel(interrupted)
	if _, err := l.wait(); !errors.Is(err, interrupted) {
		t.Error(err)
	}
}

func TestReceiverPortInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, err = auth.NewReceiver("http://" + listener.Addr().String() + "/callback")
	if !errors.Is(err, auth.ErrPortInUse) || err.Error() != "listen on "+listener.Addr().String()+": port in use" {
		t.Error(err)
	}
}

func TestReceiverWantsLoopback(t *testing.T) {
	for redirect, want := range map[string]bool{
		"http://127.0.0.1:8400/callback":  true,
		"http://[::1]:8400/callback":      true,
		"http://localhost:8400/callback":  false,
		"https://127.0.0.1:8400/callback": false,
		"http://127.0.0.1/callback":       false,
		"http://0.0.0.0:8400/callback":    false,
		"https://pos.example.test/gobiz":  false,
		"":                                false,
	} {
		if got := auth.IsLoopbackRedirect(redirect); got != want {
			t.Errorf("%s: %v", redirect, got)
		}
		if want {
			continue
		}
		if r, err := auth.NewReceiver(redirect); err == nil {
			r.Close()
			t.Errorf("%s: listens", redirect)
		} else if !strings.Contains(err.Error(), "want http://127.0.0.1:PORT/PATH") {
			t.Errorf("%s: %v", redirect, err)
		}
	}
}

func TestAuthorize(t *testing.T) {
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: "https://accounts.example.test", ClientID: "my-app"})
	if err != nil {
		t.Fatal(err)
	}
	request := auth.AuthorizationRequest{
		RedirectURI: "https://pos.example.test/cb?x=1", Scopes: []string{"openid", "offline"}, Locale: "id", PromptLogin: true,
	}
	a, b := endpoint.Authorize(request), endpoint.Authorize(request)
	if a.State == b.State || a.Verifier == b.Verifier || a.Nonce == b.Nonce {
		t.Error("two logins share a secret")
	}
	if len(a.State) < 43 { // 32 bytes
		t.Errorf("state of %d characters", len(a.State))
	}
	u, err := url.Parse(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	if u.Host != "accounts.example.test" || u.Path != "/oauth2/auth" {
		t.Error(a.URL)
	}
	query := u.Query()
	for name, want := range map[string]string{
		"client_id": "my-app", "response_type": "code", "scope": "openid offline", "redirect_uri": request.RedirectURI,
		"state": a.State, "nonce": a.Nonce, "user_type": "merchant", "prompt": "login", "ui_locales": "id", "code_challenge_method": "S256",
	} {
		if got := query.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if query.Get("code_challenge") == "" || strings.Contains(a.URL, a.Verifier) {
		t.Error("the verifier must stay here, its challenge goes along")
	}
}

// What was asked for is known when the login page sends a refusal.
func TestAuthorizeRefusedScope(t *testing.T) {
	a := &auth.Authorization{State: "state-of-this-login", Scopes: []string{"openid", "promo:food_promo:read"}}
	_, err := a.Code(url.Values{
		"state": {a.State}, "error": {"invalid_scope"}, "error_description": {"The requested scope is invalid"},
		"error_hint": {"the client is not allowed to request scope promo:food_promo:read"},
	})
	var answer *auth.Error
	if !errors.As(err, &answer) || !errors.Is(err, auth.ErrScope) || strings.Join(answer.RefusedScopes(), " ") != "promo:food_promo:read" {
		t.Error(err)
	}
}
