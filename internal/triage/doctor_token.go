package triage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// token gets a token of each grant at hand. The main one must come; without
// another one some commands do not work.
func (d *doctor) token(ctx context.Context) verdict {
	logins, err := d.setup.Logins(ctx)
	if err != nil {
		return d.failedBy(err, d.loginCommand(""))
	}
	var good, bad []string
	var fix string
	var mainFailed bool
	for _, l := range logins {
		if !l.Usable {
			continue
		}
		operation, can := d.operationOf(l)
		if !can {
			continue // its scopes fit no call that only it can make; others show whether it works
		}
		if _, err := d.setup.Tokens.Token(ctx, operation); err != nil {
			message, command := d.explain(err, d.loginCommand(l.Grant))
			if errors.Is(err, context.DeadlineExceeded) {
				message, command = fmt.Sprintf("no answer within %s", d.setup.Timeout), "gobiz token -vv"
			}
			bad = append(bad, grantName(l.Grant)+": "+message)
			mainFailed = mainFailed || l.Main
			if fix == "" || l.Main {
				fix = command
			}
			continue
		}
		d.usable[l.Grant] = true
		good = append(good, grantName(l.Grant))
	}
	switch {
	case len(bad) == 0 && len(good) > 0:
		return ok("there is one: " + strings.Join(good, ", "))
	case len(bad) == 0:
		return failed("there is no login to get one with", d.loginCommand(""))
	case len(good) == 0 || mainFailed:
		return failed(strings.Join(bad, "; "), fix)
	}
	return warning(strings.Join(bad, "; ")+"; there is a token of the other kind: "+strings.Join(good, ", "), fix)
}

// operationOf finds an operation that asks for a token of exactly this login:
// one that no other grant can make, and whose scopes are there. The empty
// operation asks for the main grant.
func (d *doctor) operationOf(l Login) (operation string, can bool) {
	for _, r := range d.setup.Requirements {
		if len(r.Grants) == 1 && r.Grants[0] == l.Grant && covered(r, l.Scopes) {
			return r.Operation, true
		}
	}
	return "", l.Main
}

// covered reports whether a token with these scopes will do.
func covered(r auth.Requirement, scopes []string) bool {
	return len(r.Scopes) == 0 || slices.ContainsFunc(r.Scopes, func(s string) bool { return slices.Contains(scopes, s) })
}
