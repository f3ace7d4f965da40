package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"golang.org/x/oauth2"
)

// Authorization is one merchant login on its way: what was sent to the
// authorization endpoint, needed again when the merchant comes back.
type Authorization struct {
	URL         string // where the merchant logs in and consents
	State       string // compared with what comes back; 32 random bytes
	Verifier    string // PKCE code verifier; its S256 challenge is in URL
	Nonce       string // comes back in the id_token
	RedirectURI string
	Scopes      []string // those that were asked for
	// ClientID and OAuthURL say who asked, and which login server.
	ClientID, OAuthURL string
	CreatedAt          time.Time
}

// String tells no secret; nor does any verb of fmt.
func (a Authorization) String() string { return "merchant login at " + a.OAuthURL }

// GoString is String.
func (a Authorization) GoString() string { return a.String() }

// LogValue is String.
func (a Authorization) LogValue() slog.Value { return slog.StringValue(a.String()) }

// LoginOptions are those of the login that a code ends, without a relay secret.
func (a *Authorization) LoginOptions(code string) LoginOptions {
	return LoginOptions{
		Grant: GrantAuthorizationCode, Scopes: slices.Clone(a.Scopes),
		Code: code, RedirectURI: a.RedirectURI, Verifier: a.Verifier, Nonce: a.Nonce,
	}
}

// AuthorizationRequest says how a merchant is asked to log in.
type AuthorizationRequest struct {
	RedirectURI string // one that is registered for the client
	Scopes      []string
	Locale      string // "id" or "en"; empty leaves it to the server
	PromptLogin bool   // show the login page even to a merchant who is logged in, to choose another account
}

// Authorize begins a merchant login (developer documentation, authorization-code). PKCE is sent as well, although
// GoBiz does not document it: a server that does not know it ignores it.
func (e *Endpoint) Authorize(r AuthorizationRequest) *Authorization {
	a := &Authorization{
		State:       randomText(),
		Nonce:       randomText(),
		Verifier:    oauth2.GenerateVerifier(),
		RedirectURI: r.RedirectURI,
		Scopes:      slices.Clone(r.Scopes),
		ClientID:    e.ClientID(),
		OAuthURL:    e.OAuthURL(),
		CreatedAt:   e.now(),
	}
	opts := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(a.Verifier), oauth2.SetAuthURLParam("nonce", a.Nonce), oauth2.SetAuthURLParam("user_type", "merchant"),
	}
	if r.PromptLogin {
		opts = append(opts, oauth2.SetAuthURLParam("prompt", "login"))
	}
	if r.Locale != "" {
		opts = append(opts, oauth2.SetAuthURLParam("ui_locales", r.Locale))
	}
	a.URL = e.authorizationCode(r.RedirectURI, r.Scopes).AuthCodeURL(a.State, opts...)
	return a
}

// Errors of a merchant's way back.
var (
	// ErrState: the answer belongs to another login, or somebody forged it.
	ErrState = errors.New("the answer does not belong to this login: its state is another one")
	// ErrDenied: the merchant chose Deny on the consent page.
	ErrDenied = errors.New("the merchant denied the request")
)

// Code reads the authorization code from the parameters that the merchant's
// browser brought back. The state is compared in constant time.
func (a *Authorization) Code(answer url.Values) (string, error) {
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(a.State)) != 1 {
		return "", ErrState
	}
	hide := secrets{}.and(a.State).and(a.Nonce).and(a.Verifier).and(answer.Get("code")).hide
	switch code := answer.Get("error"); code {
	case "":
	case "access_denied":
		return "", ErrDenied
	default:
		return "", &Error{
			Code:        hide(code),
			Description: hide(answer.Get("error_description")),
			Hint:        hide(answer.Get("error_hint")),
			Scopes:      slices.Clone(a.Scopes),
		}
	}
	if answer.Get("code") == "" {
		return "", &Error{Code: "invalid_response", Description: "the login page sent no code"}
	}
	return answer.Get("code"), nil
}

// randomText is 32 random bytes, safe in a URL.
func randomText() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: it ends the process instead
	return base64.RawURLEncoding.EncodeToString(b)
}
