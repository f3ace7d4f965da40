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
	alike lookAlikes
	names lookAlikes // in the menu
}

type keyedItem struct {
	ordinal int // of the menu
	menu    *Menu
	item    *Item
}

func newItemKeys(c *checker) *itemKeys {
	return &itemKeys{check: c, last: make(map[string]keyedItem, c.file.Items()), first: map[string]keyedItem{}, alike: lookAlikes{}}
}

func (keys *itemKeys) nextMenu() {
	keys.menus++
	keys.names = lookAlikes{}
}

func (keys *itemKeys) add(m *Menu, item *Item, where place) {
	id, c := item.ExternalID, keys.check
	keys.names.addName(c, item.Name, item.Origin.Field("name"), where.at("name"), "item of this menu")
	if id == "" {
		return // told by required
	}
	last, known := keys.last[id]
	keys.last[id] = keyedItem{keys.menus, m, item}
	if !known {
		keys.alike.addID(c, id, item.Origin.Field("external_id"), where.at("external_id"), "item")
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
type uniqueIDs struct {
	exact map[string]Position
	alike lookAlikes
}

func newUniqueIDs() uniqueIDs { return uniqueIDs{map[string]Position{}, lookAlikes{}} }

func (ids uniqueIDs) add(c *checker, id string, at Position, where place, what string) {
	if id == "" {
		return // told by required
	}
	if before, twice := ids.exact[id]; twice {
		c.report(RuleDuplicateExternalID, SeverityError, at, where, "another %s has the external id %s%s", what, quoted(id), lineOf(before))
		return
	}
	ids.exact[id] = at
	ids.alike.addID(c, id, at, where, what)
}

// lookAlikes finds texts that a reader cannot tell apart, by how they look.
type lookAlikes map[string]placedText

type placedText struct {
	text string
	at   Position
}

// add returns the first text that looks like this one; found is false for the
// first.
func (seen lookAlikes) add(text string, at Position) (first placedText, found bool) {
	key := looks(text)
	if first, found = seen[key]; !found {
		seen[key] = placedText{text, at}
	}
	return first, found
}

// addID refuses an external id that looks like another one.
func (seen lookAlikes) addID(c *checker, id string, at Position, where place, what string) {
	if first, found := seen.add(id, at); found && first.text != id {
		c.report(RuleDuplicateExternalID, SeverityError, at, where, "%s looks like %s, the external id of another %s%s", escaped(id), escaped(first.text), what, lineOf(first.at))
	}
}

// addName warns of a name that customers see twice.
func (seen lookAlikes) addName(c *checker, name string, at Position, where place, what string) {
	if name == "" {
		return // told by required
	}
	if first, found := seen.add(name, at); found {
		c.report(RuleDuplicateName, SeverityWarning, at, where, "another %s has the name %s%s", what, quoted(name), lineOf(first.at))
	}
}
