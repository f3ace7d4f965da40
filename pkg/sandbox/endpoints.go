package sandbox

import (
	"cmp"
	"net/http"
	"slices"
)

// operation is one endpoint of the API.
type operation struct {
	id     string // operationId of docs/api/openapi.yaml
	method string
	path   string   // a net/http pattern's path: /integrations/…/outlets/{outlet_id}/v1
	grants []string // grants whose tokens may call it
	scopes []string // the token needs one of them; none when empty
	outlet outletRule
	eim    bool // legacy: Accept names the version, 401 without "success", 404 title with "!"
	// acceptVersion says that the legacy call must name its version in Accept
	// (Enterprise Integration Middleware).
	acceptVersion bool
	answersWith   string // content type; empty: JSON
	handle        handler
}

func (o operation) produces() string { return cmp.Or(o.answersWith, contentJSON) }

// outletRule reports what must hold between the caller and the {outlet_id} of the
// path before the handler runs.
type outletRule string

const (
	anyOutlet     outletRule = ""            // the path names none
	linkedOutlet  outletRule = "linked"      // linked for any product
	gofoodOutlet  outletRule = productGoFood // linked for gofood
	paymentOutlet outletRule = productPayment
	usersOutlet   outletRule = "user" // one of the logged-in user's, linked or not
)

// Grants of operations. A merchant's token works wherever a partner's does,
// limited to the merchant's outlets (inferred: the scope tables list both flows).
var (
	bothGrants    = []string{grantClientCredentials, grantAuthorizationCode}
	merchantGrant = []string{grantAuthorizationCode}
	partnersGrant = []string{grantClientCredentials}
)

// operations is the whole API, for the router and for tests against the contract.
func operations() []operation {
	return slices.Concat(
		partnerOperations(),
		gofoodOperations(),
		orderOperations(),
		subscriptionOperations(),
		notificationOperations(),
		promoOperations(),
		paymentOperations(),
		enterpriseOperations(),
	)
}

func partnerOperations() []operation {
	const link = "/integrations/partner/outlets/{outlet_id}/v1/link/{product}"
	const primary = "/integrations/partner/v1/outlet-link"
	readOrWrite := []string{"partner:outlet:read", "partner:outlet:write"}
	read := []string{"partner:outlet:read"}
	return []operation{
		{id: "getTokenInfo", method: http.MethodGet, path: "/integrations/partner/v1/token-info", grants: merchantGrant, scopes: read, handle: getTokenInfo},
		{id: "linkOutlet", method: http.MethodPut, path: link, grants: merchantGrant, scopes: readOrWrite, outlet: usersOutlet, handle: ofPath((*Sandbox).link)},
		{id: "unlinkOutlet", method: http.MethodDelete, path: link, grants: merchantGrant, scopes: readOrWrite, outlet: usersOutlet, handle: ofPath((*Sandbox).unlink)},
		{id: "linkPrimaryOutlet", method: http.MethodPut, path: primary, grants: merchantGrant, scopes: readOrWrite, handle: ofPrimary((*Sandbox).link)},
		{id: "unlinkPrimaryOutlet", method: http.MethodDelete, path: primary, grants: merchantGrant, scopes: readOrWrite, handle: ofPrimary((*Sandbox).unlink)},
		{id: "listLinkedOutlets", method: http.MethodGet, path: "/integrations/partner/v1/linked-outlets", grants: bothGrants, scopes: read, handle: listLinkedOutlets},
		{id: "getOutlet", method: http.MethodGet, path: "/integrations/partner/outlets/{outlet_id}/v1", grants: bothGrants, scopes: read, outlet: linkedOutlet, handle: getOutlet},
	}
}

func gofoodOperations() []operation {
	const base = "/integrations/gofood/outlets/{outlet_id}"
	write := []string{"gofood:catalog:write"}
	return []operation{
		{id: "getCatalog", method: http.MethodGet, path: base + "/v2/catalog", grants: bothGrants, scopes: []string{"gofood:catalog:read"}, outlet: gofoodOutlet, handle: getCatalog},
		{id: "putCatalog", method: http.MethodPut, path: base + "/v1/catalog", grants: bothGrants, scopes: write, outlet: gofoodOutlet, handle: putCatalog},
		{id: "updateMenuItemStocks", method: http.MethodPatch, path: base + "/v2/menu_item_stocks", grants: bothGrants, scopes: write, outlet: gofoodOutlet, handle: updateMenuItemStocks},
		{id: "updateVariantStocks", method: http.MethodPatch, path: base + "/v2/variant_stocks", grants: bothGrants, scopes: write, outlet: gofoodOutlet, handle: updateVariantStocks},
		{id: "updateOutletProperties", method: http.MethodPatch, path: base + "/v1/properties", grants: bothGrants, scopes: []string{"gofood:outlet:write"}, outlet: gofoodOutlet, handle: updateOutletProperties},
	}
}
