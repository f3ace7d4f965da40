package catalog

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
	"github.com/gobiz-cli/gobiz/internal/document/edit"
)

// catalog merges the whole file.
func (m *merger) catalog() {
	m.file.Object(m.file.Root, Note{Entity: "file", Name: m.name}, []edit.Field{
		{Name: "request_id", Keep: true, Value: orNil(m.old.RequestID)},
		{Name: "defaults", Keep: true, Value: m.old.Defaults.encoded()},
		{Name: "menus", Value: listed(m.want.Menus, m.freshMenu), Edit: m.menus, Parts: true},
		{Name: "variant_categories", Parts: true, Keep: len(m.old.VariantCategories)+len(m.want.VariantCategories) == 0,
			Value: listedOrNil(m.want.VariantCategories, m.freshCategory), Edit: m.categories},
	})
}

func (m *merger) freshMenu(want *Menu) any { return encodedMenu(want, m.freshItem) }

// freshItem leaves to the defaults what they say. An item that was in another
// menu keeps of it what the live menu does not know.
func (m *merger) freshItem(want *Item) any {
	return m.fresh(entityKey{EntityItem, want.ExternalID}, m.itemFields(m.oldItem(want), want))
}

func (m *merger) oldItem(want *Item) *Item {
	if from := m.fromItem[want]; from.known() {
		return &m.old.Menus[from.group].Items[from.index]
	}
	return nil
}

// fresh writes the fields of a new entity.
func (m *merger) fresh(k entityKey, fields []edit.Field) edit.Object {
	var o edit.Object
	for _, f := range fields {
		if f.Value != nil {
			o = append(o, edit.Pair{Key: f.Name, Value: f.Value})
		}
	}
	o[0].Comment = m.comments[k]
	return o
}

func (m *merger) menus(n *edit.Node) {
	entries := make([]edit.Entry, len(m.want.Menus))
	for i := range entries {
		w, from := &m.want.Menus[i], m.fromMenu[i]
		entries[i] = edit.Entry{From: from, Fresh: func() any { return encodedMenu(w, m.arrivingItem) }}
		if from >= 0 {
			entries[i].Edit = func(n *edit.Node) { m.menu(n, from, w) }
		}
	}
	m.file.Sequence(n, entries)
}

func (m *merger) menu(n *edit.Node, from int, want *Menu) {
	old := &m.old.Menus[from]
	var items any
	switch list := n.Target().Get("menu_items"); {
	case list == nil && len(want.Items) == 0:
	case list == nil || list.Kind == document.Null:
		m.file.Arriving(n, func() { items = listed(want.Items, m.arrivingItem) })
	default:
		items = listed(want.Items, m.freshItem)
	}
	m.file.Object(n, Note{Entity: "menu", Name: want.Name}, []edit.Field{
		{Name: "name", Keep: old.Name == want.Name, Value: want.Name},
		{Name: "menu_items", Parts: true, Keep: len(old.Items)+len(want.Items) == 0, Value: items, Edit: func(n *edit.Node) { m.items(n, from, want.Items) }},
	})
}

func (m *merger) items(n *edit.Node, menu int, want []Item) {
	m.file.Sequence(n, entries(want, m.fromItem, menu, m.arrivingItem, m.item))
}

// entries are those of a list that stands in the file as the group of its
// entities.
func entries[T any](want []T, from map[*T]match, group int, arriving func(*T) any, update func(*edit.Node, *T)) []edit.Entry {
	out := make([]edit.Entry, len(want))
	for i := range want {
		w := &want[i]
		out[i] = edit.Entry{From: -1, Fresh: func() any { return arriving(w) }, Edit: func(n *edit.Node) { update(n, w) }}
		if old := from[w]; old.known() && old.group == group {
			out[i].From = old.index
		}
	}
	return out
}

// item brings an item of the file up to date.
func (m *merger) item(n *edit.Node, want *Item) {
	m.file.Object(n, Note{Entity: EntityItem, ExternalID: want.ExternalID, Name: want.Name}, m.itemFields(m.oldItem(want), want))
}

// listOf finds a list inside the entry of another list, where both stand in the
// file for nothing else.
func (m *merger) listOf(outer string, entry int, inner string) *edit.Node {
	n := m.file.Root.Get(outer)
	if n == nil || n.Alias != nil || entry >= len(n.Items) {
		return nil
	}
	if n = n.Items[entry].Get(inner); n == nil || n.Alias != nil {
		return nil
	}
	return n
}

