package capture_test

import (
	"bytes"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

// FuzzLoad holds a body to its bytes, and every record to its place.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"", "{}", line1 + "\n" + line2, "[" + notification + "]", notification + "\nx", `{"data":{"notifications":[]}}`, "[]", line1[:50], `{"capture":"a","offset":0,"length":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := capture.Load(data)
		if err != nil {
			return
		}
		if len(in.Records) != len(in.Places) {
			t.Errorf("%d records in %d places", len(in.Records), len(in.Places))
		}
		if in.Kind == capture.Body && (len(in.Records) != 1 || !bytes.Equal(in.Records[0].Body, data)) {
			t.Errorf("the body became %v", in.Records)
		}
	})
}
