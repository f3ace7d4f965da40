package webhook_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

var wib = time.FixedZone("", 7*60*60)

func TestParseOrder(t *testing.T) {
	const body = `{
  "header": { "event_name": "gofood.order.merchant_accepted", "event_id": "6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f", "version": 1, "timestamp": "2026-01-05T12:30:00.123+07:00" },
  "body": {
    "customer": { "id": "0123456789ABCDEF0123456789ABCDEF", "name": "Budi" },
    "driver": { "name": "Pak Contoh" },
    "service_type": "gofood_pickup",
    "outlet": { "id": "G100000001", "external_outlet_id": "POS-TEBET" },
    "order": {
      "status": "MERCHANT_ACCEPTED", "pin": "4821", "order_number": "F-100200300", "order_total": 58000, "currency": "IDR",
      "order_items": [
        { "id": "9f8e", "external_id": "MI-001", "name": "Bakmi Ayam", "quantity": 2, "price": 28000, "notes": "tanpa bawang", "sku_promo_id": "p1", "rank": 1,
          "variants": [ { "id": "0b1d", "external_id": "V-PEDAS-1", "name": "Sedang" } ] } ],
      "cutlery_requested": false, "takeaway_charges": 2000, "created_at": "2026-01-05T12:29:58.000+07:00", "tip": 500,
      "applied_promotions": [{"scope":"item","id":"p","detail":{"id":"d","item":{"id":"9f8e","external_id":"MI-001"}}}],
      "cancellation_detail": {"reason":""},
      "scheduled_flag": {"is_catering":true,"schedule_delivery_time_start":"2026-01-06T12:00:00+07:00","schedule_delivery_time_end":"2026-01-06T12:30:00+07:00"} } } }`
	no := false
	promotion := webhook.Promotion{Scope: "item", ID: "p"}
	promotion.Detail.ID, promotion.Detail.Item.ID, promotion.Detail.Item.ExternalID = "d", "9f8e", "MI-001"
	want := &webhook.Notification{
		Event: webhook.OrderMerchantAccepted, EventID: "6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f", Version: 1,
		Timestamp: time.Date(2026, 1, 5, 12, 30, 0, 123_000_000, wib),
		Outlet:    webhook.Outlet{ID: "G100000001", ExternalID: "POS-TEBET"},
		Order: &webhook.Order{
			Number: "F-100200300", Status: webhook.StatusMerchantAccepted, PIN: "4821", Total: 58000, Currency: "IDR",
			Items: []webhook.Item{{
				ID: "9f8e", ExternalID: "MI-001", Name: "Bakmi Ayam", Quantity: 2, Price: 28000, Notes: "tanpa bawang",
				Variants: []webhook.Variant{{ID: "0b1d", ExternalID: "V-PEDAS-1", Name: "Sedang"}}, SKUPromoID: "p1", Unknown: []byte(`{"rank":1}`),
			}},
			Cutlery: &no, Takeaway: 2000, CreatedAt: time.Date(2026, 1, 5, 12, 29, 58, 0, wib), Promotions: []webhook.Promotion{promotion},
			Cancellation: &webhook.Cancellation{},
			Schedule:     &webhook.Schedule{Catering: true, Start: time.Date(2026, 1, 6, 12, 0, 0, 0, wib), End: time.Date(2026, 1, 6, 12, 30, 0, 0, wib)},
			Unknown:      []byte(`{"tip":500}`),
			Service:      webhook.ServicePickup, Customer: webhook.Person{ID: "0123456789ABCDEF0123456789ABCDEF", Name: "Budi"}, Driver: &webhook.Person{Name: "Pak Contoh"},
		},
	}
	got, err := webhook.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(webhook.Notification{}, "Body")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(string(got.Body), `"service_type": "gofood_pickup"`) {
		t.Errorf("the raw body is %s", got.Body)
	}
	if got.Order.Service.OrderType() != "pickup" || webhook.ServiceDelivery.OrderType() != "delivery" {
		t.Error("wrong order type")
	}
}

