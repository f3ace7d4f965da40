package capture_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	records := []capture.Record{
		{
			ReceivedAt: time.Date(2026, 1, 5, 5, 30, 0, 123_456_789, time.UTC), Method: "POST", Path: "/go%20food", Query: "a=1&a=2&b=%2F",
			Header: http.Header{"X-Go-Signature": {"ab"}, "X-Twice": {"1", "2"}}, Body: []byte("{\"a\":\x00\xff\n}\r\n"), Signature: "ab", Valid: true,
		},
		{ReceivedAt: time.Date(2026, 1, 5, 5, 30, 1, 0, time.UTC), Method: "PUT", Path: "/", Header: http.Header{}, Body: []byte{}},
	}
	var file []byte
	for _, r := range records {
		var err error
		if file, err = r.Append(file); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(string(file), "\n"); n != len(records) {
		t.Errorf("%d lines for %d records", n, len(records))
	}
	reader := capture.NewReader(strings.NewReader(string(file)))
	for i, want := range records {
		got, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("record %d (-want +got):\n%s", i, diff)
		}
	}
	if _, err := reader.Next(); err != io.EOF {
		t.Errorf("behind the last: %v", err)
	}
}

func TestTheKeysOfALine(t *testing.T) {
	r := capture.Record{ReceivedAt: time.Date(2026, 1, 5, 5, 30, 0, 0, time.UTC), Method: "POST", Path: "/x", Body: []byte("{}"), Signature: "ab"}
	line, err := r.Append(nil)
	want := `{"received_at":"2026-01-05T05:30:00Z","method":"POST","path":"/x","query":"","headers":{},"body_base64":"e30=","signature":"ab","valid":false}` + "\n"
	if err != nil || string(line) != want {
		t.Errorf("line %s, %v\nwant %s", line, err, want)
	}
}

func TestBrokenLines(t *testing.T) {
	reader := capture.NewReader(strings.NewReader("\n{\"kind\":\"ready\"}\nnonsense\n{\"body_base64\":\"e30=\"}\n{\"body_base64\":\"e3"))
	for i, want := range []string{"line 2: no capture line", "line 3: not JSON: invalid character", "", "line 5: the line is cut off"} {
		got, err := reader.Next()
		var broken *capture.LineError
		switch {
		case want == "" && (err != nil || string(got.Body) != "{}"):
			t.Errorf("%d: %v, %v", i, got, err)
		case want != "" && (!errors.As(err, &broken) || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%d: error %v, want %s", i, err, want)
		}
	}
	if _, err := reader.Next(); err != io.EOF {
		t.Errorf("behind the last: %v", err)
	}
}
