package spelling_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/internal/spelling"
)

func TestNearest(t *testing.T) {
	known := []string{"price", "name", "in_stock", "image"}
	for word, want := range map[string]string{
		"prise": "price", "pirce": "price", "nam": "name", "instock": "in_stock", "image": "image",
		"description": "", "xyz": "", "": "",
	} {
		if got := spelling.Nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"1 item": spelling.Count(1, "item"), "2 items": spelling.Count(2, "item"), "0 deliveries": spelling.Count(0, "delivery"), "3 days": spelling.Count(3, "day"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
