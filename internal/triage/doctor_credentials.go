package triage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/spelling"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// slowStore is what a person begins to feel with every command.
const slowStore = time.Second

// encryptedStore is a store that is a file, such as [credentials.File].
type encryptedStore interface {
	credentials.Store
	Path() string
}

func (d *doctor) credentialStore(ctx context.Context) verdict {
	store := d.setup.Store
	if store == nil {
		return notNeeded("not used: the credentials come from the environment")
	}
	if file, encrypted := store.(encryptedStore); encrypted {
		path := file.Path()
		if mode, open := openToOthers(d.setup.GOOS, path); open {
			return warning(fmt.Sprintf("%s has mode %04o, others can read it", path, mode), "chmod 600 "+quote(path))
		}
		return ok("encrypted file " + path)
	}
	service, asks := store.(interface{ Probe(context.Context) error })
	if !asks {
		return notNeeded("there is nobody to ask")
	}
	start := d.setup.Now()
	if err := service.Probe(ctx); err != nil {
		return failed(err.Error(), "gobiz login"+d.profileFlag()+" --credential-store file")
	}
	took := d.setup.Now().Sub(start)
	message := fmt.Sprintf("the %s answered in %d ms", store.Name(), took.Milliseconds())
	if took > slowStore {
		return warning(message+", which every command waits for", "")
	}
	return ok(message)
}

func (d *doctor) passphrase(ctx context.Context) verdict {
	store, encrypted := d.setup.Store.(encryptedStore)
	if !encrypted {
		return notNeeded("not needed")
	}
	if _, err := store.Load(ctx, d.setup.Settings.Profile); err != nil && !errors.Is(err, credentials.ErrNotFound) {
		return d.failedBy(err, "export GOBIZ_CREDENTIALS_PASSPHRASE=PASSPHRASE")
	}
	return ok("it opens the encrypted file")
}

func (d *doctor) credentials(ctx context.Context) verdict {
	logins, err := d.setup.Logins(ctx)
	if err != nil {
		message, fix := d.explain(err, d.loginCommand(""))
		for _, l := range logins {
			if !l.Usable && !l.Lost && !l.ExpiresAt.IsZero() {
				message += fmt.Sprintf(": the %s expired %s ago and cannot be renewed", grantName(l.Grant), span(d.setup.Now().Sub(l.ExpiresAt)))
			}
		}
		return failed(message, fix)
	}
	switch {
	case len(logins) > 0 && logins[0].FromEnvironment && logins[0].Grant == "":
		return ok("an access token in GOBIZ_ACCESS_TOKEN")
	case d.setup.Store == nil:
		return ok("client id and secret in the environment")
	}
	return ok("stored in the " + d.setup.Store.Name())
}

// logins says which kinds of token there are, before a server is asked.
func (d *doctor) logins(ctx context.Context) verdict {
	logins, err := d.setup.Logins(ctx)
	if err != nil {
		return d.failedBy(err, d.loginCommand(""))
	}
	var parts []string
	var expired auth.Grant
	merchant := false
	for _, l := range logins {
		if l.Grant == "" {
			return ok("one access token, of which neither grant nor scopes nor end are known; it is not renewed")
		}
		name := grantName(l.Grant)
		left := l.ExpiresAt.Sub(d.setup.Now())
		merchant = merchant || l.Grant == auth.GrantAuthorizationCode
		switch {
		case l.Lost:
			expired = l.Grant
			parts = append(parts, name+", lost while it was renewed")
		case !l.Usable:
			expired = l.Grant
			parts = append(parts, fmt.Sprintf("%s, expired %s ago and not renewable", name, span(-left)))
		case l.ExpiresAt.IsZero():
			parts = append(parts, name+", no token yet")
		case left > 0:
			parts = append(parts, fmt.Sprintf("%s, token for %s%s", name, span(left), renewed(l, ", then renewed")))
		default:
			parts = append(parts, fmt.Sprintf("%s, token expired %s ago%s", name, span(-left), renewed(l, ", will be renewed")))
		}
	}
	if expired != "" {
		return warning(strings.Join(parts, "; ")+d.commandsOnlyFor(expired), d.loginCommand(expired))
	}
	if !merchant && d.setup.Settings.API != config.Enterprise {
		parts = append(parts, "no merchant login"+d.commandsOnlyFor(auth.GrantAuthorizationCode))
	}
	return ok(strings.Join(parts, "; "))
}

func renewed(l Login, text string) string {
	if l.Renewable {
		return text
	}
	return ""
}

// commandsOnlyFor names the commands that no other grant can make.
func (d *doctor) commandsOnlyFor(grant auth.Grant) string {
	var commands []string
	for _, r := range d.setup.Requirements {
		if len(r.Grants) == 1 && r.Grants[0] == grant {
			commands = appendNew(commands, d.setup.Commands[r.Operation]...)
		}
	}
	if len(commands) == 0 {
		return ""
	}
	return ", which " + enumerate(commands) + " would need"
}

func (d *doctor) relaySecret(ctx context.Context) verdict {
	n, source, err := d.setup.RelaySecrets(ctx)
	switch {
	case err != nil:
		return d.failedBy(err, d.loginCommand(""))
	case n == 0:
		return warning("none is known, so webhooks cannot be verified", "export GOBIZ_NOTIFICATION_SECRET=SECRET # then gobiz login keeps it")
	case n > 1:
		return ok(fmt.Sprintf("%d, as while rotating, from %s", n, source))
	}
	return ok("known, from " + source)
}

func (d *doctor) profileFlag() string {
	if name := d.setup.Profile.Name; name != "" {
		return " --profile " + name
	}
	return ""
}

// loginCommand replaces the credentials of a grant, wherever they come from.
func (d *doctor) loginCommand(grant auth.Grant) string {
	if d.setup.Store == nil {
		if d.setup.Getenv("GOBIZ_ACCESS_TOKEN") != "" {
			return "export GOBIZ_ACCESS_TOKEN=TOKEN"
		}
		return "export GOBIZ_CLIENT_ID=ID GOBIZ_CLIENT_SECRET=SECRET"
	}
	command := "gobiz login" + d.profileFlag()
	if grant == auth.GrantAuthorizationCode {
		command += " --grant authorization-code"
	}
	return command
}

func grantName(grant auth.Grant) string {
	switch grant {
	case auth.GrantClientCredentials:
		return "client credentials"
	case auth.GrantAuthorizationCode:
		return "merchant login"
	}
	return "access token"
}

// span is a duration as people say it.
func span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < 2*time.Minute:
		return spelling.Count(int(d.Round(time.Second)/time.Second), "second")
	case d < 2*time.Hour:
		return spelling.Count(int(d.Round(time.Minute)/time.Minute), "minute")
	case d < 48*time.Hour:
		return spelling.Count(int(d.Round(time.Hour)/time.Hour), "hour")
	}
	return spelling.Count(int(d.Round(24*time.Hour)/(24*time.Hour)), "day")
}
