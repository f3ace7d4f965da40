package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const orderPath = "/integrations/gofood/outlets/" + linkedOutletID + "/v1/orders/"

func TestOrderLifeCycle(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	course := []string{
		eventOrderCreated, eventOrderAccepted, eventOrderDriverOTW, eventOrderArrived, eventOrderPlaced, eventOrderCompleted,
	}
	d.as(facilitatorID).subscribe(hook, append(course, eventOrderAwaiting, eventOrderCancelled, eventOrderError)...)

	o := d.order(map[string]any{
		"outlet_id": linkedOutletID, "takeaway_charges": 3000,
		"items": []any{
			map[string]any{
				"external_id": "MI-001", "quantity": 2, "notes": "tanpa bawang",
				"variants": []any{map[string]any{"external_id": "V-PEDAS-2"}, map[string]any{"name": "pangsit goreng"}},
			},
			map[string]any{"name": "es teh manis"},
		},
	})
	// 2 × (27000 + 1000 + 5000) + 8000 + 3000
	if o.Total != 77000 {
		t.Errorf("order total %v, want 77000", o.Total)
	}
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", nil))
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "placed"}))
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "COMPLETED"}))

	statuses := []string{"CREATED", "MERCHANT_ACCEPTED", "DRIVER_OTW_PICKUP", "DRIVER_ARRIVED", "PLACED", "COMPLETED"}
	ids, keys := map[string]bool{}, map[string]bool{}
	for i, name := range course {
		e := d.event(hook, facilitatorID, name)
		ids[e.Header.ID], keys[e.header.Get(webhook.IdempotencyKeyHeader)] = true, true
		order := e.Body.Order
		if order.Status != statuses[i] || order.Number != o.Number || order.Total != 77000 || order.Takeaway != 3000 || len(order.PIN) != 4 {
			t.Errorf("%s: order %+v", name, order)
		}
		if e.Body.Customer.Name != nil {
			t.Errorf("%s: customer is %s, want null", name, *e.Body.Customer.Name)
		}
		if hasDriver := i >= 2; (e.Body.Driver != nil) != hasDriver {
			t.Errorf("%s: driver %v", name, e.Body.Driver)
		}
		if e.Body.Outlet.ExternalID == nil || *e.Body.Outlet.ExternalID != "POS-TEBET" {
			t.Errorf("%s: external outlet id %v", name, e.Body.Outlet.ExternalID)
		}
		if e.Header.Timestamp != sender.Time(noon) || e.Header.ID[14] != '3' {
			t.Errorf("%s: header %+v", name, e.Header)
		}
		if len(order.Items) != 2 {
			t.Fatalf("%s: items %+v", name, order.Items)
		}
		first, second := order.Items[0], order.Items[1]
		if first.ExternalID != "MI-001" || first.Price != 33000 || first.Quantity != 2 || first.Notes == nil || *first.Notes != "tanpa bawang" ||
			len(first.Variants) != 2 || first.Variants[1].ExternalID != "V-PANGSIT" {
			t.Errorf("%s: first item %+v", name, first)
		}
		// The size is required, so a customer who does not say takes the first.
		if second.Price != 8000 || second.Notes != nil || len(second.Variants) != 1 || second.Variants[0].ExternalID != "V-BIASA" {
			t.Errorf("%s: second item %+v", name, second)
		}
	}
	if len(ids) != len(course) || len(keys) != len(course) {
		t.Errorf("%d event ids and %d idempotency keys for %d events", len(ids), len(keys), len(course))
	}
	d.refused(d.control(http.MethodPost, "orders/"+o.Number+"/advance", nil), 409, "last status")
	d.refused(d.control(http.MethodPost, "orders/"+o.Number+"/cancel", nil), 409, "last status")
	hook.nothing()
}

func TestPickupOrderHasNoDriver(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	d.as(facilitatorID).subscribe(hook, eventOrderAccepted, eventOrderDriverOTW, eventOrderArrived, eventOrderPlaced)
	o := d.order(map[string]any{"service_type": "gofood_pickup", "customer_name": "Siti"})
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", nil))
	e := d.event(hook, facilitatorID, eventOrderAccepted)
	if e.Body.Customer.Name == nil || *e.Body.Customer.Name != "Siti" {
		t.Errorf("customer %v, want Siti", e.Body.Customer.Name)
	}
	if e := d.event(hook, facilitatorID, eventOrderPlaced); e.Body.Driver != nil {
		t.Errorf("pickup order has a driver: %+v", e.Body.Driver)
	}
	d.refused(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "driver_arrived"}), 409, "cannot become")
}

