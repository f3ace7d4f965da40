package auth

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

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

// and adds a value as it is, as it stands in a form or a URL, and as it stands in JSON.
func (s secrets) and(value string) secrets {
	if value == "" {
		return s
	}
	s = append(s, value, url.QueryEscape(value), url.PathEscape(value))
	if quoted, err := json.Marshal(value); err == nil {
		s = append(s, string(quoted[1:len(quoted)-1]))
	}
	return s
}

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

// hideError is hide for the text of a network error. net/http's own error about a proxy's address quotes its password,
// in parts and as a whole.
func (s secrets) hideError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if strings.Contains(text, "invalid proxy address") {
		return errProxyAddress
	}
	shown := s.hide(text)
	if strings.Contains(shown, "@") {
		shown = userinfoPattern().ReplaceAllString(shown, "://"+redact.Masked+"@")
	}
	if shown == text {
		return err
	}
	return &hiddenError{shown, err}
}

var errProxyAddress = errors.New("the proxy address in the environment (HTTPS_PROXY, HTTP_PROXY) is not a valid URL")

var userinfoPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://[^\s"]*@`) })

// hiddenError is an error with another text.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.err }

// Format keeps verbs such as %+v from walking to the text that was replaced.
func (e *hiddenError) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.text) }

// isTokenText reports whether a token is made of visible ASCII characters: those of RFC 6749, appendix A, without the
// space, which no header could carry at its end.
func isTokenText(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}
