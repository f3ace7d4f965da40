package auth

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// ErrNonce says that an id_token was not made for this login: its nonce is missing or another one, or it is for
// another client.
var ErrNonce = errors.New("the id_token does not belong to this login")

// checkIDToken compares an id_token with the login that it came from: it must carry the login's nonce (OpenID
// Connect Core, 3.1.3.7) and name the client in aud. No id_token is fine: the server gives one with scope openid only.
// Errors are a *LoginError of kind ErrNonce.
//
// The signature is not checked. The token came from the token endpoint itself over TLS, which OpenID Connect Core
// allows for (3.1.3.7, 6), and GoBiz publishes no keys.
func checkIDToken(idToken credentials.Secret, clientID, nonce string) error {
	if idToken.IsZero() {
		return nil
	}
	refuse := func(reason string) error {
		return &LoginError{Kind: ErrNonce, Message: "login refused: " + reason}
	}
	parts := strings.Split(idToken.Reveal(), ".")
	if len(parts) != 3 {
		return refuse("the login server's id_token is not readable")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return refuse("the login server's id_token is not readable")
	}
	var claims struct {
		Nonce    string   `json:"nonce"`
		Audience audience `json:"aud"`
	}
	// The library's error may quote the claims, so it is not shown.
	if json.Unmarshal(payload, &claims) != nil {
		return refuse("the login server's id_token is not readable")
	}
	switch {
	case claims.Nonce == "":
		return refuse("the login server's id_token has no nonce, so it may be of another login")
	case subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) != 1:
		return refuse("the nonce of the login server's id_token is of another login")
	case !slices.Contains(claims.Audience, clientID):
		return refuse("the login server's id_token is for another client")
	}
	return nil
}

// audience is a string or an array of strings (RFC 7519, 4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}
