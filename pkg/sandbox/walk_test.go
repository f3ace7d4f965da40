package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/contract"
)

// A client that keeps to the contract gets through every documented call, and
// every request and answer on the way follows the contract.
func TestEveryOperationAnswers(t *testing.T) {
	d := newHarness(t, Options{})
	transport := &http.Transport{DisableKeepAlives: true}
	strict := contract.Load(t)
	d.client = &http.Client{Transport: strict.Transport(transport, func(err error) { t.Errorf("contract: %v", err) })}
	wants := func(a answer, status int) answer {
		t.Helper()
		if a.status != status {
			t.Fatalf("answer %d %s, want %d", a.status, a.body, status)
		}
		return a
	}
	id := func(a answer, path ...string) string {
		t.Helper()
		var v any
		if err := json.Unmarshal(a.body, &v); err != nil {
			t.Fatal(err)
		}
		for _, key := range path {
			switch w := v.(type) {
			case map[string]any:
				v = w[key]
			case []any:
				v = w[0].(map[string]any)[key]
			}
		}
		s, ok := v.(string)
		if !ok {
			t.Fatalf("no %v in %s", path, a.body)
		}
		return s
	}

	merchant, c := d.loggedIn(owner(t)), d.as(facilitatorID)
	const base = "/integrations/partner/outlets/" + linkedOutletID + "/v1"
	const gofood = "/integrations/gofood/outlets/" + linkedOutletID
	wants(merchant.call("GET", "/integrations/partner/v1/token-info", nil), 200)
	wants(merchant.call("PUT", linkPath(unlinkedOutletID, "gofood"), map[string]string{"external_outlet_id": "POS-KEMANG"}), 200)
	wants(merchant.call("DELETE", linkPath(unlinkedOutletID, "gofood"), nil), 200)
	wants(merchant.call("PUT", "/integrations/partner/v1/outlet-link", map[string]string{"external_outlet_id": "POS-TEBET"}), 200)
	wants(d.loggedIn(manager(t)).call("DELETE", "/integrations/partner/v1/outlet-link", nil), 200)
	wants(c.call("GET", "/integrations/partner/v1/linked-outlets?per=10&page=1", nil), 200)
	wants(c.call("GET", base, nil), 200)

	wants(c.call("GET", gofood+"/v2/catalog", nil), 200)
	wants(c.call("PATCH", gofood+"/v2/menu_item_stocks", `[{"external_id":"MI-003","in_stock":true}]`), 200)
	wants(c.call("PATCH", gofood+"/v2/variant_stocks", `[{"external_id":"V-JUMBO","in_stock":false}]`), 200)
	wants(merchant.call("PATCH", gofood+"/v1/properties", map[string]bool{"force_close": false}), 200)
	wants(c.call("PUT", gofood+"/v1/catalog", strings.Replace(goodMenu, "27000.5", "27000", 1)), 200)

	subscribe := func(path string) {
		t.Helper()
		body := map[string]any{"event": "gofood.order.merchant_accepted", "url": "http://127.0.0.1:9/hook", "active": false}
		one := path + "/" + id(wants(c.call("POST", path, body), 201), "data", "subscription", "id")
		wants(c.call("GET", path, nil), 200)
		wants(c.call("GET", one, nil), 200)
		wants(c.call("PUT", one, body), 200)
		wants(c.call("DELETE", one, nil), 200)
	}
	subscribe("/integrations/partner/v1/notification-subscriptions")
	subscribe(base + "/notification-subscriptions")

	d.setAcceptance(linkedOutletID, acceptManual)
	orders := gofood + "/v1/orders/delivery/"
	number := d.order(map[string]any{"outlet_id": linkedOutletID}).Number
	wants(c.call("PUT", orders+number+"/accepted", nil), 200)
	wants(c.call("PUT", orders+number+"/food-prepared", map[string]string{"country_code": "ID"}), 200)
	number = d.order(map[string]any{"outlet_id": linkedOutletID}).Number
	wants(c.call("PUT", orders+number+"/cancelled", map[string]string{"cancel_reason_code": "HIGH_DEMAND", "cancel_reason_description": "too busy"}), 200)
	wants(c.call("GET", "/integrations/partner/notifications?entity_id="+number, nil), 200)

	const promos = "/integrations/promo/outlets/" + linkedOutletID + "/v1/food-promos"
	create := func(key, start, end string) string {
		t.Helper()
		body := map[string]any{"promo_type": "sku_promo", "promo_detail": map[string]any{
			"start_date": start, "end_date": end, "selling_price": 20000, "external_menu_id": "MI-1",
		}}
		return promos + "/" + id(wants(c.call("POST", promos, body, "X-Idempotency-Key", key), 200), "data", "success", "id")
	}
	first := create("k1", "2026-01-06", "2026-01-07")
	wants(c.call("GET", promos, nil), 200)
	wants(c.call("GET", first, nil), 200)
	wants(c.call("DELETE", first, nil), 200)
	second := create("k2", "2026-01-06", "2026-01-09")
	d.s.clock.advance(24 * 60 * 60e9)
	c = d.as(facilitatorID) // a day later
	wants(c.call("PUT", second+"/deactivate", nil), 200)

	const payments = "/integrations/payment/outlets/" + linkedOutletID
	one := payments + "/v1/transactions/" + id(wants(c.call("POST", payments+"/v2/transactions", map[string]any{
		"payment_type":        "qris",
		"transaction_details": map[string]any{"order_id": "INV-1", "gross_amount": 15000, "currency": "IDR"},
	}, "Idempotency-Key", "k1"), 201), "data", "transaction", "id")
	wants(c.call("GET", one, nil), 200)
	wants(c.call("GET", strings.TrimPrefix(one, "/integrations/payment/outlets/"+linkedOutletID+"/v1")+"/qr-code", nil, "Accept", "image/png"), 200)

	legacy := d.as(enterpriseID)
	const chain = "/enterprises/" + seededEnterpriseID + "/notification-subscriptions"
	v1 := []string{"Accept", "application/vnd.eim.v1+json"}
	wants(legacy.call("PUT", "/outlets/"+enterpriseOutletID+"/catalog", legacyMenu, v1...), 200)
	created := wants(legacy.call("POST", chain, map[string]string{"event": "gofood.order.driver_arrived", "url": "http://127.0.0.1:9/hook"}, v1...), 201)
	wants(legacy.call("GET", chain, nil, v1...), 200)
	gone := wants(legacy.call("DELETE", chain+"/"+id(created, "data", "subscription", "id"), nil), 200)
	if string(gone.body) != `{"success":true}` {
		t.Errorf("the legacy delete answered %s", gone.body)
	}

	for _, operation := range strict.Unseen() {
		t.Errorf("%s was not exercised", operation)
	}
}

// legacyMenu is the sample of Enterprise Integration Middleware, "Sample Request JSON".
const legacyMenu = `{
"menus": [{
"name": "Mains",
"menu_items": [{
"name": "Zinger Meal",
"description": "Burger with Fries and Coke",
"price": 13200,
"external_id": "m-menu-item-id",
"image": "https://image.com/img1.png",
"in_stock": true,
"operational_hours": {
"monday": [{"start": "00:00", "end": "05:00"}, {"start": "10:00", "end": "12:00"}],
"tuesday": [{"start": "11:00", "end": "23:59"}],
"wednesday": [],
"thursday": [{"start": "04:00", "end": "10:00"}, {"start": "12:00", "end": "16:00"}, {"start": "17:00", "end": "22:00"}],
"friday": [],
"saturday": [{"start": "04:00", "end": "10:00"}],
"sunday": []
}
}]
}],
"request_id": "2dda2d83-6c30-4ef8-9342-5ad1c68728ce"
}`
