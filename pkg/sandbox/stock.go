package sandbox

import (
	"fmt"
	"slices"
)

// stockChange is one entry of a stock call. The documentation's ids are the
// UUIDs of the v2 catalog; partners' code sends external ids. Both work.
type stockChange struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	InStock    *bool  `json:"in_stock"`
}

func updateMenuItemStocks(s *Sandbox, c *call) (reply, error) {
	return s.updateStocks(c, func(live catalog, change stockChange) (catalog, bool) {
		found := false
		live.Menus = slices.Clone(live.Menus)
		for m := range live.Menus {
			live.Menus[m].Items = slices.Clone(live.Menus[m].Items)
			for i := range live.Menus[m].Items {
				item := &live.Menus[m].Items[i]
				if change.names(item.ID, item.ExternalID) {
					item.InStock, found = *change.InStock, true
				}
			}
		}
		return live, found
	})
}

func updateVariantStocks(s *Sandbox, c *call) (reply, error) {
	return s.updateStocks(c, func(live catalog, change stockChange) (catalog, bool) {
		found := false
		live.VariantCategories = slices.Clone(live.VariantCategories)
		for vc := range live.VariantCategories {
			live.VariantCategories[vc].Variants = slices.Clone(live.VariantCategories[vc].Variants)
			for i := range live.VariantCategories[vc].Variants {
				v := &live.VariantCategories[vc].Variants[i]
				if change.names(v.ID, v.ExternalID) {
					v.InStock, found = *change.InStock, true
				}
			}
		}
		return live, found
	})
}

func (c stockChange) names(id, externalID string) bool {
	if c.ID != "" {
		return c.ID == id
	}
	return c.ExternalID == externalID
}

// updateStocks applies all changes or none; it takes effect at once (developer
// documentation, "Update out of stock").
func (s *Sandbox) updateStocks(c *call, apply func(catalog, stockChange) (catalog, bool)) (reply, error) {
	var changes []stockChange
	if err := decode(c.body, &changes); err != nil {
		return reply{}, err
	}
	if len(changes) == 0 {
		return reply{}, errInvalid("must be a list with at least one entry")
	}
	for i, change := range changes {
		path := fmt.Sprintf("[%d]", i)
		if change.ID == "" && change.ExternalID == "" {
			return reply{}, errInvalid("%s.external_id: missing required field", path)
		}
		if change.InStock == nil {
			return reply{}, errInvalid("%s.in_stock: missing required field", path)
		}
	}
	return reply{}, s.store.update(func() error {
		o, ok := s.store.outlets.get(c.outlet.ID)
		if !ok {
			return errUnregisteredOutlet()
		}
		for i, change := range changes {
			var found bool
			if o.Catalog, found = apply(o.Catalog, change); !found {
				id := change.ID
				if id == "" {
					id = change.ExternalID
				}
				return errInvalid("[%d]: %s is not in the catalog", i, id)
			}
		}
		s.store.outlets.put(o.ID, o)
		return nil
	})
}
