package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxForm bounds the token endpoint's body.
const maxForm = 64 << 10

// tokenData is the token endpoint's answer.
type tokenData struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	IDToken      string `json:"id_token,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
	TokenType    string `json:"token_type"`
}

// createToken is POST /oauth2/token.
func (s *Sandbox) createToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	data, err := s.grantToken(w, r)
	var refused oauthError
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, data)
		return
	case !errors.As(err, &refused):
		s.log.Error("token call failed", "error", err)
		refused = oauthError{Code: "server_error", Description: "the sandbox failed; see its log", Status: http.StatusInternalServerError}
	}
	status := refused.Status
	if s.switches().PlainOAuthErrors {
		refused.Hint, refused.Status = "", 0
	}
	writeJSON(w, status, refused)
}

func (s *Sandbox) grantToken(w http.ResponseWriter, r *http.Request) (tokenData, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return tokenData{}, errOAuth("invalid_request", "The request is malformed", "Content-Type must be application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return tokenData{}, errOAuth("invalid_request", "The request is malformed", "the body is not a form")
	}
	form := r.PostForm
	p, err := s.authenticateClient(r, form)
	if err != nil {
		return tokenData{}, err
	}
	grant := form.Get("grant_type")
	switch grant {
	case "":
		return tokenData{}, errMissingParameter("grant_type")
	case grantClientCredentials, grantAuthorizationCode, grantRefreshToken:
	default:
		return tokenData{}, errOAuth("invalid_request", "The request is malformed", "grant_type "+grant+" is not supported")
	}
	allowed := slices.Contains(p.Grants, grant) || grant == grantRefreshToken && p.facilitator()
	if !allowed {
		return tokenData{}, errOAuth("unauthorized_client", "The client is not authorized to request a token using this method", "grant_type "+grant)
	}
	switch grant {
	case grantAuthorizationCode:
		return s.exchangeCode(p, form)
	case grantRefreshToken:
		return s.refresh(p, form)
	default:
		return s.clientCredentials(p, form)
	}
}

// authenticateClient accepts HTTP Basic, or client_id and client_secret as form
// fields, since GoBiz's own pages show both, but not both in one request (RFC
// 6749, 2.3).
func (s *Sandbox) authenticateClient(r *http.Request, form url.Values) (partner, error) {
	id, secret, basic := r.BasicAuth()
	if basic {
		id, secret = unescape(id), unescape(secret)
		if form.Has("client_secret") || form.Has("client_id") && form.Get("client_id") != id {
			return partner{}, errOAuth("invalid_request", "The request is malformed", "the client authenticates both by header and by body; use one")
		}
	} else {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	switch {
	case id == "":
		return partner{}, errMissingParameter("client_id")
	case secret == "":
		return partner{}, errMissingParameter("client_secret")
	}
	p, ok := find(s.store, s.store.partners, id)
	if !ok || subtle.ConstantTimeCompare([]byte(secret), []byte(p.Secret)) != 1 {
		return partner{}, errInvalidClient()
	}
	return p, nil
}

// unescape undoes the form encoding that RFC 6749 asks of Basic credentials;
// clients that leave it out mean the plain text.
func unescape(v string) string {
	if plain, err := url.QueryUnescape(v); err == nil {
		return plain
	}
	return v
}

// clientCredentials grants what is asked for and nothing without a scope; the
// legacy API requires the parameter (Enterprise Integration Middleware). There is no refresh token.
func (s *Sandbox) clientCredentials(p partner, form url.Values) (tokenData, error) {
	scopes := strings.Fields(form.Get("scope"))
	if p.EnterpriseID != "" && len(scopes) == 0 {
		return tokenData{}, errMissingParameter("scope")
	}
	if err := checkScopes(p, scopes); err != nil {
		return tokenData{}, err
	}
	var data tokenData
	err := s.store.update(func() error {
		data = s.issue(tokenInfo{Partner: p.ID, Grant: grantClientCredentials, Scopes: scopes})
		return nil
	})
	return data, err
}

// issue stores an access token and gives the answer for it. It runs inside an
// update.
func (s *Sandbox) issue(t tokenInfo) tokenData {
	now := s.now()
	t.Token = s.newSecret()
	family, _ := s.store.families.get(t.Family)
	t.Generation = family.Generation
	t.IssuedAt, t.ExpiresAt = now, now.Add(tokenLifetime)
	s.store.tokens.put(t.Token, t)
	lifetime := int(tokenLifetime/time.Second) - 1 // as seen live
	if s.switches().ExpiresIn3600 {
		lifetime++
	}
	return tokenData{
		AccessToken: t.Token, ExpiresIn: lifetime,
		Scope: strings.Join(t.Scopes, " "), TokenType: "Bearer",
	}
}

func (s *Sandbox) exchangeCode(p partner, form url.Values) (tokenData, error) {
	for _, name := range []string{"code", "redirect_uri"} {
		if form.Get(name) == "" {
			return tokenData{}, errMissingParameter(name)
		}
	}
	var data tokenData
	var refused error
	err := s.store.update(func() error {
		code, ok := s.store.codes.get(form.Get("code"))
		switch {
		case !ok || code.Partner != p.ID:
			refused = errInvalidGrant("the code is unknown")
		case code.Used:
			// The code leaked: whoever came first must not keep its tokens
			// (RFC 6749, 4.1.2). This must be kept, so it is no error of update.
			s.store.families.delete(code.Family)
			refused = errInvalidGrant("the code has been used already")
		case !code.ExpiresAt.After(s.now()):
			refused = errInvalidGrant("the code has expired")
		case code.RedirectURI != form.Get("redirect_uri"):
			refused = errInvalidGrant("redirect_uri differs from the one of the authorization request")
		case !provesChallenge(code.Challenge, form.Get("code_verifier")):
			refused = errInvalidGrant("code_verifier does not match code_challenge")
		default:
			code.Used = true
			code.Family = s.newUUID()
			s.store.codes.put(code.Code, code)
			end := s.now().Add(sessionLifetime)
			s.store.families.put(code.Family, tokenFamily{ExpiresAt: end})
			data = s.issueForUser(refreshToken{consent: code.consent, Family: code.Family, ExpiresAt: end}, p)
		}
		return nil
	})
	return data, errors.Join(err, refused)
}

// provesChallenge checks PKCE (RFC 7636, S256). A client that sent no challenge
// must send no verifier.
func provesChallenge(challenge, verifier string) bool {
	if challenge == "" || verifier == "" {
		return challenge == verifier
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// issueForUser returns the tokens of a merchant's login: a refresh token only
// with the scope offline, an id token only with openid.
func (s *Sandbox) issueForUser(login refreshToken, p partner) tokenData {
	data := s.issue(tokenInfo{
		Partner: p.ID, Grant: grantAuthorizationCode, Phone: login.Phone, Scopes: login.Scopes, Family: login.Family,
	})
	if hasOffline(login.Scopes) {
		login.Token = s.newSecret()
		login.IssuedAt = s.now()
		login.Used = false
		s.store.refreshes.put(login.Token, login)
		data.RefreshToken = login.Token
	}
	if slices.Contains(login.Scopes, "openid") {
		data.IDToken = s.newIDToken(login, p, data.AccessToken)
	}
	return data
}

// refresh rotates: the old refresh token and the family's access tokens are
// revoked. A refresh token that comes a second time was stolen from one of two
// parties, so its whole family is revoked.
func (s *Sandbox) refresh(p partner, form url.Values) (tokenData, error) {
	if form.Get("refresh_token") == "" {
		return tokenData{}, errMissingParameter("refresh_token")
	}
	var data tokenData
	var refused error
	err := s.store.update(func() error {
		token, ok := s.store.refreshes.get(form.Get("refresh_token"))
		family, alive := s.store.families.get(token.Family)
		switch {
		case !ok || !alive || token.Partner != p.ID:
			refused = errInvalidGrant("the refresh token is unknown or revoked")
		case token.Used:
			s.store.families.delete(token.Family)
			refused = errInvalidGrant("the refresh token has been used already; all tokens of this login are revoked")
		case !token.ExpiresAt.After(s.now()):
			refused = errInvalidGrant("the merchant's session has ended; log in again")
		case s.switches().KeepRefreshToken:
			data = s.issue(tokenInfo{
				Partner: p.ID, Grant: grantAuthorizationCode, Phone: token.Phone, Scopes: token.Scopes, Family: token.Family,
			})
		default:
			token.Used = true
			s.store.refreshes.put(token.Token, token)
			family.Generation++
			s.store.families.put(token.Family, family)
			data = s.issueForUser(token, p)
		}
		return nil
	})
	return data, errors.Join(err, refused)
}
