package sandbox

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

const paymentPath = "/integrations/payment/outlets/" + linkedOutletID + "/v2/transactions"

// paymentBody asks for Rp 15,000; pairs change the transaction's details.
func paymentBody(changes ...any) map[string]any {
	details := map[string]any{"order_id": "INV-1", "gross_amount": 15000, "currency": "IDR"}
	for i := 0; i+1 < len(changes); i += 2 {
		details[changes[i].(string)] = changes[i+1]
	}
	return map[string]any{"payment_type": "qris", "transaction_details": details, "metadata": map[string]any{"table": "7"}}
}

func TestPaymentLife(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventPaymentSettled)
	a := client.call(http.MethodPost, paymentPath, paymentBody(), "Idempotency-Key", "key-1")
	if a.status != http.StatusCreated {
		t.Errorf("status %d, want 201", a.status)
	}
	var made paymentData
	d.decode(a, &made)
	p := made.Transaction
	if p.Status != "pending" || p.Amount != 15000 || p.OrderID != "INV-1" || p.SettledAt != nil || p.CreatedAt != "2026-01-05T05:00:00Z" ||
		!strings.HasPrefix(p.QRIS, "000201") || made.Outlet.ID != linkedOutletID || uuid.Validate(made.Outlet.PopID) != nil {
		t.Errorf("payment %+v", made)
	}
	one := strings.Replace(paymentPath, "v2", "v1", 1) + "/" + p.ID
	var got paymentData
	d.decode(client.call(http.MethodGet, one, nil), &got)
	if diff := diffJSON(got, made); diff != "" {
		t.Error(diff)
	}

	action := made.Actions[0]
	if action.Name != "generate-qr-code" || action.Method != http.MethodGet || action.URL != d.s.origin+"/transactions/"+p.ID+"/qr-code" {
		t.Errorf("action %+v", action)
	}
	picture := client.call(action.Method, action.URL, nil, "Accept", "image/png")
	if picture.status != 200 || picture.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(string(picture.body), "\x89PNG") {
		t.Errorf("picture: %d %s", picture.status, picture.header.Get("Content-Type"))
	}
	d.refused(d.as(directID).call(action.Method, action.URL, nil), 404, "Transaction not found")
	d.refused(client.call(action.Method, action.URL, nil, "Accept", "application/json"), 406, "Invalid Accept header: application/json")

	hook.nothing()
	d.advance("1m")
	d.done(d.control(http.MethodPost, "payments/"+p.ID+"/settle", nil))
	e := d.event(hook, facilitatorID, eventPaymentSettled)
	if e.Body.Transaction.ID != p.ID || e.Body.Transaction.Status != "settlement" || e.Body.Transaction.SettledAt != "2026-01-05T12:01:00+07:00" {
		t.Errorf("event %s", e.raw)
	}
	d.decode(client.call(http.MethodGet, one, nil), &got)
	if got.Transaction.Status != "settlement" || got.Transaction.SettledAt == nil {
		t.Errorf("payment after the settlement %+v", got)
	}
	if n := d.delivery(client, p.ID, 1); n.EventType != eventPaymentSettled {
		t.Errorf("notification %+v", n)
	}
	d.refused(d.control(http.MethodPost, "payments/"+p.ID+"/settle", nil), 409, "its status is settlement")
	d.refused(d.control(http.MethodPost, "payments/none/settle", nil), 404, "payment none does not exist")
	var list struct{ Payments []payment }
	d.decode(d.control(http.MethodGet, "payments", nil), &list)
	if len(list.Payments) != 1 {
		t.Errorf("%d payments", len(list.Payments))
	}
}

func TestPaymentIdempotency(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	post := func(key string, body any) answer {
		return client.call(http.MethodPost, paymentPath, body, "Idempotency-Key", key)
	}
	key := strings.Repeat("k", 32)
	d.refused(post(key, paymentBody("gross_amount", 0)), 422, "gross_amount") // an error is not remembered
	first := post(key, paymentBody())
	again := post(key, paymentBody("order_id", "INV-2"))
	if first.status != http.StatusCreated || again.status != first.status || string(again.body) != string(first.body) {
		t.Errorf("the same key is answered with %d %s, before with %d %s", again.status, again.body, first.status, first.body)
	}
	promo := client.call(http.MethodPost, promoPath, promoBody(20000), "X-Idempotency-Key", key)
	if d.done(promo); string(promo.body) == string(first.body) {
		t.Error("the same key of a promo has the payment's answer")
	}
	if other := post("another", paymentBody()); string(other.body) == string(first.body) {
		t.Error("another key has the same answer")
	}
	d.refused(post(key+"x", paymentBody()), 400, "at most 32 characters")
	d.refused(client.call(http.MethodPost, paymentPath, paymentBody()), 400, "Idempotency-Key: missing")

	// A key is recycled after a month.
	d.advance("721h")
	client = d.as(facilitatorID)
	if recycled := post(key, paymentBody()); recycled.status != http.StatusCreated || string(recycled.body) == string(first.body) {
		t.Errorf("a month later: %d %s", recycled.status, recycled.body)
	}
}

