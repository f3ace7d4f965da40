package sandbox

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// Many clients at once: no call fails, and none sees half of another's change.
func TestManyClientsAtOnce(t *testing.T) {
	d := newDesk(t, Options{})
	c := d.as(facilitatorID)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 10 {
				name := fmt.Sprintf("M-%d-%d", worker, i)
				body := fmt.Sprintf(`{"request_id": %q, "menus": [{"name": %q, "menu_items": [{"external_id": %q, "name": "x", "price": 1, "in_stock": true}]}]}`, name, name, name)
				if a := c.call(http.MethodPut, pushPath, body); a.status != http.StatusOK {
					t.Errorf("push: %d %s", a.status, a.body)
				}
				a := c.call(http.MethodGet, pullPath, nil)
				var live struct{ Menus []menu }
				d.decode(a, &live)
				if len(live.Menus) != 1 || live.Menus[0].Name != live.Menus[0].Items[0].ExternalID {
					t.Errorf("a mixed menu: %s", a.body)
				}
				d.control(http.MethodGet, "state", nil)
			}
		})
	}
	all.Wait()
}
