package webhook_test

import (
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const acceptedBody = `{"body":{"driver":null,"order":{"order_items":[{"external_id":"MI-001","name":"Bakmi {Ayam} \"es\"","quantity":2,"price":28000,"notes":null,` +
	`"variants":[{"id":"0b1d2c3e-aaaa-4bbb-8ccc-ddddeeeeffff","external_id":"V-PEDAS-1","name":"Sedang"}]}],"scheduled_flag":null,"status":"MERCHANT_ACCEPTED",` +
	`"order_total":58000,"pin":"4821","order_number":"F-100200300","currency":"IDR"},"service_type":"gofood",` +
	`"outlet":{"external_outlet_id":null,"id":"G100000001"},"customer":{"name":null}},` +
	`"header":{"version":1,"timestamp":"2026-01-05T12:30:00.123+07:00","event_id":"6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f","event_name":"gofood.order.merchant_accepted"}}`

func TestSummarize(t *testing.T) {
	accepted := webhook.Summary{
		Event: webhook.OrderMerchantAccepted, EventID: "6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f",
		OutletID: "G100000001", OrderNumber: "F-100200300", Status: "MERCHANT_ACCEPTED",
	}
	deep := strings.Repeat(`{"x":[`, 100_000)
	tests := map[string]struct {
		body string
		want webhook.Summary
	}{
		"order": {acceptedBody, accepted},
		"webhook error": {
			`{"body":{"order":{"number":"F-1"},"outlet":{"id":"G1"},"error_type":"mapping_not_found"},"header":{"event_id":"c1d2","event_type":"gofood.order.webhook_error"}}`,
			webhook.Summary{Event: webhook.OrderWebhookError, EventID: "c1d2", OutletID: "G1", OrderNumber: "F-1"},
		},
		"settlement": {
			`{"header":{"event_name":"payment.transaction.settlement","event_id":"5e7"},"body":{"outlet":{"id":"G1"},"transaction":{"id":"t","order_id":"INV-1","status":"settlement"}}}`,
			webhook.Summary{Event: webhook.PaymentSettlement, EventID: "5e7", OutletID: "G1"},
		},
		"flat order of the legacy API": {
			`{"status":"DRIVER_ARRIVED","order_number":"F-394903031","outlet_id":"M123456","outlet":{"id":1},"customer":[{"name":"Budi"}]}`,
			webhook.Summary{Event: webhook.OrderDriverArrived, OutletID: "M123456", OrderNumber: "F-394903031", Status: "DRIVER_ARRIVED"},
		},
		"an unknown status of the legacy API": {
			`{"status":"FOOD_EATEN","order_number":"F-3"}`,
			webhook.Summary{Event: "gofood.order.food_eaten", OrderNumber: "F-3", Status: "FOOD_EATEN"},
		},
		"event_name goes before event_type": {
			`{"header":{"event_type":"order","event_name":"gofood.order.placed"}}`,
			webhook.Summary{Event: webhook.OrderPlaced},
		},
		"event_name is null": {
			`{"header":{"event_name":null,"event_type":"gofood.order.placed","event_id":null}}`,
			webhook.Summary{Event: webhook.OrderPlaced},
		},
		"escapes": {
			`{"he\u0061der":{"event\u005fname":"gofood\u002eorder\u002eplaced","event_id":"\u00e9\n"}}`,
			webhook.Summary{Event: webhook.OrderPlaced, EventID: "é\n"},
		},
		"a number for a text": {`{"header":{"event_id":12},"body":{"order":{"order_number":100200300}}}`, webhook.Summary{EventID: "12", OrderNumber: "100200300"}},
		"other types":         {`{"header":["event_name"],"body":{"order":"F-1","outlet":{"id":{"id":"G1"}}}}`, webhook.Summary{}},
		"duplicate keys": {
			`{"header":{"event_id":"1","event_id":"2"},"body":{"outlet":{"id":"G1"}},"body":{"outlet":{"id":"G2"}},"header":{"event_id":"3"}}`,
			webhook.Summary{},
		},
		"a key twice, after all that is read": {acceptedBody[:len(acceptedBody)-1] + `,"header":{"event_name":"gofood.order.cancelled"}}`, webhook.Summary{}},
		"an escaped key twice":                {`{"header":{"event_name":"gofood.order.placed"},"he\u0061der":null}`, webhook.Summary{}},
		"the second value is null":            {`{"header":{"event_name":"gofood.order.placed","event_name":null}}`, webhook.Summary{}},
		"a key twice that is not read":        {`{"header":{"event_name":"gofood.order.placed","version":1,"version":2}}`, webhook.Summary{Event: webhook.OrderPlaced}},
		"the same key in two places":          {`{"status":"x","header":{"event_name":"gofood.order.placed"},"body":{"order":{"status":"PLACED"}}}`, webhook.Summary{Event: webhook.OrderPlaced, Status: "PLACED"}},
		"cut off":                             {acceptedBody[:len(acceptedBody)-30], webhook.Summary{EventID: accepted.EventID, OutletID: "G100000001", OrderNumber: "F-100200300", Status: "MERCHANT_ACCEPTED"}},
		"text behind":                         {acceptedBody + "x", accepted},
		"nested deeply":                       {`{"header":{"event_id":"1"},"x":` + deep, webhook.Summary{EventID: "1"}},
		"not UTF-8":                           {"{\"header\":{\"event_id\":\"a\xffb\"}}", webhook.Summary{EventID: "a\uFFFDb"}},
		"NUL":                                 {"{\"header\":{\"event_id\":\"a\x00\"}}", webhook.Summary{}},
		"an endless text":                     {`{"header":{"event_id":"` + strings.Repeat("a", 1000) + `"},"body":{"outlet":{"id":"G1"}}}`, webhook.Summary{OutletID: "G1"}},
		"null":                                {`null`, webhook.Summary{}},
		"a list":                              {`[{"header":{"event_id":"1"}}]`, webhook.Summary{}},
		"a text":                              {`"header"`, webhook.Summary{}},
		"not JSON":                            {`<html>`, webhook.Summary{}},
		"empty":                               {``, webhook.Summary{}},
		"a byte order mark":                   {"\uFEFF{}", webhook.Summary{}},
	}
	for name, tt := range tests {
		if got := webhook.Summarize([]byte(tt.body)); got != tt.want {
			t.Errorf("%s: %+v\nwant %+v", name, got, tt.want)
		}
	}
}

func TestSummarizeAllocatesLittle(t *testing.T) {
	body := []byte(acceptedBody)
	if n := testing.AllocsPerRun(100, func() { webhook.Summarize(body) }); n > 6 { // three values, and what the race detector takes out of the pool
		t.Errorf("%v allocations, want one for each value that is not interned and little more", n)
	}
}

func BenchmarkSummarize(b *testing.B) {
	body := []byte(acceptedBody)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		webhook.Summarize(body)
	}
}

