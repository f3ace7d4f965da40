package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// adviser is an error that knows what to type next.
type adviser interface {
	error
	Advice() string
}

// advice is what to type next about an error. The packages under pkg/ know no
// command line: for their errors it is said here.
func advice(err error) string {
	var (
		known   adviser
		login   *auth.LoginError
		answer  *auth.Error
		locked  *auth.LockError
		network *auth.NetworkError
		store   *credentials.Error
	)
	switch {
	case errors.As(err, &known):
		return known.Advice()
	case errors.As(err, &login):
		return adviceForLogin(login)
	case errors.As(err, &answer):
		return adviceForAnswer(answer)
	case errors.Is(err, auth.ErrState):
		return "log in on the page that was shown last, or start gobiz login again"
	case errors.Is(err, auth.ErrDenied):
		return "nothing was stored; start gobiz login again when the merchant agrees"
	case errors.As(err, &locked) && errors.Is(err, auth.ErrLockHeld):
		return "end the other gobiz process (it holds " + locked.Path + "), then try again"
	case locked != nil:
		return "check the permissions of " + locked.Path + ", or set GOBIZ_STATE_DIR to a folder of yours"
	case errors.As(err, &network) && !errors.Is(err, context.Canceled):
		return "check the network and the environment: gobiz status"
	case errors.Is(err, credentials.ErrNotFound):
		return "gobiz login"
	case errors.As(err, &store):
		return adviceForStore(store)
	}
	return ""
}

func adviceForLogin(e *auth.LoginError) string {
	command := loginCommand(e.Profile, e.Grant)
	switch e.Reason {
	case auth.NoLoginServer:
		return "set the environment, or GOBIZ_OAUTH_URL"
	case auth.NoClientID:
		return "gobiz login --client-id ID, or set GOBIZ_CLIENT_ID"
	case auth.NoClientSecret:
		return "gobiz login --client-secret-stdin, or set GOBIZ_CLIENT_SECRET"
	case auth.TokenMalformed:
		return "set GOBIZ_ACCESS_TOKEN to the token alone, or unset it and use a login"
	case auth.TokenRejected:
		return "set a new GOBIZ_ACCESS_TOKEN, or unset it and use a login"
	case auth.CodeRejected:
		return "a code works once and for two minutes: start gobiz login again"
	case auth.NoRefreshToken:
		return command + " (with scope offline it lasts)"
	case auth.OtherServer:
		return command + " --env " + e.Environment
	case auth.ScopeNotGranted:
		return "the server left it out although it was asked for: ask GoBiz to grant it to the client id " + e.ClientID
	}
	stored := e.Profile != ""
	switch is := func(kind error) bool { return errors.Is(e.Kind, kind) }; {
	case is(auth.ErrNonce):
		return "start gobiz login again; if it repeats, check the environment's login server: gobiz status"
	case is(auth.ErrCallback):
		return `paste the whole address from the browser, or "CODE STATE"`
	case is(auth.ErrNoPending), is(auth.ErrPendingExpired):
		return command + " --print-url"
	case is(auth.ErrWrongGrant):
		if !stored {
			// These credentials come before a stored login, so that another login alone would change nothing.
			return "unset GOBIZ_CLIENT_ID GOBIZ_CLIENT_SECRET; " + command + "; or set GOBIZ_ACCESS_TOKEN to a merchant's token"
		}
	case is(auth.ErrScope):
		if !stored {
			return fmt.Sprintf("GOBIZ_SCOPES=%q", strings.Join(e.AskFor, " "))
		}
		for _, scope := range e.AskFor {
			command += " --scope " + scope
		}
	case is(auth.ErrNotLoggedIn):
		if !stored {
			return "gobiz login, or set GOBIZ_CLIENT_ID and GOBIZ_CLIENT_SECRET"
		}
	}
	return command
}

func adviceForAnswer(e *auth.Error) string {
	switch {
	case errors.Is(e, auth.ErrScope):
		text := fmt.Sprintf("one scope too many fails the whole login; asked for: %s; ", strings.Join(e.Scopes, " "))
		if refused := e.RefusedScopes(); len(refused) > 0 {
			return text + fmt.Sprintf("leave out %s with --scope (GOBIZ_SCOPES), or ask GoBiz to grant it", strings.Join(refused, " "))
		}
		return text + "choose with --scope (GOBIZ_SCOPES)"
	case errors.Is(e, auth.ErrCredentials):
		return "check client id and secret, and that they are of this environment: gobiz login"
	case errors.Is(e, auth.ErrNotLoggedIn):
		return loginCommand("", auth.GrantAuthorizationCode)
	case errors.Is(e, auth.ErrServer):
		return "try again later"
	}
	return ""
}

func adviceForStore(e *credentials.Error) string {
	inKeyring := e.Store == credentials.KindKeyring
	switch is := func(kind error) bool { return errors.Is(e.Kind, kind) }; {
	case is(credentials.ErrPassphrase) && e.Path == "":
		return "set GOBIZ_CREDENTIALS_PASSPHRASE"
	case is(credentials.ErrPassphrase):
		return "check GOBIZ_CREDENTIALS_PASSPHRASE, or remove " + e.Path + " and run gobiz login"
	case is(credentials.ErrDamaged) && inKeyring:
		return "gobiz logout, then gobiz login"
	case is(credentials.ErrDamaged):
		return fmt.Sprintf("remove %s and run gobiz login", e.Path)
	case inKeyring:
		return "gobiz login --credential-store file (encrypted with a passphrase), or set GOBIZ_CLIENT_ID and GOBIZ_CLIENT_SECRET"
	case e.Path != "":
		return "check the folder " + filepath.Dir(e.Path)
	}
	return "use --credential-store keyring or --credential-store file"
}

// loginCommand logs a profile in.
func loginCommand(profile string, grant auth.Grant) string {
	command := "gobiz login"
	if profile != "" {
		command += " --profile " + profile
	}
	if grant == auth.GrantAuthorizationCode {
		command += " --grant " + grantFlag(grant)
	}
	return command
}

// grantFlag is a grant as the value of --grant.
func grantFlag(grant auth.Grant) string { return strings.ReplaceAll(string(grant), "_", "-") }