func TestPaymentRefusals(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	items := func(items ...any) map[string]any {
		body := paymentBody()
		body["item_details"] = items
		return body
	}
	tests := []struct {
		body any
		want string
	}{
		{map[string]any{}, "payment_type: missing"},
		{map[string]any{"payment_type": "card"}, "payment_type: must be qris"},
		{map[string]any{"payment_type": "qris"}, "transaction_details: missing"},
		{paymentBody("order_id", ""), "transaction_details.order_id: missing"},
		{paymentBody("order_id", "INV/1"), "only letters, digits and - _ ~ ."},
		{paymentBody("gross_amount", nil), "transaction_details.gross_amount: missing"},
		{paymentBody("gross_amount", 150.5), "must be a whole number"},
		{paymentBody("gross_amount", "15000"), "transaction_details.gross_amount"},
		{paymentBody("currency", "USD"), "transaction_details.currency: must be IDR"},
		{paymentBody("currency", ""), "transaction_details.currency: missing"},
		{map[string]any{"payment_type": "qris", "transaction_details": paymentBody()["transaction_details"], "metadata": []int{7}}, "metadata: must be an object"},
		{items(map[string]any{"price": 15000, "quantity": 1}), "item_details[0].name: missing"},
		{items(map[string]any{"name": "Es", "quantity": 1}), "item_details[0].price: missing"},
		{items(map[string]any{"name": "Es", "price": 15000}), "item_details[0].quantity: missing"},
		{items(map[string]any{"name": "Es", "price": 7500.5, "quantity": 2}), "item_details[0]: price and quantity must be whole numbers"},
		{items(map[string]any{"name": "Es", "price": 30000, "quantity": 0.5}), "item_details[0]: price and quantity must be whole numbers"},
		{items(map[string]any{"name": "Es", "price": 7000, "quantity": 2}), "must be the sum of item_details, 14000"},
	}
	for _, test := range tests {
		d.refused(client.call(http.MethodPost, paymentPath, test.body, "Idempotency-Key", "key"), 422, test.want)
	}
	if a := client.call(http.MethodPost, paymentPath, items(map[string]any{"name": "Es", "price": 7500, "quantity": 2}), "Idempotency-Key", "key"); a.status != 201 {
		t.Errorf("items with the right sum: %d %s", a.status, a.body)
	}
	const nobody = "/v1/transactions/0b1d2c3e-aaaa-4bbb-8ccc-ddddeeeeffff"
	d.refused(client.call(http.MethodGet, "/integrations/payment/outlets/"+linkedOutletID+nobody, nil), 404, "Transaction not found")
	d.refused(client.call(http.MethodGet, "/transactions/0b1d2c3e-aaaa-4bbb-8ccc-ddddeeeeffff/qr-code", nil), 404, "Transaction not found")
	// This outlet is linked for gofood only.
	d.refused(client.call(http.MethodGet, "/integrations/payment/outlets/"+unmappedOutletID+nobody, nil), 404, "not yet registered")
	d.refused(d.as(facilitatorID, "payment:transaction:read").call(http.MethodPost, paymentPath, paymentBody(), "Idempotency-Key", "key"), 403, "payment:transaction:write")
}

func TestPaymentMetadata(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	body := paymentBody()
	for key, metadata := range map[string]any{"filled": map[string]any{"table": "7", "shift": map[string]any{"n": 2.0}}, "null": nil, "empty": map[string]any{}} {
		body["metadata"] = metadata
		var made, got struct {
			Transaction struct {
				ID       string
				Metadata any
			}
		}
		d.decode(client.call(http.MethodPost, paymentPath, body, "Idempotency-Key", key), &made)
		d.decode(client.call(http.MethodGet, strings.Replace(paymentPath, "v2", "v1", 1)+"/"+made.Transaction.ID, nil), &got)
		if diff := diffJSON(made.Transaction.Metadata, metadata) + diffJSON(got.Transaction.Metadata, metadata); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
}

func TestPaymentCreateOK(t *testing.T) {
	d := newHarness(t, Options{Switches: Switches{PaymentCreateOK: true}})
	d.done(d.as(facilitatorID).call(http.MethodPost, paymentPath, paymentBody(), "Idempotency-Key", "key-1"))
}