// TestSummarizeSeesEveryDuplicate repeats each key that is read, with another
// value: whoever filters by the first would pass on what is read as the second.
func TestSummarizeSeesEveryDuplicate(t *testing.T) {
	const flat = `{"status":"DRIVER_ARRIVED","order_number":"F-1","outlet_id":"M1"}`
	for _, tt := range []struct{ body, member string }{
		{acceptedBody, `"header":{`}, {acceptedBody, `"event_name":`}, {acceptedBody, `"event_id":`}, {acceptedBody, `"outlet":{`}, {acceptedBody, `"id":"G1`},
		{acceptedBody, `"order":{`}, {acceptedBody, `"order_number":`}, {acceptedBody, `"status":`}, {`{"header":{"event_type":"a"}}`, `"event_type":`},
		{`{"body":{"order":{"number":"F-1"}}}`, `"number":`}, {acceptedBody, `"body":{`}, {flat, `"status":`}, {flat, `"order_number":`}, {flat, `"outlet_id":`},
	} {
		key, _, _ := strings.Cut(tt.member, ":")
		body := strings.Replace(tt.body, tt.member, key+`:"other",`+tt.member, 1)
		if webhook.Summarize([]byte(tt.body)) == (webhook.Summary{}) || webhook.Summarize([]byte(body)) != (webhook.Summary{}) {
			t.Errorf("%s twice: %+v", key, webhook.Summarize([]byte(body)))
		}
	}
}
