package triage

import (
	"context"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/auth"
)

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
