package auth_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/contract"
	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// The contract is written from the facts, so it judges the table.
func TestRequirementsMatchTheContract(t *testing.T) {
	table := map[string]auth.Requirement{}
	for _, r := range auth.Requirements() {
		if _, twice := table[r.Operation]; twice {
			t.Errorf("%s stands twice in the table", r.Operation)
		}
		table[r.Operation] = r
	}
	for _, op := range contract.Load(t).Operations() {
		if len(op.Grants) == 0 {
			continue // the OAuth operations take no token
		}
		r, ok := table[op.ID]
		if !ok {
			t.Errorf("%s is in the contract and not in the table", op.ID)
			continue
		}
		delete(table, op.ID)
		var grants []string
		for _, g := range r.Grants {
			grants = append(grants, string(g))
		}
		if got, want := sorted(grants), sorted(op.Grants); got != want {
			t.Errorf("%s: grants are %s, the contract says %s", op.ID, got, want)
		}
		if got, want := sorted(r.Scopes), sorted(op.Scopes); got != want {
			t.Errorf("%s: scopes are %s, the contract says %s", op.ID, got, want)
		}
	}
	for id := range table {
		t.Errorf("%s is in the table and not in the contract", id)
	}
}

func sorted(list []string) string {
	list = slices.Clone(list)
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// One scope too many fails the whole login, so the defaults stay inside of what GoBiz grants to everybody.
func TestDefaultScopes(t *testing.T) {
	granted := strings.Fields(`openid offline partner:outlet:read partner:outlet:write gofood:catalog:read gofood:catalog:write
		gofood:order:read gofood:order:write gofood:outlet:write`)
	for _, grant := range []auth.Grant{auth.GrantClientCredentials, auth.GrantAuthorizationCode} {
		for _, s := range auth.DefaultScopes(grant) {
			if !has(granted, s) {
				t.Errorf("%s asks for %s", grant, s)
			}
			if grant == auth.GrantClientCredentials && (s == auth.ScopeOpenID || s == auth.ScopeOffline) {
				t.Errorf("%s cannot have %s", grant, s)
			}
		}
	}
	if got := auth.DefaultScopes(auth.GrantAuthorizationCode); sorted(got) != sorted(granted) {
		t.Errorf("a merchant login asks for %v", got)
	}
	if got := auth.EnterpriseScopes(); strings.Join(got, " ") != "food:read food:write" {
		t.Errorf("the legacy API asks for %v", got)
	}
}
