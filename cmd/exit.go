package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// Exit codes. Scripts depend on them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitAuth        = 3
	exitRefused     = 4
	exitInvalid     = 5
	exitGuard       = 6
	exitPartial     = 7
	exitChanges     = 8
	exitSignature   = 9
	exitInterrupted = 130
)

// exitCodes explains each code, for `gobiz help exit-codes` and the documentation.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitOK, "done (for diff: done, whether or not there are changes)"},
	{exitFailed, "failed: network, server error after retries, input or output"},
	{exitUsage, "wrong usage, wrong or missing flag, a question with --no-input"},
	{exitAuth, "not logged in, credentials rejected, consent denied, login expired"},
	{exitRefused, "the API said no: 403, 404, 409"},
	{exitInvalid, "invalid input: lint errors, malformed file, 400 or 422"},
	{exitGuard, "refused by a safety guard: production without consent, too many deletions, empty menu, stale plan"},
	{exitPartial, "some of many failed: the rest is done and reported"},
	{exitChanges, "changes found, with 'catalog diff --exit-code' or 'subscriptions sync --dry-run --exit-code'"},
	{exitSignature, "signature does not verify"},
	{exitInterrupted, "interrupted; what was finished is reported"},
}

// Error is what every failure becomes at the edge: an exit code, and up to
// three lines for a person or one JSON object for a script.
type Error struct {
	Exit      int
	Code      string // stable name for scripts, such as "usage" or "not_found"
	Message   string // what failed and why
	Hint      string // what to type next
	Status    int    // HTTP status of the API's answer, 0 when there was none
	RequestID string // request id of the API call
	Err       error  // the cause
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Err }

// usageError is an error in how the command was called.
func usageError(hint, format string, args ...any) *Error {
	return &Error{Exit: exitUsage, Code: "usage", Message: fmt.Sprintf(format, args...), Hint: hint}
}

// invalidInput is an error in what a file or stdin holds.
func invalidInput(hint, format string, args ...any) *Error {
	return &Error{Exit: exitInvalid, Code: "invalid_input", Message: fmt.Sprintf(format, args...), Hint: hint}
}

// classify turns any error into an Error. The error kinds of the packages below
// meet exit codes here and nowhere else.
func classify(ctx context.Context, err error) *Error {
	var edge *Error
	if errors.As(err, &edge) {
		if edge.Message == "" {
			edge.Message = err.Error()
		}
		return edge
	}
	// A hidden prompt reads Ctrl-C as a key: no signal ends the context then.
	if interrupted(ctx) || errors.Is(err, context.Canceled) {
		return &Error{Exit: exitInterrupted, Code: "interrupted", Message: "interrupted", Err: err}
	}
	e := &Error{Exit: exitFailed, Code: "failed", Message: err.Error(), Err: err}
	for _, known := range []func(error, *Error) bool{
		classifyTerminal, classifyRollout, classifyLogin, classifyAPI, classifySandbox, classifyIO,
	} {
		if known(err, e) {
			break
		}
	}
	return e
}

// interrupted reports that the user pressed Ctrl-C or the process was asked to stop.
func interrupted(ctx context.Context) bool {
	return ctx.Err() != nil && errors.Is(context.Cause(ctx), errInterrupted)
}

// classifyTerminal is for questions that cannot be asked and formats that do not exist.
func classifyTerminal(err error, e *Error) bool {
	var (
		required *terminal.InputRequired
		format   *terminal.UsageError
	)
	switch {
	case errors.As(err, &required):
		e.Exit, e.Code = exitUsage, "input_required"
		if required.Flag != "" {
			e.Hint = "use " + required.Flag
		}
	case errors.As(err, &format):
		e.Exit, e.Code, e.Hint = exitUsage, "usage", format.Hint
	default:
		return false
	}
	return true
}

