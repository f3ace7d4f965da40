package diagnose_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

const acceptedBody = `{"body":{"driver":null,"order":{"order_items":[{"external_id":"MI-001","name":"Bakmi {Ayam} \"es\"","quantity":2,"price":28000,"notes":null,` +
	`"variants":[{"id":"0b1d2c3e-aaaa-4bbb-8ccc-ddddeeeeffff","external_id":"V-PEDAS-1","name":"Sedang"}]}],"scheduled_flag":null,"status":"MERCHANT_ACCEPTED",` +
	`"order_total":58000,"pin":"4821","order_number":"F-100200300","currency":"IDR"},"service_type":"gofood",` +
	`"outlet":{"external_outlet_id":null,"id":"G100000001"},"customer":{"name":null}},` +
	`"header":{"version":1,"timestamp":"2026-01-05T12:30:00.123+07:00","event_id":"6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f","event_name":"gofood.order.merchant_accepted"}}`

var seeds = []string{
	signed, acceptedBody, "", "{}", "null", `[]`, "\"{\\\"a\\\":1}\"", "{\"a\":\x00}", "\xff\xfe{\x00}\x00", "\uFEFF{}\r\n",
	`{"header":{"event_name":"gofood.order.placed","event_id":7},"body":{"outlet":{"id":true},"order":{"order_number":"F\u002d1","status":"PLACED"}}}`,
	`{"status":"DRIVER_ARRIVED","order_number":"F-1","outlet_id":"M1","customer":[{"name":null}],"driver":{},"order_items":[{"price":"1.5"}]}`,
	`{"header":{"event_type":"gofood.order.webhook_error"},"body":{"mapping_not_found":{"items":[{"name":"Es"}]},"order":{"number":"F-1"}}}`,
	`{"header":{"event_id":"1","event_id":"2"},"header":{}}`, `[[[[[[{"a":`, `{"a":"\ud83c\udf5c\/\u003c&amp;%7B","b":-1.50e+3}`,
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
		m := diagnose.Mismatch{Body: body, Signature: signature, Secrets: []string{secret}}
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
		if webhook.Verify(spoiltBody, signature, relaySecret) < 0 && matching(diagnose.Signature(spoiltBody, signature, relaySecret)) == nil {
			t.Errorf("way %d: %q is not explained", i, spoiltBody)
		}
	})
}
