package sandbox

import (
	"net/http"
	"testing"
)

const (
	generalSubscriptions = "/integrations/partner/v1/notification-subscriptions"
	outletSubscriptions  = "/integrations/partner/outlets/" + linkedOutletID + "/v1/notification-subscriptions"
)

func TestSubscriptions(t *testing.T) {
	for name, path := range map[string]string{"general": generalSubscriptions, "outlet": outletSubscriptions} {
		t.Run(name, func(t *testing.T) {
			d := newHarness(t, Options{})
			client := d.as(facilitatorID)
			body := map[string]any{"event": eventOrderAccepted, "url": "https://pos.example.test/gofood"}
			a := client.call(http.MethodPost, path, body)
			if a.status != http.StatusCreated {
				t.Errorf("status %d, want 201", a.status)
			}
			var made struct{ Subscription subscriptionData }
			d.decode(a, &made)
			if s := made.Subscription; !s.Active || s.Event != eventOrderAccepted || s.CreatedAt != "2026-01-05T05:00:00Z" || s.UpdatedAt != "" {
				t.Errorf("subscription %+v", s)
			}
			d.refused(client.call(http.MethodPost, path, body), 422, `{"message_title":"Bad Request","message":"url has already been taken"}`)

			d.advance("1m")
			one := path + "/" + made.Subscription.ID
			d.done(client.call(http.MethodPut, one, map[string]any{"event": eventOrderPlaced, "url": "https://pos.example.test/placed", "active": false}))
			var got struct{ Subscription subscriptionData }
			d.decode(client.call(http.MethodGet, one, nil), &got)
			want := made.Subscription
			want.Event, want.URL, want.Active = eventOrderPlaced, "https://pos.example.test/placed", false
			if got.Subscription != want {
				t.Errorf("subscription %+v, want %+v", got.Subscription, want)
			}
			want.UpdatedAt = "2026-01-05T05:01:00Z" // in lists
			if list := client.subscriptions(path); len(list) != 1 || list[0] != want {
				t.Errorf("list %+v, want %+v", list, want)
			}
			// The other family and other partners do not see it.
			other := generalSubscriptions
			if path == generalSubscriptions {
				other = outletSubscriptions
			}
			d.refused(client.call(http.MethodGet, other+"/"+want.ID, nil), 404, "is not found")
			want.UpdatedAt = "2026-01-05T05:01:00Z" // in lists
			if list := client.subscriptions(other); len(list) != 0 {
				t.Errorf("the other family lists %+v", list)
			}
			if path == generalSubscriptions {
				d.refused(d.as(directID).call(http.MethodDelete, one, nil), 404, "is not found")
			}
			d.done(client.call(http.MethodDelete, one, nil))
			d.refused(client.call(http.MethodGet, one, nil), 404, "is not found")
			d.refused(client.call(http.MethodPut, one, body), 404, "is not found")
			d.refused(client.call(http.MethodDelete, one, nil), 404, "is not found")
		})
	}
}

func (c caller) subscriptions(path string) []subscriptionData {
	c.Helper()
	var v struct{ Subscriptions []subscriptionData }
	c.decode(c.call(http.MethodGet, path, nil), &v)
	return v.Subscriptions
}

func TestSubscriptionRefusals(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	post := func(c caller, body any) answer { return c.call(http.MethodPost, generalSubscriptions, body) }
	const url = "https://pos.example.test/gofood"
	d.refused(post(client, map[string]any{"url": url}), 400, "event: missing required field")
	d.refused(post(client, map[string]any{"event": eventOrderPlaced}), 400, "url: missing required field")
	d.refused(post(client, map[string]any{"event": "gofood.order.eaten", "url": url}), 400, "unknown event")
	d.refused(post(client, map[string]any{"event": eventOrderPlaced, "url": "https://pos.example.test:8443/"}), 400, "must have port 80 or 443")
	d.refused(post(client, map[string]any{"event": eventOrderPlaced, "url": url, "active": "yes"}), 400, "active")
	d.refused(post(client, "nonsense"), 400, "not valid JSON")
	menus := d.as(facilitatorID, "gofood:catalog:read")
	d.refused(post(menus, map[string]any{"event": eventOrderPlaced, "url": url}), 403, "gofood:order:read")
	d.refused(post(menus, map[string]any{"event": eventPaymentSettled, "url": url}), 403, "payment:transaction:read")
	d.refused(post(d.as(facilitatorID, "partner:outlet:read"), map[string]any{"event": eventOrderPlaced, "url": url}), 403, "lacks the scope")
	d.refused(post(caller{harness: d, token: "nobody"}, map[string]any{"event": eventOrderPlaced, "url": url}), 401, "Session Expired")
	unlinked := "/integrations/partner/outlets/" + unlinkedOutletID + "/v1/notification-subscriptions"
	d.refused(client.call(http.MethodGet, unlinked, nil), 404, "not yet registered")
	if list := client.subscriptions(generalSubscriptions); len(list) != 0 {
		t.Errorf("refused subscriptions are listed: %+v", list)
	}
}

