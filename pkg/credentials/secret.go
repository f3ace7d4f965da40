package credentials

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Secret is a value that no log, error or printed struct shows. Only Reveal gives it.
type Secret struct{ value string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value, for the wire and for a store.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == "" }

// Equal compares in constant time for values of equal length.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.value), []byte(other.value)) == 1
}

// String says only whether there is a value.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return "[hidden]"
}

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Format is String for every verb: without it %x or %d would show the bytes.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for encoders of every format.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
