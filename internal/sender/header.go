package sender

import (
	"net/http"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// Headers are those that GoBiz sends with a body (developer documentation,
// "Receiving notifications"). The legacy API's sample has no idempotency key;
// an empty one is left out.
func Headers(secret, idempotencyKey string, body []byte) http.Header {
	h := http.Header{}
	h.Set("Accept", "application/json")
	h.Set("Content-Type", "application/json")
	h.Set(webhook.SignatureHeader, webhook.Sign(secret, body))
	if idempotencyKey != "" {
		h.Set(webhook.IdempotencyKeyHeader, idempotencyKey)
	}
	return h
}
