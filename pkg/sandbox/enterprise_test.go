package sandbox

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const (
	eimAccept        = "application/vnd.eim.v1+json"
	eimCatalog       = "/outlets/" + enterpriseOutletID + "/catalog"
	eimSubscriptions = "/enterprises/" + seededEnterpriseID + "/notification-subscriptions"
)

// eim calls the legacy API with its versioning header.
func (c caller) eim(method, path string, body any) answer {
	c.Helper()
	return c.call(method, path, body, "Accept", eimAccept)
}

// zinger is the menu of Enterprise Integration Middleware's sample, with changes to its item.
func zinger(changes ...any) map[string]any {
	item := map[string]any{
		"name": "Zinger Meal", "description": "Burger with Fries and Coke", "price": 13200, "external_id": "m-menu-item-id",
		"image": "https://image.com/img1.png", "in_stock": true,
		"operational_hours": map[string]any{
			"monday":    []any{map[string]any{"start": "00:00", "end": "05:00"}, map[string]any{"start": "10:00", "end": "12:00"}},
			"tuesday":   []any{map[string]any{"start": "11:00", "end": "23:59"}},
			"wednesday": []any{}, "thursday": []any{}, "friday": []any{}, "saturday": []any{}, "sunday": []any{},
		},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		item[changes[i].(string)] = changes[i+1]
	}
	return map[string]any{"request_id": "debug-1", "menus": []any{map[string]any{"name": "Mains", "menu_items": []any{item}}}}
}

func TestEnterpriseCatalog(t *testing.T) {
	d := newHarness(t, Options{})
	chain := d.as(enterpriseID)
	var v struct {
		RequestID string `json:"request_id"`
	}
	d.decode(chain.eim(http.MethodPut, eimCatalog, zinger()), &v)
	if v.RequestID != "debug-1" {
		t.Errorf("request id %q", v.RequestID)
	}
	var live []menuItem
	d.s.store.view(func() {
		o, _ := d.s.store.outlets.get(enterpriseOutletID)
		live = o.Catalog.items()
	})
	if len(live) != 1 || live[0].Name != "Zinger Meal" || live[0].Price != 13200 || len(live[0].OperationalHours["monday"]) != 2 {
		t.Errorf("live menu %+v", live)
	}

	hundred := make([]any, 101)
	for i := range hundred {
		hundred[i] = zinger("external_id", strings.Repeat("x", i+1))["menus"].([]any)[0].(map[string]any)["menu_items"].([]any)[0]
	}
	d.refused(chain.eim(http.MethodPut, eimCatalog, map[string]any{"menus": []any{map[string]any{"name": "Mains", "menu_items": hundred}}}), 422, "at most 100")
	d.done(chain.eim(http.MethodPut, eimCatalog, map[string]any{"menus": []any{map[string]any{"name": "Mains", "menu_items": hundred[:100]}}}))
	d.done(chain.eim(http.MethodPut, eimCatalog, zinger("name", strings.Repeat("é", 250))))
	d.refused(chain.eim(http.MethodPut, eimCatalog, zinger("name", strings.Repeat("é", 251))), 422, "250")
	d.refused(chain.eim(http.MethodPut, eimCatalog, zinger("operational_hours", nil)), 422, "operational_hours: missing required field")
	d.refused(chain.eim(http.MethodPut, eimCatalog, map[string]any{"menus": []any{}}), 422, "menus: missing required field")
	d.refused(chain.eim(http.MethodPut, eimCatalog, "[]"), 400, "Bad Request")
	d.refused(chain.eim(http.MethodPut, "/outlets/M999999/catalog", zinger()), 404, `"message_title":"Requested resource not found!"`)
	d.refused(chain.call(http.MethodPut, eimCatalog, zinger()), 406, "UnsupportedAcceptType")
	d.refused(chain.call(http.MethodPut, eimCatalog, zinger(), "Accept", "application/vnd.eim.v2+json"), 406, "Invalid Accept header: application/vnd.eim.v2+json")
	d.refused(d.as(facilitatorID).eim(http.MethodPut, eimCatalog, zinger()), 403, "food:write")
	const title = `{"message_title":"Requested resource not found!","message":"The outlet is not yet registered`
	d.refused(chain.eim(http.MethodPut, "/outlets/"+linkedOutletID+"/catalog", zinger()), 404, title) // another partner's
	d.refused(chain.eim(http.MethodPut, "/outlets/0b9e6a52-6a3e-4a53-9d0e-300000000001/catalog", zinger()), 404, title)
	for _, contentType := range []string{"", "text/plain"} {
		d.refused(chain.call(http.MethodPut, eimCatalog, zinger(), "Accept", eimAccept, "Content-Type", contentType), 400, "Content-Type must be application/json")
	}
	unknown := caller{harness: d, token: "nobody"}.eim(http.MethodPut, eimCatalog, zinger())
	d.refused(unknown, 401, "HTTP_401")
	if strings.Contains(string(unknown.body), "success") {
		t.Errorf("the legacy 401 has no success field: %s", unknown.body)
	}
}

