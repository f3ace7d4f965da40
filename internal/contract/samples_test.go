package contract

import (
	"net/http"
	"strings"
	"testing"
)

// Sample bodies of the public documents, as they stand there (phone numbers and e-mail replaced). The contract must
// take what its own sources show.
const (
	// Enterprise Integration Middleware, "Update menu".
	eimMenu = `{
"menus": [{ "name": "Mains", "menu_items": [{
  "name": "Zinger Meal", "description": "Burger with Fries and Coke", "price": 13200, "external_id": "m-menu-item-id",
  "image": "https://image.com/img1.png", "in_stock": true,
  "operational_hours": {
    "monday": [{ "start": "00:00", "end": "05:00" }, { "start": "10:00", "end": "12:00" }],
    "tuesday": [{ "start": "11:00", "end": "23:59" }],
    "wednesday": [],
    "thursday": [{ "start": "04:00", "end": "10:00" }, { "start": "12:00", "end": "16:00" }, { "start": "17:00", "end": "22:00" }],
    "friday": [],
    "saturday": [{ "start": "04:00", "end": "10:00" }],
    "sunday": [] } }] }],
"request_id": "<uuid_for_debug_purposes>" }`

	// Enterprise Integration Middleware, "Register Subscriptions".
	eimSubscription = `{ "event": "gofood.order.driver_arrived", "url": "https://merchants.com/notifications/orders" }`
	eimSubscribed   = `{ "success": true, "data": { "subscription": {
"url": "https://merchants.com/notifications/orders", "updated_at": "2019-10-16T06:50:07.000000Z", "id": "2dda2d83-6c30-4ef8-9342-5ad1c68728ce",
"event": "gofood.order.driver_arrived", "enterprise_id": "7b63bf24-2166-484f-8a05-daf295ae8baf", "created_at": "2019-10-16T06:50:07.000000Z", "active": true } } }`
	eimListed = `{ "success": true, "data": { "subscriptions": [{
"url": "https://merchants.com/notifications/orders", "updated_at": "2019-10-16T06:50:07.000000Z", "id": "2dda2d83-6c30-4ef8-9342-5ad1c68728ce",
"event": "gofood.order.driver_arrived", "enterprise_id": "7b63bf24-2166-484f-8a05-daf295ae8baf", "created_at": "2019-10-16T06:50:07.000000Z", "active": true }] } }`
	eimNotFound = `{ "success": false, "errors": [ { "message_title": "Requested resource not found!", "message": "raw error message" } ] }`
	badRequest  = `{ "success": false, "errors": [ { "message_title": "Bad Request", "message": "raw error message" } ] }`

	// Enterprise Integration Middleware, "Push Order", without the member outlet, which is no JSON in the sample.
	eimOrder = `{ "status": "DRIVER_ARRIVED", "outlet_id": "M123456", "pin": "45122", "order_total": 40000, "order_number": "F-394903031",
"order_items": [{ "quantity": 1, "price": 40000, "notes": "Default note", "name": "Zinger Meal", "id": "a9b0090a-8be8-46ce-8163-a0c2e6aab9f1", "external_id": "m-menu-item-id" }],
"external_outlet_id": "19700001vendorstoreid", "driver": { "phone": "+620000001", "name": "GoFood Driver 1" },
"customer": { "phone": "+620000002", "name": "GoFood Consumer", "email": "consumer@example.test" }, "currency": "IDR", "created_on": "2019-09-09T10:39:46+07:00" }`

	// Getting started (Facilitator), "Handle Webhook Notification Error".
	webhookError = `{ "body": { "error_type": "mapping_not_found",
"mapping_not_found": { "items": [], "variants": [ { "name": "Paha atas" }, { "name": "Paha bawah" } ] },
"order": { "number": "F-12345678" }, "outlet": { "external_outlet_id": "external-outlet-id", "id": "G12345678" } },
"header": { "event_type": "gofood.order.webhook_error", "event_id": "67235bd0-c963-4c32-aca1-27a52ec963e5", "version": 1, "timestamp": "2023-03-29T14:15:22Z" } }`

	// GoBiz API reference, "Errors Response".
	unsupportedAccept  = `{ "success": false, "errors": [ { "message_title": "UnsupportedAcceptType", "message": "Invalid Accept header: application/vnd.eim.v0+json" } ] }`
	unregisteredOutlet = `{ "success": false, "errors": [ { "message_title": "Requested resource not found", "message": "The outlet is not yet registered for integration. Please contact the support team." } ] }`
	startDate          = `{ "success": false, "errors": [ { "message_title": "Error hint", "message": "Start date must be after today." } ] }`

	// Enterprise Integration Middleware, "Get Access Token", with made-up values for the placeholders.
	token          = `{ "access_token": "encrypted-token", "expires_in": 3600, "token_type": "Bearer", "scope": "food:read food:write" }`
	tokenBadCall   = `{ "error": "bad_request", "error_description": "The request was missing a required parameter", "error_hint": "client_id missing", "status_code": 400 }`
	tokenBadClient = `{ "error": "invalid_client", "error_description": "Client authentication failed", "error_hint": "client id or secret is invalid", "status_code": 401 }`
)

