package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Merchant plays a merchant at the sandbox's login pages, for the demo and for
// tests without a browser: phone number, OTP, consent.
type Merchant struct {
	Phone, OTP string
	Transport  http.RoundTripper // nil: http.DefaultTransport
}

// Consent opens a login page, logs in and presses Allow, or Deny. It gives the
// address that the merchant's browser would be sent to: the redirect URI with
// code and state, or with an error.
func (m Merchant) Consent(ctx context.Context, loginPage string, allow bool) (*url.URL, error) {
	start, err := url.Parse(loginPage)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Transport: m.Transport,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host != start.Host || !strings.HasPrefix(r.URL.Path, "/oauth2/") {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
	page, err := visit(ctx, client, http.MethodGet, loginPage, nil)
	if err != nil {
		return nil, err
	}
	challenge := page.at.Query().Get("login_challenge")
	decision := map[bool]string{true: "allow", false: "deny"}[allow]
	for _, field := range [][2]string{{"phone", m.Phone}, {"otp", m.OTP}, {"decision", decision}} {
		if page.next != nil {
			return page.next, nil // refused before the login
		}
		form := url.Values{"login_challenge": {challenge}, field[0]: {field[1]}}
		target := start.ResolveReference(&url.URL{Path: "/oauth2/login"})
		if page, err = visit(ctx, client, http.MethodPost, target.String(), form); err != nil {
			return nil, fmt.Errorf("login page, %s: %w", field[0], err)
		}
	}
	if page.next == nil {
		return nil, errors.New("the login page did not send the browser back")
	}
	return page.next, nil
}

// visited is a page that a merchant's browser has loaded.
type visited struct {
	at   *url.URL
	next *url.URL // a redirect that leaves the login pages; nil: none
}

func visit(ctx context.Context, client *http.Client, method, target string, form url.Values) (visited, error) {
	r, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return visited{}, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := client.Do(r)
	if err != nil {
		return visited{}, err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode >= 400 {
		return visited{}, fmt.Errorf("the page answered %s", response.Status)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return visited{}, err
	}
	page := visited{at: response.Request.URL}
	if to := response.Header.Get("Location"); to != "" {
		page.next, err = page.at.Parse(to)
	}
	return page, err
}