func TestEnterpriseSubscriptions(t *testing.T) {
	d := newHarness(t, Options{})
	chain := d.as(enterpriseID)
	body := map[string]any{"event": eventOrderArrived, "url": "https://chain.example.test/orders"}
	a := chain.eim(http.MethodPost, eimSubscriptions, body)
	if a.status != http.StatusCreated {
		t.Errorf("status %d, want 201", a.status)
	}
	var made struct{ Subscription subscriptionData }
	d.decode(a, &made)
	if s := made.Subscription; s.Enterprise != seededEnterpriseID || !s.Active || s.UpdatedAt != "2026-01-05T05:00:00.000000Z" {
		t.Errorf("subscription %+v", s)
	}
	d.refused(chain.eim(http.MethodPost, eimSubscriptions, body), 422, "url has already been taken")
	var list struct{ Subscriptions []subscriptionData }
	d.decode(chain.eim(http.MethodGet, eimSubscriptions, nil), &list)
	if len(list.Subscriptions) != 1 || list.Subscriptions[0] != made.Subscription {
		t.Errorf("list %+v", list)
	}
	one := eimSubscriptions + "/" + made.Subscription.ID
	deleted := chain.call(http.MethodDelete, one, nil)
	if deleted.status != 200 || strings.TrimSpace(string(deleted.body)) != `{"success":true}` {
		t.Errorf("delete: %d %s", deleted.status, deleted.body)
	}
	const title = `"message_title":"Requested resource not found!"`
	d.refused(chain.call(http.MethodDelete, one, nil), 404, title)
	foreign := strings.Replace(eimSubscriptions, seededEnterpriseID, "b7d06f1e-1111-4222-8333-444455556666", 1)
	d.refused(chain.eim(http.MethodGet, foreign, nil), 404, title)
	d.refused(chain.eim(http.MethodPost, foreign, body), 404, title)
	d.refused(chain.call(http.MethodDelete, foreign+"/"+made.Subscription.ID, nil), 404, title)
	d.refused(chain.eim(http.MethodPost, eimSubscriptions, map[string]any{"event": eventOrderPlaced, "url": "https://chain.example.test/"}), 400, "event: must be")
	d.refused(chain.eim(http.MethodPost, eimSubscriptions, map[string]any{"url": "https://chain.example.test/"}), 400, "event: missing")
	d.refused(chain.eim(http.MethodPost, eimSubscriptions, map[string]any{"event": eventOrderArrived}), 400, "url: missing")
	d.refused(chain.eim(http.MethodPost, eimSubscriptions, map[string]any{"event": eventOrderArrived, "url": "chain"}), 400, "url: must be")
	d.refused(chain.call(http.MethodGet, eimSubscriptions, nil), 406, "UnsupportedAcceptType")
}

func TestEnterpriseOrder(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	chain := d.as(enterpriseID)
	if a := chain.eim(http.MethodPost, eimSubscriptions, map[string]any{"event": eventOrderArrived, "url": hook.url}); a.status != 201 {
		t.Fatalf("subscribe: %d %s", a.status, a.body)
	}
	o := d.order(map[string]any{"outlet_id": enterpriseOutletID, "items": []any{map[string]any{"external_id": "CFC-001", "notes": "paha"}}})
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "completed"}))
	e := d.event(hook, enterpriseID, "eim.gofood.order.driver_arrived")
	if e.header.Get(webhook.IdempotencyKeyHeader) != "" {
		t.Error("the legacy notification has an idempotency key")
	}
	body := generic(t, e.raw).(map[string]any)
	for name, want := range map[string]any{
		"status": "DRIVER_ARRIVED", "order_number": o.Number, "outlet_id": enterpriseOutletID, "external_outlet_id": "CFC-BLOK-M",
		"order_total": 44000.0, "currency": "IDR", "created_on": "2026-01-05T12:00:00+07:00",
	} {
		if body[name] != want {
			t.Errorf("%s is %v, want %v", name, body[name], want)
		}
	}
	if pin, _ := body["pin"].(string); len(pin) != 5 {
		t.Errorf("pin %q", pin)
	}
	if driver, _ := body["driver"].(map[string]any); driver["name"] == "" || driver["phone"] == "" {
		t.Errorf("driver %v", body["driver"])
	}
	hook.nothing()
}