func TestAcceptanceModes(t *testing.T) {
	all := []string{eventOrderCreated, eventOrderAwaiting, eventOrderAccepted, eventOrderCancelled}
	t.Run("auto on timeout accepts after a minute", func(t *testing.T) {
		d := newHarness(t, Options{})
		hook := newReceiver(t)
		d.setAcceptance(linkedOutletID, acceptAutoOnTimeout)
		d.as(facilitatorID).subscribe(hook, all...)
		o := d.order(nil)
		d.event(hook, facilitatorID, eventOrderCreated)
		d.event(hook, facilitatorID, eventOrderAwaiting)
		d.advance("59s")
		if status := d.OrderStatus(o.Number); status != "AWAITING_MERCHANT_ACCEPTANCE" {
			t.Errorf("status after 59 s is %s", status)
		}
		d.advance("1s")
		d.event(hook, facilitatorID, eventOrderAccepted)
	})
	t.Run("manual rejects after three minutes", func(t *testing.T) {
		d := newHarness(t, Options{})
		hook := newReceiver(t)
		d.setAcceptance(linkedOutletID, acceptManual)
		d.as(facilitatorID).subscribe(hook, all...)
		o := d.order(nil)
		d.event(hook, facilitatorID, eventOrderCreated)
		d.event(hook, facilitatorID, eventOrderAwaiting)
		d.advance("179s")
		if status := d.OrderStatus(o.Number); status != "AWAITING_MERCHANT_ACCEPTANCE" {
			t.Errorf("status after 179 s is %s", status)
		}
		d.advance("1s")
		if e := d.event(hook, facilitatorID, eventOrderCancelled); e.Body.Order.Cancellation == nil || e.Body.Order.Cancellation.Reason == "" {
			t.Errorf("cancellation %+v has no reason", e.Body.Order.Cancellation)
		}
	})
	t.Run("the merchant is faster", func(t *testing.T) {
		d := newHarness(t, Options{})
		hook := newReceiver(t)
		d.setAcceptance(linkedOutletID, acceptManual)
		client := d.as(facilitatorID)
		client.subscribe(hook, all...)
		o := d.order(nil)
		d.done(client.call(http.MethodPut, orderPath+"delivery/"+o.Number+"/accepted", nil))
		for _, name := range []string{eventOrderCreated, eventOrderAwaiting, eventOrderAccepted} {
			d.event(hook, facilitatorID, name)
		}
		d.advance("10m")
		d.await("the timer runs out", func() bool {
			d.s.clock.mu.Lock()
			defer d.s.clock.mu.Unlock()
			return len(d.s.clock.timers) == 0
		})
		if status := d.OrderStatus(o.Number); status != "MERCHANT_ACCEPTED" {
			t.Errorf("status is %s after the time for accepting", status)
		}
		d.refused(client.call(http.MethodPut, orderPath+"delivery/"+o.Number+"/accepted", "{}"), 409, "MERCHANT_ACCEPTED")
	})
}

func TestScheduledOrder(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	d.as(facilitatorID).subscribe(hook, eventOrderCreated, eventOrderAccepted)
	o := d.order(map[string]any{"scheduled_start": noon.Add(2 * manualRejectAfter * 20)}) // two hours later
	e := d.event(hook, facilitatorID, eventOrderCreated)
	if e.Body.Order.Scheduled == nil || e.Body.Order.Scheduled.Start != "2026-01-05T14:00:00.000+07:00" {
		t.Errorf("scheduled_flag %+v", e.Body.Order.Scheduled)
	}
	d.advance("89m")
	if status := d.OrderStatus(o.Number); status != "CREATED" {
		t.Errorf("status 31 minutes before the slot is %s", status)
	}
	d.advance("1m")
	d.event(hook, facilitatorID, eventOrderAccepted)
}

