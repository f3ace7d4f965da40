package capture_test

import (
	"bytes"
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
		file = r.Append(file)
	}
	if n := strings.Count(string(file), "\n"); n != len(records) {
		t.Errorf("%d lines for %d records", n, len(records))
	}
	var got []capture.Record
	for line, err := range new(capture.Reader).Lines(bytes.NewReader(file)) {
		if err != nil || line.Err != nil {
			t.Fatal(err, line.Err)
		}
		if at := string(file[line.Ref.Offset:][:line.Ref.Length]); line.File != nil || strings.TrimSpace(at) != string(line.Text) || line.Cut {
			t.Errorf("line %d is at %v: %s", line.Number, line.Ref, at)
		}
		got = append(got, line.Record)
	}
	if diff := cmp.Diff(records, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheKeysOfALine(t *testing.T) {
	r := capture.Record{ReceivedAt: time.Date(2026, 1, 5, 5, 30, 0, 0, time.UTC), Method: "POST", Path: "/x", Body: []byte("{}"), Signature: "ab"}
	line := r.Append(nil)
	want := `{"received_at":"2026-01-05T05:30:00Z","method":"POST","path":"/x","query":"","headers":{},"body_base64":"e30=","signature":"ab","valid":false}` + "\n"
	if string(line) != want {
		t.Errorf("line %s\nwant %s", line, want)
	}
}

func TestBrokenLines(t *testing.T) {
	text := "\n{\"kind\":\"ready\"}\nnonsense\n{\"body_base64\":\"e30=\"}\n{\"body_base64\":\"e3"
	want := []string{"line 2: no capture line", "line 3: not JSON: invalid character", "", "line 5: the line is cut off"}
	i := 0
	for line, err := range new(capture.Reader).Lines(strings.NewReader(text)) {
		broken := capture.LineError{Line: line.Number, Err: line.Err}
		switch {
		case err != nil || line.Cut != (line.Number == 5):
			t.Errorf("%d: %v, %+v", i, err, line)
		case want[i] == "" && (line.Err != nil || string(line.Body) != "{}"):
			t.Errorf("%d: %+v", i, line)
		case want[i] != "" && (line.Err == nil || !strings.HasPrefix(broken.Error(), want[i])):
			t.Errorf("%d: error %v, want %s", i, line.Err, want[i])
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d lines", i)
	}
}
