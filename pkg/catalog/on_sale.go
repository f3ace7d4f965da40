package catalog

import "slices"

// An OffSale is an item that customers can order now and could not after a push.
type OffSale struct {
	ExternalID, Name string
	Reason           string // sold out, never open, no choice of "VC-1" can be made
}

// sale knows which variant categories no customer can choose from as their rules
// demand, live and in the payload: by GoBiz's id and by external id.
type sale struct{ unmetLive, unmet map[string]bool }

func newSale(live *Live, payload *Payload) sale {
	s := sale{map[string]bool{}, map[string]bool{}}
	for i := range live.VariantCategories {
		c := &live.VariantCategories[i]
		inStock := 0
		for _, v := range c.Variants {
			if v.InStock == nil || *v.InStock {
				inStock++
			}
		}
		s.unmetLive[c.ID] = inStock < c.MinQuantity
	}
	for i := range payload.VariantCategories {
		c := &payload.VariantCategories[i]
		s.unmet[c.ExternalID] = c.inStock() < c.Rules.Selection.MinQuantity
	}
	return s
}

// live reports whether customers can order an item. What the answer does not say
// is in stock.
func (s sale) live(i *LiveItem) bool {
	return (i.InStock == nil || *i.InStock) && !i.OperationalHours.never() &&
		!slices.ContainsFunc(i.VariantCategoryIDs, func(id string) bool { return s.unmetLive[id] })
}

// obstacle says why customers could not order an item; empty when they can.
func (s sale) obstacle(i *PayloadItem) string {
	switch {
	case !i.InStock:
		return "sold out"
	case i.OperationalHours.never():
		return "never open"
	}
	for _, id := range i.VariantCategoryExternalIDs {
		if s.unmet[id] {
			return "no choice of " + quoted(id) + " can be made"
		}
	}
	return ""
}

// liveItem notes what an item of the live menu offers, and reports whether it is on
// sale.
func (d *differ) liveItem(i *LiveItem) (onSale bool) {
	for _, id := range i.VariantCategoryIDs {
		d.offeredLive[id] = true
	}
	if onSale = d.sale.live(i); onSale {
		d.diff.LiveOnSale++
	}
	return onSale
}

// staysOnSale notes whether an item does, of those that are.
func (d *differ) staysOnSale(live *LiveItem, item *PayloadItem) {
	if !d.liveItem(live) {
		return
	}
	if reason := d.sale.obstacle(item); reason != "" {
		d.diff.OffSale = append(d.diff.OffSale, OffSale{item.ExternalID, item.Name, reason})
	} else {
		d.diff.StayOnSale++
	}
}
