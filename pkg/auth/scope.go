package auth

import (
	"slices"

	"github.com/gobiz-cli/gobiz/internal/config"
)

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
func DefaultScopes(api config.API, grant config.Grant) []string {
	switch {
	case api == config.Enterprise:
		// Both are required (Enterprise Integration Middleware).
		return []string{ScopeEnterpriseRead, ScopeEnterpriseWrite}
	case grant == config.AuthorizationCode:
		return append([]string{ScopeOpenID, ScopeOffline}, facilitatorScopes...)
	default:
		return slices.Clone(facilitatorScopes)
	}
}

// ScopesForGrant takes out of a facilitator's set what a grant cannot have: client credentials know neither
// an identity (openid) nor a refresh token (offline).
func ScopesForGrant(scopes []string, grant config.Grant) []string {
	if grant != config.ClientCredentials {
		return slices.Clone(scopes)
	}
	return slices.DeleteFunc(slices.Clone(scopes), func(s string) bool {
		return s == ScopeOpenID || s == ScopeOffline || s == "offline_access"
	})
}

// scopesFor gives the scopes to ask for with a grant.
func scopesFor(settings config.Settings, grant config.Grant) []string {
	if len(settings.Scopes) == 0 {
		return DefaultScopes(settings.API, grant)
	}
	return ScopesForGrant(settings.Scopes, grant)
}
