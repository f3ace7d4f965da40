// Package webhook receives the notifications that GoBiz sends: it verifies them,
// reads them, and has an HTTP handler that does what a receiver must. Package
// diagnose says why a signature does not verify.
//
// GoBiz signs each notification with a secret it shares with the partner (the
// relay secret, notification_secret_key) and puts the signature into the
// X-Go-Signature header. The signed message is the raw request body: the bytes
// as received, before any parsing.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Headers of a notification (developer documentation, "Receiving
// notifications").
const (
	SignatureHeader      = "X-Go-Signature"
	IdempotencyKeyHeader = "X-Go-Idempotency-Key"
)

// Algorithm is the name of the signature's algorithm in reports.
const Algorithm = "hmac-sha256"

// Sign returns the signature of body under secret: 64 lower-case hex characters
// of HMAC-SHA256. The key is the secret's own bytes, never hex- or
// base64-decoded even when it looks as if it were (Enterprise Integration Middleware, "Notification
// Signature").
func Sign(secret string, body []byte) string {
	return hex.EncodeToString(sum(secret, body))
}

// Verify reports which of the secrets signed body: its index, or -1 when none
// did. Several secrets are in use while one is being rotated. Only the form
// that GoBiz sends verifies, so a signature in upper case, base64 or with a
// prefix does not.
//
// The comparison takes the same time wherever two signatures differ, and every
// secret is tried, so that the time tells nothing about the right one. An empty
// secret never verifies.
func Verify(body []byte, signature string, secrets ...string) int {
	match := -1
	given := []byte(signature)
	var want [2 * sha256.Size]byte
	for i, secret := range secrets {
		hex.Encode(want[:], sum(secret, body))
		if ok := hmac.Equal(want[:], given); ok && secret != "" && match < 0 {
			match = i
		}
	}
	return match
}

func sum(secret string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
