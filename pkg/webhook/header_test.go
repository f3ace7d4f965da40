package webhook_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func TestParseHeader(t *testing.T) {
	tests := map[string]struct {
		body string
		want webhook.Header
	}{
		"event_name": {
			`{"header":{"event_name":"gofood.order.placed","event_id":"6f1c"},"body":{}}`,
			webhook.Header{Event: webhook.OrderPlaced, EventID: "6f1c"},
		},
		"event_type": {
			`{"body":{},"header":{"event_id":"c1d2","event_type":"gofood.order.webhook_error"}}`,
			webhook.Header{Event: webhook.OrderWebhookError, EventID: "c1d2"},
		},
		"flat order of the legacy API": {
			`{"status":"DRIVER_ARRIVED","order_number":"F-394903031","outlet_id":"M123456"}`,
			webhook.Header{Event: webhook.OrderDriverArrived},
		},
		"nulls":    {`{"header":null}`, webhook.Header{}},
		"not JSON": {`<html>`, webhook.Header{}},
		"empty":    {``, webhook.Header{}},
	}
	for name, tt := range tests {
		if got := webhook.ParseHeader([]byte(tt.body)); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestEventsAreKnown(t *testing.T) {
	if n := len(webhook.Events()); n != 11 {
		t.Errorf("%d events, GoBiz has 11", n)
	}
	for _, e := range webhook.Events() {
		if !e.Name.Known() || e.When == "" || e.Scope == "" {
			t.Errorf("event %+v is incomplete", e)
		}
	}
	if webhook.EventName("gofood.order.eaten").Known() {
		t.Error("an unknown event is known")
	}
}
