package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/google/uuid"
)

// idClaims are the claims of an id_token (OpenID Connect Core, 2).
type idClaims struct {
	Issuer     string   `json:"iss"`
	Subject    string   `json:"sub"`
	Audience   []string `json:"aud"`
	ExpiresAt  int64    `json:"exp"` // seconds since 1970, as the other times
	IssuedAt   int64    `json:"iat"`
	LoggedInAt int64    `json:"auth_time"`
	Nonce      string   `json:"nonce,omitempty"`
	TokenHash  string   `json:"at_hash"`
}

// newIDToken returns a JWT signed with HS256 and the client secret. GoBiz
// publishes neither discovery document nor keys, so a client could not check a
// public-key signature; the secret it has. The subject is an id of its own and
// does not contain the phone number.
func (s *Sandbox) newIDToken(login refreshToken, p partner, accessToken string) string {
	hash := sha256.Sum256([]byte(accessToken))
	now := s.now()
	claims, _ := json.Marshal(idClaims{ // strings and numbers always marshal
		Issuer:     s.oauthOrigin + "/",
		Subject:    uuid.NewSHA1(uuid.NameSpaceURL, []byte("gobiz-sandbox:user/"+login.Phone)).String(),
		Audience:   []string{p.ID},
		ExpiresAt:  now.Add(tokenLifetime).Unix(),
		IssuedAt:   now.Unix(),
		LoggedInAt: login.LoggedInAt.Unix(),
		Nonce:      login.Nonce,
		TokenHash:  base64.RawURLEncoding.EncodeToString(hash[:16]),
	})
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(p.Secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}
