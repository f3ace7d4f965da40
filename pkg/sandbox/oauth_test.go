package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClientCredentials(t *testing.T) {
	d := newHarness(t, Options{})
	credentials := func(changes ...string) url.Values {
		v := url.Values{
			"grant_type": {"client_credentials"}, "scope": {"gofood:catalog:read gofood:catalog:write"},
			"client_id": {facilitatorID}, "client_secret": {"sandbox-facilitator-secret"},
		}
		for i := 0; i+1 < len(changes); i += 2 {
			if v.Set(changes[i], changes[i+1]); changes[i+1] == "" {
				v[changes[i]] = []string{""}
			}
		}
		return v
	}
	var got tokenData
	d.decode(d.token(credentials()), &got)
	want := tokenData{ExpiresIn: 3599, Scope: "gofood:catalog:read gofood:catalog:write", TokenType: "Bearer"}
	if got.AccessToken == "" {
		t.Error("no access token")
	}
	got.AccessToken = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	got = tokenData{}
	d.decode(d.token(credentials("scope", "openid offline")), &got)
	if got.RefreshToken != "" || got.IDToken != "" {
		t.Errorf("client credentials got a refresh or id token: %+v", got)
	}

	bad := func(code, hint string) string {
		return `{"error":"bad_request","error_description":"The request was missing a required parameter","error_hint":"` + hint + `","status_code":400}`
	}
	for name, c := range map[string]struct {
		form   url.Values
		status int
		body   string
	}{
		"no client id":       {credentials("client_id", ""), 400, bad("bad_request", "client_id missing")},
		"no secret":          {credentials("client_secret", ""), 400, bad("bad_request", "client_secret missing")},
		"no grant":           {credentials("grant_type", ""), 400, bad("bad_request", "grant_type missing")},
		"unknown client":     {credentials("client_id", "nobody"), 401, `{"error":"invalid_client","error_description":"Client authentication failed","error_hint":"client id or secret is invalid","status_code":401}`},
		"wrong secret":       {credentials("client_secret", "x"), 401, `{"error":"invalid_client","error_description":"Client authentication failed","error_hint":"client id or secret is invalid","status_code":401}`},
		"scope too many":     {credentials("scope", "gofood:catalog:read food:read"), 400, `"error":"invalid_scope"`},
		"unknown grant":      {credentials("grant_type", "password"), 400, `{"error":"invalid_request",`},
		"legacy needs scope": {credentials("client_id", enterpriseID, "client_secret", "sandbox-enterprise-secret", "scope", ""), 400, bad("bad_request", "scope missing")},
		"grant not allowed":  {url.Values{"grant_type": {"authorization_code"}, "client_id": {directID}, "client_secret": {"sandbox-direct-secret"}}, 400, `"error":"unauthorized_client"`},
	} {
		t.Run(name, func(t *testing.T) { d.refused(d.token(c.form), c.status, c.body) })
	}
}

func TestTokenEndpointTransport(t *testing.T) {
	d := newHarness(t, Options{})
	send := func(method, contentType, body string, basic ...string) answer {
		r, err := http.NewRequestWithContext(t.Context(), method, d.s.oauthOrigin+"/oauth2/token", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if len(basic) == 2 {
			r.SetBasicAuth(basic[0], basic[1])
		}
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		r.Header.Set("X-Request-Id", "debug-1")
		return d.do(r)
	}
	const form = "application/x-www-form-urlencoded"

	a := send(http.MethodGet, "", "")
	if a.status != http.StatusMethodNotAllowed || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
		t.Errorf("GET: %d %s", a.status, a.header.Get("Content-Type"))
	}
	a = send(http.MethodPost, form, "grant_type=client_credentials", facilitatorID, "sandbox-facilitator-secret")
	var got tokenData
	d.decode(a, &got)
	if got.Scope != "" {
		t.Errorf("a call without scope was granted %q", got.Scope)
	}
	if id := a.header.Get("X-Request-Id"); id != "debug-1" {
		t.Errorf("request id %q was not echoed", id)
	}
	d.refused(caller{d, got.AccessToken}.call(http.MethodGet, "/integrations/partner/outlets/"+linkedOutletID+"/v1", nil), 403, "partner:outlet:read")
	d.refused(send(http.MethodPost, form, "grant_type=client_credentials&client_secret=sandbox-facilitator-secret", facilitatorID, "sandbox-facilitator-secret"),
		400, "use one")
	d.refused(send(http.MethodPost, "application/json", `{}`), 400, "form-urlencoded")
	d.refused(send(http.MethodPost, form, "%zz"), 400, "not a form")

	d.s.setSwitches(Switches{PlainOAuthErrors: true, ExpiresIn3600: true})
	a = send(http.MethodPost, form, "grant_type=client_credentials", facilitatorID, "wrong")
	if string(a.body) != `{"error":"invalid_client","error_description":"Client authentication failed"}` || a.status != 401 {
		t.Errorf("plain error: %d %s", a.status, a.body)
	}
	d.decode(send(http.MethodPost, form, "grant_type=client_credentials", facilitatorID, "sandbox-facilitator-secret"), &got)
	if got.ExpiresIn != 3600 {
		t.Errorf("expires_in %d, want 3600", got.ExpiresIn)
	}
}

