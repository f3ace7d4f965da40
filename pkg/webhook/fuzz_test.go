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

// FuzzDiagnose holds a diagnosis to never accepting, and never failing.
func FuzzDiagnose(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), rightSignature, relaySecret)
		f.Add([]byte(seed), "sha256="+rightSignature, "\"00ff\"\n")
	}
	f.Fuzz(func(t *testing.T, body []byte, signature, secret string) {
		if len(body)+len(signature)+len(secret) > 2000 {
			return
		}
		m := webhook.Mismatch{Body: body, Signature: signature, Secrets: []string{secret}}
		verifies := webhook.Verify(body, signature, secret) >= 0
		if list := m.Diagnose(); verifies != (list == nil) {
			t.Errorf("verifies: %t, diagnosis %v", verifies, list)
		}
		m.Clues()
	})
}

// FuzzUndone spoils a signed body in a way that can be undone, and wants it
// explained.
func FuzzUndone(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, body []byte, way uint8) {
		if len(body) > 2000 {
			return
		}
		ways := []func(string) string{
			func(s string) string { return s + "\n" },
			func(s string) string { return "\uFEFF" + s },
			func(s string) string { return quoted(t, s) },
			utf16Text,
			latin1Text,
		}
		i := int(way) % len(ways)
		spoiltBody := []byte(ways[i](string(body)))
		if i >= 2 && (string(body) != string([]rune(string(body))) || len(body) == 0) {
			return // what is not UTF-8 cannot come back
		}
		signature := webhook.Sign(relaySecret, body)
		if webhook.Verify(spoiltBody, signature, relaySecret) < 0 && matching(webhook.Diagnose(spoiltBody, signature, relaySecret)) == nil {
			t.Errorf("way %d: %q is not explained", i, spoiltBody)
		}
	})
}
