package sandbox

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is what a merchant logs in with. It keeps cookies and stops at the
// application's callback.
type browser struct {
	*harness
	client *http.Client
}

const callback = "http://127.0.0.1:54321/callback"

func (d *harness) browser() *browser {
	d.Helper()
	d.Cleanup(http.DefaultClient.CloseIdleConnections)
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.Fatal(err)
	}
	return &browser{d, &http.Client{
		Transport: onlyAPI{d.client.Transport, http.DefaultTransport},
		Jar:       jar,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host != strings.TrimPrefix(d.s.oauthOrigin, "http://") {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}}
}

// onlyAPI holds against the contract what is documented: the login pages' own
// steps are not.
type onlyAPI struct{ judged, plain http.RoundTripper }

func (o onlyAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/oauth2/login" {
		return o.plain.RoundTrip(r)
	}
	return o.judged.RoundTrip(r)
}

// page is what the browser shows, or where it was sent to.
type page struct {
	status   int
	text     string
	origin   string   // that a browser sends with the page's forms
	location *url.URL // of the callback; nil: still in the sandbox
}

func (b *browser) show(resp *http.Response, err error) page {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	p := page{status: resp.StatusCode, text: string(body), origin: b.s.oauthOrigin}
	if resp.Header.Get("Referrer-Policy") == "no-referrer" {
		p.origin = "null"
	}
	if to := resp.Header.Get("Location"); to != "" {
		if p.location, err = url.Parse(to); err != nil {
			b.Fatal(err)
		}
	}
	return p
}

func (b *browser) open(parameters url.Values) page {
	b.Helper()
	return b.show(b.client.Get(b.s.oauthOrigin + "/oauth2/auth?" + parameters.Encode()))
}

var hiddenFields = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// submit sends the page's form with the hidden fields that it has.
func (b *browser) submit(p page, name, value string) page {
	b.Helper()
	form := url.Values{name: {value}}
	for _, m := range hiddenFields.FindAllStringSubmatch(p.text, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.s.oauthOrigin+"/oauth2/login", strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", p.origin)
	return b.show(b.client.Do(r))
}

// asks are the parameters of a correct authorization request, with changes: a
// name and its value in turn, an empty value removes it.
func asks(changes ...string) url.Values {
	v := url.Values{
		"client_id": {facilitatorID}, "response_type": {"code"}, "redirect_uri": {callback}, "user_type": {"merchant"},
		"state": {"state-1234567890"}, "nonce": {"nonce-1"},
		"scope": {"openid offline partner:outlet:read partner:outlet:write gofood:catalog:read gofood:outlet:write"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if v.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return v
}

// consent walks a user through the login pages up to the callback.
func (b *browser) consent(u UserInfo, decision string, changes ...string) url.Values {
	b.Helper()
	p := b.open(asks(changes...))
	p = b.submit(p, "phone", u.Phone)
	p = b.submit(p, "otp", u.OTP)
	p = b.submit(p, "decision", decision)
	if p.location == nil {
		b.Fatalf("no redirect after consent: %d %s", p.status, p.text)
	}
	return p.location.Query()
}

// token calls the token endpoint with the secret in the body.
func (d *harness) token(form url.Values) answer {
	d.Helper()
	if !form.Has("client_id") {
		form.Set("client_id", facilitatorID)
		form.Set("client_secret", "sandbox-facilitator-secret")
	}
	r, err := http.NewRequestWithContext(d.Context(), http.MethodPost, d.s.oauthOrigin+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.do(r)
}

func (d *harness) exchange(code string, changes ...string) answer {
	d.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return d.token(form)
}

func (d *harness) refresh(token string) answer {
	d.Helper()
	return d.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

// loggedIn returns a caller with a user's token.
func (d *harness) loggedIn(u UserInfo) caller {
	d.Helper()
	var got tokenData
	d.decode(d.exchange(d.browser().consent(u, "allow").Get("code")), &got)
	return caller{d, got.AccessToken}
}

// The seeded users, by role.
func owner(t *testing.T) UserInfo   { return seededUser(t, roleOwner) }
func manager(t *testing.T) UserInfo { return seededUser(t, roleManager) }
func cashier(t *testing.T) UserInfo { return seededUser(t, roleCashier) }

func seededUser(t *testing.T, role string) UserInfo {
	t.Helper()
	for _, u := range seededUsers() {
		if u.Role == role {
			return u
		}
	}
	t.Fatalf("no user with role %s", role)
	return UserInfo{}
}