func TestMerchantLogin(t *testing.T) {
	d := newHarness(t, Options{})
	u := owner(t)
	b := d.browser()

	p := b.open(asks())
	for _, text := range []string{"Log in to GoBiz", "Contoh POS", "not affiliated with Gojek", `<html lang="en">`} {
		if !strings.Contains(p.text, text) {
			t.Errorf("the phone page lacks %q", text)
		}
	}
	if again := b.submit(p, "phone", "+62999"); again.status != 422 || !strings.Contains(again.text, "not registered") {
		t.Errorf("an unknown phone was answered %d %s", again.status, again.text)
	}
	p = b.submit(p, "phone", "0812-0000-0001") // as people write it
	if again := b.submit(p, "otp", "000000"); again.status != 422 || !strings.Contains(again.text, "not correct") {
		t.Errorf("a wrong OTP was answered %d %s", again.status, again.text)
	}
	p = b.submit(p, "otp", u.OTP)
	for _, text := range []string{"Allow", "Deny", u.Name, "change your menu", "gofood:catalog:read"} {
		if contains := strings.Contains(p.text, text); contains == (text == "change your menu") {
			t.Errorf("the consent page and %q: %v", text, contains)
		}
	}
	p = b.submit(p, "decision", "allow")
	if p.location == nil || !strings.HasPrefix(p.location.String(), callback+"?") {
		t.Fatalf("sent to %v", p.location)
	}
	q := p.location.Query()
	if q.Get("state") != "state-1234567890" || q.Get("code") == "" || len(q) != 2 {
		t.Errorf("callback got %v", q)
	}

	var got tokenData
	d.decode(d.exchange(q.Get("code")), &got)
	if got.RefreshToken == "" || got.ExpiresIn != 3599 || got.Scope != asks().Get("scope") {
		t.Errorf("tokens: %+v", got)
	}
	claims := idTokenClaims(t, got.IDToken, "sandbox-facilitator-secret")
	if claims.Nonce != "nonce-1" || claims.Audience[0] != facilitatorID || claims.Issuer != d.s.oauthOrigin+"/" ||
		claims.ExpiresAt != noon.Add(time.Hour).Unix() || strings.Contains(claims.Subject, "8120000") {
		t.Errorf("claims: %+v", claims)
	}

	// The browser is remembered; prompt=login asks anew.
	if p := b.open(asks()); !strings.Contains(p.text, "Allow") {
		t.Errorf("a remembered user was not sent to consent: %s", p.text)
	}
	if p := b.open(asks("prompt", "login")); !strings.Contains(p.text, `name="phone"`) {
		t.Errorf("prompt=login did not show the login page: %s", p.text)
	}
	d.s.clock.advance(time.Minute)
	if p := b.open(asks("max_age", "30")); !strings.Contains(p.text, `name="phone"`) {
		t.Errorf("max_age did not show the login page: %s", p.text)
	}
	if p := d.browser().open(asks("ui_locales", "id en")); !strings.Contains(p.text, "Nomor telepon") {
		t.Errorf("ui_locales=id: %s", p.text)
	}
}

func idTokenClaims(t *testing.T, token, secret string) idClaims {
	t.Helper()
	signed, signature, _ := cutLast(token, ".")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	if base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) != signature {
		t.Errorf("the id token's signature does not verify")
	}
	_, payload, _ := strings.Cut(signed, ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	var claims idClaims
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	return s[:i], s[i+1:], i >= 0
}

func TestTooManyWrongOTPs(t *testing.T) {
	d := newHarness(t, Options{})
	b := d.browser()
	p := b.submit(b.open(asks()), "phone", owner(t).Phone)
	for range maxOTPTries {
		p = b.submit(p, "otp", "000000")
	}
	if !strings.Contains(p.text, "Too many wrong OTPs") || !strings.Contains(p.text, `name="phone"`) {
		t.Errorf("after %d wrong OTPs: %s", maxOTPTries, p.text)
	}
}

