package catalog

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// A mergedField is a field of an entity as it is to be.
type mergedField struct {
	name      string
	keep      bool          // it says already what it is to say
	value     any           // encoded; nil when it is to be left out
	commented any           // what it says instead of being left out, when it has comments
	edit      func(*region) // changes a value of the file from the inside; may be nil
	parts     bool          // only edit knows whether it changes
}

// catalog merges the whole file.
func (m *merger) catalog() {
	m.object(m.root, Note{Entity: "file", Name: m.name}, []mergedField{
		{name: "request_id", keep: true, value: orNil(m.old.RequestID)},
		{name: "defaults", keep: true, value: m.defaults()},
		{name: "menus", value: m.encodedMenus(), edit: m.menus, parts: true},
		{name: "variant_categories", parts: true, keep: len(m.old.VariantCategories)+len(m.want.VariantCategories) == 0,
			value: m.encodedCategories(), edit: m.categories},
	})
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (m *merger) defaults() any {
	var o object
	o = o.hours(m.old.Defaults.OperationalHours)
	if o = o.inStock(m.old.Defaults.InStock); len(o) == 0 {
		return nil
	}
	return o
}

func (m *merger) encodedMenus() any {
	out := list{}
	for i := range m.want.Menus {
		out = append(out, m.freshMenu(&m.want.Menus[i]))
	}
	return out
}

func (m *merger) encodedCategories() any {
	if len(m.want.VariantCategories) == 0 {
		return nil
	}
	out := list{}
	for i := range m.want.VariantCategories {
		out = append(out, m.freshCategory(&m.want.VariantCategories[i]))
	}
	return out
}

func (m *merger) freshMenu(want *Menu) object {
	return object{{key: "name", value: want.Name}, {key: "menu_items", value: m.freshItems(want)}}
}

func (m *merger) freshItems(want *Menu) list {
	items := list{}
	for i := range want.Items {
		items = append(items, m.freshItem(&want.Items[i]))
	}
	return items
}

// freshItem leaves to the defaults what they say. An item that was in another
// menu keeps of it what the live menu does not know.
func (m *merger) freshItem(want *Item) object {
	return m.fresh(entityKey{EntityItem, want.ExternalID}, m.itemFields(m.oldItem(want), want))
}

func (m *merger) oldItem(want *Item) *Item {
	if from := m.fromItem[want]; from.known() {
		return &m.old.Menus[from.group].Items[from.index]
	}
	return nil
}

// fresh writes the fields of a new entity.
func (m *merger) fresh(k entityKey, fields []mergedField) object {
	var o object
	for _, f := range fields {
		if f.value != nil {
			o = append(o, pair{key: f.name, value: f.value})
		}
	}
	o[0].comment = m.comments[k]
	return o
}

func (m *merger) menus(n *region) {
	entries := make([]entry, len(m.want.Menus))
	for i := range entries {
		w, from := &m.want.Menus[i], m.fromMenu[i]
		entries[i] = entry{from: from, fresh: func() any {
			return object{{key: "name", value: w.Name}, {key: "menu_items", value: m.arrivingItems(w)}}
		}}
		if from >= 0 {
			entries[i].edit = func(n *region) { m.menu(n, from, w) }
		}
	}
	m.sequence(n, entries)
}

func (m *merger) menu(n *region, from int, want *Menu) {
	old := &m.old.Menus[from]
	var items any
	switch k := n.target().key("menu_items"); {
	case k == nil && len(want.Items) == 0:
	case k == nil || k.value.kind == document.Null:
		m.arriving(n, func() { items = m.arrivingItems(want) })
	default:
		items = m.freshItems(want)
	}
	m.object(n, Note{Entity: "menu", Name: want.Name}, []mergedField{
		{name: "name", keep: old.Name == want.Name, value: want.Name},
		{name: "menu_items", parts: true, keep: len(old.Items)+len(want.Items) == 0, value: items, edit: func(n *region) { m.items(n, from, want.Items) }},
	})
}

func (m *merger) items(n *region, menu int, want []Item) {
	entries := make([]entry, len(want))
	for i := range want {
		w := &want[i]
		entries[i] = entry{from: -1, fresh: func() any { return m.arrivingItem(w) }}
		if from := m.fromItem[w]; from.known() && from.group == menu {
			entries[i].from = from.index
			entries[i].edit = func(n *region) { m.item(n, w) }
		}
	}
	m.sequence(n, entries)
}

// item brings an item of the file up to date.
func (m *merger) item(n *region, want *Item) {
	m.object(n, Note{Entity: EntityItem, ExternalID: want.ExternalID, Name: want.Name}, m.itemFields(m.oldItem(want), want))
}

func (m *merger) arrivingItems(want *Menu) list {
	items := list{}
	for i := range want.Items {
		items = append(items, m.arrivingItem(&want.Items[i]))
	}
	return items
}

// arrivingItem is an item that is new in its menu: with its lines, when it comes
// from another one.
func (m *merger) arrivingItem(want *Item) any {
	from := m.fromItem[want]
	if !from.known() {
		return m.freshItem(want)
	}
	return m.moved(m.listOf("menus", from.group, "menu_items"), from.index, m.freshItem(want), func(n *region) { m.item(n, want) })
}

// itemFields decides about each field. old is nil for a new item.
func (m *merger) itemFields(old, want *Item) []mergedField {
	o := old
	if o == nil {
		o = &Item{}
	}
	defaults := &m.old.Defaults
	fields := []mergedField{
		textField("external_id", o.ExternalID, want.ExternalID),
		textField("name", o.Name, want.Name),
		textField("internal_name", o.InternalName, want.InternalName),
		textField("description", o.Description, want.Description),
		{name: "price", keep: old != nil && o.Price == want.Price, value: literal(want.Price.String())},
		{name: "in_stock", value: flagOrNil(o.InStock)},
		textField("image", o.Image, want.Image),
		{name: "operational_hours", value: m.encodedHours(o.OperationalHours)},
		m.references(o.VariantCategoryExternalIDs, want.VariantCategoryExternalIDs),
	}
	if internal := &fields[2]; old != nil && o.InternalName == "" && want.InternalName == want.Name {
		internal.keep, internal.value = true, nil
	}
	stock := &fields[5]
	live, known := m.stock.Items[want.ExternalID]
	said := cmp.Or(o.InStock, defaults.InStock)
	if stock.keep = said == nil || !known || *said == live; !stock.keep {
		stock.value = live
	}
	if image := &fields[6]; old != nil && keepImage(o.Image, want.Image) {
		image.keep, image.value = true, orNil(o.Image)
	}
	hours := &fields[7]
	stated := want.OperationalHours.orAlways()
	hours.edit = func(n *region) { m.hours(n, o.OperationalHours, stated) }
	switch h := cmp.Or(o.OperationalHours, defaults.OperationalHours); {
	case old == nil && defaults.OperationalHours == nil:
		hours.value = m.encodedHours(want.OperationalHours)
	case h.same(want.OperationalHours):
		hours.keep = true
	case defaults.OperationalHours.same(want.OperationalHours):
		hours.value, hours.commented = nil, m.encodedHours(stated)
	default:
		hours.value = m.encodedHours(stated)
	}
	return fields
}

func textField(name, old, want string) mergedField {
	return mergedField{name: name, keep: old == want, value: orNil(want)}
}

func flagOrNil(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}

// keepImage tells whether the image of a file stands for the live one: the
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

func (m *merger) references(old, want []string) mergedField {
	f := mergedField{name: "variant_category_external_ids", keep: slices.Equal(old, want)}
	if len(want) == 0 {
		return f
	}
	ids := list{}
	for _, id := range want {
		ids = append(ids, id)
	}
	f.value = ids
	f.edit = func(n *region) {
		renamed := keys(old, func(id string) string { return cmp.Or(m.newID[id], id) })
		from := pairs(renamed, want)
		entries := make([]entry, len(want))
		for i, id := range want {
			entries[i] = entry{from: from[i], fresh: func() any { return id }, edit: func(element *region) {
				if m.stale(element) || old[from[i]] != id {
					m.replace(n, element, id)
				}
			}}
		}
		m.sequence(n, entries)
	}
	return f
}