func TestPartnerCancelsOrder(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCancelled)
	o := d.order(nil)
	path := orderPath + "delivery/" + o.Number + "/cancelled"
	reason := map[string]any{"cancel_reason_code": "ITEMS_OUT_OF_STOCK", "cancel_reason_description": "Bakmi habis"}

	d.refused(client.call(http.MethodPut, path, "{}"), 422, "cancel_reason_code: missing required field")
	d.refused(client.call(http.MethodPut, path, map[string]any{"cancel_reason_code": "LAZY", "cancel_reason_description": "zzz"}), 422, "unknown reason")
	d.refused(client.call(http.MethodPut, path, map[string]any{"cancel_reason_code": "OTHERS"}), 422, "cancel_reason_description: missing")
	d.refused(client.call(http.MethodPut, path, map[string]any{"cancel_reason_code": "OTHERS", "cancel_reason_description": "éé"}), 422, "at least 3 characters")
	d.refused(client.call(http.MethodPut, path, `{"cancel`), 400, "not valid JSON")
	hook.nothing()

	d.done(client.call(http.MethodPut, path, reason))
	e := d.event(hook, facilitatorID, eventOrderCancelled)
	if e.Body.Order.Cancellation == nil || e.Body.Order.Cancellation.Reason != "Bakmi habis" {
		t.Errorf("cancellation %+v", e.Body.Order.Cancellation)
	}
	d.refused(client.call(http.MethodPut, path, reason), 409, "cannot be cancelled: its status is CANCELLED")
}

func TestCustomerCancelsOrder(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	d.as(facilitatorID).subscribe(hook, eventOrderCancelled)
	control := d.controller()
	for _, reason := range []string{"Customer changed their mind", ""} {
		o, err := control.CreateOrder(t.Context(), OrderRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if reason == "" {
			o, err = control.AdvanceOrder(t.Context(), o.Number, "cancelled")
		} else {
			o, err = control.CancelOrder(t.Context(), o.Number, reason)
		}
		if err != nil || o.Status != "CANCELLED" {
			t.Fatalf("order %+v, %v", o, err)
		}
		e := d.event(hook, facilitatorID, eventOrderCancelled)
		if e.Body.Order.Cancellation == nil || e.Body.Order.Cancellation.Reason != reason {
			t.Errorf("cancellation %+v, want %q", e.Body.Order.Cancellation, reason)
		}
	}
	orders, err := control.Orders(t.Context())
	if err != nil || len(orders) != 2 || orders[0].Number >= orders[1].Number {
		t.Errorf("orders %+v, %v", orders, err)
	}
}

func TestDocumentedPayloads(t *testing.T) {
	d := newHarness(t, Options{Switches: Switches{DocumentedPayloads: true}})
	hook := newReceiver(t)
	d.as(facilitatorID).subscribe(hook, eventOrderCreated)
	d.order(nil)
	e := d.event(hook, facilitatorID, eventOrderCreated)
	if text := string(e.raw); !strings.HasPrefix(text, `{"header":{"event_name":"gofood.order.created","event_id":`) || strings.Contains(text, "null") {
		t.Errorf("payload %s", text)
	}
	if e.Body.Customer.Name == nil || *e.Body.Customer.Name != "Budi" {
		t.Errorf("customer %v, want Budi", e.Body.Customer.Name)
	}
}

// As captured in 2023: a driver and names always, and members that came later are
// not there at all.
func TestPayloads2023(t *testing.T) {
	d := newHarness(t, Options{Switches: Switches{Payloads2023: true}})
	hook := newReceiver(t)
	d.as(facilitatorID).subscribe(hook, eventOrderCreated, eventOrderCancelled)
	o := d.order(nil)
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/cancel", nil))
	for _, event := range []string{eventOrderCreated, eventOrderCancelled} {
		e := d.event(hook, facilitatorID, event)
		if e.Body.Driver == nil || e.Body.Driver.Name == "" || e.Body.Customer.Name == nil || *e.Body.Customer.Name == "" {
			t.Errorf("driver %v, customer %v", e.Body.Driver, e.Body.Customer.Name)
		}
		for _, item := range e.Body.Order.Items {
			if item.Notes == nil || *item.Notes != "" || item.ID == "" {
				t.Errorf("item %+v", item)
			}
		}
		for _, later := range []string{"sku_promo_id", "cancellation_detail", "scheduled_flag"} {
			if strings.Contains(string(e.raw), later) {
				t.Errorf("%s has %s: %s", event, later, e.raw)
			}
		}
	}
}

func TestClosedOutletTakesNoOrders(t *testing.T) {
	d := newHarness(t, Options{})
	d.done(d.as(facilitatorID).call(http.MethodPatch, "/integrations/gofood/outlets/"+linkedOutletID+"/v1/properties", map[string]any{"force_close": true}))
	d.refused(d.control(http.MethodPost, "orders", map[string]any{"outlet_id": linkedOutletID}), 409, "is closed")
	if o, err := d.controller().CreateOrder(t.Context(), OrderRequest{}); err != nil || o.OutletID != unmappedOutletID {
		t.Errorf("order at %q, %v, want the next open outlet", o.OutletID, err)
	}
}

func TestOrderCallsNeedTheRightOrder(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	o := d.order(map[string]any{"service_type": "gofood_pickup"})
	for _, path := range []string{
		orderPath + "pickup/F-1/food-prepared",
		orderPath + "delivery/" + o.Number + "/food-prepared", // it is a pickup
		"/integrations/gofood/outlets/" + unmappedOutletID + "/v1/orders/pickup/" + o.Number + "/food-prepared",
	} {
		d.refused(client.call(http.MethodPut, path, map[string]any{"country_code": "ID"}), 404, "is not found")
	}
	path := orderPath + "pickup/" + o.Number + "/food-prepared"
	d.refused(client.call(http.MethodPut, path, map[string]any{"country_code": "id"}), 422, "country_code")
	d.refused(d.as(facilitatorID, "gofood:order:read").call(http.MethodPut, path, nil), 403, "gofood:order:write")
	d.refused(d.as(directID).call(http.MethodPut, path, nil), 403, "not authorized")
	d.done(client.call(http.MethodPut, path, map[string]any{"country_code": "ID"}))
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "placed"}))
	d.refused(client.call(http.MethodPut, path, map[string]any{"country_code": "ID"}), 409, "PLACED")
}

