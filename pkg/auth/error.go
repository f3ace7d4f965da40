package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
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
// It tells a program what it needs to know to say what to do next; Message says only what is wrong.
type LoginError struct {
	// Kind is ErrNotLoggedIn, ErrWrongGrant, ErrScope, ErrNonce, ErrCallback, ErrNoPending or ErrPendingExpired.
	Kind error
	// Reason tells cases of a kind apart that need different help. Empty for the usual case.
	Reason  Reason
	Message string
	// Profile and Environment are those of the stored login that is missing or lacks something. Empty for
	// credentials that are not stored.
	Profile, Environment string
	// Grant is the one to log in with.
	Grant Grant
	// ClientID is the client whose credentials lack something.
	ClientID string
	// Scopes that the operation wants, one of them, when Kind is ErrScope.
	Scopes []string
	// AskFor are the scopes of a login that can do the operation, when Kind is ErrScope. None when they were asked for.
	AskFor []string
	// Err is what the server said, if it was asked.
	Err error
}

// Reason tells cases of a LoginError's kind apart.
type Reason string

// The reasons.
const (
	// NoLoginServer, NoClientID and NoClientSecret: it was not given.
	NoLoginServer  Reason = "no_login_server"
	NoClientID     Reason = "no_client_id"
	NoClientSecret Reason = "no_client_secret"
	// TokenMalformed and TokenRejected are of a Static token.
	TokenMalformed Reason = "token_malformed"
	TokenRejected  Reason = "token_rejected"
	// CodeRejected: a code works once, for two minutes.
	CodeRejected Reason = "code_rejected"
	// NoRefreshToken: the login expired. One with the scope offline is refreshed.
	NoRefreshToken Reason = "no_refresh_token"
	// OtherServer: the stored login is one at another login server.
	OtherServer Reason = "other_server"
	// ScopeNotGranted: the server left out the scope although it was asked for.
	ScopeNotGranted Reason = "scope_not_granted"
)

func (e *LoginError) Error() string { return e.Message }

// Unwrap returns the kind and the cause.
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
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("login server answered")
	if e.Status > 0 {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", cleantext.OneLine(e.Code, 60))
	}
	for i, text := range []string{e.Description, e.Hint, e.Snippet} {
		// The fields of an answer of the login page come from a URL that anybody may have made.
		if text = cleantext.OneLine(text, 300); text == "" {
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

// addition is what Incomplete adds to a message.
func (p Profile) addition() string {
	if p.Incomplete == "" {
		return ""
	}
	return " (" + p.Incomplete + ")"
}

func notLoggedIn(p Profile) error {
	e := &LoginError{Kind: ErrNotLoggedIn, Message: "not logged in", Profile: p.Name, Grant: p.Grant}
	if p.Name != "" {
		e.Message = fmt.Sprintf("profile %q is not logged in", p.Name)
	}
	e.Message += p.addition()
	return e
}

func needsMerchant(profile string) error {
	return &LoginError{
		Kind: ErrWrongGrant, Message: "this call needs a merchant login, client credentials cannot make it",
		Profile: profile, Grant: GrantAuthorizationCode,
	}
}

// missingScope is the error of an operation that none of the scopes at hand allows. e says whose they are.
func missingScope(e LoginError, need Requirement) error {
	e.Kind, e.Scopes = ErrScope, slices.Clone(need.Scopes)
	e.Message = "the login lacks the scope that this call needs: " + strings.Join(need.Scopes, " or ")
	return &e
}
