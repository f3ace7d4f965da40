package gobiz

import (
	"net/http"
	"slices"
	"strings"
)

// acceptEnterprise is the versioned media type of the legacy API (Enterprise Integration Middleware).
const acceptEnterprise = "application/vnd.eim.v1+json"

// An Endpoint is one documented operation of the API.
type Endpoint struct {
	Operation string // operationId of docs/api/openapi.yaml, e.g. "getCatalog"
	Method    string
	Path      string // template, e.g. "/integrations/partner/outlets/{outlet_id}/v1"
	// Enterprise is true for the legacy API.
	Enterprise bool
	// Accept is the header to send; empty for none.
	Accept string
	// KeyHeader is the header of the idempotency key, for the calls that have one.
	KeyHeader string
}

const (
	pathTokenInfo    = "/integrations/partner/v1/token-info"
	pathLink         = "/integrations/partner/outlets/{outlet_id}/v1/link/{product}"
	pathPrimaryLink  = "/integrations/partner/v1/outlet-link"
	pathOutlet       = "/integrations/partner/outlets/{outlet_id}/v1"
	pathFood         = "/integrations/gofood/outlets/{outlet_id}"
	pathOrder        = pathFood + "/v1/orders/{order_type}/{order_id}"
	pathPromos       = "/integrations/promo/outlets/{outlet_id}/v1/food-promos"
	pathPromo        = pathPromos + "/{promotion_id}"
	pathPayment      = "/integrations/payment/outlets/{outlet_id}"
	pathTransaction  = pathPayment + "/v1/transactions/{transaction_id}"
	pathGeneralSubs  = "/integrations/partner/v1/notification-subscriptions"
	pathGeneralSub   = pathGeneralSubs + "/{notification_id}"
	pathOutletSubs   = pathOutlet + "/notification-subscriptions"
	pathOutletSub    = pathOutletSubs + "/{notification_id}"
	pathEnterprise   = "/enterprises/{enterprise_id}/notification-subscriptions"
	pathEnterpriseID = pathEnterprise + "/{subscription_id}"
)

// endpoints is the one list of what the client calls, except for the two
// operations of the OAuth host (createToken, authorize).
var endpoints = [...]Endpoint{
	{Operation: "getTokenInfo", Method: http.MethodGet, Path: pathTokenInfo},
	{Operation: "linkOutlet", Method: http.MethodPut, Path: pathLink},
	{Operation: "unlinkOutlet", Method: http.MethodDelete, Path: pathLink},
	{Operation: "linkPrimaryOutlet", Method: http.MethodPut, Path: pathPrimaryLink},
	{Operation: "unlinkPrimaryOutlet", Method: http.MethodDelete, Path: pathPrimaryLink},
	{Operation: "listLinkedOutlets", Method: http.MethodGet, Path: "/integrations/partner/v1/linked-outlets"},
	{Operation: "getOutlet", Method: http.MethodGet, Path: pathOutlet},
	{Operation: "getCatalog", Method: http.MethodGet, Path: pathFood + "/v2/catalog"},
	{Operation: "putCatalog", Method: http.MethodPut, Path: pathFood + "/v1/catalog"},
	{Operation: "updateMenuItemStocks", Method: http.MethodPatch, Path: pathFood + "/v2/menu_item_stocks"},
	{Operation: "updateVariantStocks", Method: http.MethodPatch, Path: pathFood + "/v2/variant_stocks"},
	{Operation: "updateOutletProperties", Method: http.MethodPatch, Path: pathFood + "/v1/properties"},
	{Operation: "acceptOrder", Method: http.MethodPut, Path: pathOrder + "/accepted"},
	{Operation: "cancelOrder", Method: http.MethodPut, Path: pathOrder + "/cancelled"},
	{Operation: "markFoodPrepared", Method: http.MethodPut, Path: pathOrder + "/food-prepared"},
	{Operation: "createPromo", Method: http.MethodPost, Path: pathPromos, KeyHeader: "X-Idempotency-Key"},
	{Operation: "listPromos", Method: http.MethodGet, Path: pathPromos},
	{Operation: "getPromo", Method: http.MethodGet, Path: pathPromo},
	{Operation: "deletePromo", Method: http.MethodDelete, Path: pathPromo},
	{Operation: "deactivatePromo", Method: http.MethodPut, Path: pathPromo + "/deactivate"},
	{Operation: "createTransaction", Method: http.MethodPost, Path: pathPayment + "/v2/transactions", KeyHeader: "Idempotency-Key"},
	{Operation: "getTransaction", Method: http.MethodGet, Path: pathTransaction},
	{Operation: "getTransactionQRCode", Method: http.MethodGet, Path: "/transactions/{transaction_id}/qr-code", Accept: "image/png"},
	{Operation: "createSubscription", Method: http.MethodPost, Path: pathGeneralSubs},
	{Operation: "listSubscriptions", Method: http.MethodGet, Path: pathGeneralSubs},
	{Operation: "getSubscription", Method: http.MethodGet, Path: pathGeneralSub},
	{Operation: "updateSubscription", Method: http.MethodPut, Path: pathGeneralSub},
	{Operation: "deleteSubscription", Method: http.MethodDelete, Path: pathGeneralSub},
	{Operation: "createOutletSubscription", Method: http.MethodPost, Path: pathOutletSubs},
	{Operation: "listOutletSubscriptions", Method: http.MethodGet, Path: pathOutletSubs},
	{Operation: "getOutletSubscription", Method: http.MethodGet, Path: pathOutletSub},
	{Operation: "updateOutletSubscription", Method: http.MethodPut, Path: pathOutletSub},
	{Operation: "deleteOutletSubscription", Method: http.MethodDelete, Path: pathOutletSub},
	{Operation: "listNotifications", Method: http.MethodGet, Path: "/integrations/partner/notifications"},
	{Operation: "putEnterpriseCatalog", Method: http.MethodPut, Path: "/outlets/{outlet_id}/catalog", Enterprise: true, Accept: acceptEnterprise},
	{Operation: "createEnterpriseSubscription", Method: http.MethodPost, Path: pathEnterprise, Enterprise: true, Accept: acceptEnterprise},
	{Operation: "listEnterpriseSubscriptions", Method: http.MethodGet, Path: pathEnterprise, Enterprise: true, Accept: acceptEnterprise},
	{Operation: "deleteEnterpriseSubscription", Method: http.MethodDelete, Path: pathEnterpriseID, Enterprise: true},
}

