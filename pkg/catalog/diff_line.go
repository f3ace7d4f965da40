package catalog

// Lines of a diff. A payload is built of its file one to one, so that the same
// indexes hold; a payload of another file has no lines.

// line is where a field of the entity stands in the file; 0 when it does not.
func (e *entity) line(field string) int {
	if e.gone || e.file == nil {
		return 0
	}
	switch e.kind {
	case EntityMenu:
		if e.group < len(e.file.Menus) && e.file.Menus[e.group].Name == e.name {
			return e.file.Menus[e.group].Origin.Field("name").Line
		}
	case EntityItem:
		if item := e.fileItem(e.group, e.index); item != nil {
			return e.file.itemField(item, field).Line
		}
	case EntityVariantCategory:
		if c := e.fileCategory(e.group); c != nil {
			return c.Origin.Field(pathInEntity(field)).Line
		}
	case EntityVariant:
		if v := e.fileVariant(e.group, e.index); v != nil {
			return v.Origin.Field(field).Line
		}
	}
	return 0
}

// itemField gives the place of an item's field, or that of the default which it
// has from.
func (s *File) itemField(item *Item, field string) Position {
	switch {
	case field == "operational_hours" && item.OperationalHours == nil && s.Defaults.OperationalHours != nil,
		field == "in_stock" && item.InStock == nil && s.Defaults.InStock != nil:
		return s.Defaults.Origin.Field(field)
	}
	return item.Origin.Field(field)
}

func (d *differ) fileItem(i, j int) *Item {
	if d.file == nil || i >= len(d.file.Menus) || j >= len(d.file.Menus[i].Items) {
		return nil
	}
	if item := &d.file.Menus[i].Items[j]; item.ExternalID == d.payload.Menus[i].MenuItems[j].ExternalID {
		return item
	}
	return nil
}

func (d *differ) fileCategory(i int) *VariantCategory {
	if d.file == nil || i >= len(d.file.VariantCategories) {
		return nil
	}
	if c := &d.file.VariantCategories[i]; c.ExternalID == d.payload.VariantCategories[i].ExternalID {
		return c
	}
	return nil
}

func (d *differ) fileVariant(i, j int) *Variant {
	c := d.fileCategory(i)
	if c == nil || j >= len(c.Variants) {
		return nil
	}
	if v := &c.Variants[j]; v.ExternalID == d.payload.VariantCategories[i].Variants[j].ExternalID {
		return v
	}
	return nil
}
