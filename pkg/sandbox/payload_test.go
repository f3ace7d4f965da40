package sandbox

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPayloadKeysAreShuffled(t *testing.T) {
	driver := "Pak Contoh"
	payload := eventPayload{
		Header: eventHeader{Name: eventOrderAccepted, ID: "id", Version: 1, Timestamp: "now"},
		Body: orderBody{
			Driver: &nameRef{Name: &driver},
			Order:  orderData{Number: "F-1", Total: 58000, Items: []itemData{{Name: "Bakmi <Ayam> & \"es\" — pedas", Price: 28000.5, Variants: []orderVariant{}}}},
		},
	}
	documented, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	orders := map[string]bool{}
	if raw, err := encodePayload(payload, false, random.IntN); err != nil || !strings.Contains(string(raw), `"Bakmi <Ayam> & \"es\" — pedas"`) {
		t.Errorf("payload %s, %v", raw, err)
	}
	for range 20 {
		shuffled, err := encodePayload(payload, false, random.IntN)
		if err != nil {
			t.Fatal(err)
		}
		orders[string(shuffled)] = true
		if diff := cmp.Diff(generic(t, documented), generic(t, shuffled)); diff != "" {
			t.Fatalf("shuffling changed the payload (-want +got):\n%s", diff)
		}
	}
	if len(orders) < 15 {
		t.Errorf("20 payloads came in %d orders", len(orders))
	}
}

func TestPlainPayloadHasNoNulls(t *testing.T) {
	body := orderPayload(order{Number: "F-1", Status: orderAccepted, Items: []orderItem{{Name: "Bakmi"}}}, outlet{ID: "G1"})
	plain, err := encodePayload(body, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plain), "null") {
		t.Errorf("plain payload has a null: %s", plain)
	}
	if !strings.HasPrefix(string(plain), `{"customer":`) {
		t.Errorf("plain payload is not in the documented order: %s", plain)
	}
	live, err := encodePayload(body, false, func(int) int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"driver":null`, `"name":null`, `"external_outlet_id":null`, `"notes":null`, `"cutlery_requested":null`, `"cancellation_detail":null`, `"scheduled_flag":null`} {
		if !strings.Contains(string(live), want) {
			t.Errorf("live payload lacks %s: %s", want, live)
		}
	}
}

func TestEventID(t *testing.T) {
	id := eventID(eventOrderAccepted, " ", "F-1")
	if len(id) != 36 || id[14] != '3' {
		t.Errorf("event id %s is not a version 3 UUID", id)
	}
	if again := eventID(eventOrderAccepted, " ", "F-1"); again != id {
		t.Errorf("the same event has two ids: %s, %s", id, again)
	}
	if other := eventID(eventOrderPlaced, " ", "F-1"); other == id {
		t.Error("two events have the same id")
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