func TestUnmappedOrderGivesWebhookError(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated, eventOrderAccepted, eventOrderError)
	o := d.order(map[string]any{"outlet_id": unmappedOutletID, "items": []any{
		map[string]any{"name": "Es Campur", "variants": []any{map[string]any{"name": "Tanpa Es"}}},
		map[string]any{"external_id": "MI-001"},
	}})
	e := d.event(hook, facilitatorID, eventOrderError)
	want := generic(t, []byte(`{
		"error_type": "mapping_not_found",
		"mapping_not_found": {"items": [{"name": "Es Campur"}], "variants": [{"name": "Tanpa Es"}]},
		"order": {"number": "`+o.Number+`"},
		"outlet": {"id": "G100000003", "external_outlet_id": "POS-BOGOR"}}`))
	if diff := diffJSON(generic(t, e.raw).(map[string]any)["body"], want); diff != "" {
		t.Error(diff)
	}
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "completed"}))

	// Nothing of the order is relayed, also later.
	mapped := d.order(map[string]any{"outlet_id": unmappedOutletID, "items": []any{map[string]any{"external_id": "MI-001"}}})
	if e := d.event(hook, facilitatorID, eventOrderCreated); e.Body.Order.Number != mapped.Number {
		t.Errorf("event of order %s, want %s", e.Body.Order.Number, mapped.Number)
	}
	d.event(hook, facilitatorID, eventOrderAccepted)
	hook.nothing()
}

func TestWebhookErrorWithEventType(t *testing.T) {
	d := newHarness(t, Options{Switches: Switches{WebhookErrorEventType: true}})
	hook := newReceiver(t)
	d.as(facilitatorID).subscribe(hook, eventOrderError)
	d.order(map[string]any{"outlet_id": unmappedOutletID, "items": []any{map[string]any{"name": "Es Cincau"}}})
	got := hook.next()
	header := generic(t, got.body).(map[string]any)["header"].(map[string]any)
	if _, has := header["event_name"]; has || header["event_type"] != eventOrderError {
		t.Errorf("header %v", header)
	}
	if err := d.contract.CheckWebhook(eventOrderError, got.body); err != nil {
		t.Error(err)
	}
}