func classifyIO(err error, e *Error) bool {
	var (
		path    *fs.PathError
		op      *net.OpError
		number  syscall.Errno
		network net.Error
	)
	// A system call's error number passes for a net.Error.
	switch isNumber := errors.As(err, &number); {
	case errors.Is(err, atomicfile.ErrNotRegular):
		e.Code, e.Hint = "io", "name another file; a pipe, a socket or a device is never written over"
	case errors.Is(err, atomicfile.ErrReadOnly):
		e.Code, e.Hint = "io", "name another file, or make this one writable: chmod u+w"
	case errors.As(err, &path), isNumber && !errors.As(err, &op):
		e.Code = "io"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		e.Code, e.Hint = "timeout", "try again, or allow more time with --timeout"
	case errors.As(err, &network):
		e.Code, e.Hint = "network", "check the connection and the hosts of the profile: gobiz status"
	default:
		return false
	}
	return true
}

// statusError returns the exit code and the name of an HTTP status.
func statusError(status int) (exit int, code string) {
	switch {
	case status == http.StatusUnauthorized:
		return exitAuth, "unauthorized"
	case status == http.StatusForbidden:
		return exitRefused, "forbidden"
	case status == http.StatusNotFound:
		return exitRefused, "not_found"
	case status == http.StatusConflict:
		return exitRefused, "conflict"
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return exitInvalid, "invalid_request"
	case status == http.StatusTooManyRequests:
		return exitFailed, "rate_limited"
	case status >= 500:
		return exitFailed, "server_error"
	case status >= 400:
		return exitRefused, "refused"
	default:
		return exitFailed, "failed"
	}
}

// report writes e to w: lines for people, or with asJSON one object that
// scripts read as the last line of stderr.
func report(w io.Writer, e *Error, asJSON bool) {
	if asJSON {
		detail := map[string]any{"code": cmp.Or(e.Code, "failed"), "message": cleantext.OneLine(e.Message, 0)}
		if e.Status != 0 {
			detail["status"] = e.Status
		}
		if e.RequestID != "" {
			detail["request_id"] = terminal.Clean(e.RequestID)
		}
		if e.Hint != "" {
			detail["hint"] = cleantext.OneLine(e.Hint, 0)
		}
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(map[string]any{"error": detail})
		return
	}
	fmt.Fprintf(w, "gobiz: error: %s\n", cleantext.OneLine(e.Message, 0))
	if e.RequestID != "" {
		fmt.Fprintf(w, "       request id %s\n", terminal.Clean(e.RequestID))
	}
	if e.Hint != "" {
		fmt.Fprintf(w, "hint: %s\n", cleantext.OneLine(e.Hint, 0))
	}
}

// classifyLogin is for the errors of config, auth and credentials.
func classifyLogin(err error, e *Error) bool {
	var answer *auth.Error
	if errors.As(err, &answer) {
		e.Status, e.RequestID = answer.Status, answer.RequestID
		e.Message = strings.TrimSuffix(e.Message, " (request id "+answer.RequestID+")") // it has a line of its own
	}
	var login *auth.LoginError
	if errors.As(err, &login) && errors.Is(login.Kind, auth.ErrWrongGrant) && login.Profile == "" {
		e.Message = strings.Replace(e.Message, login.Message, "this call needs a merchant login: "+loginCommand("", login.Grant), 1)
	}
	var call *gobiz.Error
	if errors.As(err, &call) {
		classifyAPI(err, e) // a call's own words, for a token that the API rejected
	}
	for _, kind := range []struct {
		of   error
		exit int
		code string
	}{
		{config.ErrInvalid, exitUsage, "config"},
		{auth.ErrServer, e.Exit, "login_server"},
		{auth.ErrNotLoggedIn, exitAuth, "not_logged_in"},
		{auth.ErrWrongGrant, exitAuth, "wrong_grant"},
		{auth.ErrScope, exitAuth, "scope"},
		{auth.ErrCredentials, exitAuth, "credentials_rejected"},
		{auth.ErrDenied, exitAuth, "consent_denied"},
		{auth.ErrCallback, exitUsage, "usage"},
		{auth.ErrNoPending, exitAuth, "no_pending_login"},
		{auth.ErrPendingExpired, exitAuth, "no_pending_login"},
		{auth.ErrNonce, exitAuth, "nonce_mismatch"},
		{auth.ErrState, exitAuth, "state_mismatch"},
		{credentials.ErrNotFound, exitAuth, "not_logged_in"},
		{credentials.ErrPassphrase, exitAuth, "passphrase"},
		{credentials.ErrUnavailable, exitAuth, "credential_store"},
		{credentials.ErrDamaged, exitAuth, "credentials_damaged"},
	} {
		if errors.Is(err, kind.of) {
			e.Exit, e.Code, e.Hint = kind.exit, kind.code, cmp.Or(advice(err), e.Hint)
			return true
		}
	}
	switch {
	case answer == nil:
		return false
	case answer.Code == "":
		e.Code, e.Hint = "malformed_answer", "is that the login server? see 'gobiz status'"
	default:
		e.Exit, e.Code = exitAuth, answer.Code
	}
	e.Hint = cmp.Or(advice(err), e.Hint)
	return true
}

