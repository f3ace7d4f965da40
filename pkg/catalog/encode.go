package catalog

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gobiz-cli/gobiz/internal/document/edit"
)

// EncodeYAML writes a file as YAML for people to edit: keys in a fixed order,
// hours in their short form, the line that tells editors the schema, and a
// comment for each note. [Parse] gives the same file back.
func EncodeYAML(f *File, notes []Note) ([]byte, error) {
	data, err := edit.YAML("# yaml-language-server: $schema="+SchemaURL+"\n", f.encoded(notes))
	if err != nil {
		return nil, fmt.Errorf("cannot write the catalog as YAML: %w", err)
	}
	return data, nil
}

// EncodeJSON writes a file as JSON, indented by 2. [Parse] gives the same file
// back.
func EncodeJSON(f *File) ([]byte, error) {
	data, err := edit.JSON(f.encoded(nil))
	if err != nil {
		return nil, fmt.Errorf("cannot write the catalog as JSON: %w", err)
	}
	return data, nil
}

// encoded gives the keys in the order in which a person reads them; what is not
// stated is left out.
func (s *File) encoded(notes []Note) edit.Object {
	var root edit.Object
	comments := commentsByEntity(notes)
	root = withText(root, "request_id", s.RequestID)
	var defaults edit.Object
	defaults = withHours(defaults, s.Defaults.OperationalHours)
	defaults = withStock(defaults, s.Defaults.InStock)
	if len(defaults) > 0 {
		root = append(root, edit.Pair{Key: "defaults", Value: defaults})
	}
	menus := edit.List{}
	for _, m := range s.Menus {
		items := edit.List{}
		for i := range m.Items {
			items = append(items, m.Items[i].encoded(comments))
		}
		menus = append(menus, edit.Object{{Key: "name", Value: m.Name}, {Key: "menu_items", Value: items}})
	}
	root = append(root, edit.Pair{Key: "menus", Value: menus})
	if len(s.VariantCategories) == 0 {
		return root
	}
	categories := edit.List{}
	for i := range s.VariantCategories {
		categories = append(categories, s.VariantCategories[i].encoded(comments))
	}
	return append(root, edit.Pair{Key: "variant_categories", Value: categories})
}

func (i *Item) encoded(comments map[entityKey]string) edit.Object {
	o := edit.Object{
		{Key: "external_id", Value: i.ExternalID, Comment: comments[entityKey{"item", i.ExternalID}]},
		{Key: "name", Value: i.Name},
	}
	o = withText(o, "internal_name", i.InternalName)
	o = withText(o, "description", i.Description)
	o = append(o, edit.Pair{Key: "price", Value: edit.Literal(i.Price.String())})
	o = withStock(o, i.InStock)
	o = withText(o, "image", i.Image)
	o = withHours(o, i.OperationalHours)
	if len(i.VariantCategoryExternalIDs) > 0 {
		ids := edit.List{}
		for _, id := range i.VariantCategoryExternalIDs {
			ids = append(ids, id)
		}
		o = append(o, edit.Pair{Key: "variant_category_external_ids", Value: ids})
	}
	return o
}

func (c *VariantCategory) encoded(comments map[entityKey]string) edit.Object {
	o := edit.Object{
		{Key: "external_id", Value: c.ExternalID, Comment: comments[entityKey{"variant_category", c.ExternalID}]},
		{Key: "name", Value: c.Name},
	}
	o = withText(o, "internal_name", c.InternalName)
	o = append(o, edit.Pair{Key: "rules", Value: edit.Object{{Key: "selection", Value: edit.Object{
		{Key: "min_quantity", Value: edit.Literal(strconv.Itoa(c.MinQuantity))},
		{Key: "max_quantity", Value: edit.Literal(strconv.Itoa(c.MaxQuantity))},
	}}}})
	variants := edit.List{}
	for _, v := range c.Variants {
		variant := edit.Object{
			{Key: "external_id", Value: v.ExternalID, Comment: comments[entityKey{"variant", v.ExternalID}]},
			{Key: "name", Value: v.Name},
			{Key: "price", Value: edit.Literal(v.Price.String())},
		}
		variants = append(variants, withStock(variant, v.InStock))
	}
	return append(o, edit.Pair{Key: "variants", Value: variants})
}

func withText(o edit.Object, key, value string) edit.Object {
	if value == "" {
		return o
	}
	return append(o, edit.Pair{Key: key, Value: value})
}

func withStock(o edit.Object, value *bool) edit.Object {
	if value == nil {
		return o
	}
	return append(o, edit.Pair{Key: "in_stock", Value: *value})
}

func withHours(o edit.Object, h *Hours) edit.Object {
	if h == nil {
		return o
	}
	return append(o, edit.Pair{Key: hoursKey, Value: encodedHours(h)})
}

// encodedHours writes every_day when all days are the same, else the days that
// are named.
func encodedHours(h *Hours) edit.Object {
	equal := h[0] != nil
	for _, day := range h[1:] {
		equal = equal && day != nil && slices.Equal(day, h[0])
	}
	if equal {
		return edit.Object{{Key: everyDay, Value: encodedDay(h[0])}}
	}
	days := edit.Object{}
	for day, windows := range h {
		if windows != nil {
			days = append(days, edit.Pair{Key: Weekdays[day], Value: encodedDay(windows)})
		}
	}
	return days
}

func encodedDay(windows []Window) edit.List {
	out := edit.List{}
	for _, w := range windows {
		if short, ok := w.short(); ok {
			out = append(out, short)
		} else {
			out = append(out, edit.Object{{Key: "start", Value: w.Start}, {Key: "end", Value: w.End}})
		}
	}
	return out
}

type entityKey struct{ entity, id string }

func commentsByEntity(notes []Note) map[entityKey]string {
	comments := map[entityKey]string{}
	for _, n := range notes {
		k := entityKey{n.Entity, n.ExternalID}
		if before := comments[k]; before != "" {
			comments[k] = before + "; " + n.Message
		} else {
			comments[k] = n.Message
		}
	}
	return comments
}
