package credentials

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Record is everything secret about one profile. Encoded as JSON by anybody but a store it shows no secret.
type Record struct {
	// ClientID and OAuthURL say whom the secrets belong to. A token never goes to the
	// hosts of another login server.
	ClientID     string `json:"client_id,omitzero"`
	OAuthURL     string `json:"oauth_url,omitzero"`
	ClientSecret Secret `json:"client_secret,omitzero"`
	// NotificationSecret signs webhooks (the relay secret, notification_secret_key).
	NotificationSecret Secret `json:"notification_secret,omitzero"`
	// Tokens by grant: "client_credentials", "authorization_code".
	Tokens map[string]Token `json:"tokens,omitempty"`
	// Pending is a merchant login that waits for the merchant, or zero. It is no pointer, because fmt shows what a
	// pointer in a struct leads to without asking Secret.
	Pending PendingLogin `json:"pending,omitzero"`
}

// PendingLogin is a merchant login between its two steps: the login page was shown, and the
// merchant has not come back. It says itself whom it belongs to, since the profile's tokens may be another client's.
type PendingLogin struct {
	ClientID     string `json:"client_id"`
	OAuthURL     string `json:"oauth_url"`
	ClientSecret Secret `json:"client_secret,omitzero"`
	// State comes back with the code, Nonce in the id_token. Verifier is PKCE's.
	State       Secret    `json:"state"`
	Verifier    Secret    `json:"verifier,omitzero"`
	Nonce       Secret    `json:"nonce,omitzero"`
	RedirectURI string    `json:"redirect_uri"`
	Scopes      []string  `json:"scopes,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
}

// Token is what a login server gave.
type Token struct {
	AccessToken Secret `json:"access_token,omitzero"`
	// RefreshToken comes with authorization_code and scope offline only.
	RefreshToken Secret `json:"refresh_token,omitzero"`
	// IDToken comes with authorization_code and scope openid only.
	IDToken Secret `json:"id_token,omitzero"`
	// Obtained and Expiry are of this machine's clock. A zero Expiry means unknown.
	Obtained time.Time `json:"obtained,omitzero"`
	Expiry   time.Time `json:"expiry,omitzero"`
	// Scopes are the granted ones.
	Scopes []string `json:"scopes,omitempty"`
	// Renewing is when RefreshToken was sent to the login server, as long as the answer is not stored: a
	// process that was killed in between leaves it. Without a refresh token beside it, the answer is lost.
	Renewing time.Time `json:"renewing,omitzero"`
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

// storedRecord is the form at rest.
type storedRecord struct {
	Version int `json:"version"`
	Record
}

// revealed encodes secrets and reads them: for the stores alone.
func revealed() json.Options {
	return json.JoinOptions(
		json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, s Secret) error { return e.WriteToken(jsontext.String(s.value)) })),
		json.WithUnmarshalers(json.UnmarshalFromFunc(func(d *jsontext.Decoder, s *Secret) error { return json.UnmarshalDecode(d, &s.value) })),
		json.Deterministic(true), jsontext.AllowInvalidUTF8(true),
	)
}

func (r Record) encode() ([]byte, error) {
	return json.Marshal(storedRecord{recordVersion, r}, revealed())
}

func decodeRecord(data []byte) (Record, error) {
	var s storedRecord
	if err := json.Unmarshal(data, &s, revealed()); err != nil {
		// The library's text may quote a part of the record.
		return Record{}, errors.New("not the JSON that was written")
	}
	if s.Version != recordVersion {
		return Record{}, fmt.Errorf("version %d was written by another gobiz, this one knows version %d", s.Version, recordVersion)
	}
	return s.Record, nil
}
