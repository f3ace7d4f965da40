package catalog

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/gobiz-cli/gobiz/internal/document"
	"github.com/gobiz-cli/gobiz/internal/document/edit"
)

// categories keeps the file's order, which nobody sees; new ones stand behind
// the one that they follow in the live menu.
func (m *merger) categories(n *edit.Node) {
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
	entries := make([]edit.Entry, 0, len(order))
	for _, i := range order {
		w := &want[i]
		e := edit.Entry{From: from[i], Fresh: func() any { return m.newCategory(w, listed(w.Variants, m.arrivingVariant)) }}
		if from[i] >= 0 {
			e.Edit = func(n *edit.Node) { m.category(n, from[i], w) }
		}
		entries = append(entries, e)
	}
	m.file.Sequence(n, entries)
}

func (m *merger) category(n *edit.Node, from int, want *VariantCategory) {
	old := &m.old.VariantCategories[from]
	internal := textField("internal_name", old.InternalName, want.InternalName)
	if cmp.Or(old.InternalName, want.Name) == cmp.Or(want.InternalName, want.Name) {
		internal.Keep, internal.Value = true, orNil(old.InternalName)
	}
	most := old.MaxQuantity
	if unlimited(n.Target()) {
		most = max(len(want.Variants), want.MinQuantity)
	}
	selection := []edit.Field{
		{Name: "min_quantity", Keep: old.MinQuantity == want.MinQuantity, Value: edit.Literal(strconv.Itoa(want.MinQuantity))},
		{Name: "max_quantity", Keep: most == want.MaxQuantity, Value: edit.Literal(strconv.Itoa(want.MaxQuantity))},
	}
	who := Note{Entity: "variant_category", ExternalID: want.ExternalID, Name: want.Name}
	rules := edit.Object{{Key: "selection", Value: edit.Object{{Key: "min_quantity", Value: selection[0].Value}, {Key: "max_quantity", Value: selection[1].Value}}}}
	var variants any
	if list := n.Target().Get("variants"); list == nil || list.Kind == document.Null {
		m.file.Arriving(n, func() { variants = listed(want.Variants, m.arrivingVariant) })
	} else {
		variants = listed(want.Variants, m.freshVariant)
	}
	m.file.Object(n, who, []edit.Field{
		m.idField(EntityVariantCategory, old.ExternalID, want.ExternalID),
		textField("name", old.Name, want.Name),
		internal,
		{Name: "rules", Keep: selection[0].Keep && selection[1].Keep, Value: rules, Edit: func(n *edit.Node) {
			m.file.Object(n, who, []edit.Field{{Name: "selection", Parts: true, Value: rules[0].Value, Edit: func(n *edit.Node) { m.file.Object(n, who, selection) }}})
		}},
		{Name: "variants", Parts: true, Keep: len(old.Variants)+len(want.Variants) == 0, Value: variants, Edit: func(n *edit.Node) { m.variants(n, from, want.Variants) }},
	})
}

// unlimited reports whether max_quantity is null in the file.
func unlimited(category *edit.Node) bool {
	for _, name := range []string{"rules", "selection", "max_quantity"} {
		n := category.Get(name)
		if n == nil {
			return false
		}
		category = n.Target()
	}
	return category.Kind == document.Null
}

func (m *merger) freshCategory(want *VariantCategory) any {
	return m.newCategory(want, listed(want.Variants, m.freshVariant))
}

func (m *merger) newCategory(want *VariantCategory, variants edit.List) edit.Object {
	o := want.encoded(m.comments)
	o[len(o)-1].Value = variants
	return o
}

func (m *merger) freshVariant(want *Variant) any {
	return m.fresh(entityKey{EntityVariant, want.ExternalID}, m.variantFields(m.oldVariant(want), want))
}

func (m *merger) oldVariant(want *Variant) *Variant {
	if from := m.fromVariant[want]; from.known() {
		return &m.old.VariantCategories[from.group].Variants[from.index]
	}
	return nil
}

func (m *merger) variants(n *edit.Node, category int, want []Variant) {
	m.file.Sequence(n, entries(want, m.fromVariant, category, m.arrivingVariant, m.variant))
}

// variant brings a variant of the file up to date.
func (m *merger) variant(n *edit.Node, want *Variant) {
	m.file.Object(n, Note{Entity: EntityVariant, ExternalID: want.ExternalID, Name: want.Name}, m.variantFields(m.oldVariant(want), want))
}

// arrivingVariant is a variant that is new in its category, like
// [merger.arrivingItem].
func (m *merger) arrivingVariant(want *Variant) any {
	from := m.fromVariant[want]
	if !from.known() {
		return m.freshVariant(want)
	}
	return m.file.Moved(m.listOf("variant_categories", from.group, "variants"), from.index, m.freshVariant(want), func(n *edit.Node) { m.variant(n, want) })
}

func (m *merger) variantFields(old, want *Variant) []edit.Field {
	o := old
	if o == nil {
		o = &Variant{}
	}
	fields := []edit.Field{
		m.idField(EntityVariant, o.ExternalID, want.ExternalID),
		textField("name", o.Name, want.Name),
		{Name: "price", Keep: old != nil && o.Price == want.Price, Value: edit.Literal(want.Price.String())},
		{Name: "in_stock", Keep: true, Value: flagOrNil(o.InStock)},
	}
	if live, known := m.stock.Variants[want.ExternalID]; known && o.InStock != nil && *o.InStock != live {
		fields[3].Keep, fields[3].Value = false, live
	}
	return fields
}
