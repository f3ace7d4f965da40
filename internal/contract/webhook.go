package contract

import (
	"net/http"
	"regexp"
	"sync"
)

// EIMOrderEvent is the key under which CheckWebhook knows the flat order payload of the Enterprise Integration
// Middleware, which has no header and so no event name of its own.
const EIMOrderEvent = "eim.gofood.order.driver_arrived"

// CheckWebhook judges the body of a notification. event is its name, e.g. "gofood.order.created", or EIMOrderEvent.
func (c *Contract) CheckWebhook(event string, body []byte) error {
	v := &verdict{base: Violation{Side: SideWebhook, Operation: event}}
	schema, ok := c.doc.webhooks[event]
	if !ok {
		v.add("", "", "event is not documented", event)
		return v.err()
	}
	instance, err := decodeJSON(body)
	if err != nil {
		v.add("body", "", err.Error(), string(body))
		return v.err()
	}
	v.judge(c.doc, "body", schema, instance)
	return v.err()
}

var signature = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{64}$`) })

// CheckWebhookHeader judges the headers of a notification: signature form, content type, and, for all but the
// legacy payload, the idempotency key. It does not compute the signature.
func (c *Contract) CheckWebhookHeader(event string, header http.Header) error {
	v := &verdict{base: Violation{Side: SideWebhook, Operation: event}}
	if value := header.Get("X-Go-Signature"); !signature().MatchString(value) {
		v.add("header X-Go-Signature", "", "must be 64 lower-case hex digits", value)
	}
	if value := header.Get("Content-Type"); mediaType(value) != "application/json" {
		v.add("header Content-Type", "", "must be application/json", value)
	}
	if event != EIMOrderEvent && header.Get("X-Go-Idempotency-Key") == "" {
		v.add("header X-Go-Idempotency-Key", "", "is required", nil)
	}
	return v.err()
}
