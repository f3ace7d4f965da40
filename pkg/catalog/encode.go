package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// The encoded form of a source: what both writers have in common. Keys are in
// the order a person reads them; what is not stated is left out.

// pair is a key of an object, with the comment that YAML puts behind the value.
type pair struct {
	key     string
	value   any // string, literal, bool, object or list
	comment string
}

type (
	object  []pair
	list    []any
	literal string // a number
)

func (s *File) encoded(notes []Note) object {
	var root object
	comments := commentsByEntity(notes)
	root = root.text("request_id", s.RequestID)
	var defaults object
	defaults = defaults.hours(s.Defaults.OperationalHours)
	defaults = defaults.inStock(s.Defaults.InStock)
	if len(defaults) > 0 {
		root = append(root, pair{key: "defaults", value: defaults})
	}
	menus := list{}
	for _, m := range s.Menus {
		items := list{}
		for i := range m.Items {
			items = append(items, m.Items[i].encoded(comments))
		}
		menus = append(menus, object{{key: "name", value: m.Name}, {key: "menu_items", value: items}})
	}
	root = append(root, pair{key: "menus", value: menus})
	if len(s.VariantCategories) == 0 {
		return root
	}
	categories := list{}
	for i := range s.VariantCategories {
		categories = append(categories, s.VariantCategories[i].encoded(comments))
	}
	return append(root, pair{key: "variant_categories", value: categories})
}

func (i *Item) encoded(comments map[entityKey]string) object {
	o := object{
		{key: "external_id", value: i.ExternalID, comment: comments[entityKey{"item", i.ExternalID}]},
		{key: "name", value: i.Name},
	}
	o = o.text("internal_name", i.InternalName)
	o = o.text("description", i.Description)
	o = append(o, pair{key: "price", value: literal(i.Price.String())})
	o = o.inStock(i.InStock)
	o = o.text("image", i.Image)
	o = o.hours(i.OperationalHours)
	if len(i.VariantCategoryExternalIDs) > 0 {
		ids := list{}
		for _, id := range i.VariantCategoryExternalIDs {
			ids = append(ids, id)
		}
		o = append(o, pair{key: "variant_category_external_ids", value: ids})
	}
	return o
}

func (c *VariantCategory) encoded(comments map[entityKey]string) object {
	o := object{
		{key: "external_id", value: c.ExternalID, comment: comments[entityKey{"variant_category", c.ExternalID}]},
		{key: "name", value: c.Name},
	}
	o = o.text("internal_name", c.InternalName)
	o = append(o, pair{key: "rules", value: object{{key: "selection", value: object{
		{key: "min_quantity", value: literal(strconv.Itoa(c.MinQuantity))},
		{key: "max_quantity", value: literal(strconv.Itoa(c.MaxQuantity))},
	}}}})
	variants := list{}
	for _, v := range c.Variants {
		variant := object{
			{key: "external_id", value: v.ExternalID, comment: comments[entityKey{"variant", v.ExternalID}]},
			{key: "name", value: v.Name},
			{key: "price", value: literal(v.Price.String())},
		}
		variants = append(variants, variant.inStock(v.InStock))
	}
	return append(o, pair{key: "variants", value: variants})
}

func (o object) text(key, value string) object {
	if value == "" {
		return o
	}
	return append(o, pair{key: key, value: value})
}

func (o object) inStock(value *bool) object {
	if value == nil {
		return o
	}
	return append(o, pair{key: "in_stock", value: *value})
}

// hours writes every_day when all days are the same, else the days that are
// named.
func (o object) hours(h *Hours) object {
	if h == nil {
		return o
	}
	equal := h[0] != nil
	for _, day := range h[1:] {
		equal = equal && day != nil && slices.Equal(day, h[0])
	}
	days := object{}
	if equal {
		days = append(days, pair{key: everyDay, value: encodedDay(h[0])})
	}
	for day, windows := range h {
		if windows != nil && !equal {
			days = append(days, pair{key: Weekdays[day], value: encodedDay(windows)})
		}
	}
	return append(o, pair{key: "operational_hours", value: days})
}

func encodedDay(windows []Window) any {
	out := list{}
	for _, w := range windows {
		if short, ok := w.short(); ok {
			out = append(out, short)
		} else {
			out = append(out, object{{key: "start", value: w.Start}, {key: "end", value: w.End}})
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

// EncodeJSON writes a source as JSON, indented by 2. [Parse] gives the same
// source back.
func EncodeJSON(s *File) ([]byte, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, s.encoded(nil), "\n"); err != nil {
		return nil, fmt.Errorf("cannot write the catalog as JSON: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func writeJSON(out *bytes.Buffer, v any, newline string) error {
	deeper := newline + "  "
	switch v := v.(type) {
	case object:
		if len(v) == 0 {
			out.WriteString("{}")
			return nil
		}
		for i, p := range v {
			out.WriteString(opening(i, "{"))
			out.WriteString(deeper)
			if err := writeJSON(out, p.key, deeper); err != nil {
				return err
			}
			out.WriteString(": ")
			if err := writeJSON(out, p.value, deeper); err != nil {
				return err
			}
		}
		out.WriteString(newline + "}")
	case list:
		if len(v) == 0 {
			out.WriteString("[]")
			return nil
		}
		for i, element := range v {
			out.WriteString(opening(i, "["))
			out.WriteString(deeper)
			if err := writeJSON(out, element, deeper); err != nil {
				return err
			}
		}
		out.WriteString(newline + "]")
	case literal:
		out.WriteString(string(v))
	default:
		start := out.Len()
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err
		}
		out.Truncate(out.Len() - 1) // the encoder's line feed
		if text := out.Bytes()[start:]; bytes.ContainsFunc(text, hidden) {
			escaped := escapeHidden(string(text), false)
			out.Truncate(start)
			out.WriteString(escaped)
		}
	}
	return nil
}

func opening(i int, bracket string) string {
	if i == 0 {
		return bracket
	}
	return ","
}