func TestSamplesOfTheDocuments(t *testing.T) {
	c := Load(t)
	const accept = "Accept: application/vnd.eim.v1+json"
	enterprise := "/enterprises/7b63bf24-2166-484f-8a05-daf295ae8baf/notification-subscriptions"
	put := request(t, "PUT", "/outlets/M123456/catalog", eimMenu, accept)
	post := request(t, "POST", enterprise, eimSubscription, accept)
	list := request(t, "GET", enterprise, "", accept)
	remove := request(t, "DELETE", enterprise+"/2dda2d83-6c30-4ef8-9342-5ad1c68728ce", "")
	const tokenForm = "grant_type=client_credentials&scope=food:read+food:write"
	tokenCall := form(t, "x", "Authorization: Basic YTpi", "X-Request-Id: 7c0e3b1e-6a0e-4d4b-9a53-5f0c0a1d2e33")
	menu := request(t, "PUT", menuPath, smallMenu)
	promo := request(t, "POST", "/integrations/promo/outlets/G1/v1/food-promos", "{}")

	for _, r := range []struct {
		req  *http.Request
		body string
	}{{put, eimMenu}, {post, eimSubscription}, {list, ""}, {remove, ""}, {tokenCall, tokenForm}} {
		if err := c.CheckRequest(r.req, []byte(r.body)); err != nil {
			t.Error(err)
		}
	}
	for _, r := range []struct {
		req    *http.Request
		status int
		body   string
	}{
		{tokenCall, 200, token}, {tokenCall, 400, tokenBadCall}, {tokenCall, 401, tokenBadClient},
		{put, 200, `{ "success": true, "data": { "request_id": "<uuid_for_debug_purposes>" } }`},
		{put, 400, badRequest}, {put, 401, expiredEIM}, {put, 404, eimNotFound}, {put, 422, badRequest}, {put, 406, unsupportedAccept},
		{post, 201, eimSubscribed}, {post, 400, badRequest}, {post, 401, expiredEIM}, {post, 404, eimNotFound},
		{list, 200, eimListed}, {list, 401, expiredEIM}, {list, 404, eimNotFound},
		{remove, 200, `{ "success": true }`}, {remove, 401, expiredEIM}, {remove, 404, eimNotFound},
		{menu, 401, expired}, {menu, 404, unregisteredOutlet}, {menu, 406, unsupportedAccept}, {promo, 422, startDate}, {promo, 400, startDate},
	} {
		if err := c.CheckResponse(r.req, r.status, http.Header{"Content-Type": {jsonType}}, []byte(r.body)); err != nil {
			t.Error(err)
		}
	}
	if err := c.CheckWebhook(EIMOrderEvent, []byte(eimOrder)); err != nil {
		t.Error(err)
	}
	if err := c.CheckWebhook("gofood.order.webhook_error", []byte(webhookError)); err != nil {
		t.Error(err)
	}
}

