package sandbox

import (
	"cmp"
	"slices"
)

// stockChange is one entry of a stock call. The documentation's ids are the
// UUIDs of the v2 catalog; partners' code sends external ids. Both work.
type stockChange struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	InStock    *bool  `json:"in_stock"`
}

// visitStock is called with the ids and the stock of a catalog entity.
type visitStock func(id, externalID string, inStock *bool)

func updateMenuItemStocks(s *Sandbox, c *call) (reply, error) {
	return s.updateStocks(c, func(live *catalog, visit visitStock) {
		for m := range live.Menus {
			for i := range live.Menus[m].Items {
				item := &live.Menus[m].Items[i]
				visit(item.ID, item.ExternalID, &item.InStock)
			}
		}
	})
}

func updateVariantStocks(s *Sandbox, c *call) (reply, error) {
	return s.updateStocks(c, func(live *catalog, visit visitStock) {
		for vc := range live.VariantCategories {
			for i := range live.VariantCategories[vc].Variants {
				v := &live.VariantCategories[vc].Variants[i]
				visit(v.ID, v.ExternalID, &v.InStock)
			}
		}
	})
}

func (c stockChange) names(id, externalID string) bool {
	if c.ID != "" {
		return c.ID == id
	}
	return c.ExternalID == externalID
}

// updateStocks applies all changes or none, to what walk visits; it takes effect
// at once (developer documentation, "Update out of stock").
func (s *Sandbox) updateStocks(c *call, walk func(*catalog, visitStock)) (reply, error) {
	var changes []stockChange
	if err := decode(c.body, &changes); err != nil {
		return reply{}, err
	}
	if len(changes) == 0 {
		return reply{}, errInvalid("must be a list with at least one entry")
	}
	for i, change := range changes {
		if change.ID == "" && change.ExternalID == "" {
			return reply{}, errInvalid("[%d].external_id: missing required field", i)
		}
		if change.InStock == nil {
			return reply{}, errInvalid("[%d].in_stock: missing required field", i)
		}
	}
	return reply{}, s.changeOutlet(c.outlet.ID, errUnregisteredOutlet(), func(o *outlet) error {
		o.Catalog = o.Catalog.clone()
		for i, change := range changes {
			found := false
			walk(o.Catalog, func(id, externalID string, inStock *bool) {
				if change.names(id, externalID) {
					*inStock, found = *change.InStock, true
				}
			})
			if !found {
				return errInvalid("[%d]: %s is not in the catalog", i, cmp.Or(change.ID, change.ExternalID))
			}
		}
		return nil
	})
}

// clone copies what a stock call changes.
func (c *catalog) clone() *catalog {
	copied := catalog{Menus: slices.Clone(c.Menus), VariantCategories: slices.Clone(c.VariantCategories)}
	for i, m := range copied.Menus {
		copied.Menus[i].Items = slices.Clone(m.Items)
	}
	for i, vc := range copied.VariantCategories {
		copied.VariantCategories[i].Variants = slices.Clone(vc.Variants)
	}
	return &copied
}
