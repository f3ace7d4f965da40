package catalog

import (
	"cmp"
	"slices"
	"strconv"
)

// itemKeys finds external ids that several items have. The same dish may stand in
// several menus, as one shipped integration sends it.
type itemKeys struct {
	check *checker
	menus int                  // menus so far
	last  map[string]keyedItem // the last item of each id
	first map[string]keyedItem
}

type keyedItem struct {
	ordinal int // of the menu
	menu    *Menu
	item    *Item
}

func newItemKeys(c *checker) *itemKeys {
	return &itemKeys{check: c, last: make(map[string]keyedItem, c.file.Items()), first: map[string]keyedItem{}}
}

func (keys *itemKeys) nextMenu() { keys.menus++ }

func (keys *itemKeys) add(m *Menu, item *Item, where place) {
	id, c := item.ExternalID, keys.check
	if id == "" {
		return // told by required
	}
	last, known := keys.last[id]
	keys.last[id] = keyedItem{keys.menus, m, item}
	if !known {
		return
	}
	first, repeated := keys.first[id]
	if !repeated {
		first = last
		keys.first[id] = first
	}
	at := item.Origin.Field("external_id")
	if last.ordinal == keys.menus {
		c.report(RuleDuplicateExternalID, SeverityError, at, where.at("external_id"),
			"another item of this menu has the external id %s%s", quoted(id), lineOf(last.item.Origin.Field("external_id")))
		return
	}
	before := lineOf(first.item.Origin.Field("external_id"))
	if field := c.file.differ(first.item, item); field != "" {
		c.report(RuleDuplicateExternalID, SeverityError, at, where.at("external_id"),
			"the external id %s is another item in the menu %s%s: its %s differs", quoted(id), quoted(first.menu.Name), before, field)
		return
	}
	c.report(RuleDuplicateExternalID, SeverityWarning, at, where.at("external_id"),
		"the same item %s is in the menu %s%s", quoted(id), quoted(first.menu.Name), before)
}

// differ names the first field in which two items are not the same dish; empty
// when they are.
func (s *File) differ(a, b *Item) string {
	silent := func(stock *bool) string {
		if stock = cmp.Or(stock, s.Defaults.InStock); stock == nil {
			return "silent"
		}
		return strconv.FormatBool(*stock)
	}
	hours := func(i *Item) *Hours { return cmp.Or(i.OperationalHours, s.Defaults.OperationalHours) }
	switch {
	case a == b:
		return ""
	case a.Name != b.Name:
		return "name"
	case a.InternalName != b.InternalName:
		return "internal_name"
	case a.Description != b.Description:
		return "description"
	case a.Price != b.Price:
		return "price"
	case a.Image != b.Image:
		return "image"
	case silent(a.InStock) != silent(b.InStock):
		return "in_stock"
	case !hours(a).same(hours(b)):
		return "operational_hours"
	case !slices.Equal(a.VariantCategoryExternalIDs, b.VariantCategoryExternalIDs):
		return "variant_category_external_ids"
	}
	return ""
}

// uniqueIDs finds external ids that come twice in one list.
type uniqueIDs map[string]Position

func (ids uniqueIDs) add(c *checker, id string, at Position, where place, what string) {
	if id == "" {
		return // told by required
	}
	if before, twice := ids[id]; twice {
		c.report(RuleDuplicateExternalID, SeverityError, at, where, "another %s has the external id %s%s", what, quoted(id), lineOf(before))
		return
	}
	ids[id] = at
}
