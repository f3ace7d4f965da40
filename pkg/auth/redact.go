package auth

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/redact"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// What a server says may repeat what was sent to it. Texts of a server are therefore searched for the secrets in use by
// their value, before they are cut and put into an error. The gobiz package does so with the token of a call, and
// asks a source's Redact for the rest.

// secrets are values that no text may show, in every spelling that a server may repeat them in.
type secrets []string

func secretsOf(values ...credentials.Secret) secrets {
	var out secrets
	for _, value := range values {
		out = out.and(value.Reveal())
	}
	return out
}

// and adds a value in all its spellings.
func (s secrets) and(value string) secrets { return append(s, redact.Spellings(value)...) }

// andClient adds a client secret, also as HTTP Basic carries it.
func (s secrets) andClient(id string, secret credentials.Secret) secrets {
	if secret.IsZero() {
		return s
	}
	plain := secret.Reveal()
	return append(s.and(plain),
		base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(plain))),
		base64.StdEncoding.EncodeToString([]byte(id+":"+plain)))
}

// andRecord adds all secrets of a stored login.
func (s secrets) andRecord(r credentials.Record) secrets {
	s = s.andClient(r.ClientID, r.ClientSecret).and(r.NotificationSecret.Reveal())
	for _, t := range r.Tokens {
		s = append(s, secretsOf(t.AccessToken, t.RefreshToken, t.IDToken)...)
	}
	p := r.Pending
	return append(s.andClient(p.ClientID, p.ClientSecret), secretsOf(p.State, p.Verifier, p.Nonce)...)
}

// hide replaces the values in a text.
func (s secrets) hide(text string) string { return redact.Values(text, s) }

// show makes a line of a server's text: masked, cleaned, cut to max runes. It is masked again, since a character that
// cleaning takes out may have stood inside a secret.
func (s secrets) show(text string, max int) string {
	return s.hide(cleantext.OneLine(s.hide(text), max))
}

// isTokenText reports whether a token is made of visible ASCII characters: those of RFC 6749, appendix A, without the
// space, which no header could carry at its end.
func isTokenText(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}
