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

// encoded returns the keys in the order in which a person reads them; what is not
// stated is left out.
func (f *File) encoded(notes []Note) edit.Object {
	comments := commentsByEntity(notes)
	return stated(edit.Object{
		{Key: "request_id", Value: orNil(f.RequestID)},
		{Key: "defaults", Value: f.Defaults.encoded()},
		{Key: "menus", Value: listed(f.Menus, func(m *Menu) any {
			return encodedMenu(m, func(i *Item) any { return i.encoded(comments) })
		})},
		{Key: "variant_categories", Value: listedOrNil(f.VariantCategories, func(c *VariantCategory) any { return c.encoded(comments) })},
	})
}

func (d *Defaults) encoded() any {
	o := stated(edit.Object{{Key: hoursKey, Value: hoursOrNil(d.OperationalHours)}, {Key: "in_stock", Value: flagOrNil(d.InStock)}})
	if len(o) == 0 {
		return nil
	}
	return o
}

func encodedMenu(m *Menu, item func(*Item) any) edit.Object {
	return edit.Object{{Key: "name", Value: m.Name}, {Key: "menu_items", Value: listed(m.Items, item)}}
}

func (i *Item) encoded(comments map[entityKey]string) edit.Object {
	return stated(edit.Object{
		{Key: "external_id", Value: i.ExternalID, Comment: comments[entityKey{EntityItem, i.ExternalID}]},
		{Key: "name", Value: i.Name},
		{Key: "internal_name", Value: orNil(i.InternalName)},
		{Key: "description", Value: orNil(i.Description)},
		{Key: "price", Value: edit.Literal(i.Price.String())},
		{Key: "in_stock", Value: flagOrNil(i.InStock)},
		{Key: "image", Value: orNil(i.Image)},
		{Key: hoursKey, Value: hoursOrNil(i.OperationalHours)},
		{Key: "variant_category_external_ids", Value: idsOrNil(i.VariantCategoryExternalIDs)},
	})
}

func (c *VariantCategory) encoded(comments map[entityKey]string) edit.Object {
	return stated(edit.Object{
		{Key: "external_id", Value: c.ExternalID, Comment: comments[entityKey{EntityVariantCategory, c.ExternalID}]},
		{Key: "name", Value: c.Name},
		{Key: "internal_name", Value: orNil(c.InternalName)},
		{Key: "rules", Value: edit.Object{{Key: "selection", Value: edit.Object{
			{Key: "min_quantity", Value: edit.Literal(strconv.Itoa(c.MinQuantity))},
			{Key: "max_quantity", Value: edit.Literal(strconv.Itoa(c.MaxQuantity))},
		}}}},
		{Key: "variants", Value: listed(c.Variants, func(v *Variant) any { return v.encoded(comments) })},
	})
}

func (v *Variant) encoded(comments map[entityKey]string) edit.Object {
	return stated(edit.Object{
		{Key: "external_id", Value: v.ExternalID, Comment: comments[entityKey{EntityVariant, v.ExternalID}]},
		{Key: "name", Value: v.Name},
		{Key: "price", Value: edit.Literal(v.Price.String())},
		{Key: "in_stock", Value: flagOrNil(v.InStock)},
	})
}

// stated leaves out the pairs without a value.
func stated(o edit.Object) edit.Object {
	return slices.DeleteFunc(o, func(p edit.Pair) bool { return p.Value == nil })
}

// listed writes each element of a list.
func listed[T any](list []T, one func(*T) any) edit.List {
	out := make(edit.List, len(list))
	for i := range list {
		out[i] = one(&list[i])
	}
	return out
}

// A value that is not stated is nil.

func listedOrNil[T any](list []T, one func(*T) any) any {
	if len(list) == 0 {
		return nil
	}
	return listed(list, one)
}

func idsOrNil(ids []string) any { return listedOrNil(ids, func(id *string) any { return *id }) }

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func flagOrNil(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}

func hoursOrNil(h *Hours) any {
	if h == nil {
		return nil
	}
	return encodedHours(h)
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
	return listed(windows, func(w *Window) any {
		if short, ok := w.short(); ok {
			return short
		}
		return encodedWindow(*w)
	})
}

func encodedWindow(w Window) edit.Object {
	return edit.Object{{Key: "start", Value: w.Start}, {Key: "end", Value: w.End}}
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
