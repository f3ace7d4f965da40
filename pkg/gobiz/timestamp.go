package gobiz

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Time is a point in time as the API gives it: ISO 8601, with or without
// fractions of a second. A text that is no such time is kept and the Time is
// zero; null and "" are zero too.
type Time struct {
	time.Time
	text string
}

// UnmarshalJSON never fails on a JSON value: a time that cannot be read must
// not make the rest of an answer unreadable.
func (t *Time) UnmarshalJSON(data []byte) error {
	*t = Time{}
	text, err := scalarText(data)
	if err != nil {
		return err
	}
	t.text = text
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", time.DateTime} {
		if parsed, err := time.Parse(layout, text); err == nil {
			t.Time = parsed
			break
		}
	}
	return nil
}

// MarshalJSON writes the time as it was read, RFC 3339 if it was set by code,
// and null if there is none.
func (t Time) MarshalJSON() ([]byte, error) {
	text := t.String()
	if text == "" {
		return []byte("null"), nil
	}
	return jsontext.AppendQuote(nil, text)
}

// String is the time as it was read, RFC 3339 if it was set by code, and
// empty if there is none.
func (t Time) String() string {
	switch {
	case t.text != "":
		return t.text
	case t.IsZero():
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