func TestDenyGoesBack(t *testing.T) {
	d := newHarness(t, Options{})
	q := d.browser().consent(owner(t), "deny")
	if q.Get("error") != "access_denied" || q.Get("state") != "state-1234567890" || q.Has("code") {
		t.Errorf("callback got %v", q)
	}
}

func TestAuthorizeRefusals(t *testing.T) {
	d := newHarness(t, Options{})
	for name, changes := range map[string][]string{
		"invalid_state":             {"state", "short"},
		"unsupported_response_type": {"response_type", "token"},
		"invalid_request":           {"user_type", "customer"},
		"invalid_scope":             {"scope", "openid food:read"},
		"invalid_scope ":            {"scope", "offline"},
		"invalid_request ":          {"code_challenge", "plain-text", "code_challenge_method", "plain"},
	} {
		p := d.browser().open(asks(changes...))
		if p.location == nil || p.location.Query().Get("error") != strings.TrimSpace(name) {
			t.Errorf("%v: %d, sent to %v", changes, p.status, p.location)
		}
	}
	b := d.browser()
	for _, want := range []string{"login_required", "consent_required"} {
		if p := b.open(asks("prompt", "none")); p.location == nil || p.location.Query().Get("error") != want || p.location.Query().Get("state") == "" {
			t.Errorf("prompt=none: %d, sent to %v, want %s", p.status, p.location, want)
		}
		b.consent(owner(t), "allow") // now the browser has a session
	}
	for _, changes := range [][]string{
		{"client_id", "nobody"},
		{"client_id", ""},
		{"redirect_uri", "https://evil.example.test/callback"},
		{"redirect_uri", "http://127.0.0.1:54321/callback/../x"},
		{"redirect_uri", "http://localhost:54321/callback"},
		{"redirect_uri", "http://127.0.0.1:54321/callback?x=1"},
		{"redirect_uri", "http://u@127.0.0.1:54321/callback"},
		{"redirect_uri", ""},
		{"client_id", directID},
	} {
		p := d.browser().open(asks(changes...))
		if p.location != nil || p.status != 400 || !strings.Contains(p.text, "This login cannot go on") {
			t.Errorf("%v: %d, sent to %v", changes, p.status, p.location)
		}
	}
	for _, uri := range []string{"http://[::1]:1/callback", "http://127.0.0.1/callback", "http://localhost:8910/callback", "https://pos.example.test/gobiz/callback"} {
		if p := d.browser().open(asks("redirect_uri", uri)); p.location != nil || p.status != 200 {
			t.Errorf("registered %s: %d, sent to %v", uri, p.status, p.location)
		}
	}
}

func TestCodesLiveOnceAndTwoMinutes(t *testing.T) {
	d := newHarness(t, Options{})
	code := func() string { return d.browser().consent(owner(t), "allow").Get("code") }

	first := code()
	d.refused(d.exchange(first, "redirect_uri", "http://127.0.0.1:1/callback"), 400, "redirect_uri differs")
	var got tokenData
	d.decode(d.exchange(first), &got)
	d.refused(d.exchange(first), 400, "used already")
	d.refused(caller{d, got.AccessToken}.call(http.MethodGet, "/integrations/partner/v1/token-info", nil), 401, "Session Expired")
	d.refused(d.refresh(got.RefreshToken), 400, "invalid_grant")

	late := code()
	d.s.clock.advance(codeLifetime)
	d.refused(d.exchange(late), 400, "expired")
	d.refused(d.exchange("made-up"), 400, "invalid_grant")
	d.refused(d.token(url.Values{"grant_type": {"authorization_code"}, "redirect_uri": {callback}}), 400, "code missing")
}

func TestPKCE(t *testing.T) {
	d := newHarness(t, Options{})
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	code := func() string {
		return d.browser().consent(owner(t), "allow", "code_challenge", challenge, "code_challenge_method", "S256").Get("code")
	}
	d.refused(d.exchange(code()), 400, "code_verifier")
	d.refused(d.exchange(code(), "code_verifier", "wrong"), 400, "code_verifier")
	d.done(d.exchange(code(), "code_verifier", verifier))
	plain := d.browser().consent(owner(t), "allow").Get("code")
	d.refused(d.exchange(plain, "code_verifier", verifier), 400, "code_verifier")
}