// A notification as the sandbox sent it in the past: no id of the item, nulls, two members missing. All values made up.
const liveOrder = `{"body":{"outlet":{"external_outlet_id":null,"id":"G1898453S"},"service_type":"gofood_pickup","driver":null,"customer":{"name":null,"id":"0123456789ABCDEF0123456789ABCDEF"},
"order":{"order_total":27000,"currency":"IDR","status":"AWAITING_MERCHANT_ACCEPTANCE","pin":"4821","order_number":"F-1002003001","cutlery_requested":null,"takeaway_charges":0,
"order_items":[{"quantity":1,"price":27000.0,"notes":null,"name":"Bakmi","external_id":"MI-001","variants":[]}],"created_at":"2026-01-05T12:29:58.000+07:00","applied_promotions":[]}},
"header":{"version":1,"timestamp":"2026-01-05T12:30:00.123+07:00","event_id":"6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f","event_name":"gofood.order.awaiting_merchant_acceptance"}}`

func TestWebhooks(t *testing.T) {
	c := Load(t)
	const awaiting = "gofood.order.awaiting_merchant_acceptance"
	tests := []struct{ name, event, body, want string }{
		{"live", awaiting, liveOrder, ""},
		{"other event", "gofood.order.created", liveOrder, "/header/event_name"},
		{"status of another event", awaiting, strings.Replace(liveOrder, "AWAITING_MERCHANT_ACCEPTANCE", "PLACED", 1), "/body/order/status"},
		{"no name of the event", awaiting, strings.Replace(liveOrder, "event_name", "name", 1), "event_name"},
		{"event_type", awaiting, strings.Replace(liveOrder, "event_name", "event_type", 1), ""},
		{"event id", awaiting, strings.Replace(liveOrder, "6f1c9b7e-", "", 1), "/header/event_id"},
		{"time", awaiting, strings.Replace(liveOrder, "2026-01-05T12:30:00.123+07:00", "2026-01-05 12:30", 1), "/header/timestamp"},
		{"number at the wrong place", awaiting, strings.Replace(liveOrder, "order_number", "number", 1), "/body/order: missing property 'order_number'"},
		{"unknown event", "gofood.order.ready", liveOrder, "event is not documented"},
		{"duplicate key", awaiting, strings.Replace(liveOrder, `"pin":"4821",`, `"pin":"4821","pin":"1",`, 1), "duplicate"},
		{"flat", awaiting, eimOrder, "missing properties 'header', 'body'"},
		{"not flat", EIMOrderEvent, liveOrder, "order_number"},
		{"unknown error type", "gofood.order.webhook_error", strings.Replace(webhookError, "mapping_not_found", "unknown", 1), "/body/error_type"},
	}
	for _, tt := range tests {
		err := c.CheckWebhook(tt.event, []byte(tt.body))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if n := len(c.Webhooks()); n != 12 {
		t.Errorf("%d webhooks, want eleven events and the legacy one: %v", n, c.Webhooks())
	}
}

func TestWebhookHeader(t *testing.T) {
	c := Load(t)
	good := http.Header{"X-Go-Signature": {strings.Repeat("0a", 32)}, "Content-Type": {jsonType}, "X-Go-Idempotency-Key": {uuid}}
	if err := c.CheckWebhookHeader("gofood.order.created", good); err != nil {
		t.Error(err)
	}
	legacy := good.Clone()
	legacy.Del("X-Go-Idempotency-Key")
	if err := c.CheckWebhookHeader(EIMOrderEvent, legacy); err != nil {
		t.Error(err)
	}
	for _, broken := range []http.Header{
		legacy,
		{"X-Go-Signature": {strings.Repeat("0A", 32)}, "Content-Type": {jsonType}, "X-Go-Idempotency-Key": {uuid}},
		{"X-Go-Signature": {strings.Repeat("0a", 32)}, "Content-Type": {"text/plain"}, "X-Go-Idempotency-Key": {uuid}},
	} {
		if c.CheckWebhookHeader("gofood.order.created", broken) == nil {
			t.Errorf("not reported: %v", broken)
		}
	}
}
