package catalog

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// categories keeps the file's order, which nobody sees; new ones stand behind
// the one that they follow in the live menu.
func (m *merger) categories(n *region) {
	want, from := m.want.VariantCategories, m.fromCategory
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
		e := entry{from: from[i], fresh: func() any { return m.newCategory(w, m.arrivingVariants(w)) }}
		if from[i] >= 0 {
			e.edit = func(n *region) { m.category(n, from[i], w) }
		}
		entries = append(entries, e)
	}
	m.sequence(n, entries)
}

func (m *merger) category(n *region, from int, want *VariantCategory) {
	old := &m.old.VariantCategories[from]
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
	var variants any
	if k := n.target().key("variants"); k == nil || k.value.kind == document.Null {
		m.arriving(n, func() { variants = m.arrivingVariants(want) })
	} else {
		variants = m.freshVariants(want)
	}
	m.object(n, who, []mergedField{
		textField("external_id", old.ExternalID, want.ExternalID),
		textField("name", old.Name, want.Name),
		internal,
		{name: "rules", keep: selection[0].keep && selection[1].keep, value: rules, edit: func(n *region) {
			m.object(n, who, []mergedField{{name: "selection", parts: true, value: rules[0].value, edit: func(n *region) { m.object(n, who, selection) }}})
		}},
		{name: "variants", parts: true, keep: len(old.Variants)+len(want.Variants) == 0, value: variants, edit: func(n *region) { m.variants(n, from, want.Variants) }},
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
	return category.kind == document.Null
}

func (m *merger) freshCategory(want *VariantCategory) object {
	return m.newCategory(want, m.freshVariants(want))
}

func (m *merger) newCategory(want *VariantCategory, variants list) object {
	o := want.encoded(m.comments)
	o[len(o)-1].value = variants
	return o
}

func (m *merger) freshVariants(want *VariantCategory) list {
	variants := list{}
	for i := range want.Variants {
		variants = append(variants, m.freshVariant(&want.Variants[i]))
	}
	return variants
}

func (m *merger) freshVariant(want *Variant) object {
	return m.fresh(entityKey{EntityVariant, want.ExternalID}, m.variantFields(m.oldVariant(want), want))
}

func (m *merger) oldVariant(want *Variant) *Variant {
	if from := m.fromVariant[want]; from.known() {
		return &m.old.VariantCategories[from.group].Variants[from.index]
	}
	return nil
}

func (m *merger) variants(n *region, category int, want []Variant) {
	entries := make([]entry, len(want))
	for i := range want {
		w := &want[i]
		entries[i] = entry{from: -1, fresh: func() any { return m.arrivingVariant(w) }}
		if from := m.fromVariant[w]; from.known() && from.group == category {
			entries[i].from = from.index
			entries[i].edit = func(n *region) { m.variant(n, w) }
		}
	}
	m.sequence(n, entries)
}

// variant brings a variant of the file up to date.
func (m *merger) variant(n *region, want *Variant) {
	m.object(n, Note{Entity: EntityVariant, ExternalID: want.ExternalID, Name: want.Name}, m.variantFields(m.oldVariant(want), want))
}

func (m *merger) arrivingVariants(want *VariantCategory) list {
	variants := list{}
	for i := range want.Variants {
		variants = append(variants, m.arrivingVariant(&want.Variants[i]))
	}
	return variants
}

// arrivingVariant is a variant that is new in its category, like
// [merger.arrivingItem].
func (m *merger) arrivingVariant(want *Variant) any {
	from := m.fromVariant[want]
	if !from.known() {
		return m.freshVariant(want)
	}
	return m.moved(m.listOf("variant_categories", from.group, "variants"), from.index, m.freshVariant(want), func(n *region) { m.variant(n, want) })
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