func TestRefreshTokensRotate(t *testing.T) {
	d := newHarness(t, Options{})
	var first, second, third tokenData
	d.decode(d.exchange(d.browser().consent(owner(t), "allow").Get("code")), &first)
	d.decode(d.refresh(first.RefreshToken), &second)
	info := func(token string) answer {
		return caller{d, token}.call(http.MethodGet, "/integrations/partner/v1/token-info", nil)
	}
	if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken || second.IDToken == "" {
		t.Errorf("second tokens: %+v", second)
	}
	d.refused(info(first.AccessToken), 401, "HTTP_401")
	d.done(info(second.AccessToken))

	// A token that comes a second time kills the whole family.
	d.refused(d.refresh(first.RefreshToken), 400, "all tokens of this login are revoked")
	d.refused(info(second.AccessToken), 401, "HTTP_401")
	d.refused(d.refresh(second.RefreshToken), 400, "invalid_grant")

	d.s.setSwitches(Switches{KeepRefreshToken: true})
	first = tokenData{}
	d.decode(d.exchange(d.browser().consent(owner(t), "allow").Get("code")), &first)
	d.decode(d.refresh(first.RefreshToken), &third)
	if third.RefreshToken != "" {
		t.Errorf("a new refresh token came although the old one is kept")
	}
	d.done(d.refresh(first.RefreshToken))

	without := d.browser().consent(owner(t), "allow", "scope", "openid partner:outlet:read").Get("code")
	first = tokenData{}
	d.decode(d.exchange(without), &first)
	if first.RefreshToken != "" {
		t.Errorf("a refresh token came without the scope offline")
	}
}

func TestTokensExpire(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	probe := func() answer {
		return c.call(http.MethodGet, "/integrations/partner/outlets/"+linkedOutletID+"/v1", nil)
	}
	d.done(probe())
	d.done(d.control(http.MethodPost, "clock", map[string]string{"advance": "59m59s"}))
	d.done(probe())
	d.done(d.control(http.MethodPost, "clock", map[string]string{"advance": "1s"}))
	d.refused(probe(), 401, `"code":"HTTP_401"`)

	c = d.as(facilitatorID)
	d.done(probe())
	d.done(d.control(http.MethodPost, "tokens/expire", map[string]string{"client_id": directID}))
	d.done(probe())
	d.done(d.control(http.MethodPost, "tokens/expire", nil))
	d.refused(probe(), 401, "Your session is expired. Please login again.")
}

func TestLoginPagesAreOnce(t *testing.T) {
	d := newHarness(t, Options{})
	b := d.browser()
	p := b.open(asks())
	b.submit(p, "phone", owner(t).Phone)
	otp := b.show(b.client.Get(d.s.oauthOrigin + "/oauth2/login?login_challenge=" + challengeOf(t, p)))
	consent := b.submit(otp, "otp", owner(t).OTP)
	if p := b.submit(consent, "decision", "allow"); p.location == nil {
		t.Fatal("allow did not redirect")
	}
	if p := b.submit(consent, "decision", "allow"); p.location != nil || p.status != 400 {
		t.Errorf("a second click on Allow: %d, %v", p.status, p.location)
	}
	resp, err := b.client.Get(d.s.oauthOrigin + "/oauth2/login?login_challenge=made-up")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "start it again") {
		t.Errorf("an unknown login: %d", resp.StatusCode)
	}
}

func challengeOf(t *testing.T, p page) string {
	t.Helper()
	for _, m := range hiddenFields.FindAllStringSubmatch(p.text, -1) {
		if m[1] == "login_challenge" {
			return m[2]
		}
	}
	t.Fatalf("no login in %s", p.text)
	return ""
}

// Tokens that have ended are forgotten when there are many, and no other.
func TestEndedTokensAreForgotten(t *testing.T) {
	d := newHarness(t, Options{})
	remembered := func() (n int) {
		d.s.store.view(func() { n = len(d.s.store.tokens.rows) })
		return n
	}
	ask := func(times int) {
		t.Helper()
		for range times {
			if _, err := d.s.clientCredentials(partner{ID: facilitatorID}, url.Values{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(2 * minPrune)
	d.advance("50m")
	c := d.as(facilitatorID)
	ask(2 * minPrune)
	if n := remembered(); n != 4*minPrune+1 {
		t.Errorf("%d tokens are remembered, and all are valid", n)
	}
	d.advance("50m")
	ask(4 * minPrune)
	if n := remembered(); n > 6*minPrune+1 {
		t.Errorf("%d tokens are remembered, and %d are valid", n, 6*minPrune+1)
	}
	d.advance("5m")
	d.done(c.call(http.MethodGet, "/integrations/partner/outlets/"+linkedOutletID+"/v1", nil))
}