func TestSubscriptionSwitches(t *testing.T) {
	d := newHarness(t, Options{Switches: Switches{DuplicateSubscriptions: true, SubscriptionCreateOK: true}})
	client := d.as(facilitatorID)
	body := map[string]any{"event": eventOrderPlaced, "url": "https://pos.example.test/gofood"}
	d.done(client.call(http.MethodPost, generalSubscriptions, body))
	d.done(client.call(http.MethodPost, generalSubscriptions, body))
	if list := client.subscriptions(generalSubscriptions); len(list) != 2 {
		t.Errorf("%d subscriptions, want 2", len(list))
	}
}

// The status of the refusal was never written down, so a client must take any.
func TestDuplicateSubscriptionStatuses(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	body := map[string]any{"event": eventOrderCreated, "url": "https://pos.example.test/gofood"}
	if a := client.call(http.MethodPost, generalSubscriptions, body); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for want, switches := range map[int]Switches{422: {}, 400: {DuplicateSubscription400: true}, 409: {DuplicateSubscription409: true}} {
		d.s.setSwitches(switches)
		d.refused(client.call(http.MethodPost, generalSubscriptions, body), want, `"message":"url has already been taken"`)
	}
	d.s.setSwitches(Switches{RefuseOrderCreated: true})
	body["url"] = "https://pos.example.test/other"
	d.refused(client.call(http.MethodPost, generalSubscriptions, body), 422, "event: gofood.order.created cannot be subscribed to any more")
	body["event"] = eventOrderAccepted
	if a := client.call(http.MethodPost, generalSubscriptions, body); a.status != 201 {
		t.Errorf("another event: %d %s", a.status, a.body)
	}
}

func TestSubscriptionsDecideWhatIsSent(t *testing.T) {
	d := newHarness(t, Options{})
	all, tebet, off := newReceiver(t), newReceiver(t), newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(all, eventOrderCreated)
	d.decode(client.call(http.MethodPost, outletSubscriptions, map[string]any{"event": eventOrderCreated, "url": tebet.url}), &struct{}{})
	d.decode(client.call(http.MethodPost, generalSubscriptions, map[string]any{"event": eventOrderCreated, "url": off.url, "active": false}), &struct{}{})

	d.order(map[string]any{"outlet_id": unmappedOutletID})
	d.order(map[string]any{"outlet_id": linkedOutletID})
	outlets := map[string]bool{}
	for range 2 {
		outlets[d.event(all, facilitatorID, eventOrderCreated).Body.Outlet.ID] = true
	}
	if !outlets[unmappedOutletID] || !outlets[linkedOutletID] {
		t.Errorf("the general subscription got orders of %v", outlets)
	}
	if e := d.event(tebet, facilitatorID, eventOrderCreated); e.Body.Outlet.ID != linkedOutletID {
		t.Errorf("the outlet's subscription got an order of %s", e.Body.Outlet.ID)
	}
	tebet.nothing()
	off.nothing()
}

func TestMenuMappingEvent(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventMenuMappingUpdated)
	d.done(client.call(http.MethodPut, "/integrations/gofood/outlets/"+linkedOutletID+"/v1/catalog", map[string]any{
		"request_id": "sync-1",
		"menus": []any{map[string]any{"name": "Mi", "menu_items": []any{
			map[string]any{"external_id": "MI-001", "name": "Bakmi Ayam", "price": 27000, "in_stock": true},
		}}},
	}))
	e := d.event(hook, facilitatorID, eventMenuMappingUpdated)
	body := generic(t, e.raw).(map[string]any)["body"].(map[string]any)
	if body["request_id"] != "sync-1" {
		t.Errorf("body %v", body)
	}
}
