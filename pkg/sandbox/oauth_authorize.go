package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// minState is the shortest state that is accepted (developer documentation,
// "Authorization code").
const minState = 8

// authorize is GET /oauth2/auth. A client or redirect URI that is not known
// never reaches the callback: the browser stays on an error page. Everything
// else that is wrong goes back to the client.
func (s *Sandbox) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p, known := find(s.store, s.store.partners, q.Get("client_id"))
	lang := language(q.Get("ui_locales"), r.Header.Get("Accept-Language"))
	switch {
	case q.Get("client_id") == "":
		s.showAuthorizeError(w, lang, errMissingParameter("client_id"))
		return
	case !known:
		s.showAuthorizeError(w, lang, oauthError{
			Code: "invalid_client", Description: "Client authentication failed", Hint: "the client_id is unknown", Status: http.StatusBadRequest,
		})
		return
	case !slices.ContainsFunc(p.RedirectURIs, func(registered string) bool { return redirectMatches(registered, q.Get("redirect_uri")) }):
		s.showAuthorizeError(w, lang, errOAuth("invalid_request", "The request is malformed",
			"redirect_uri is not one of the client's registered redirect URIs"))
		return
	}
	l := login{
		consent:    consent{Partner: p.ID, Nonce: q.Get("nonce"), Scopes: strings.Fields(q.Get("scope"))},
		ClientName: p.Name, RedirectURI: q.Get("redirect_uri"), State: q.Get("state"),
		Challenge: q.Get("code_challenge"), Lang: lang, Step: stepPhone,
	}
	if err := checkAuthorize(p, q, l.Scopes); err != nil {
		redirectError(w, r, l.RedirectURI, l.State, *err)
		return
	}
	if old, ok := s.logins.session(r, s.now()); ok && q.Get("prompt") != "login" && fresh(old, q.Get("max_age"), s.now()) {
		l.Phone, l.LoggedInAt, l.Step = old.phone, old.at, stepConsent
	}
	if q.Get("prompt") == "none" { // and somebody always has to do something
		refused := errOAuth("login_required", "The authorization server requires end-user authentication", "")
		if l.Step == stepConsent {
			refused = errOAuth("consent_required", "The authorization server requires end-user consent", "")
		}
		redirectError(w, r, l.RedirectURI, l.State, refused)
		return
	}
	id := s.newSecret()
	s.logins.begin(id, l, s.now())
	http.Redirect(w, r, "/oauth2/login?login_challenge="+url.QueryEscape(id), http.StatusFound)
}

func checkAuthorize(p partner, q url.Values, scopes []string) *oauthError {
	refuse := func(code, description, hint string) *oauthError {
		e := errOAuth(code, description, hint)
		return &e
	}
	method := q.Get("code_challenge_method")
	switch {
	case len(q.Get("state")) < minState:
		return refuse("invalid_state", "The state is missing or does not have enough characters and is therefore considered too weak",
			"state must have at least 8 characters")
	case q.Get("response_type") != "code":
		return refuse("unsupported_response_type", "The authorization server does not support obtaining a token using this method", "response_type must be code")
	case !slices.Contains(p.Grants, grantAuthorizationCode):
		return refuse("unauthorized_client", "The client is not authorized to request a token using this method", "")
	case q.Get("user_type") != "merchant":
		return refuse("invalid_request", "The request is malformed", "user_type must be merchant")
	case !slices.Contains(scopes, "openid"):
		return refuse("invalid_scope", "The requested scope is invalid, unknown, or malformed", "scope must contain openid")
	case q.Get("code_challenge") != "" && method != "S256" || q.Get("code_challenge") == "" && method != "":
		return refuse("invalid_request", "The request is malformed", "code_challenge_method must be S256 and come with code_challenge")
	}
	var refused oauthError
	if errors.As(checkScopes(p, scopes), &refused) {
		return &refused
	}
	return nil
}

// redirectMatches compares exactly, but for the port of a registered loopback
// address: a command-line client listens where there is room (RFC 8252, 7.3).
// The name localhost is no loopback address for this.
func redirectMatches(registered, given string) bool {
	if registered == given {
		return true
	}
	r, errR := url.Parse(registered)
	g, errG := url.Parse(given)
	if errR != nil || errG != nil || r.Scheme != "http" || r.Hostname() != "127.0.0.1" && r.Hostname() != "::1" {
		return false
	}
	return g.Scheme == r.Scheme && g.Hostname() == r.Hostname() && g.Path == r.Path && g.RawQuery == r.RawQuery &&
		g.User == nil && g.Fragment == "" && validPort(g.Port())
}

func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return port == "" || err == nil && n > 0 && n < 1<<16
}

// redirectTo returns the redirect URI with more query parameters.
func redirectTo(redirectURI string, parameters url.Values) string {
	separator := "?"
	if strings.Contains(redirectURI, "?") {
		separator = "&"
	}
	return redirectURI + separator + parameters.Encode()
}

func redirectError(w http.ResponseWriter, r *http.Request, redirectURI, state string, e oauthError) {
	parameters := url.Values{"error": {e.Code}, "error_description": {e.Description}, "state": {state}}
	if e.Hint != "" {
		parameters.Set("error_hint", e.Hint)
	}
	http.Redirect(w, r, redirectTo(redirectURI, parameters), http.StatusSeeOther)
}

// fresh reports whether an earlier login is young enough for max_age (seconds).
func fresh(old session, maxAge string, now time.Time) bool {
	seconds, err := strconv.Atoi(maxAge)
	return maxAge == "" || err == nil && now.Sub(old.at) <= time.Duration(seconds)*time.Second
}

// language picks the page's language: id or en, by ui_locales, then the
// browser.
func language(uiLocales, acceptLanguage string) string {
	for _, wanted := range append(strings.Fields(uiLocales), strings.Split(acceptLanguage, ",")...) {
		tag, _, _ := strings.Cut(strings.TrimSpace(wanted), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if primary == "id" || primary == "en" {
			return primary
		}
	}
	return "en"
}
