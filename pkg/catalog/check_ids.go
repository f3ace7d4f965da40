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
	odd   oddIDs
	names seenNames // in the menu
}

type keyedItem struct {
	ordinal int // of the menu
	menu    *Menu
	item    *Item
}

func newItemKeys(c *checker) *itemKeys {
	return &itemKeys{check: c, last: make(map[string]keyedItem, c.file.Items()), first: map[string]keyedItem{}, odd: oddIDs{}}
}

func (keys *itemKeys) nextMenu(items int) {
	keys.menus++
	keys.names = make(seenNames, items)
}

func (keys *itemKeys) add(m *Menu, item *Item, where place) {
	id, c := item.ExternalID, keys.check
	keys.names.add(c, item.Name, item.Origin.Field("name"), where.at("name"), "item of this menu")
	if id == "" {
		return // told by required
	}
	last, known := keys.last[id]
	keys.last[id] = keyedItem{keys.menus, m, item}
	if !known {
		keys.odd.add(c, id, item.Origin.Field("external_id"), where.at("external_id"), "item", func(id string) (Position, bool) {
			plain, known := keys.last[id]
			if !known {
				return Position{}, false
			}
			return plain.item.Origin.Field("external_id"), true
		})
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
	odd   oddIDs
}

func newUniqueIDs() uniqueIDs { return uniqueIDs{map[string]Position{}, oddIDs{}} }

func (ids uniqueIDs) add(c *checker, id string, at Position, where place, what string) {
	if id == "" {
		return // told by required
	}
	if before, twice := ids.exact[id]; twice {
		c.report(RuleDuplicateExternalID, SeverityError, at, where, "another %s has the external id %s%s", what, quoted(id), lineOf(before))
		return
	}
	ids.exact[id] = at
	ids.odd.add(c, id, at, where, what, func(id string) (Position, bool) {
		plain, known := ids.exact[id]
		return plain, known
	})
}

// oddIDs are the external ids that are other than they look, by how they look: few,
// so that the others cost nothing.
type oddIDs map[string]placedText

type placedText struct {
	text string
	at   Position
}

// add refuses an external id that looks like another one. plain finds one that is
// as it looks.
func (odd oddIDs) add(c *checker, id string, at Position, where place, what string, plain func(string) (Position, bool)) {
	look := looks(id)
	first, found := odd[look]
	if look != id {
		if before, known := plain(look); known {
			first, found = placedText{look, before}, true
		} else if !found {
			odd[look] = placedText{id, at}
		}
	}
	if found && first.text != id {
		c.report(RuleDuplicateExternalID, SeverityError, at, where, "%s looks like %s, the external id of another %s%s", escaped(id), escaped(first.text), what, lineOf(first.at))
	}
}

// seenNames are names, by how they look.
type seenNames map[string]Position

// add warns of a name that customers see twice.
func (seen seenNames) add(c *checker, name string, at Position, where place, what string) {
	if name == "" {
		return // told by required
	}
	look := looks(name)
	if first, found := seen[look]; found {
		c.report(RuleDuplicateName, SeverityWarning, at, where, "another %s has the name %s%s", what, quoted(name), lineOf(first))
		return
	}
	seen[look] = at
}
