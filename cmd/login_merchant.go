package cmd

import (
	"context"
	"errors"
	"fmt"
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

// merchant has a merchant log in and consent. It gives what the exchange
// of the code needs.
func (o loginOptions) merchant(ctx context.Context, s config.Settings, endpoint *auth.Endpoint) (auth.LoginOptions, error) {
	request, err := authorizationRequest(s, o)
	if err != nil {
		return auth.LoginOptions{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, merchantWait, errNoAnswer)
	defer cancel()
	callback := merchantCallback{account: o.account, settings: s, noBrowser: o.noBrowser}
	if auth.IsLoopbackRedirect(request.RedirectURI) {
		if callback.receiver, err = auth.NewReceiver(request.RedirectURI); err != nil {
			if errors.Is(err, auth.ErrPortInUse) {
				return auth.LoginOptions{}, usageError("choose another registered port with --callback-port", "%v", err)
			}
			return auth.LoginOptions{}, err
		}
		defer callback.receiver.Close()
		request.RedirectURI = callback.receiver.RedirectURI()
	}
	callback.authorization = endpoint.Authorize(request)
	code, err := callback.code(ctx)
	if errors.Is(err, errNoAnswer) || errors.Is(err, context.DeadlineExceeded) {
		return auth.LoginOptions{}, &Error{
			Exit: exitAuth, Code: "login_timeout", Message: errNoAnswer.Error(), Err: err,
			Hint: "check that client id and redirect URI are the registered ones, then start again",
		}
	}
	return callback.authorization.LoginOptions(code), err
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
}

// code waits for both ways and takes the first.
func (w merchantCallback) code(ctx context.Context) (string, error) {
	opened := w.show()
	if w.receiver == nil {
		return w.paste(ctx)
	}
	served := func() error { return nil } // the page is shown already
	if opened || !w.prompt.Enabled() {
		return w.receiver.Wait(ctx, w.authorization, served)
	}
	type answer struct {
		code string
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, 2)
	go func() {
		code, err := w.receiver.Wait(ctx, w.authorization, served)
		answers <- answer{code, err}
	}()
	pasted := make(chan struct{})
	go func() {
		defer close(pasted)
		code, err := w.paste(ctx)
		answers <- answer{code, err}
	}()
	first := <-answers
	cancel()
	<-pasted // the terminal is as it was
	return first.code, first.err
}

// show opens the login page, and prints its address in any case: the browser
// may be on another machine.
func (w merchantCallback) show() (opened bool) {
	opened = !w.noBrowser && w.receiver != nil && w.OpenURL(w.authorization.URL) == nil
	if opened {
		w.Note("a browser opens for the merchant to log in; if it does not, open this page:")
	} else {
		w.Note("open this page in a browser and log in as the merchant:")
	}
	fmt.Fprintf(w.Streams.Err, "\n  %s\n\n", w.authorization.URL)
	if !opened {
		w.Note("after Allow, the address that the browser ends up at holds a code that lives for two minutes")
	}
	return opened
}

// paste takes the address that the browser ended up at. What is not one can be
// tried again.
func (w merchantCallback) paste(ctx context.Context) (string, error) {
	for {
		pasted, err := w.prompt.Paste(ctx, markProduction(w.settings, "Paste that address here"), "--print-url and --complete", merchantWait)
		if err != nil {
			return "", err
		}
		answer, err := auth.ParseCallback(pasted)
		if errors.Is(err, auth.ErrCallback) {
			w.Note("%v; %s", err, advice(err))
			continue
		}
		if err != nil {
			return "", err
		}
		return w.authorization.Code(answer)
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
		if !auth.IsLoopbackRedirect(redirect) {
			return "", usageError("leave it out, or choose another --redirect-uri", "--callback-port is for a redirect URI on this machine, not for %s", u.Host)
		}
		u.Host = u.Hostname() + ":" + strconv.Itoa(o.callbackPort)
		redirect = u.String()
	}
	return redirect, nil
}
