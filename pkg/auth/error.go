package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gobiz-cli/gobiz/internal/config"
)

// Kinds of errors, to compare with errors.Is.
var (
	// ErrNotLoggedIn says that there is no login, or that it ended.
	ErrNotLoggedIn = errors.New("not logged in")
	// ErrCredentials says that the server rejected the client id and secret.
	ErrCredentials = errors.New("credentials rejected")
	// ErrWrongGrant says that the operation needs the other kind of login.
	ErrWrongGrant = errors.New("wrong kind of login")
	// ErrScope says that a scope is missing, or was refused by the server.
	ErrScope = errors.New("scope missing")
	// ErrServer says that the server failed or was too busy: trying later may help.
	ErrServer = errors.New("login server failed")
)

// LoginError is a call that was not made, because the login at hand will not do, or a login that did not come to be.
type LoginError struct {
	// Kind is ErrNotLoggedIn, ErrWrongGrant, ErrScope, ErrNonce, ErrCallback, ErrNoPending or ErrPendingExpired.
	Kind    error
	Message string
	// Scopes that the operation wants, one of them, when Kind is ErrScope.
	Scopes []string
	// Err is what the server said, if it was asked.
	Err    error
	advice string
}

func (e *LoginError) Error() string { return e.Message }

// Advice is the command to type next.
func (e *LoginError) Advice() string { return e.advice }

// Unwrap gives the kind and the cause.
func (e *LoginError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Error is an answer of the token endpoint that is no token. Its fields are cleaned of control characters.
//
// Two forms exist: {error, error_description, error_hint, status_code} (Enterprise Integration Middleware, token
// errors) and the newer one without hint and code.
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code is RFC 6749's error, e.g. invalid_client. Empty when the body was not JSON.
	Code        string
	Description string
	// Hint is the server's error_hint.
	Hint string
	// Snippet is the beginning of a body that was not the documented one, in one line.
	Snippet string
	// RequestID is the X-Request-Id of the call.
	RequestID string
	// Scopes that were asked for.
	Scopes []string
	// RetryAfter is how long the server asks to wait, or 0.
	RetryAfter time.Duration
	advice     string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("login server answered")
	if e.Status > 0 {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", clean(e.Code, 60))
	}
	for i, text := range []string{e.Description, e.Hint, e.Snippet} {
		// The fields of an answer of the login page come from a URL that anybody may have made.
		if text = clean(text, 300); text == "" {
			continue
		}
		sep := ": "
		if i > 0 && e.Description != "" {
			sep = "; "
		}
		b.WriteString(sep + strings.TrimRight(text, ". "))
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request id %s)", e.RequestID)
	}
	return b.String()
}

// Advice says what to do about it.
func (e *Error) Advice() string {
	if e.advice != "" {
		return e.advice
	}
	switch {
	case errors.Is(e, ErrScope):
		text := fmt.Sprintf("one scope too many fails the whole login; asked for: %s; ", strings.Join(e.Scopes, " "))
		if refused := e.RefusedScopes(); len(refused) > 0 {
			return text + fmt.Sprintf("leave out %s with --scope (GOBIZ_SCOPES), or ask GoBiz to grant it", strings.Join(refused, " "))
		}
		return text + "choose with --scope (GOBIZ_SCOPES)"
	case errors.Is(e, ErrCredentials):
		return "check client id and secret, and that they are of this environment: gobiz login"
	case errors.Is(e, ErrNotLoggedIn):
		return "gobiz login --grant authorization-code"
	case errors.Is(e, ErrServer):
		return "try again later"
	}
	return ""
}

// RefusedScopes are those of Scopes that the server's text names, when it refused a scope: the ones it does not give to this
// client. None means that it does not say.
func (e *Error) RefusedScopes() []string {
	if !errors.Is(e, ErrScope) {
		return nil
	}
	// A scope may be the beginning of another one, and stand in quotes or at the end of a sentence.
	words := strings.FieldsFunc(e.Description+" "+e.Hint, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(":._-/", r)
	})
	var refused []string
	for _, scope := range e.Scopes {
		if slices.ContainsFunc(words, func(word string) bool { return strings.TrimRight(word, ":.") == scope }) {
			refused = append(refused, scope)
		}
	}
	if len(refused) == len(e.Scopes) && len(refused) > 1 {
		return nil // the text repeats what was asked for
	}
	return refused
}

// Is sorts the server's answers into this package's kinds.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrScope:
		return e.Code == "invalid_scope"
	case ErrCredentials:
		return e.Code == "invalid_client" || e.Code == "unauthorized_client" || e.Status == 401 && e.Code != "invalid_grant"
	case ErrNotLoggedIn:
		return e.Code == "invalid_grant"
	case ErrServer:
		return e.Status >= 500 || e.Status == 429
	}
	return false
}

// clean makes one line of a server's text and cuts it to max runes.
func clean(text string, max int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > max {
		text = string(runes[:max]) + "…"
	}
	return text
}

func notLoggedIn(settings config.Settings) error {
	e := &LoginError{Kind: ErrNotLoggedIn, Message: "not logged in", advice: "gobiz login, or set GOBIZ_CLIENT_ID and GOBIZ_CLIENT_SECRET"}
	if settings.Profile != "" {
		e.Message = fmt.Sprintf("profile %q is not logged in", settings.Profile)
		e.advice = loginCommand(settings.Profile, settings.Grant)
	}
	return e
}

func loginCommand(profile string, grant config.Grant) string {
	command := "gobiz login"
	if profile != "" {
		command += " --profile " + profile
	}
	if grant == config.AuthorizationCode {
		command += " --grant " + grant.Flag()
	}
	return command
}
