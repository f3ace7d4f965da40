package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// merchantWait bounds how long login waits for the merchant, who may have to
// fetch a phone first. An unknown client never comes back at all.
const merchantWait = 10 * time.Minute

var errNoAnswer = fmt.Errorf("no merchant came back from the login page within %v", merchantWait)

// merchant has a merchant log in and consent, and ends the login with finish, which
// takes what the exchange of the code needs.
func (o loginOptions) merchant(ctx context.Context, s config.Settings, endpoint *auth.Endpoint, finish func(auth.LoginOptions) error) error {
	request, err := authorizationRequest(s, o)
	if err != nil {
		return err
	}
	callback := merchantCallback{account: o.account, settings: s, noBrowser: o.noBrowser}
	if auth.IsLoopbackRedirect(request.RedirectURI) {
		if callback.receiver, err = auth.NewReceiver(request.RedirectURI); err != nil {
			if errors.Is(err, auth.ErrPortInUse) {
				return usageError("choose another registered port with --callback-port", "%v", err)
			}
			return err
		}
		defer callback.receiver.Close()
		request.RedirectURI = callback.receiver.RedirectURI()
	}
	callback.authorization = endpoint.Authorize(request)
	callback.finish = func(_ context.Context, code string) error { return finish(callback.authorization.LoginOptions(code)) }
	wait, cancel := context.WithTimeoutCause(ctx, merchantWait, errNoAnswer)
	defer cancel()
	err = callback.wait(wait)
	if errors.Is(err, errNoAnswer) || errors.Is(err, context.DeadlineExceeded) && wait.Err() != nil {
		return &Error{
			Exit: exitAuth, Code: "login_timeout", Message: errNoAnswer.Error(), Err: err,
			Hint: "check that client id and redirect URI are the registered ones, then start again",
		}
	}
	return err
}

// authorizationRequest puts flags and settings together.
func authorizationRequest(s config.Settings, o loginOptions) (auth.AuthorizationRequest, error) {
	redirect, err := redirectURI(s, o)
	if err != nil {
		return auth.AuthorizationRequest{}, err
	}
	return auth.AuthorizationRequest{
		RedirectURI: redirect, Scopes: authProfile(s).ScopesFor(auth.GrantAuthorizationCode), Locale: o.locale, PromptLogin: o.promptLogin,
	}, nil
}

// merchantCallback is how the merchant's browser comes back: to a receiver on this
// machine, or through what a person pastes.
type merchantCallback struct {
	*account
	settings      config.Settings
	authorization *auth.Authorization
	receiver      *auth.Receiver // nil: the redirect URI is a page of the partner's own
	noBrowser     bool
	finish        func(ctx context.Context, code string) error
}

// wait waits for both ways, and ends the login with the first.
func (w merchantCallback) wait(ctx context.Context) error {
	launcher, opened := w.show()
	if w.receiver == nil {
		code, err := w.paste(ctx)
		if err != nil {
			return err
		}
		return w.finish(ctx, code)
	}
	if !w.prompt.Enabled() {
		return w.receiver.Wait(ctx, w.authorization, w.finish)
	}
	typing, stopTyping := context.WithCancel(ctx)
	defer stopTyping()
	receiving, stopReceiving := context.WithCancel(ctx)
	defer stopReceiving()
	typed := make(chan struct{}) // closed when the terminal is as it was
	received := make(chan error, 1)
	go func() {
		err := w.receiver.Wait(receiving, w.authorization, func(_ context.Context, code string) error {
			stopTyping()
			<-typed
			return w.finish(ctx, code)
		})
		stopTyping()
		received <- err
	}()
	if opened && !launchFailed(typing, launcher) {
		close(typed)
		return <-received
	}
	code, err := w.paste(typing)
	close(typed)
	if typing.Err() != nil && ctx.Err() == nil {
		return <-received
	}
	stopReceiving()
	if cameBack := <-received; !errors.Is(cameBack, context.Canceled) || err != nil {
		return cmp.Or(err, cameBack)
	}
	return w.finish(ctx, code)
}

// launchFailed waits until there is nothing more to be typed, and reports whether
// the browser's launcher failed before.
func launchFailed(ctx context.Context, launcher <-chan error) bool {
	for {
		select {
		case err := <-launcher:
			if err != nil {
				return true
			}
			launcher = nil
		case <-ctx.Done():
			return false
		}
	}
}

// show prints the address of the login page, and then opens it: the browser may be
// on another machine, and its launcher may not return.
func (w merchantCallback) show() (launcher <-chan error, opened bool) {
	w.Note("the merchant logs in on this page:")
	fmt.Fprintf(w.Streams.Err, "\n  %s\n\n", w.authorization.URL)
	if !w.noBrowser && w.receiver != nil {
		if launcher, err := w.OpenURL(w.authorization.URL); err == nil {
			w.Note("a browser opens it; if it does not, open it yourself")
			return launcher, true
		}
	}
	w.Note("open it in a browser; after Allow, the address that the browser ends up at holds a code that lives for two minutes")
	return nil, false
}

// paste takes the address that the browser ended up at. What is not one of this
// login can be tried again.
func (w merchantCallback) paste(ctx context.Context) (string, error) {
	end, _ := ctx.Deadline() // of all tries together
	for {
		pasted, err := w.prompt.Paste(ctx, markProduction(w.settings, "Paste that address here"), "--print-url and --complete", time.Until(end))
		if err != nil {
			return "", err
		}
		var code string
		answer, err := auth.ParseCallback(pasted)
		if err == nil {
			code, err = w.authorization.Code(answer)
		}
		if !errors.Is(err, auth.ErrCallback) && !errors.Is(err, auth.ErrState) {
			return code, err
		}
		w.Note("%v; %s", err, advice(err))
	}
}

// localRedirect is what the sandbox on this machine takes, with any port.
const localRedirect = "http://127.0.0.1:0/callback"

// redirectURI is the profile's, with the port of --callback-port.
func redirectURI(s config.Settings, o loginOptions) (string, error) {
	redirect := s.RedirectURI
	if redirect == "" && (s.Environment == config.Local || o.callbackPort != 0) {
		redirect = localRedirect
	}
	if redirect == "" {
		return "", usageError("pass --redirect-uri with one that is registered for your client, such as http://127.0.0.1:8400/callback",
			"a merchant login needs a redirect URI")
	}
	u, err := url.Parse(redirect)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "", usageError("", "redirect URI %q is not a complete URL", redirect)
	}
	if o.callbackPort != 0 {
		if redirect = withPort(redirect, strconv.Itoa(o.callbackPort)); !auth.IsLoopbackRedirect(redirect) {
			return "", usageError("leave it out, or choose another --redirect-uri", "--callback-port is for a redirect URI on this machine, not for %s", u.Hostname())
		}
	}
	return redirect, nil
}

// withPort is a URL with another port.
func withPort(address, port string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	return u.String()
}
