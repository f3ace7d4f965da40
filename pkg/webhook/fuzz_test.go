package webhook_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

var seeds = []string{
	signed, acceptedBody, "", "{}", "null", `[]`, "\"{\\\"a\\\":1}\"", "{\"a\":\x00}", "\xff\xfe{\x00}\x00", "\uFEFF{}\r\n",
	`{"header":{"event_name":"gofood.order.placed","event_id":7},"body":{"outlet":{"id":true},"order":{"order_number":"F\u002d1","status":"PLACED"}}}`,
	`{"status":"DRIVER_ARRIVED","order_number":"F-1","outlet_id":"M1","customer":[{"name":null}],"driver":{},"order_items":[{"price":"1.5"}]}`,
	`{"header":{"event_type":"gofood.order.webhook_error"},"body":{"mapping_not_found":{"items":[{"name":"Es"}]},"order":{"number":"F-1"}}}`,
	`{"header":{"event_id":"1","event_id":"2"},"header":{}}`, `[[[[[[{"a":`, `{"a":"\ud83c\udf5c\/\u003c&amp;%7B","b":-1.50e+3}`,
}

// FuzzParse holds what is read in one pass to what is read as a whole.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := webhook.Summarize(body)
		n, err := webhook.Parse(body)
		if err != nil || len(body) > 250 { // longer texts are left out of a summary
			return
		}
		want := webhook.Summary{Event: n.Event, EventID: n.EventID, OutletID: n.Outlet.ID, OrderNumber: s.OrderNumber, Status: s.Status}
		if n.Legacy {
			want.OrderNumber, want.Status = n.Order.Number, string(n.Order.Status)
		}
		if s != want {
			t.Errorf("summary %+v, notification %+v", s, want)
		}
	})
}
