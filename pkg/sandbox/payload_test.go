package sandbox

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

func TestPlainPayloadHasNoNulls(t *testing.T) {
	body := orderPayload(Order{Number: "F-1", Status: OrderAccepted, Items: []OrderItem{{Name: "Bakmi"}}}, outlet{ID: "G1"})
	plain, err := sender.Encode(body, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plain), "null") {
		t.Errorf("plain payload has a null: %s", plain)
	}
	if !strings.HasPrefix(string(plain), `{"customer":`) {
		t.Errorf("plain payload is not in the documented order: %s", plain)
	}
	live, err := sender.Encode(body, false, func(int) int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"driver":null`, `"name":null`, `"external_outlet_id":null`, `"notes":null`, `"cutlery_requested":null`, `"cancellation_detail":null`, `"scheduled_flag":null`} {
		if !strings.Contains(string(live), want) {
			t.Errorf("live payload lacks %s: %s", want, live)
		}
	}
}

func generic(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func diffJSON(got, want any) string { return cmp.Diff(want, got) }
