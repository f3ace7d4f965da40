package catalog

// source reads the top level of a file. The keys are those of the PUT body
// (developer documentation, "Sync menu"), with defaults added.
func (r *reader) source(root *node) *File {
	s := &File{}
	r.value(root, func(n *node) {
		s.Origin = r.object(n, nil, "a catalog, an object with the key menus", []field{
			{"$schema", false, ignore}, // where editors look for the schema of a JSON file
			{"request_id", false, r.text(&s.RequestID)},
			{"defaults", false, func(n *node, p *path) { s.Defaults = r.defaults(n, p) }},
			{"menus", true, r.list(func(n *node, p *path) { s.Menus = append(s.Menus, r.menu(n, p)) })},
			{"variant_categories", false, entities(r, &s.VariantCategories, r.variantCategory)},
		})
	})
	return s
}

func (r *reader) defaults(n *node, p *path) (d Defaults) {
	var lists *listPositions
	d.Origin = r.object(n, p, "an object", []field{
		{"operational_hours", false, r.hours(&d.OperationalHours, &lists)},
		{"in_stock", false, r.flag(&d.InStock)},
	})
	d.Origin.lists = lists
	return d
}

func (r *reader) menu(n *node, p *path) (m Menu) {
	m.Origin = r.object(n, p, "a menu, an object", []field{
		{"name", true, r.name(&m.Name)},
		{"menu_items", false, entities(r, &m.Items, r.item)},
	})
	return m
}

func (r *reader) item(n *node, p *path) (i Item) {
	var lists *listPositions
	i.Origin = r.object(n, p, "a menu item, an object", []field{
		{"external_id", true, r.name(&i.ExternalID)},
		{"name", true, r.name(&i.Name)},
		{"internal_name", false, r.text(&i.InternalName)},
		{"description", false, r.text(&i.Description)},
		{"price", true, r.price(&i.Price)},
		{"in_stock", false, r.flag(&i.InStock)},
		{"image", false, r.text(&i.Image)},
		{"operational_hours", false, r.hours(&i.OperationalHours, &lists)},
		{"variant_category_external_ids", false, r.list(func(n *node, p *path) {
			var id string
			if r.name(&id)(n, p); id != "" {
				i.VariantCategoryExternalIDs = append(i.VariantCategoryExternalIDs, id)
				if lists == nil {
					lists = &listPositions{}
				}
				lists.references = append(lists.references, n.at.spot())
			}
		})},
	})
	i.Origin.lists = lists
	return i
}

func (r *reader) variantCategory(n *node, p *path) (c VariantCategory) {
	limited := true
	var selection []fieldPosition
	c.Origin = r.object(n, p, "a variant category, an object", []field{
		{"external_id", true, r.name(&c.ExternalID)},
		{"name", true, r.name(&c.Name)},
		{"internal_name", false, r.text(&c.InternalName)},
		{"rules", true, func(n *node, p *path) { limited, selection = r.rules(n, p, &c) }},
		{"variants", true, entities(r, &c.Variants, r.variant)},
	})
	c.Origin.fields = append(c.Origin.fields, selection...)
	if !limited {
		c.MaxQuantity = len(c.Variants)
	}
	return c
}

// rules reads the selection rule. It gives false when max_quantity is null,
// which integrations write for "as many as you like", and the places of both
// quantities.
func (r *reader) rules(n *node, p *path, c *VariantCategory) (limited bool, at []fieldPosition) {
	limited = true
	r.object(n, p, "an object with the key selection", []field{
		{"selection", true, func(n *node, p *path) {
			var maximum *node
			selection := r.object(n, p, "an object with min_quantity and max_quantity", []field{
				{"min_quantity", true, r.quantity(&c.MinQuantity)},
				{"max_quantity", false, func(n *node, p *path) { maximum = n; r.quantity(&c.MaxQuantity)(n, p) }},
			})
			for _, f := range selection.fields {
				at = append(at, fieldPosition{"rules.selection." + f.name, f.at})
			}
			if maximum != nil || n.kind != kindObject {
				return
			}
			for _, f := range selection.fields {
				if f.name == "max_quantity" {
					limited = false
					return
				}
			}
			r.missing(n.at, p, "max_quantity", "write null for as many as there are variants")
		}},
	})
	return limited, at
}

func (r *reader) variant(n *node, p *path) (v Variant) {
	v.Origin = r.object(n, p, "a variant, an object", []field{
		{"external_id", true, r.name(&v.ExternalID)},
		{"name", true, r.name(&v.Name)},
		{"price", true, r.price(&v.Price)},
		{"in_stock", false, r.flag(&v.InStock)},
	})
	return v
}
