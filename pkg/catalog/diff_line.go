package catalog

// Lines of a diff. A payload is built of its source one to one, so that the
// same indexes hold; a payload of another source has no lines.

func (d *differ) sourceItem(i, j int) *Item {
	if d.source == nil || i >= len(d.source.Menus) || j >= len(d.source.Menus[i].Items) {
		return nil
	}
	if item := &d.source.Menus[i].Items[j]; item.ExternalID == d.payload.Menus[i].MenuItems[j].ExternalID {
		return item
	}
	return nil
}

func (d *differ) sourceCategory(i int) *VariantCategory {
	if d.source == nil || i >= len(d.source.VariantCategories) {
		return nil
	}
	if c := &d.source.VariantCategories[i]; c.ExternalID == d.payload.VariantCategories[i].ExternalID {
		return c
	}
	return nil
}

func (d *differ) sourceVariant(i, j int) *Variant {
	c := d.sourceCategory(i)
	if c == nil || j >= len(c.Variants) {
		return nil
	}
	if v := &c.Variants[j]; v.ExternalID == d.payload.VariantCategories[i].Variants[j].ExternalID {
		return v
	}
	return nil
}

func (d *differ) menuLine(i int) int {
	if d.source == nil || i >= len(d.source.Menus) || d.source.Menus[i].Name != d.payload.Menus[i].Name {
		return 0
	}
	return d.source.Menus[i].Origin.Field("name").Line
}

func (d *differ) itemLine(i, j int, field string) int {
	item := d.sourceItem(i, j)
	if item == nil {
		return 0
	}
	at, defaults := item.Origin.Field(field), d.source.Defaults
	switch {
	case field == "operational_hours" && item.OperationalHours == nil && defaults.OperationalHours != nil,
		field == "in_stock" && item.InStock == nil && defaults.InStock != nil:
		at = defaults.Origin.Field(field)
	}
	return at.Line
}

func (d *differ) categoryLine(i int, field string) int {
	c := d.sourceCategory(i)
	if c == nil {
		return 0
	}
	if field == "min_quantity" || field == "max_quantity" {
		field = "rules.selection." + field
	}
	return c.Origin.Field(field).Line
}

func (d *differ) variantLine(i, j int, field string) int {
	v := d.sourceVariant(i, j)
	if v == nil {
		return 0
	}
	return v.Origin.Field(field).Line
}