// Endpoints lists the operations that the client knows, in the order of the
// documentation.
func Endpoints() []Endpoint {
	list := make([]Endpoint, len(endpoints))
	for i, e := range endpoints {
		list[i] = e.complete()
	}
	return list
}

// complete adds the Accept header that all calls of the partner API share.
func (e Endpoint) complete() Endpoint {
	if e.Accept == "" && !e.Enterprise {
		e.Accept = "application/json"
	}
	return e
}

// header returns what the documentation asks for; given headers win.
func (e Endpoint) header(given http.Header, hasBody bool) http.Header {
	header := make(http.Header, len(given)+5)
	if !e.Enterprise || hasBody {
		// "Required" for every call of the partner API, also without a body.
		header.Set("Content-Type", "application/json")
	}
	if e.Accept != "" {
		header.Set("Accept", e.Accept)
	}
	if e.KeyHeader != "" {
		header.Set(e.KeyHeader, NewIdempotencyKey())
	}
	for name, values := range given {
		header[http.CanonicalHeaderKey(name)] = values
	}
	return header
}

// lookupEndpoint finds an endpoint by operation id.
func lookupEndpoint(operation string) (Endpoint, bool) {
	for i := range endpoints {
		if endpoints[i].Operation == operation {
			return endpoints[i].complete(), true
		}
	}
	return Endpoint{}, false
}

// matchEndpoint finds the endpoint that a concrete (escaped) path belongs to.
func matchEndpoint(method, path string) (Endpoint, bool) {
	path = strings.TrimSuffix(path, "/")
	for i := range endpoints {
		if endpoints[i].Method == method && matchTemplate(endpoints[i].Path, path) {
			return endpoints[i].complete(), true
		}
	}
	return Endpoint{}, false
}

// matchTemplate compares segment by segment; a parameter matches any segment
// that is not empty. No two templates of one method match the same path.
func matchTemplate(template, path string) bool {
	return slices.EqualFunc(strings.Split(template, "/"), strings.Split(path, "/"), func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// expand puts the values of the path parameters into the template. Each value
// becomes exactly one escaped segment, so an id can never reach another path.
func (e Endpoint) expand(values []string) (string, error) {
	segments := strings.Split(e.Path, "/")
	for i, segment := range segments {
		if !strings.HasPrefix(segment, "{") {
			continue
		}
		name := strings.Trim(segment, "{}")
		if len(values) == 0 {
			return "", &ArgumentError{Name: name, Reason: "is missing"}
		}
		var err error
		if segments[i], err = pathSegment(name, values[0]); err != nil {
			return "", err
		}
		values = values[1:]
	}
	if len(values) > 0 {
		return "", &ArgumentError{Name: "path", Reason: "has fewer parameters than values given for " + e.Operation}
	}
	return strings.Join(segments, "/"), nil
}
