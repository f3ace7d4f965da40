package catalog

import "github.com/gobiz-cli/gobiz/internal/document"

// file reads the top level. The keys are those of the PUT body (developer
// documentation, "Sync menu"), with defaults added.
func (r *reader) file(n *document.Node) *File {
	f := &File{}
	f.Origin = r.object(n, "a catalog, an object with the key menus",
		document.Field{Name: "$schema", Read: func(*document.Node) {}}, // where editors look for the schema of a JSON file
		document.Field{Name: "request_id", Read: r.Text(&f.RequestID)},
		document.Field{Name: "defaults", Read: func(n *document.Node) { f.Defaults = r.defaults(n) }},
		document.Field{Name: "menus", Required: true, Read: entities(r, &f.Menus, r.menu)},
		document.Field{Name: "variant_categories", Read: entities(r, &f.VariantCategories, r.variantCategory)},
	)
	return f
}

func (r *reader) defaults(n *document.Node) (d Defaults) {
	o := &d.Origin
	o.Position, o.fields = Position(n.At), r.Object(n, "an object",
		document.Field{Name: hoursKey, Read: r.hours(&d.OperationalHours, &o.windows)},
		document.Field{Name: "in_stock", Read: r.flag(&d.InStock)},
	)
	return d
}

func (r *reader) menu(n *document.Node) (m Menu) {
	m.Origin = r.object(n, "a menu, an object",
		document.Field{Name: "name", Required: true, Read: r.Name(&m.Name)},
		document.Field{Name: "menu_items", Read: entities(r, &m.Items, r.readItem)},
	)
	return m
}

func (r *reader) readItem(n *document.Node) Item {
	r.item = Item{}
	o := &r.item.Origin
	o.Position, o.fields = Position(n.At), r.Object(n, "a menu item, an object", r.itemFields...)
	return r.item
}

func (r *reader) fieldsOfItem(i *Item) []document.Field {
	return []document.Field{
		{Name: "external_id", Required: true, Read: r.Name(&i.ExternalID)},
		{Name: "name", Required: true, Read: r.Name(&i.Name)},
		{Name: "internal_name", Read: r.Text(&i.InternalName)},
		{Name: "description", Read: r.Text(&i.Description)},
		{Name: "price", Required: true, Read: r.price(&i.Price)},
		{Name: "in_stock", Read: r.flag(&i.InStock)},
		{Name: "image", Read: r.Text(&i.Image)},
		{Name: hoursKey, Read: r.hours(&i.OperationalHours, &i.Origin.windows)},
		{Name: "variant_category_external_ids", Read: r.List(func(n *document.Node) {
			var id string
			if r.Name(&id)(n); id != "" {
				i.VariantCategoryExternalIDs = append(i.VariantCategoryExternalIDs, id)
				i.Origin.references = append(i.Origin.references, Position(n.At))
			}
		})},
	}
}

func (r *reader) variantCategory(n *document.Node) (c VariantCategory) {
	limited := true
	var quantities []document.Place
	c.Origin = r.object(n, "a variant category, an object",
		document.Field{Name: "external_id", Required: true, Read: r.Name(&c.ExternalID)},
		document.Field{Name: "name", Required: true, Read: r.Name(&c.Name)},
		document.Field{Name: "internal_name", Read: r.Text(&c.InternalName)},
		document.Field{Name: "rules", Required: true, Read: func(n *document.Node) { limited, quantities = r.rules(n, &c) }},
		document.Field{Name: "variants", Required: true, Read: entities(r, &c.Variants, r.variant)},
	)
	c.Origin.fields = append(c.Origin.fields, quantities...)
	if !limited {
		c.MaxQuantity = max(len(c.Variants), c.MinQuantity)
	}
	return c
}

// rules reads the selection rule. It returns false when max_quantity is null,
// which integrations write for "as many as you like", and the places of both
// quantities.
func (r *reader) rules(n *document.Node, c *VariantCategory) (limited bool, at []document.Place) {
	limited = true
	r.Object(n, "an object with the key selection", document.Field{Name: "selection", Required: true, Read: func(n *document.Node) {
		stated := false
		at = r.Object(n, "an object with min_quantity and max_quantity",
			document.Field{Name: "min_quantity", Required: true, Read: r.quantity(&c.MinQuantity)},
			document.Field{Name: "max_quantity", Read: func(n *document.Node) { stated = true; r.quantity(&c.MaxQuantity)(n) }},
		)
		for i := range at {
			if at[i].Field == "max_quantity" {
				limited = stated
			}
			at[i].Field = "rules.selection." + at[i].Field
		}
		if !stated && limited && n.Kind == document.Object {
			r.Missing(n.At, "max_quantity", "write null for as many as there are variants")
		}
	}})
	return limited, at
}

func (r *reader) variant(n *document.Node) (v Variant) {
	v.Origin = r.object(n, "a variant, an object",
		document.Field{Name: "external_id", Required: true, Read: r.Name(&v.ExternalID)},
		document.Field{Name: "name", Required: true, Read: r.Name(&v.Name)},
		document.Field{Name: "price", Required: true, Read: r.price(&v.Price)},
		document.Field{Name: "in_stock", Read: r.flag(&v.InStock)},
	)
	return v
}
