package sandbox

import (
	"fmt"
	"net/http"
	"testing"
)

// Many clients at once: no call fails, and none sees half of another's change.
func TestManyClientsAtOnce(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	for worker := range 8 {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			own := *d
			own.T = t
			c := caller{&own, c.token}
			for i := range 10 {
				name := fmt.Sprintf("M-%d-%d", worker, i)
				c.done(c.call(http.MethodPut, pushPath, fmt.Sprintf(
					`{"request_id": %q, "menus": [{"name": %q, "menu_items": [{"external_id": %q, "name": "x", "price": 1, "in_stock": true}]}]}`, name, name, name)))
				if live := pull(c); len(live.Menus) != 1 || live.Menus[0].Name != live.Menus[0].Items[0].ExternalID {
					t.Errorf("a mixed menu: %+v", live)
				}
				c.done(own.control(http.MethodGet, "state", nil))
			}
		})
	}
}
