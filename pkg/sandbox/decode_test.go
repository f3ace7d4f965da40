package sandbox

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// goWords are what a body's reader in Go says and an API does not.
var goWords = regexp.MustCompile(`json:|Go |struct|sandbox\.|interface|\[\]|float64|\bint|\bbool\b|parsing time|UnmarshalJSON`)

func TestWrongBodiesAreExplainedInJSONsWords(t *testing.T) {
	d := newHarness(t, Options{})
	client := d.as(facilitatorID)
	const stocks = "/integrations/gofood/outlets/" + linkedOutletID + "/v2/menu_item_stocks"
	const subscriptions = "/integrations/partner/v1/notification-subscriptions"
	const promos = "/integrations/promo/outlets/" + linkedOutletID + "/v1/food-promos"
	const payments = "/integrations/payment/outlets/" + linkedOutletID + "/v2/transactions"
	for n, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{http.MethodPatch, stocks, `{}`, 400, "request body: must be a list, not an object"},
		{http.MethodPatch, stocks, `[7]`, 400, "request body: must be an object, not a number"},
		{http.MethodPatch, stocks, `[{"external_id":7}]`, 422, "external_id: must be a string, not a number"},
		{http.MethodPatch, stocks, `[{"in_stock":[]}]`, 422, "in_stock: must be true or false, not a list"},
		{http.MethodPatch, stocks, `[{`, 400, "request body is not valid JSON: unexpected end"},
		{http.MethodPost, subscriptions, `[]`, 400, "request body: must be an object, not a list"},
		{http.MethodPost, subscriptions, `"x"`, 400, "request body: must be an object, not a string"},
		{http.MethodPost, subscriptions, `{"event":true}`, 400, "event: must be a string, not true or false"},
		{http.MethodPost, promos, `{"promo_detail":[]}`, 422, "promo_detail: must be an object, not a list"},
		{http.MethodPost, payments, `{"transaction_details":{"gross_amount":1e999}}`, 422, "transaction_details.gross_amount: must be a number, not 1e999"},
		{http.MethodPost, payments, `{"item_details":{}}`, 422, "item_details: must be a list, not an object"},
		{http.MethodPut, pushPath, `{"menus":[{"menu_items":[{"price":1e999}]}]}`, 400, "must be a number, not 1e999"},
		{http.MethodPatch, "/integrations/gofood/outlets/" + linkedOutletID + "/v1/properties", `{"force_close":1}`, 422, "force_close: must be true or false, not a number"},
		{http.MethodPost, "/_sandbox/orders", `{"items":[{"quantity":1.5}]}`, 400, "items.quantity: must be a whole number, not 1.5"},
		{http.MethodPost, "/_sandbox/orders", `{"scheduled_start":"soon"}`, 400, "soon is not a time such as 2026-01-05T12:00:00Z"},
		{http.MethodPost, "/_sandbox/orders", `{"scheduled_start":5}`, 400, "a time must be a string"},
		{http.MethodPost, "/_sandbox/orders", `{"colour":5}`, 400, "unknown field"},
		{http.MethodPost, "/_sandbox/orders", `{"items"`, 400, "request body is not valid JSON"},
		{http.MethodPut, "/_sandbox/faults", `{"faults":[5]}`, 400, "faults: must be a string, not a number"},
		{http.MethodPut, "/_sandbox/switches", `[]`, 400, "request body: must be an object, not a list"},
		{http.MethodPost, "/_sandbox/clock", ` `, 400, "request body is not valid JSON"},
	} {
		var a answer
		if strings.HasPrefix(test.path, "/_sandbox/") {
			a = d.request(test.method, test.path, test.body)
		} else {
			a = client.call(test.method, test.path, test.body, "Idempotency-Key", strconv.Itoa(n), "X-Idempotency-Key", strconv.Itoa(n))
		}
		d.refused(a, test.status, test.want)
		if word := goWords.FindString(strings.ReplaceAll(string(a.body), `"errors":[`, "")); word != "" {
			t.Errorf("%s %s tells %q of the program: %s", test.method, test.body, word, a.body)
		}
	}
}
