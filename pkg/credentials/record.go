package credentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Record is everything secret about one profile.
type Record struct {
	// ClientID and OAuthURL say whom the secrets belong to. A token never goes to the
	// hosts of another login server.
	ClientID, OAuthURL string
	ClientSecret       Secret
	// NotificationSecret signs webhooks (the relay secret, notification_secret_key).
	NotificationSecret Secret
	// Tokens by grant: "client_credentials", "authorization_code".
	Tokens map[string]Token
	// Pending is a merchant login that waits for the merchant, or zero. It is no pointer, because fmt shows what a
	// pointer in a struct leads to without asking Secret.
	Pending PendingLogin
}

// PendingLogin is a merchant login between its two steps: the login page was shown, and the
// merchant has not come back. It says itself whom it belongs to, since the profile's tokens may be another client's.
type PendingLogin struct {
	ClientID, OAuthURL string
	ClientSecret       Secret
	// State comes back with the code, Nonce in the id_token. Verifier is PKCE's.
	State, Verifier, Nonce Secret
	RedirectURI            string
	Scopes                 []string
	CreatedAt              time.Time
}

// Token is what a login server gave.
type Token struct {
	AccessToken Secret
	// RefreshToken comes with authorization_code and scope offline only.
	RefreshToken Secret
	// IDToken comes with authorization_code and scope openid only.
	IDToken Secret
	// Obtained and Expiry are of this machine's clock. A zero Expiry means unknown.
	Obtained, Expiry time.Time
	// Scopes are the granted ones.
	Scopes []string
	// Renewing is when RefreshToken was sent to the login server, as long as the answer is not stored: a
	// process that was killed in between leaves it. Without a refresh token beside it, the answer is lost.
	Renewing time.Time
}

// NotificationSecrets are the relay secrets in NotificationSecret, which has commas between several while they are
// rotated.
func (r Record) NotificationSecrets() []string {
	var secrets []string
	for secret := range strings.SplitSeq(r.NotificationSecret.Reveal(), ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

// IsZero reports whether no login waits.
func (p PendingLogin) IsZero() bool { return p.State.IsZero() }

// Clone copies the record, so that a change of it does not reach the original.
func (r Record) Clone() Record {
	r.Tokens = maps.Clone(r.Tokens)
	for grant, t := range r.Tokens {
		t.Scopes = slices.Clone(t.Scopes)
		r.Tokens[grant] = t
	}
	r.Pending.Scopes = slices.Clone(r.Pending.Scopes)
	return r
}

// recordVersion is raised when an older gobiz could no longer read a record.
const recordVersion = 1

// storedRecord is the form at rest. It stands apart from Record so that encoding
// a Record anywhere else shows no secret.
type storedRecord struct {
	Version            int                    `json:"version"`
	ClientID           string                 `json:"client_id,omitempty"`
	OAuthURL           string                 `json:"oauth_url,omitempty"`
	ClientSecret       string                 `json:"client_secret,omitempty"`
	NotificationSecret string                 `json:"notification_secret,omitempty"`
	Tokens             map[string]storedToken `json:"tokens,omitempty"`
	Pending            *storedPending         `json:"pending,omitempty"`
}

type storedToken struct {
	AccessToken  string    `json:"access_token,omitempty"`
	RefreshToken string    `json:"refresh_token,omitempty"`
	IDToken      string    `json:"id_token,omitempty"`
	Obtained     time.Time `json:"obtained,omitzero"`
	Expiry       time.Time `json:"expiry,omitzero"`
	Scopes       []string  `json:"scopes,omitempty"`
	Renewing     time.Time `json:"renewing,omitzero"`
}

type storedPending struct {
	ClientID     string    `json:"client_id"`
	OAuthURL     string    `json:"oauth_url"`
	ClientSecret string    `json:"client_secret,omitempty"`
	State        string    `json:"state"`
	Verifier     string    `json:"verifier,omitempty"`
	Nonce        string    `json:"nonce,omitempty"`
	RedirectURI  string    `json:"redirect_uri"`
	Scopes       []string  `json:"scopes,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
}

func (r Record) encode() ([]byte, error) {
	s := storedRecord{
		Version: recordVersion, ClientID: r.ClientID, OAuthURL: r.OAuthURL,
		ClientSecret: r.ClientSecret.value, NotificationSecret: r.NotificationSecret.value,
	}
	for grant, t := range r.Tokens {
		if s.Tokens == nil {
			s.Tokens = map[string]storedToken{}
		}
		s.Tokens[grant] = storedToken{
			AccessToken: t.AccessToken.value, RefreshToken: t.RefreshToken.value, IDToken: t.IDToken.value,
			Obtained: t.Obtained.UTC(), Expiry: t.Expiry.UTC(), Scopes: t.Scopes,
			Renewing: t.Renewing.UTC(),
		}
	}
	if p := r.Pending; !p.IsZero() {
		s.Pending = &storedPending{
			ClientID: p.ClientID, OAuthURL: p.OAuthURL, ClientSecret: p.ClientSecret.value,
			State: p.State.value, Verifier: p.Verifier.value, Nonce: p.Nonce.value,
			RedirectURI: p.RedirectURI, Scopes: p.Scopes, CreatedAt: p.CreatedAt.UTC(),
		}
	}
	return json.Marshal(s)
}

func decodeRecord(data []byte) (Record, error) {
	var s storedRecord
	if err := json.Unmarshal(data, &s); err != nil {
		// The library's text may quote a part of the record.
		return Record{}, errors.New("not the JSON that was written")
	}
	if s.Version != recordVersion {
		return Record{}, fmt.Errorf("version %d was written by another gobiz, this one knows version %d", s.Version, recordVersion)
	}
	r := Record{
		ClientID: s.ClientID, OAuthURL: s.OAuthURL,
		ClientSecret: NewSecret(s.ClientSecret), NotificationSecret: NewSecret(s.NotificationSecret),
	}
	for grant, t := range s.Tokens {
		if r.Tokens == nil {
			r.Tokens = map[string]Token{}
		}
		r.Tokens[grant] = Token{
			AccessToken: NewSecret(t.AccessToken), RefreshToken: NewSecret(t.RefreshToken), IDToken: NewSecret(t.IDToken),
			Obtained: t.Obtained, Expiry: t.Expiry, Scopes: t.Scopes, Renewing: t.Renewing,
		}
	}
	if p := s.Pending; p != nil {
		r.Pending = PendingLogin{
			ClientID: p.ClientID, OAuthURL: p.OAuthURL, ClientSecret: NewSecret(p.ClientSecret),
			State: NewSecret(p.State), Verifier: NewSecret(p.Verifier), Nonce: NewSecret(p.Nonce),
			RedirectURI: p.RedirectURI, Scopes: p.Scopes, CreatedAt: p.CreatedAt,
		}
	}
	return r, nil
}
