package webhook_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func TestEventsAreKnown(t *testing.T) {
	if n := len(webhook.Events()); n != 11 {
		t.Errorf("%d events, GoBiz has 11", n)
	}
	for _, e := range webhook.Events() {
		if !e.Name.Known() || e.When == "" || e.Body == "" || e.Scope == "" {
			t.Errorf("event %+v is incomplete", e)
		}
	}
	if webhook.EventName("gofood.order.eaten").Known() {
		t.Error("an unknown event is known")
	}
	if got := webhook.OrderDriverOnTheWay.Status(); got != webhook.StatusDriverOnTheWay {
		t.Errorf("the status of %s is %q", webhook.OrderDriverOnTheWay, got)
	}
	if got := webhook.OrderWebhookError.Status(); got != "" {
		t.Errorf("a webhook error has the status %s", got)
	}
}
