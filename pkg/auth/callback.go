package auth

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
)

// ErrCallback says that a text is not what a merchant's browser comes back with.
var ErrCallback = errors.New("not a callback")

// ParseCallback reads what a person pasted: the whole callback URL, its query ("code=…&state=…"), or the code and
// the state with a space between. The state may not be left out: it shows that the code belongs
// to this login. Errors are a *LoginError of kind ErrCallback. They do not repeat the text, which may hold a code.
func ParseCallback(text string) (url.Values, error) {
	text = strings.Trim(strings.TrimSpace(text), `"'<>`)
	if words := strings.Fields(text); len(words) == 2 && isToken(words[0]) && isToken(words[1]) && len(words[1]) >= minState {
		return url.Values{"code": {words[0]}, "state": {words[1]}}, nil
	}
	query := text
	if u, err := url.Parse(text); err == nil && u.RawQuery != "" {
		query = u.RawQuery
	}
	values, err := url.ParseQuery(strings.TrimPrefix(query, "?"))
	switch {
	case err == nil && cmp.Or(values.Get("code"), values.Get("error")) != "" && values.Get("state") != "":
		return values, nil
	case err == nil && cmp.Or(values.Get("code"), values.Get("error")) != "", isToken(text):
		return nil, &LoginError{
			Kind: ErrCallback, Message: "a code alone is not enough: its state is needed too, to tell that it belongs to this login",
		}
	}
	return nil, &LoginError{Kind: ErrCallback, Message: "that is not a callback URL: it has no code"}
}

// minState is the shortest state that GoBiz takes (developer documentation, authorization-code).
const minState = 8

// isToken reports whether a text can be a code or a state: characters that stand in a URL as they are.
func isToken(text string) bool {
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("-._~+/", r):
		default:
			return false
		}
	}
	return text != ""
}
