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

// lack is an operation that the tokens at hand cannot do.
type lack struct {
	// scope is missing from the token of the login. Empty: the grant is missing.
	scope string
	login *Login
	grant auth.Grant
}

// scopes holds the scopes of the tokens against what the commands need. It reads
// them again, since a server may grant less than was asked for.
func (d *doctor) scopes(ctx context.Context) verdict {
	logins, err := d.setup.Logins(ctx)
	if err != nil {
		return d.failedBy(err, d.loginCommand(""))
	}
	logins = slices.DeleteFunc(slices.Clone(logins), func(l Login) bool { return !l.Usable || !d.usable[l.Grant] })
	if slices.ContainsFunc(logins, func(l Login) bool { return l.Scopes == nil }) {
		return notNeeded("not known for this token")
	}
	var missing, commands, needed []string
	var short *Login
	for _, r := range d.setup.Requirements {
		l := lackOf(r, logins)
		if l == nil {
			needed = appendNew(needed, d.setup.Commands[r.Operation]...)
			continue
		}
		d.lacking[r.Operation] = l
		affected := d.setup.Commands[r.Operation]
		if l.scope == "" || len(affected) == 0 {
			continue // the check of the logins names commands that need another grant
		}
		missing, commands = appendNew(missing, l.scope), appendNew(commands, affected...)
		if short == nil {
			short = l.login
		}
	}
	if len(missing) == 0 {
		return ok("they cover " + enumerate(needed))
	}
	return warning("missing: "+strings.Join(missing, ", ")+"; will not work: "+enumerate(commands), d.askFor(short, missing))
}

// lackOf says what an operation misses, or nil.
func lackOf(r auth.Requirement, logins []Login) *lack {
	var l *lack
	for _, grant := range r.Grants {
		i := slices.IndexFunc(logins, func(l Login) bool { return l.Grant == grant })
		switch {
		case i < 0:
			continue
		case covered(r, logins[i].Scopes):
			return nil
		case l == nil:
			l = &lack{scope: r.Scopes[0], login: &logins[i], grant: grant}
		}
	}
	if l == nil && len(r.Grants) > 0 {
		return &lack{grant: r.Grants[0]}
	}
	return l
}

// askFor is the command that gets a login with more scopes.
func (d *doctor) askFor(l *Login, missing []string) string {
	scopes := appendNew(slices.Clone(l.Scopes), missing...)
	if l.FromEnvironment {
		return `export GOBIZ_SCOPES="` + strings.Join(scopes, " ") + `"`
	}
	return d.loginCommand(l.Grant) + " --scope " + strings.Join(scopes, " --scope ")
}

func appendNew(list []string, words ...string) []string {
	for _, word := range words {
		if !slices.Contains(list, word) {
			list = append(list, word)
		}
	}
	return list
}

// enumerate is a list as people say it.
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
