package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

const promoPath = "/integrations/promo/outlets/" + linkedOutletID + "/v1/food-promos"

// promoBody asks for Bakmi Ayam, Rp 27,000, at a price; pairs change the detail.
func promoBody(price any, changes ...any) map[string]any {
	detail := map[string]any{
		"start_date": "2026-01-06", "end_date": "2026-01-10", "selling_price": price, "external_menu_id": "MI-001",
	}
	for i := 0; i+1 < len(changes); i += 2 {
		detail[changes[i].(string)] = changes[i+1]
	}
	return map[string]any{"promo_type": "sku_promo", "promo_detail": detail}
}

type promoAnswer struct {
	Success, Failure []struct {
		ID             *string
		ExternalMenuID string `json:"external_menu_id"`
		Errors         *string
	}
}

func (c caller) createPromo(key string, body any) promoAnswer {
	c.Helper()
	var v promoAnswer
	c.decode(c.call(http.MethodPost, promoPath, body, "X-Idempotency-Key", key), &v)
	return v
}

func (c caller) promo(id string) promoData {
	c.Helper()
	var v struct{ Promotion promoData }
	c.decode(c.call(http.MethodGet, promoPath+"/"+id, nil), &v)
	return v.Promotion
}

func TestPromoLife(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	made := client.createPromo("key-1", promoBody(20000))
	if len(made.Success) != 1 || len(made.Failure) != 0 || made.Success[0].ExternalMenuID != "MI-001" || made.Success[0].Errors != nil {
		t.Fatalf("answer %+v", made)
	}
	id := *made.Success[0].ID
	one := promoPath + "/" + id
	if p := client.promo(id); p.Status != "created" || p.SellingPrice != 20000 || p.StartDate != "2026-01-06" {
		t.Errorf("promo %+v", p)
	}
	d.refused(client.call(http.MethodPut, one+"/deactivate", nil), 409, "its status is created")
	d.order(nil)
	if e := d.event(hook, facilitatorID, eventOrderCreated); e.Body.Order.Items[0].Price != 27000 || len(e.Body.Order.Promotions) != 0 || !strings.Contains(string(e.raw), `"sku_promo_id":null`) {
		t.Errorf("price before the promo: %+v", e.Body.Order.Items[0])
	}

	d.advance("12h") // the next day begins
	client = d.as(facilitatorID)
	if p := client.promo(id); p.Status != "active" {
		t.Errorf("status on the first day is %s", p.Status)
	}
	d.order(nil)
	if e := d.event(hook, facilitatorID, eventOrderCreated); e.Body.Order.Items[0].Price != 20000 || len(e.Body.Order.Promotions) != 1 || e.Body.Order.Promotions[0].ID != id || !strings.Contains(string(e.raw), `"sku_promo_id":"`+id+`"`) {
		t.Errorf("price in the promo: %+v, %+v", e.Body.Order.Items[0], e.Body.Order.Promotions)
	}
	d.refused(client.call(http.MethodDelete, one, nil), 409, "its status is active")
	d.done(client.call(http.MethodPut, one+"/deactivate", nil))
	if p := client.promo(id); p.Status != "deactivated" {
		t.Errorf("status after deactivating is %s", p.Status)
	}

	later := client.createPromo("key-2", promoBody(20000, "start_date", "2026-01-07"))
	if len(later.Success) != 1 {
		t.Fatalf("answer %+v", later)
	}
	d.done(client.call(http.MethodDelete, promoPath+"/"+*later.Success[0].ID, nil))
	d.refused(client.call(http.MethodGet, promoPath+"/"+*later.Success[0].ID, nil), 404, "is not found")

	expiring := client.createPromo("key-3", promoBody(20000, "start_date", "2026-01-07"))
	d.advance("120h")
	if p := d.as(facilitatorID).promo(*expiring.Success[0].ID); p.Status != "expired" {
		t.Errorf("status after the end is %s", p.Status)
	}
}

