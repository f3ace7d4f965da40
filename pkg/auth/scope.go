package auth

import "slices"

// facilitatorScopes is the set that GoBiz grants to a facilitator before it starts (Getting
// started (Facilitator)). One scope more than the credential has fails the whole token call, so
// defaults stay inside this set.
var facilitatorScopes = []string{
	ScopeOutletRead, ScopeOutletWrite,
	ScopeCatalogRead, ScopeCatalogWrite,
	ScopeOrderRead, ScopeOrderWrite,
	ScopePropertiesWrite,
}

// DefaultScopes are the scopes to ask for when the user chose none.
func DefaultScopes(grant Grant) []string {
	if grant == GrantAuthorizationCode {
		return append([]string{ScopeOpenID, ScopeOffline}, facilitatorScopes...)
	}
	return slices.Clone(facilitatorScopes)
}

// EnterpriseScopes are the scopes to ask for at the legacy API. Both are required (Enterprise Integration Middleware).
func EnterpriseScopes() []string { return []string{ScopeEnterpriseRead, ScopeEnterpriseWrite} }

// ScopesForGrant takes out of a facilitator's set what a grant cannot have: client credentials know neither
// an identity (openid) nor a refresh token (offline).
func ScopesForGrant(scopes []string, grant Grant) []string {
	if grant != GrantClientCredentials {
		return slices.Clone(scopes)
	}
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool {
		return s == ScopeOpenID || s == ScopeOffline || s == "offline_access"
	})
}

// withScope adds a scope, so that each stands once.
func withScope(scopes []string, scope string) []string {
	var out []string
	for _, s := range append(slices.Clone(scopes), scope) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
