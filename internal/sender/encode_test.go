package sender

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPayloadKeysAreShuffled(t *testing.T) {
	driver := "Pak Contoh"
	payload := Event{
		Header: Header{Name: "gofood.order.merchant_accepted", ID: "id", Version: 1, Timestamp: "now"},
		Body: OrderBody{
			Driver: &Person{Name: &driver},
			Order:  Order{Number: "F-1", Total: 58000, Items: []Item{{Name: "Bakmi <Ayam> & \"es\" — pedas", Price: 28000.5, Variants: []Variant{}}}},
		},
	}
	documented, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	orders := map[string]bool{}
	if raw, err := Encode(payload, false, random.IntN); err != nil || !strings.Contains(string(raw), `"Bakmi <Ayam> & \"es\" — pedas"`) {
		t.Errorf("payload %s, %v", raw, err)
	}
	for range 20 {
		shuffled, err := Encode(payload, false, random.IntN)
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

func TestEventID(t *testing.T) {
	id := EventID("gofood.order.merchant_accepted", " ", "F-1")
	if len(id) != 36 || id[14] != '3' {
		t.Errorf("event id %s is not a version 3 UUID", id)
	}
	if again := EventID("gofood.order.merchant_accepted", " ", "F-1"); again != id {
		t.Errorf("the same event has two ids: %s, %s", id, again)
	}
	if other := EventID("gofood.order.placed", " ", "F-1"); other == id {
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
