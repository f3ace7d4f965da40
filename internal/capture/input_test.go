package capture_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

const (
	line1 = `{"received_at":"2026-01-05T05:30:00Z","method":"POST","path":"/a","query":"b=1","headers":{"X-Go-Signature":["ab"]},"body_base64":"e30K","signature":"ab","valid":true}`
	line2 = `{"received_at":"2026-01-05T05:30:01Z","method":"POST","path":"/a","query":"","headers":{},"body_base64":"","signature":"","valid":false}`

	notification = `{"entity_id":"F-1","created_at":"2026-01-05T05:29:58Z","event_type":"gofood.order.placed","delivery_status":"dead",` +
		`"endpoint":"https://pos.example.test/go%20food?shop=1","headers":{"x-go-signature":"cd","Accept":["a","b"],"Broken":7},` +
		`"payload":"{\"a\":\"\u00e9\\u00e9\"}\n","history":[]}`
)

func TestLoad(t *testing.T) {
	first := capture.Record{
		ReceivedAt: time.Date(2026, 1, 5, 5, 30, 0, 0, time.UTC), Method: "POST", Path: "/a", Query: "b=1",
		Header: http.Header{"X-Go-Signature": {"ab"}}, Body: []byte("{}\n"), Signature: "ab", Valid: true,
	}
	second := capture.Record{ReceivedAt: time.Date(2026, 1, 5, 5, 30, 1, 0, time.UTC), Method: "POST", Path: "/a", Header: http.Header{}, Body: []byte{}}
	sent := capture.Record{
		ReceivedAt: time.Date(2026, 1, 5, 5, 29, 58, 0, time.UTC), Method: "POST", Path: "/go%20food", Query: "shop=1",
		Header: http.Header{"X-Go-Signature": {"cd"}, "Accept": {"a", "b"}}, Body: []byte("{\"a\":\"é\\u00e9\"}\n"), Signature: "cd",
	}
	place := capture.Place{Entity: "F-1", Endpoint: "https://pos.example.test/go%20food?shop=1"}
	at := func(line int) capture.Place {
		return capture.Place{Line: line, Entity: place.Entity, Endpoint: place.Endpoint}
	}
	body := func(text string) capture.Input {
		return capture.Input{Kind: capture.Body, Records: []capture.Record{{Body: []byte(text)}}, Places: []capture.Place{{}}}
	}
	bodies := map[string]string{
		"empty":                     "",
		"a newline at the end":      "{\"header\":{}}\r\n",
		"a byte order mark":         "\uFEFF{}",
		"pretty":                    "{\n  \"payload\": \"x\",\n  \"body_base64\": \"e30=\"\n}\n",
		"the words are values":      `{"header":{"event_id":"\"body_base64\""},"body":{"payload":"x","body_base64":"e30="}}`,
		"a payload that is no more": `{"payload":"x"}`,
		"not JSON":                  "\x00\xff \"payload\"",
		"a list of other things":    `[{"payload":"x"},2]`,
	}
	tests := map[string]struct {
		data string
		want capture.Input
	}{
		"one line of a capture": {line1, capture.Input{Kind: capture.Capture, Records: []capture.Record{first}, Places: []capture.Place{{Line: 1}}}},
		"a capture": {
			"\uFEFF" + line1 + "\r\n\n" + line2 + "\n",
			capture.Input{Kind: capture.Capture, Records: []capture.Record{first, second}, Places: []capture.Place{{Line: 1}, {Line: 3}}},
		},
		"a list of notifications": {
			"[" + notification + ", " + notification + "]\n",
			capture.Input{Kind: capture.Notifications, Records: []capture.Record{sent, sent}, Places: []capture.Place{place, place}},
		},
		"the API's answer": {
			`{"success":true,"data":{"notifications":[` + notification + `]}}`,
			capture.Input{Kind: capture.Notifications, Records: []capture.Record{sent}, Places: []capture.Place{place}},
		},
		"lines of notifications": {
			notification + "\n" + notification + "\n",
			capture.Input{Kind: capture.Notifications, Records: []capture.Record{sent, sent}, Places: []capture.Place{at(1), at(2)}},
		},
		"one notification": {" " + notification, capture.Input{Kind: capture.Notifications, Records: []capture.Record{sent}, Places: []capture.Place{place}}},
		"no notifications": {"[]\n", capture.Input{Kind: capture.Notifications}},
		"the API has none": {`{"success":true,"data":{"notifications":[]}}`, capture.Input{Kind: capture.Notifications}},
	}
	for name, text := range bodies {
		tests["body: "+name] = struct {
			data string
			want capture.Input
		}{text, body(text)}
	}
	for name, tt := range tests {
		got, err := capture.Load([]byte(tt.data))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestLoadReportsBrokenLines(t *testing.T) {
	got, err := capture.Load([]byte(`{"kind":"ready"}` + "\n" + line1 + "\nnonsense\n" + line2 + "\n" + line1[:90]))
	if err != nil || got.Kind != capture.Capture || len(got.Records) != 2 {
		t.Fatalf("%v with %d records, %v; want a capture with 2", got.Kind, len(got.Records), err)
	}
	var lines []string
	for _, broken := range got.Broken {
		lines = append(lines, strconv.Itoa(broken.Line))
	}
	if diff := cmp.Diff([]string{"1", "3", "5"}, lines); diff != "" {
		t.Errorf("broken lines (-want +got):\n%s", diff)
	}
	if _, err := capture.Load([]byte(line1[:len(line1)-9])); err == nil || !strings.HasPrefix(err.Error(), "line 1: ") {
		t.Errorf("a cut capture: error %v", err)
	}
}

// TestPayloadsKeepTheirBytes holds a payload to what GoBiz signed, however the
// JSON around it was written.
func TestPayloadsKeepTheirBytes(t *testing.T) {
	for _, body := range []string{`{"a":"\u00e9é <&> \/ 15000.0"}`, "{\r\n\t\"a\": 1 }\n", `{"name":"🍜 \ud83c\udf5c"}`, ""} {
		quoted, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := capture.Load([]byte(strings.Replace(notification, `"{\"a\":\"\u00e9\\u00e9\"}\n"`, string(quoted), 1)))
		if err != nil || len(got.Records) != 1 || string(got.Records[0].Body) != body {
			t.Errorf("%q became %v, %v", body, got.Records, err)
		}
	}
}
