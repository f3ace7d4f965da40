package gobiz_test

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestLinkSendsAnExternalID(t *testing.T) {
	s := serve(t, json200(linkedAnswer))
	client := newClient(t, s.URL)
	for given, want := range map[string]string{"": `{"external_outlet_id":"G100000001"}`, "POS-1": `{"external_outlet_id":"POS-1"}`} {
		outlet, err := client.LinkOutlet(t.Context(), "G100000001", gobiz.ProductPayment, given)
		if err != nil || *outlet.ExternalOutletID != "POS-TEBET" || outlet.LinkedAt.String() != "2026-01-05T03:00:00Z" {
			t.Fatalf("%+v, %v", outlet, err)
		}
		requests := s.requests()
		if last := requests[len(requests)-1]; last.Body != want || last.Path != "/integrations/partner/outlets/G100000001/v1/link/payment" {
			t.Errorf("%+v", last)
		}
	}
}

func TestLinkedOutletKeepsNulls(t *testing.T) {
	s := serve(t, json200(`{"success":true,"data":{"outlets":[{"id":"G1","external_outlet_id":null,"created_at":"2026-01-05T03:00:00Z","updated_at":null}]}}`))
	list, err := newClient(t, s.URL).LinkedOutlets(t.Context(), gobiz.Page{Number: 2, Size: 5})
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(list)
	if want := `[{"id":"G1","external_outlet_id":null,"created_at":"2026-01-05T03:00:00Z","updated_at":null}]`; string(out) != want || err != nil {
		t.Errorf("%s, %v", out, err)
	}
	if query := s.requests()[0].Query; query != "page=2&per=5" {
		t.Errorf("query %q", query)
	}
}

func TestOutletPropertiesWithoutAnswer(t *testing.T) {
	for status, body := range map[int]string{204: "", 200: `{"success":true,"data":{"force_close":true}}`} {
		s := serve(t, answer(status, "application/json", body))
		got, err := newClient(t, s.URL).UpdateOutletProperties(t.Context(), "G1", gobiz.OutletProperties{ForceClose: true})
		if err != nil || !got.ForceClose {
			t.Errorf("%d: %+v, %v", status, got, err)
		}
		if sent := s.requests()[0].Body; sent != `{"force_close":true}` {
			t.Error(sent)
		}
	}
}

func TestOrderTypeOf(t *testing.T) {
	for service, want := range map[string]gobiz.OrderType{"gofood": gobiz.OrderDelivery, "gofood_pickup": gobiz.OrderPickup} {
		if got, ok := gobiz.OrderTypeOf(service); got != want || !ok {
			t.Errorf("%s: %s", service, got)
		}
	}
	if _, ok := gobiz.OrderTypeOf("gosend"); ok {
		t.Error("gosend is no order type")
	}
}

func TestPromoShapes(t *testing.T) {
	for _, body := range []string{`{"success":true,"data":` + promoAnswer + `}`, `{"success":true,"data":{"promotion":` + promoAnswer + `}}`} {
		s := serve(t, json200(body))
		promo, err := newClient(t, s.URL).Promo(t.Context(), "G1", uuid1)
		if err != nil || promo.ID != uuid1 || promo.EndDate != "2026-02-28" {
			t.Errorf("%+v, %v", promo, err)
		}
	}
}

func TestSubscriptionsOfAnOutletNameIt(t *testing.T) {
	s := serve(t, json200(`{"success":true,"data":{"subscriptions":[`+subscriptionAnswer+`]}}`))
	client := newClient(t, s.URL)
	general, err1 := client.Subscriptions(gobiz.AllOutlets).List(t.Context())
	outlet, err2 := client.Subscriptions(gobiz.ForOutlet("G1")).List(t.Context())
	if err1 != nil || err2 != nil || general[0].OutletID != nil || *outlet[0].OutletID != "G1" || string(outlet[0].Unknown) != `{"aggregator_id":"a-1"}` {
		t.Errorf("%+v %v, %+v %v", general, err1, outlet, err2)
	}
}

func TestNotificationShapes(t *testing.T) {
	s := serve(t, json200(`{"success":true,"data":{"notifications":[
		{"entity_id":"F-1","event_type":"e","delivery_status":"dead","headers":{"X-Go-Signature":"ab","Accept":["a","b"],"Empty":null},"payload":"{\"a\": \"\\u0041\"}\n","history":null},
		{"entity_id":"F-1","event_type":"e","delivery_status":"dead","headers":null,"payload":{"a": 1},"history":[{"time":"2026-01-05T05:30:03Z","exception_message":null,"delivered":true}]},
		{"entity_id":"F-1","event_type":"e","delivery_status":"dead","payload":null}]}}`))
	list, err := newClient(t, s.URL).Notifications(t.Context(), "F-1&page=2")
	if err != nil || len(list) != 3 {
		t.Fatal(err)
	}
	if list[0].Payload != "{\"a\": \"\\u0041\"}\n" || list[1].Payload != `{"a": 1}` || list[2].Payload != "" {
		t.Errorf("payloads %q %q %q", list[0].Payload, list[1].Payload, list[2].Payload)
	}
	if diff := cmp.Diff(gobiz.DeliveryHeaders{"X-Go-Signature": "ab", "Accept": "a, b"}, list[0].Headers); diff != "" {
		t.Error(diff)
	}
	if !list[1].History[0].Delivered {
		t.Errorf("%+v", list[1].History)
	}
	if query := s.requests()[0].Query; query != "entity_id=F-1%26page%3D2" {
		t.Errorf("query %q", query)
	}
}

func TestPayment(t *testing.T) {
	s := serve(t, json200(`{"success":true,"data":{"outlet":{"id":"G1","pop_id":null},"transaction":{"id":"t-1","status":"pending","gross_amount":"15000.00","settlement_at":null},
		"actions":[{"name":"other","url":"x"},{"name":"generate-qr-code","method":"GET","url":"https://images.example.test/qr"}]}}`))
	payment, err := newClient(t, s.URL).CreateTransaction(t.Context(), "G1", gobiz.PaymentRequest{Details: gobiz.TransactionDetails{OrderID: "INV_1~a.b-c", GrossAmount: 15000}})
	if err != nil || payment.Transaction.GrossAmount != 15000 || payment.QRCodeURL() != "https://images.example.test/qr" || payment.Outlet.PopID != nil {
		t.Fatalf("%+v, %v", payment, err)
	}
	if want, got := `{"payment_type":"qris","transaction_details":{"order_id":"INV_1~a.b-c","gross_amount":15000,"currency":"IDR"}}`, s.requests()[0].Body; got != want {
		t.Error(got)
	}
}