func TestParseOtherEvents(t *testing.T) {
	outlet := webhook.Outlet{ID: "G1", ExternalID: "POS"}
	tests := map[string]struct {
		body string
		want webhook.Notification
	}{
		"webhook error": {
			`{"header":{"event_type":"gofood.order.webhook_error","event_id":"c1d2"},"body":{"error_type":"mapping_not_found","mapping_not_found":` +
				`{"items":[{"name":"Es Jeruk"}],"variants":[{"name":"Jumbo"},{"name":null}]},"order":{"number":"F-1"},"outlet":{"id":"G1","external_outlet_id":"POS"}}}`,
			webhook.Notification{Event: webhook.OrderWebhookError, EventID: "c1d2", Outlet: outlet, MappingError: &webhook.MappingError{
				Type: "mapping_not_found", OrderNumber: "F-1", Items: []string{"Es Jeruk"}, Variants: []string{"Jumbo"},
			}},
		},
		"webhook error by its other name": {
			`{"header":{"event_name":"gofood.order.webhook_error"},"body":{"error_type":"missing_menu_mapping","missing_menu_mapping":{"items":null,"variants":[{"name":"Jumbo"}]},` +
				`"order":{"order_number":"F-1"},"outlet":{"id":"G1","external_outlet_id":"POS"}}}`,
			webhook.Notification{Event: webhook.OrderWebhookError, Outlet: outlet, MappingError: &webhook.MappingError{
				Type: "missing_menu_mapping", OrderNumber: "F-1", Variants: []string{"Jumbo"},
			}},
		},
		"menu mapping": {
			`{"header":{"event_name":"gofood.catalog.menu_mapping_updated"},"body":{"request_id":"0d9f","outlet":{"id":"G1","external_outlet_id":"POS"},"menus":[{"id":"9f","external_menu_id":"MI-1"}],"more":1}}`,
			webhook.Notification{Event: webhook.MenuMappingUpdated, Outlet: outlet, MenuMapping: &webhook.MenuMapping{
				RequestID: "0d9f", Items: []webhook.MappedItem{{ID: "9f", ExternalID: "MI-1"}},
			}},
		},
		"settlement": {
			`{"header":{"event_name":"payment.transaction.settlement"},"body":{"outlet":{"id":"G1","external_outlet_id":"POS"},"transaction":{"id":"t1","order_id":"INV-1","gross_amount":"15000.00",` +
				`"currency":"IDR","payment_type":"qris","status":"settlement","created_at":"2026-01-05T12:00:00Z","settlement_at":"yesterday","terminal_label":null}}}`,
			webhook.Notification{Event: webhook.PaymentSettlement, Outlet: outlet, Settlement: &webhook.Settlement{
				TransactionID: "t1", OrderID: "INV-1", Amount: 15000, Currency: "IDR", PaymentType: "qris", Status: "settlement", CreatedAt: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC),
			}},
		},
		"an event of next year": {
			`{"header":{"event_name":"gofood.outlet.closed"},"body":{"outlet":{"id":"G1","external_outlet_id":"POS"},"order":7}}`,
			webhook.Notification{Event: "gofood.outlet.closed", Outlet: outlet},
		},
		"no body": {`{"header":{"event_name":"gofood.order.placed"},"body":null}`, webhook.Notification{Event: webhook.OrderPlaced}},
		"legacy order": {
			`{"status":"DRIVER_ARRIVED","outlet_id":"M123456","pin":"1234","order_total":24000.5,"order_number":"F-394903031","order_items":[{"quantity":1,"price":24000.4,"name":"Es","external_id":"A"}],` +
				`"outlet":{"id":7},"external_outlet_id":"POS","driver":[{"name":"Pak","phone":"08"}],"customer":{"name":"Budi","email":"b@example.test","phone":"09"},"currency":"IDR","created_on":"2026-01-05T12:00:00+07:00"}`,
			webhook.Notification{Event: webhook.OrderDriverArrived, Legacy: true, Outlet: webhook.Outlet{ID: "M123456", ExternalID: "POS"}, Order: &webhook.Order{
				Number: "F-394903031", Status: webhook.StatusDriverArrived, PIN: "1234", Total: 24001, Currency: "IDR", Items: []webhook.Item{{Quantity: 1, Price: 24000, Name: "Es", ExternalID: "A"}},
				CreatedAt: time.Date(2026, 1, 5, 12, 0, 0, 0, wib), Service: webhook.ServiceDelivery,
				Customer: webhook.Person{Name: "Budi", Email: "b@example.test", Phone: "09"}, Driver: &webhook.Person{Name: "Pak", Phone: "08"},
			}},
		},
	}
	for name, tt := range tests {
		got, err := webhook.Parse([]byte(tt.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, *got, cmpopts.IgnoreFields(webhook.Notification{}, "Body"), cmpopts.IgnoreFields(webhook.MenuMapping{}, "Unknown"),
			cmpopts.IgnoreFields(webhook.Order{}, "Unknown")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestParseLosesNoOrder puts a value of another type into each place of an order,
// and nulls, and still wants the order's number.
func TestParseLosesNoOrder(t *testing.T) {
	places := []string{
		"PIN", "TOTAL", "CURRENCY", "ITEMS", "QUANTITY", "PRICE", "NOTES", "VARIANTS", "CUTLERY", "CREATED", "PROMOTIONS", "CANCELLATION", "SCHEDULE",
		"CUSTOMER", "DRIVER", "SERVICE", "OUTLET", "VERSION", "TIMESTAMP",
	}
	const pattern = `{"header":{"event_name":"gofood.order.placed","version":VERSION,"timestamp":TIMESTAMP},"body":{"customer":CUSTOMER,"driver":DRIVER,"service_type":SERVICE,"outlet":OUTLET,"order":{"order_number":"F-1","status":"PLACED",` +
		`"pin":PIN,"order_total":TOTAL,"currency":CURRENCY,"order_items":ITEMS,"cutlery_requested":CUTLERY,"created_at":CREATED,"applied_promotions":PROMOTIONS,"cancellation_detail":CANCELLATION,"scheduled_flag":SCHEDULE}}}`
	for _, value := range []string{`null`, `"x"`, `7`, `7.5`, `1e400`, `true`, `[]`, `{}`, `[[{"a":1}]]`, `{"name":{"first":"x"},"id":[1]}`, `[{"quantity":"2","price":"28.000","name":5,"notes":{},"variants":"x"},3]`} {
		for _, place := range places {
			body := strings.Replace(pattern, place, value, 1)
			for _, other := range places {
				body = strings.Replace(body, other, "null", 1)
			}
			n, err := webhook.Parse([]byte(body))
			if err != nil {
				t.Errorf("%s is %s: %v", place, value, err)
				continue
			}
			if n.Order == nil || n.Order.Number != "F-1" || n.Order.Status != webhook.StatusPlaced {
				t.Errorf("%s is %s: order %+v", place, value, n.Order)
			}
		}
	}
	n, err := webhook.Parse([]byte(`{"header":{"event_name":"gofood.order.placed"},"body":{"order":{"order_number":1,"pin":4821,"order_items":[{"quantity":"2","price":"28.000"},{"quantity":3.0,"price":"28000"}],"cutlery_requested":"true"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	o := n.Order
	if o.Number != "1" || o.PIN != "4821" || o.Items[0].Quantity != 2 || o.Items[0].Price != 0 || o.Items[1].Quantity != 3 || o.Items[1].Price != 28000 || !*o.Cutlery {
		t.Errorf("%+v", o)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":              "",
		"a page":               "<html>",
		"a list":               `[{"header":{"event_name":"gofood.order.placed"}}]`,
		"null":                 "null",
		"cut":                  `{"header":{"event_name":"gofood.order.placed"},"body":{`,
		"text behind":          `{"header":{"event_name":"gofood.order.placed"}} x`,
		"a key twice":          `{"header":{"event_name":"gofood.order.placed"},"header":{"event_name":"gofood.order.cancelled"}}`,
		"a key twice, below":   `{"header":{"event_name":"gofood.order.placed"},"body":{"order":{"status":"PLACED","status":"CANCELLED"}}}`,
		"an escaped key twice": `{"header":{"event_name":"gofood.order.placed"},"he\u0061der":{}}`,
		"nested deeply":        `{"header":{"event_name":"x"},"body":` + strings.Repeat("[", 100_000),
		"no event":             `{"header":{"event_id":"1"},"body":{}}`,
		"half an order":        `{"order_number":"F-1"}`,
		"NUL":                  "{\"header\":{\"event_name\":\"a\x00\"}}",
	} {
		if n, err := webhook.Parse([]byte(body)); !errors.Is(err, webhook.ErrMalformed) || n != nil {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
	}
	if n, err := webhook.Parse([]byte("{\"header\":{\"event_name\":\"gofood.order.placed\"},\"body\":{\"customer\":{\"name\":\"a\xffb\"},\"order\":{}}}")); err != nil || n.Order.Customer.Name != "a\uFFFDb" {
		t.Errorf("a name that is not UTF-8: %+v, %v", n, err)
	}
}

// TestWhatIsSentIsRead reads what the sandbox and `webhook trigger` send, in any
// order of keys.
func TestWhatIsSentIsRead(t *testing.T) {
	driver, notes, external := "Pak", "pedas", "POS"
	event := sender.Event{
		Header: sender.Header{Name: "gofood.order.placed", ID: "e1", Version: sender.Version, Timestamp: "2026-01-05T12:30:00.123+07:00"},
		Body: sender.OrderBody{
			Driver: &sender.Person{Name: &driver}, ServiceType: "gofood", Outlet: sender.Outlet{ID: "G1", ExternalID: &external},
			Order: sender.Order{Number: "F-1", Status: "PLACED", Total: 58000, Items: []sender.Item{{Name: "Es", Quantity: 2, Price: 28000, Notes: &notes}}},
		},
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		body, err := sender.Encode(event, false, random.IntN)
		if err != nil {
			t.Fatal(err)
		}
		n, err := webhook.Parse(body)
		if err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		s := webhook.Summarize(body)
		if s.Event != n.Event || s.EventID != n.EventID || s.OutletID != n.Outlet.ID || s.OrderNumber != n.Order.Number || s.Status != string(n.Order.Status) {
			t.Errorf("summary %+v and notification %+v differ", s, n)
		}
		if n.Order.Driver.Name != "Pak" || n.Order.Items[0].Notes != "pedas" || n.Order.Total != 58000 || n.Outlet.ExternalID != "POS" {
			t.Errorf("%+v", n.Order)
		}
	}
}
