package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/redact"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
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
	case errors.Is(e, atomicfile.ErrReadOnly):
		return "make it writable: chmod u+w " + shellWord(e.Path)
	case is(credentials.ErrDamaged), errors.Is(e, atomicfile.ErrNotRegular):
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

// networkHint is the hint on a call that did not get out, or that nothing on this
// machine answered; empty for others.
func (f *Factory) networkHint(e *Error) string {
	if errors.Is(e, redact.ErrProxyAddress) {
		return "export HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"
	}
	var (
		call  *gobiz.Error
		login *auth.NetworkError
	)
	if !errors.Is(e, syscall.ECONNREFUSED) || !errors.As(e, &call) && !errors.As(e, &login) {
		return ""
	}
	s, err := f.Settings()
	if err != nil || s.Environment != config.Local {
		return ""
	}
	hint := "start the sandbox: gobiz sandbox start"
	if base, err := url.Parse(s.APIURL); err == nil && base.Port() != strconv.Itoa(defaultSandboxPort) {
		hint += " --port " + base.Port()
	}
	return hint
}

// asTyped completes the commands in a text, "see 'gobiz outlets list'", by what the
// user typed of them: profile and config file, and all flags where it is the command
// that runs.
func (f *Factory) asTyped(text string) string {
	if f.running == nil {
		return text
	}
	parts := strings.SplitAfter(text, "gobiz ")
	for i := 1; i < len(parts); i++ {
		if path := f.commandIn(parts[i]); path != "" {
			parts[i] = path + f.typedFlags(path, parts[i]) + parts[i][len(path):]
		}
	}
	return strings.Join(parts, "")
}

// commandIn is the command that a text begins with, "outlets list"; empty for none,
// and for one that works without a profile.
func (f *Factory) commandIn(text string) string {
	word := func(text string) string {
		return text[:len(text)-len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz-"))]
	}
	name := word(text)
	for _, c := range commands() {
		if c.name != name || slices.Contains([]string{"demo", "sandbox", "completion", "version"}, name) {
			continue
		}
		sub := word(strings.TrimPrefix(text[len(name):], " "))
		for _, member := range c.make(f).Commands() {
			if member.Name() == sub {
				return name + " " + sub
			}
		}
		return name
	}
	return ""
}

// typedFlags are the flags that the user typed and a command in a text lacks.
func (f *Factory) typedFlags(path, text string) string {
	var typed strings.Builder
	same := f.running.CommandPath() == "gobiz "+path
	f.running.Flags().Visit(func(flag *pflag.Flag) {
		global := f.running.Root().PersistentFlags().Lookup(flag.Name) != nil
		keep := same && !global && flag.Name != "complete" || // whose value holds a code
			flag.Name == "config" || flag.Name == "profile" && !strings.HasPrefix(path, "profile ")
		if keep && !strings.Contains(text, "--"+flag.Name) && !strings.Contains(text, "--help") {
			typed.WriteString(flagWords(flag))
		}
	})
	return typed.String()
}

// flagWords is a flag as it is typed in a shell.
func flagWords(flag *pflag.Flag) string {
	words := ""
	switch value := flag.Value.(type) {
	case pflag.SliceValue:
		for _, v := range value.GetSlice() {
			words += " --" + flag.Name + " " + shellWord(v)
		}
	default:
		words = " --" + flag.Name
		if v := value.String(); value.Type() != "bool" {
			words += " " + shellWord(v)
		} else if v != "true" {
			words += "=" + v
		}
	}
	return words
}