func TestPromoRules(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	key := 0
	post := func(body any) answer {
		key++
		return client.call(http.MethodPost, promoPath, body, "X-Idempotency-Key", fmt.Sprint("key-", key))
	}
	hours := []any{"start_time", "10:00:00", "end_time", "14:00:00"}
	t.Run("failures inside a success", func(t *testing.T) {
		tests := []struct {
			name string
			body any
			want string // empty: it is made
		}{
			{"unknown item", promoBody(20000, "external_menu_id", "MI-404"), "Item is not active"},
			{"sold out", promoBody(20000, "external_menu_id", "MI-003"), "Item is not active"},
			{"below 5 %", promoBody(25651), "Discount must be at least 5%"},
			{"5 %", promoBody(25650, "end_date", "2026-01-06"), ""},
			{"second on the same day", promoBody(20000), "Item already has a promo in this period"},
			{"below 30 % in hours", promoBody(19000, append(hours, "external_menu_id", "MI-002", "selling_price", 22401)...), "Discount must be at least 30%"},
			{"30 % in hours", promoBody(0, append(hours, "external_menu_id", "MI-002", "selling_price", 22400, "applicable_days", []string{"monday"})...), ""},
		}
		for _, test := range tests {
			var v promoAnswer
			d.decode(post(test.body), &v)
			switch {
			case test.want == "" && (len(v.Success) != 1 || len(v.Failure) != 0):
				t.Errorf("%s: %+v, want a success", test.name, v)
			case test.want != "" && (len(v.Failure) != 1 || len(v.Success) != 0 || v.Failure[0].ID != nil || *v.Failure[0].Errors != test.want):
				t.Errorf("%s: %+v, want the failure %q", test.name, v, test.want)
			}
		}
	})
	t.Run("refused calls", func(t *testing.T) {
		tests := []struct {
			body any
			want string
		}{
			{map[string]any{}, "promo_type: missing"},
			{map[string]any{"promo_type": "bogo"}, "promo_type: must be sku_promo"},
			{map[string]any{"promo_type": "sku_promo"}, "promo_detail: missing"},
			{promoBody(20000, "start_date", "2026-01-05"), `"message_title":"Error hint","message":"Start date must be after today."`},
			{promoBody(20000, "start_date", "6 January"), "promo_detail.start_date: must be a date"},
			{promoBody(20000, "end_date", "2026-01-05"), "promo_detail.end_date: must not be before"},
			{promoBody(20000, "start_time", "10:00:00"), "go together"},
			{promoBody(20000, "start_time", "9:00:00", "end_time", "10:00:00"), "promo_detail.start_time: must be a time"},
			{promoBody(20000, "start_time", "10:00:00", "end_time", "10:00:00"), "promo_detail.end_time: must be after"},
			{promoBody(20000, "applicable_days", []string{"Monday"}), "promo_detail.applicable_days"},
			{promoBody(0), "promo_detail.selling_price: must be a whole number"},
			{promoBody(nil), "promo_detail.selling_price: missing"},
			{promoBody(20000, "external_menu_id", ""), "promo_detail.external_menu_id: missing"},
		}
		for _, test := range tests {
			d.refused(post(test.body), 422, test.want)
		}
	})
	d.refused(client.call(http.MethodPost, promoPath, promoBody(20000)), 400, "X-Idempotency-Key: missing")
	d.refused(d.as(facilitatorID, "promo:food_promo:read").call(http.MethodPost, promoPath, promoBody(20000), "X-Idempotency-Key", "k"), 403, "promo:food_promo:write")
	var v struct {
		Promotions  []promoData
		Total       int `json:"total_count"`
		Limit, Page int
	}
	d.decode(client.call(http.MethodGet, promoPath, nil), &v)
	if v.Total != 2 || len(v.Promotions) != 2 || v.Limit != 10 || v.Page != 1 {
		t.Errorf("list %+v", v)
	}
	d.decode(client.call(http.MethodGet, promoPath+"?limit=1&page=2", nil), &v)
	if v.Total != 2 || len(v.Promotions) != 1 || v.Promotions[0].ExternalMenuID != "MI-002" {
		t.Errorf("second page %+v", v)
	}
	d.refused(client.call(http.MethodGet, promoPath+"?page=0", nil), 400, "page: must be")
	d.refused(client.call(http.MethodGet, promoPath+"?limit=many", nil), 400, "limit: must be")
}

func TestPromoIdempotency(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	post := func(key string, body any) answer {
		return client.call(http.MethodPost, promoPath, body, "X-Idempotency-Key", key)
	}
	const key = "0d9f4f0a-2d4b-4b5e-8a2e-6d0f6a7b8c9d"
	d.refused(post(key, promoBody(-1)), 422, "selling_price") // an error is not remembered
	first := post(key, promoBody(20000))
	d.done(first)
	if again := post(key, promoBody(1000, "external_menu_id", "MI-002")); string(again.body) != string(first.body) || again.status != first.status {
		t.Errorf("the same key is answered with %s, before with %s", again.body, first.body)
	}
	d.refused(post(key+"x", promoBody(20000)), 400, "at most 36 characters")
	d.done(d.control(http.MethodPut, "switches", map[string]any{"strict_idempotency_key": true}))
	d.refused(post(key, promoBody(20000)), 400, "at most 32 characters")
}

func TestPromoFollowsTheMenu(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	id := *client.createPromo("key-1", promoBody(20000)).Success[0].ID
	d.advance("12h")
	client = d.as(facilitatorID)
	push := func(menu, item string) answer {
		return client.call(http.MethodPut, "/integrations/gofood/outlets/"+linkedOutletID+"/v1/catalog", map[string]any{
			"request_id": "sync",
			"menus": []any{map[string]any{"name": menu, "menu_items": []any{
				map[string]any{"external_id": item, "name": "Bakmi Ayam", "price": 27000, "in_stock": true},
			}}},
		})
	}
	d.refused(push("Bakmi", "MI-001"), 422, "deactivate the promo first")
	d.done(push("Mi", "MI-001"))
	if p := client.promo(id); p.Status != "active" {
		t.Errorf("status after a change of the item is %s", p.Status)
	}
	d.done(push("Mi", "MI-002"))
	if p := client.promo(id); p.Status != "deactivated" {
		t.Errorf("status after the item is gone is %s", p.Status)
	}
}

func TestPromoSells(t *testing.T) {
	p := promo{promoDetail: promoDetail{
		StartDate: "2026-01-05", EndDate: "2026-01-06", StartTime: "10:00:00", EndTime: "14:00:00", Days: []string{"monday"},
	}}
	at := func(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, sender.WIB) }
	for when, want := range map[time.Time]bool{
		at(5, 9): false, at(5, 10): true, at(5, 13): true, at(5, 14): false,
		at(6, 12): false, // a Tuesday
		at(4, 12): false, at(12, 12): false,
	} {
		if p.sells(when) != want {
			t.Errorf("sells at %s is %v", when, !want)
		}
	}
}