// arrivingItem is an item that is new in its menu: with its lines, when it comes
// from another one.
func (m *merger) arrivingItem(want *Item) any {
	from := m.fromItem[want]
	if !from.known() {
		return m.freshItem(want)
	}
	return m.file.Moved(m.listOf("menus", from.group, "menu_items"), from.index, m.freshItem(want), func(n *edit.Node) { m.item(n, want) })
}

// itemFields decides about each field. old is nil for a new item.
func (m *merger) itemFields(old, want *Item) []edit.Field {
	o := old
	if o == nil {
		o = &Item{}
	}
	defaults := &m.old.Defaults
	fields := []edit.Field{
		m.idField(EntityItem, o.ExternalID, want.ExternalID),
		textField("name", o.Name, want.Name),
		textField("internal_name", o.InternalName, want.InternalName),
		textField("description", o.Description, want.Description),
		{Name: "price", Keep: old != nil && o.Price == want.Price, Value: edit.Literal(want.Price.String())},
		{Name: "in_stock", Value: flagOrNil(o.InStock)},
		textField("image", o.Image, want.Image),
		{Name: "operational_hours", Value: m.encodedHours(o.OperationalHours)},
		m.references(o.VariantCategoryExternalIDs, want.VariantCategoryExternalIDs),
	}
	if internal := &fields[2]; old != nil && o.InternalName == "" && want.InternalName == want.Name {
		internal.Keep, internal.Value = true, nil
	}
	stock := &fields[5]
	live, known := m.stock.Items[want.ExternalID]
	said := cmp.Or(o.InStock, defaults.InStock)
	if stock.Keep = said == nil || !known || *said == live; !stock.Keep {
		stock.Value = live
	}
	if image := &fields[6]; old != nil && keepImage(o.Image, want.Image) {
		image.Keep, image.Value = true, orNil(o.Image)
	}
	hours := &fields[7]
	stated := want.OperationalHours.orAlways()
	hours.Edit = func(n *edit.Node) { m.hours(n, o.OperationalHours, stated) }
	switch h := cmp.Or(o.OperationalHours, defaults.OperationalHours); {
	case old == nil && defaults.OperationalHours == nil:
		hours.Value = m.encodedHours(want.OperationalHours)
	case h.same(want.OperationalHours):
		hours.Keep = true
	case defaults.OperationalHours.same(want.OperationalHours):
		hours.Value, hours.Commented = nil, m.encodedHours(stated)
	default:
		hours.Value = m.encodedHours(stated)
	}
	return fields
}

func textField(name, old, want string) edit.Field {
	return edit.Field{Name: name, Keep: old == want, Value: orNil(want)}
}

// idField is an external id. An id that a pull had made is a real one as soon as
// it was pushed: its comment goes.
func (m *merger) idField(entity, old, want string) edit.Field {
	f := textField("external_id", old, want)
	if m.comments[entityKey{entity, want}] == "" {
		f.Comment = func(comment string) string {
			if rest, made := strings.CutSuffix(comment, madeIDMessage); made {
				return strings.TrimRight(rest, "; ")
			}
			return comment
		}
	}
	return f
}

// keepImage reports whether the image of a file stands for the live one: the
// platform stores an image under a URL of its own. A URL of the same host that
// is another one is another image.
func keepImage(file, live string) bool {
	if file == live || file == "" || live == "" {
		return file == live
	}
	a, err1 := url.Parse(file)
	b, err2 := url.Parse(live)
	return err1 == nil && err2 == nil && a.Host != b.Host
}

func (m *merger) references(old, want []string) edit.Field {
	f := edit.Field{Name: "variant_category_external_ids", Keep: slices.Equal(old, want), Value: idsOrNil(want)}
	f.Edit = func(n *edit.Node) {
		renamed := convert(old, func(id string) string { return cmp.Or(m.newID[id], id) })
		from := pairs(renamed, want)
		entries := make([]edit.Entry, len(want))
		for i, id := range want {
			entries[i] = edit.Entry{From: from[i], Fresh: func() any { return id }, Edit: func(element *edit.Node) {
				if m.file.Stale(element) || old[from[i]] != id {
					m.file.Replace(element, id)
				}
			}}
		}
		m.file.Sequence(n, entries)
	}
	return f
}
