package catalog

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
)

// A mergedField is a field of an entity as it is to be.
type mergedField struct {
	name  string
	keep  bool          // it says already what it is to say
	value any           // encoded; nil when it is to be left out
	edit  func(*region) // changes a value of the file from the inside; may be nil
}

// catalog merges the whole file.
func (m *merger) catalog() {
	m.object(m.root, Note{Entity: "file", Name: m.name}, []mergedField{
		{name: "request_id", keep: true, value: orNil(m.old.RequestID)},
		{name: "defaults", keep: true, value: m.defaults()},
		{name: "menus", value: m.encodedMenus(), edit: m.menus},
		{name: "variant_categories", keep: len(m.old.VariantCategories)+len(m.want.VariantCategories) == 0,
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

// freshItem leaves to the defaults what they say.
func (m *merger) freshItem(want *Item) object {
	return m.fresh(entityKey{"item", want.ExternalID}, m.itemFields(nil, want))
}

func (m *merger) freshCategory(want *VariantCategory) object {
	o := want.encoded(m.comments)
	m.restyleHours(o)
	return o
}

func (m *merger) freshVariant(want *Variant) object {
	return m.fresh(entityKey{"variant", want.ExternalID}, m.variantFields(nil, want))
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
	old, want := m.old.Menus, m.want.Menus
	from := pairMenus(old, want)
	entries := make([]entry, len(want))
	for i := range want {
		w := &want[i]
		entries[i] = entry{from: from[i], fresh: func() any { return m.freshMenu(w) }}
		if from[i] >= 0 {
			o := &old[from[i]]
			entries[i].edit = func(n *region) { m.menu(n, o, w) }
		}
	}
	m.sequence(n, entries)
}

// pairMenus gives for each wanted menu the old one, by name, or by most of its
// items when it has another name now, or -1.
func pairMenus(old, want []Menu) []int {
	from := pairs(names(old, func(m Menu) string { return m.Name }), names(want, func(m Menu) string { return m.Name }))
	taken := map[int]bool{}
	for _, i := range from {
		taken[i] = true
	}
	owner := map[string]int{}
	for i, m := range old {
		if !taken[i] {
			for _, item := range m.Items {
				owner[item.ExternalID] = i
			}
		}
	}
	for i := range want {
		if from[i] >= 0 {
			continue
		}
		shared := map[int]int{}
		for _, item := range want[i].Items {
			if o, ok := owner[item.ExternalID]; ok && !taken[o] {
				if shared[o]++; 2*shared[o] > max(len(want[i].Items), len(old[o].Items)) && from[i] < 0 {
					from[i] = o
				}
			}
		}
		if from[i] >= 0 {
			taken[from[i]] = true
		}
	}
	return from
}

// pairs gives for each wanted key where it is among the old ones, or -1. A key
// that is there twice is paired in order.
func pairs(old, want []string) []int {
	at := map[string][]int{}
	for i, k := range old {
		at[k] = append(at[k], i)
	}
	from := make([]int, len(want))
	for i, k := range want {
		from[i] = -1
		if here := at[k]; len(here) > 0 {
			from[i], at[k] = here[0], here[1:]
		}
	}
	return from
}

func (m *merger) menu(n *region, old, want *Menu) {
	var items any
	if len(want.Items) > 0 || n.target().key("menu_items") != nil {
		items = m.freshItems(want)
	}
	m.object(n, Note{Entity: "menu", Name: want.Name}, []mergedField{
		{name: "name", keep: old.Name == want.Name, value: want.Name},
		{name: "menu_items", keep: len(old.Items)+len(want.Items) == 0, value: items, edit: func(n *region) { m.items(n, old.Items, want.Items) }},
	})
}

func (m *merger) items(n *region, old, want []Item) {
	from := pairs(names(old, func(i Item) string { return i.ExternalID }), names(want, func(i Item) string { return i.ExternalID }))
	entries := make([]entry, len(want))
	for i := range want {
		w := &want[i]
		entries[i] = entry{from: from[i], fresh: func() any { return m.freshItem(w) }}
		if from[i] >= 0 {
			o := &old[from[i]]
			entries[i].edit = func(n *region) {
				m.object(n, Note{Entity: "item", ExternalID: w.ExternalID, Name: w.Name}, m.itemFields(o, w))
			}
		}
	}
	m.sequence(n, entries)
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
	switch h := cmp.Or(o.OperationalHours, defaults.OperationalHours); {
	case old == nil && defaults.OperationalHours == nil:
		hours.value = m.encodedHours(want.OperationalHours)
	case h.same(want.OperationalHours):
		hours.keep = true
	case defaults.OperationalHours.same(want.OperationalHours):
		hours.value = nil
	default:
		hours.value = m.encodedHours(want.OperationalHours.orAlways())
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
		from := pairs(old, want)
		entries := make([]entry, len(want))
		for i, id := range want {
			entries[i] = entry{from: from[i], fresh: func() any { return id }, edit: func(element *region) {
				if m.stale(element) {
					m.replace(n, element, id)
				}
			}}
		}
		m.sequence(n, entries)
	}
	return f
}

// categories keeps the file's order, which nobody sees; new ones stand behind
// the one that they follow in the live menu.
func (m *merger) categories(n *region) {
	old, want := m.old.VariantCategories, m.want.VariantCategories
	from := pairs(names(old, func(c VariantCategory) string { return c.ExternalID }), names(want, func(c VariantCategory) string { return c.ExternalID }))
	order := make([]int, 0, len(want)) // indices of want
	for i := range want {
		if from[i] >= 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return from[a] - from[b] })
	for i := range want {
		if from[i] < 0 {
			at := 0
			if i > 0 {
				at = slices.Index(order, i-1) + 1
			}
			order = slices.Insert(order, at, i)
		}
	}
	entries := make([]entry, 0, len(order))
	for _, i := range order {
		w := &want[i]
		e := entry{from: from[i], fresh: func() any { return m.freshCategory(w) }}
		if from[i] >= 0 {
			o := &old[from[i]]
			e.edit = func(n *region) { m.category(n, o, w) }
		}
		entries = append(entries, e)
	}
	m.sequence(n, entries)
}

func (m *merger) category(n *region, old, want *VariantCategory) {
	internal := textField("internal_name", old.InternalName, want.InternalName)
	if cmp.Or(old.InternalName, want.Name) == cmp.Or(want.InternalName, want.Name) {
		internal.keep, internal.value = true, orNil(old.InternalName)
	}
	most := old.MaxQuantity
	if unlimited(n.target()) {
		most = len(want.Variants)
	}
	selection := []mergedField{
		{name: "min_quantity", keep: old.MinQuantity == want.MinQuantity, value: literal(strconv.Itoa(want.MinQuantity))},
		{name: "max_quantity", keep: most == want.MaxQuantity, value: literal(strconv.Itoa(want.MaxQuantity))},
	}
	who := Note{Entity: "variant_category", ExternalID: want.ExternalID, Name: want.Name}
	rules := object{{key: "selection", value: object{{key: "min_quantity", value: selection[0].value}, {key: "max_quantity", value: selection[1].value}}}}
	m.object(n, who, []mergedField{
		{name: "external_id", keep: true, value: want.ExternalID},
		textField("name", old.Name, want.Name),
		internal,
		{name: "rules", keep: selection[0].keep && selection[1].keep, value: rules, edit: func(n *region) {
			m.object(n, who, []mergedField{{name: "selection", value: rules[0].value, edit: func(n *region) { m.object(n, who, selection) }}})
		}},
		{name: "variants", keep: len(old.Variants)+len(want.Variants) == 0, value: m.freshVariants(want), edit: func(n *region) { m.variants(n, old.Variants, want.Variants) }},
	})
}

// unlimited tells whether max_quantity is null in the file.
func unlimited(category *region) bool {
	for _, name := range []string{"rules", "selection", "max_quantity"} {
		k := category.key(name)
		if k == nil {
			return false
		}
		category = k.value.target()
	}
	return category.kind == kindNull
}

func (m *merger) freshVariants(want *VariantCategory) list {
	variants := list{}
	for i := range want.Variants {
		variants = append(variants, m.freshVariant(&want.Variants[i]))
	}
	return variants
}

func (m *merger) variants(n *region, old, want []Variant) {
	from := pairs(names(old, func(v Variant) string { return v.ExternalID }), names(want, func(v Variant) string { return v.ExternalID }))
	entries := make([]entry, len(want))
	for i := range want {
		w := &want[i]
		entries[i] = entry{from: from[i], fresh: func() any { return m.freshVariant(w) }}
		if from[i] >= 0 {
			o := &old[from[i]]
			entries[i].edit = func(n *region) {
				m.object(n, Note{Entity: "variant", ExternalID: w.ExternalID, Name: w.Name}, m.variantFields(o, w))
			}
		}
	}
	m.sequence(n, entries)
}

func (m *merger) variantFields(old, want *Variant) []mergedField {
	o := old
	if o == nil {
		o = &Variant{}
	}
	fields := []mergedField{
		textField("external_id", o.ExternalID, want.ExternalID),
		textField("name", o.Name, want.Name),
		{name: "price", keep: old != nil && o.Price == want.Price, value: literal(want.Price.String())},
		{name: "in_stock", keep: true, value: flagOrNil(o.InStock)},
	}
	if live, known := m.stock.Variants[want.ExternalID]; known && o.InStock != nil && *o.InStock != live {
		fields[3].keep, fields[3].value = false, live
	}
	return fields
}