func classifyAPI(err error, e *Error) bool {
	var answer *gobiz.Error
	if !errors.As(err, &answer) {
		var limit *gobiz.LimitError
		switch {
		case errors.Is(err, gobiz.ErrArgument):
			e.Exit, e.Code = exitUsage, "usage"
		case errors.As(err, &limit): // while a raw answer was being read
			e.Code = "malformed_answer"
		default:
			return false
		}
		return true
	}
	e.Status, e.RequestID = answer.Status, answer.RequestID
	e.Message = strings.TrimSuffix(err.Error(), answer.Error()) + answer.Reason()
	switch {
	case errors.Is(answer, gobiz.ErrUnauthorized):
		e.Exit, e.Code, e.Hint = exitAuth, "unauthorized", "log in again: gobiz login"
	case errors.Is(answer, gobiz.ErrMalformed) && answer.Operation == "getCatalog" && answer.Err != nil:
		e.Code, e.Hint = "malformed_answer", "the answer as it came: gobiz api GET "+answer.Path
	case errors.Is(answer, gobiz.ErrMalformed):
		e.Code, e.Hint = "malformed_answer", "is that the API's host? see 'gobiz status'; -vv shows the exchange"
	case errors.Is(answer, gobiz.ErrNetwork):
		e.Code, e.Hint = "network", "check the connection and the hosts of the profile: gobiz status"
		var timeout *gobiz.TimeoutError
		if errors.As(err, &timeout) {
			e.Code, e.Hint = "timeout", "try again, or allow more time with --timeout"
		}
	case errors.Is(answer, gobiz.ErrRedirected):
		e.Code, e.Hint = "redirected", "check the API host of the profile: gobiz status"
	case errors.Is(answer, gobiz.ErrConflict):
		e.Exit, e.Code = exitRefused, "conflict"
	default:
		e.Exit, e.Code = statusError(answer.Status)
		e.Hint = unlinked(answer)
		switch invalidURL := answer.Status == http.StatusNotFound && answer.Message == "Invalid URL"; {
		case invalidURL && answer.Operation == "":
			e.Hint = fmt.Sprintf("is the path right? the API's documentation has no %s %s", answer.Method, answer.Path)
		case invalidURL:
			e.Hint = "GoBiz says so for a call that this kind of login cannot make, and for a wrong host: gobiz status"
		}
		if answer.Status < 400 {
			e.Exit, e.Code = exitRefused, "refused"
		}
	}
	return true
}

// apiError turns a failed API call into an Error whose hint a command may
// still set; nil when err is something else.
func apiError(err error) *Error {
	e := &Error{Exit: exitFailed, Message: err.Error(), Err: err}
	if !classifyAPI(err, e) {
		return nil
	}
	return e
}

func classifySandbox(err error, e *Error) bool {
	var away *sandbox.NotRunningError
	if errors.As(err, &away) && !errors.Is(err, context.Canceled) {
		e.Code, e.Hint = "no_sandbox", "start one with 'gobiz sandbox start', or name it with --url"
		return true
	}
	var empty *sandbox.EmptyIDError
	if errors.As(err, &empty) {
		e.Message += "; gobiz sandbox state shows what there is"
		return true
	}
	var refused *sandbox.ControlError
	if !errors.As(err, &refused) {
		return false
	}
	e.Status = refused.Status
	e.Exit, e.Code = statusError(refused.Status)
	return true
}