func TestOrdersReachWhoMayKnow(t *testing.T) {
	d := newHarness(t, Options{})
	facilitator, direct := newReceiver(t), newReceiver(t)
	d.as(facilitatorID).subscribe(facilitator, eventOrderCreated)
	d.as(directID).subscribe(direct, eventOrderCreated)

	d.order(map[string]any{"outlet_id": unlinkedOutletID}) // nobody: not linked
	o := d.order(map[string]any{"outlet_id": directOutletID})
	e := d.event(direct, directID, eventOrderCreated)
	if e.Body.Order.Number != o.Number || e.Body.Outlet.ExternalID != nil {
		t.Errorf("direct integration got order %s with external outlet id %v", e.Body.Order.Number, e.Body.Outlet.ExternalID)
	}
	d.order(map[string]any{"outlet_id": linkedOutletID})
	if e := d.event(facilitator, facilitatorID, eventOrderCreated); e.Body.Outlet.ID != linkedOutletID {
		t.Errorf("facilitator got an order of %s", e.Body.Outlet.ID)
	}
	direct.nothing()
	facilitator.nothing()
}

func TestOrderRefusals(t *testing.T) {
	d := newHarness(t, Options{})
	item := func(item map[string]any) map[string]any {
		return map[string]any{"outlet_id": linkedOutletID, "items": []any{item}}
	}
	tests := []struct {
		name   string
		body   any
		status int
		want   string
	}{
		{"unknown outlet", map[string]any{"outlet_id": "G1"}, 404, "G1 is not found"},
		{"unknown item", item(map[string]any{"external_id": "MI-9"}), 422, `items[0]: item \"MI-9\" is not on the menu`},
		{"sold out", item(map[string]any{"external_id": "MI-003"}), 422, "out of stock"},
		{"negative quantity", item(map[string]any{"external_id": "MI-001", "quantity": -1}), 422, "items[0].quantity"},
		{"unknown variant", item(map[string]any{"external_id": "MN-001", "variants": []any{map[string]any{"external_id": "V-BAKSO"}}}), 422, "not offered"},
		{"too many variants", item(map[string]any{"external_id": "MN-001", "variants": []any{map[string]any{"external_id": "V-BIASA"}, map[string]any{"external_id": "V-JUMBO"}}}), 422, "takes at most 1"},
		{"too few variants", item(map[string]any{"external_id": "MI-001", "variants": []any{map[string]any{"external_id": "V-TELUR"}}}), 422, "needs at least 1"},
		{"service type", map[string]any{"service_type": "gosend"}, 422, "service_type"},
		{"slot", map[string]any{"scheduled_end": noon}, 422, "scheduled_start"},
		{"broken body", `{"items":`, 400, "request body"},
		{"slip", map[string]any{"outlet": linkedOutletID}, 400, `unknown field \"outlet\"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d.refused(d.control(http.MethodPost, "orders", test.body), test.status, test.want)
		})
	}
	d.refused(d.control(http.MethodPost, "orders/F-1/advance", nil), 404, "F-1 does not exist")
	d.refused(d.control(http.MethodGet, "orders/F-1", nil), 404, "F-1 does not exist")
	d.refused(d.control(http.MethodPost, "orders/F-1/cancel", nil), 404, "F-1 does not exist")
	o := d.order(nil)
	d.refused(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "eaten"}), 422, "known are created, awaiting_merchant_acceptance")
}

func TestParseStatus(t *testing.T) {
	for text, want := range map[string]OrderStatus{
		"placed": OrderPlaced, "PLACED": OrderPlaced, "gofood.order.driver_arrived": OrderDriverArrived, "awaiting": OrderAwaitingAcceptance, "cancelled": OrderCancelled,
	} {
		if got, ok := parseStatus(text); !ok || got != want {
			t.Errorf("parseStatus(%q) = %s, %v", text, got, ok)
		}
	}
	if _, ok := parseStatus("eaten"); ok {
		t.Error("eaten is a status")
	}
}

func TestEveryStatusHasItsEvent(t *testing.T) {
	for _, status := range append(slices.Clone(deliveryCourse), OrderCancelled) {
		if _, ok := events[status.event()]; !ok {
			t.Errorf("%s: event %s is unknown", status, status.event())
		}
	}
}
