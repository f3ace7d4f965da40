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
