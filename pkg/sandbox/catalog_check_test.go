package sandbox

import (
	"encoding/json"
	"errors"
	"testing"
)

// What is accepted must have ids and references that hold, and what is refused
// must be a 400 or a 422 with a reason.
func FuzzReadCatalog(f *testing.F) {
	f.Add([]byte(goodMenu), false)
	f.Add([]byte(legacyMenu), true)
	f.Add([]byte(`{"menus":[{"name":"a","menu_items":[null]}],"variant_categories":[7]}`), false)
	f.Fuzz(func(t *testing.T, body []byte, legacy bool) {
		limits := gofoodLimits
		if legacy {
			limits = enterpriseLimits
		}
		_, pushed, err := readCatalog(body, limits)
		if err != nil {
			var refused *apiError
			if !errors.As(err, &refused) || refused.status != 400 && refused.status != 422 || refused.message == "" {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		live := pushed.resolve("G1")
		if len(live.items()) == 0 {
			t.Errorf("%q was accepted without an item", body)
		}
		for _, item := range live.items() {
			if len(live.variantsOf(item)) != len(item.VariantCategoryIDs) {
				t.Errorf("%q: an item refers to a category that is not there", body)
			}
		}
		if _, err := json.Marshal(live); err != nil {
			t.Errorf("%q cannot be shown: %v", body, err)
		}
	})
}

func TestLegacyLimits(t *testing.T) {
	if _, _, err := readCatalog([]byte(legacyMenu), enterpriseLimits); err != nil {
		t.Errorf("the sample is refused: %v", err)
	}
	if _, _, err := readCatalog([]byte(goodMenu), enterpriseLimits); err == nil {
		t.Error("a menu without all weekdays is accepted by the legacy API")
	}
}
