package cmd

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// A merchant login in two steps, for a machine without a browser and without
// somebody at the keyboard: `login --print-url` and `login --complete URL`. What
// the second step needs of the first rests in the credential store.

// loginURL is what --print-url prints.
type loginURL struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

var loginURLColumns = terminal.Fields[loginURL]("url", "expires_at")

// printPage is the first step.
func (o loginOptions) printPage(ctx context.Context, cfg *config.Config, s config.Settings, endpoint *auth.Endpoint, secret credentials.Secret) error {
	request, err := authorizationRequest(s, o)
	if err != nil {
		return err
	}
	request.RedirectURI = fixedPort(request.RedirectURI)
	a := endpoint.Authorize(request)
	if err := o.stored(s).RememberPending(ctx, a, secret); err != nil {
		return err
	}
	// The second step finds the profile by the same settings. A redirect URI that does
	// not work must not stay in it.
	if s.Origin(config.KeyRedirectURI).Layer == config.LayerFlag {
		s.RedirectURI = ""
	}
	if err := rememberProfile(ctx, cfg, s, endpoint.ClientID()); err != nil {
		return err
	}
	expires := a.CreatedAt.Add(auth.PendingLifetime).UTC().Truncate(time.Second)
	if o.Machine() {
		return terminal.PrintOne(o.Printer, loginURL{a.URL, expires}, loginURLColumns)
	}
	o.Note("have the merchant open this page within %s; then: gobiz login --complete 'THE ADDRESS THE BROWSER ENDS UP AT'", terminal.Duration(auth.PendingLifetime))
	return o.Text(a.URL)
}

// fixedPort returns a redirect URI that names no port a port to show: nobody
// listens there, the address is copied from the browser.
func fixedPort(redirect string) string {
	if u, err := url.Parse(redirect); err == nil && u.Port() == "0" {
		return withPort(redirect, "8400")
	}
	return redirect
}

// finish is the second step.
func (o loginOptions) finish(ctx context.Context, cfg *config.Config, s config.Settings) error {
	text := o.complete
	if text == "-" {
		data, err := o.readInput(ctx, "-", maxBody)
		if err != nil {
			return err
		}
		text = string(data)
	}
	answer, err := auth.ParseCallback(text)
	if err != nil {
		return err
	}
	stored := o.stored(s)
	waiting, err := stored.Pending(ctx)
	var record credentials.Record
	if err == nil {
		record, err = stored.Complete(ctx, answer, o.notificationSecret(s))
	}
	if err == nil {
		err = keepRedirect(ctx, cfg, s, waiting.RedirectURI)
	}
	if err != nil {
		return fmt.Errorf("complete the login of profile %s: %w", s.Profile, err)
	}
	return o.report(ctx, cfg, s.Profile, record.Tokens[string(auth.GrantAuthorizationCode)])
}

// keepRedirect puts the redirect URI of a login that worked into the profile, unless
// it is the profile's own or the default.
func keepRedirect(ctx context.Context, cfg *config.Config, s config.Settings, redirect string) error {
	if own, err := redirectURI(s, loginOptions{}); err == nil && fixedPort(own) == redirect {
		return nil
	}
	return cfg.Edit(ctx, func(e *config.Editor) error {
		return e.PutProfile(s.Profile, config.Profile{config.KeyRedirectURI: redirect})
	})
}
