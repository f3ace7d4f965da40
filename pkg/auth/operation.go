package auth

import "slices"

// Requirement is what the token of an operation must have.
type Requirement struct {
	// Operation is an operationId of docs/api/openapi.yaml.
	Operation string
	// Grants that the endpoint accepts, the documented one first.
	Grants []Grant
	// Scopes of which the token needs one. None means that any token does.
	Scopes []string
}

// Scopes of the API (developer documentation, direct integration; Getting started (Facilitator);
// Enterprise Integration Middleware).
const (
	ScopeOpenID          = "openid"
	ScopeOffline         = "offline"
	ScopeOutletRead      = "partner:outlet:read"
	ScopeOutletWrite     = "partner:outlet:write"
	ScopeCatalogRead     = "gofood:catalog:read"
	ScopeCatalogWrite    = "gofood:catalog:write"
	ScopeOrderRead       = "gofood:order:read"
	ScopeOrderWrite      = "gofood:order:write"
	ScopePropertiesWrite = "gofood:outlet:write"
	ScopePromoRead       = "promo:food_promo:read"
	ScopePromoWrite      = "promo:food_promo:write"
	ScopePaymentRead     = "payment:transaction:read"
	ScopePaymentWrite    = "payment:transaction:write"
	ScopeEnterpriseRead  = "food:read"
	ScopeEnterpriseWrite = "food:write"
)

var (
	// Only a merchant who logged in may do it.
	merchantOnly = []Grant{GrantAuthorizationCode}
	// Documented for client credentials. That a merchant's token works too, for that merchant's
	// outlets, is inferred from third-party summaries that list both flows.
	either     = []Grant{GrantClientCredentials, GrantAuthorizationCode}
	serverOnly = []Grant{GrantClientCredentials}

	readOrWrite = []string{ScopeOutletRead, ScopeOutletWrite}
	outletRead  = []string{ScopeOutletRead}
	// Which events may be subscribed to depends on the scopes (developer documentation, event-list). The operation does
	// not tell the event, so the scope of one kind of event is enough here.
	eventScopes = []string{ScopeOrderRead, ScopeCatalogRead, ScopePaymentRead}
)

// requirements has one line for each operation, in the order of the contract.
var requirements = []Requirement{
	{"getTokenInfo", merchantOnly, outletRead},
	// The page prints the read scope, the write scope exists for it; either does (Steps on linking
	// outlets; Getting started (Facilitator)).
	{"linkOutlet", merchantOnly, readOrWrite},
	{"unlinkOutlet", merchantOnly, readOrWrite},
	{"linkPrimaryOutlet", merchantOnly, readOrWrite},
	{"unlinkPrimaryOutlet", merchantOnly, readOrWrite},
	{"listLinkedOutlets", either, outletRead},
	{"getOutlet", either, outletRead},

	{"getCatalog", either, []string{ScopeCatalogRead}},
	{"putCatalog", either, []string{ScopeCatalogWrite}},
	{"updateMenuItemStocks", either, []string{ScopeCatalogWrite}},
	{"updateVariantStocks", either, []string{ScopeCatalogWrite}},
	// Documented for the merchant's token with the role owner or manager; integrators call it with client
	// credentials as well.
	{"updateOutletProperties", []Grant{GrantAuthorizationCode, GrantClientCredentials}, []string{ScopePropertiesWrite}},

	{"acceptOrder", either, []string{ScopeOrderWrite}},
	{"cancelOrder", either, []string{ScopeOrderWrite}},
	{"markFoodPrepared", either, []string{ScopeOrderWrite}},

	{"createPromo", serverOnly, []string{ScopePromoWrite}},
	{"listPromos", serverOnly, []string{ScopePromoRead}},
	{"getPromo", serverOnly, []string{ScopePromoRead}},
	{"deletePromo", serverOnly, []string{ScopePromoWrite}},
	{"deactivatePromo", serverOnly, []string{ScopePromoWrite}},

	{"createTransaction", serverOnly, []string{ScopePaymentWrite}},
	{"getTransaction", serverOnly, []string{ScopePaymentRead}},
	{"getTransactionQRCode", serverOnly, []string{ScopePaymentRead}},

	{"createSubscription", serverOnly, eventScopes},
	{"listSubscriptions", serverOnly, eventScopes},
	{"getSubscription", serverOnly, eventScopes},
	{"updateSubscription", serverOnly, eventScopes},
	{"deleteSubscription", serverOnly, eventScopes},
	{"createOutletSubscription", serverOnly, eventScopes},
	{"listOutletSubscriptions", serverOnly, eventScopes},
	{"getOutletSubscription", serverOnly, eventScopes},
	{"updateOutletSubscription", serverOnly, eventScopes},
	{"deleteOutletSubscription", serverOnly, eventScopes},
	{"listNotifications", serverOnly, nil},

	{"putEnterpriseCatalog", serverOnly, []string{ScopeEnterpriseWrite}},
	{"createEnterpriseSubscription", serverOnly, []string{ScopeEnterpriseWrite}},
	{"listEnterpriseSubscriptions", serverOnly, []string{ScopeEnterpriseRead}},
	{"deleteEnterpriseSubscription", serverOnly, []string{ScopeEnterpriseWrite}},
}

// Requirements lists what every operation needs that takes a token.
func Requirements() []Requirement {
	out := slices.Clone(requirements)
	for i := range out {
		out[i].Grants, out[i].Scopes = slices.Clone(out[i].Grants), slices.Clone(out[i].Scopes)
	}
	return out
}

// requirementOf returns what an operation needs. One that is not in the table (a raw call
// to a path of the user's) accepts any token.
func requirementOf(operation string) Requirement {
	if i := slices.IndexFunc(requirements, func(r Requirement) bool { return r.Operation == operation }); i >= 0 {
		return requirements[i]
	}
	return Requirement{Operation: operation}
}

// Permits reports whether the operation accepts tokens of a grant.
func (r Requirement) Permits(grant Grant) bool {
	return len(r.Grants) == 0 || slices.Contains(r.Grants, grant)
}

// Covers reports whether a token with these scopes will do.
func (r Requirement) Covers(scopes []string) bool {
	return len(r.Scopes) == 0 || slices.ContainsFunc(r.Scopes, func(s string) bool { return slices.Contains(scopes, s) })
}
