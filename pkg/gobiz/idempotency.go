package gobiz

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// maxIdempotencyKey is in characters; a UUID fits without its dashes only.
const maxIdempotencyKey = 32

// NewIdempotencyKey returns 32 random hexadecimal characters. The payment API
// recycles a key after a month.
func NewIdempotencyKey() string {
	return strings.ReplaceAll(uuid.NewString(), "-", "")
}

// idempotencyKey checks a given key, or makes one.
func idempotencyKey(given string) (string, error) {
	if given == "" {
		return NewIdempotencyKey(), nil
	}
	if n := utf8.RuneCountInString(given); n > maxIdempotencyKey {
		return "", &ArgumentError{Name: "idempotency_key", Value: given, Reason: "is longer than 32 characters; a UUID fits without its dashes"}
	}
	return given, nil
}
