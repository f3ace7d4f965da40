package triage

import (
	"context"
	"errors"
	"fmt"

	"github.com/gobiz-cli/gobiz/internal/spelling"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// manyOutlets ends the counting: it says enough, and each page is a call.
const manyOutlets = 500

// outlets counts the outlets that are linked to the partner.
func (d *doctor) outlets(ctx context.Context) verdict {
	if v, done := d.needsPartner("listLinkedOutlets"); done {
		return v
	}
	n := 0
	for _, err := range d.setup.Client.AllLinkedOutlets(ctx) {
		if err != nil {
			return d.callFailed(ctx, err)
		}
		if n++; n == manyOutlets {
			return ok(fmt.Sprintf("%d or more are linked", n))
		}
	}
	if n == 0 {
		return warning("none is linked to you yet", "gobiz link OUTLET # with a merchant login")
	}
	return ok(spelling.Count(n, "linked outlet"))
}

// subscriptions counts the partner's own, not those of single outlets.
func (d *doctor) subscriptions(ctx context.Context) verdict {
	if v, done := d.needsPartner("listSubscriptions"); done {
		return v
	}
	list, err := d.setup.Client.Subscriptions(gobiz.AllOutlets).List(ctx)
	if err != nil {
		return d.callFailed(ctx, err)
	}
	if len(list) == 0 {
		return ok("none for all outlets; a single outlet may have some")
	}
	inactive := 0
	for _, s := range list {
		if !s.Active {
			inactive++
		}
	}
	message := spelling.Count(len(list), "subscription") + " for all outlets"
	if inactive > 0 {
		message += fmt.Sprintf(", %d of them inactive", inactive)
	}
	return ok(message)
}

// merchant counts the outlets that the logged-in merchant may link.
func (d *doctor) merchant(ctx context.Context) verdict {
	if v, done := d.needsPartner("getTokenInfo"); done {
		return v
	}
	if !d.usable[auth.GrantAuthorizationCode] {
		return notNeeded("not asked: it is not known whether the token is a merchant's")
	}
	info, err := d.setup.Client.TokenInfo(ctx)
	if err != nil {
		return d.callFailed(ctx, err)
	}
	if len(info.Outlets) == 0 {
		return warning("the merchant who logged in has no outlet to link", d.loginCommand(auth.GrantAuthorizationCode)+" --prompt-login")
	}
	return ok("the merchant who logged in has " + spelling.Count(len(info.Outlets), "outlet"))
}

// needsPartner skips a call that is known not to work.
func (d *doctor) needsPartner(operation string) (verdict, bool) {
	if d.setup.Client == nil {
		return notNeeded("the legacy API has no such list"), true
	}
	l := d.lacking[operation]
	switch {
	case l == nil:
		return verdict{}, false
	case l.scope != "":
		return notNeeded("not asked: the token lacks " + l.scope), true
	}
	return notNeeded("not asked: no " + grantName(l.grant)), true
}

func (d *doctor) callFailed(ctx context.Context, err error) verdict {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return failed(fmt.Sprintf("no answer within %s", d.setup.Timeout), "gobiz outlets list -vv")
	}
	message := err.Error()
	var answer *gobiz.Error
	if errors.As(err, &answer) {
		message = answer.Reason()
		if answer.RequestID != "" {
			message += " (request id " + answer.RequestID + ")"
		}
	}
	switch {
	case errors.Is(err, gobiz.ErrUnauthorized):
		v := failed("the API does not take the token: "+message, d.loginCommand(""))
		v.login = true
		return v
	case errors.Is(err, gobiz.ErrForbidden):
		return failed("the API forbids it: "+message, "gobiz status")
	}
	return failed(message, "gobiz outlets list -vv")
}
