package catalog

import (
	"fmt"
	"slices"
)

// Equal tells whether a live catalog is what a payload asks for.
func Equal(p *Payload, live *Live) bool { return len(Differences(p, live)) == 0 }

// Differences says in sentences how a live catalog differs from a payload, for
// reading back what was pushed. Menus are known by name, everything else by
// external id; the order of menus, items and variants counts.
//
// Two things are equal that do not look it: an image has another URL once the
// platform has stored it, so that only its presence counts, and hours that the
// answer leaves out are hours that are always.
func Differences(p *Payload, live *Live) []string {
	c := &comparison{}
	have, _ := live.Source(p.source())
	stock := live.Stock(p.source())

	c.order("menus", names(p.Menus, func(m PayloadMenu) string { return m.Name }), names(have.Menus, func(m Menu) string { return m.Name }))
	for _, m := range p.Menus {
		i := slices.IndexFunc(have.Menus, func(h Menu) bool { return h.Name == m.Name })
		if i < 0 {
			continue // told by order
		}
		c.menu(m, have.Menus[i], stock)
	}
	c.categories(p, have, stock)
	return c.differences
}

type comparison struct{ differences []string }

func (c *comparison) add(format string, args ...any) {
	c.differences = append(c.differences, fmt.Sprintf(format, args...))
}

func (c *comparison) field(of, field string, want, have any) {
	if want != have {
		c.add("%s: %s is %s live, and %s in the payload", of, field, show(have), show(want))
	}
}

func show(v any) string {
	if s, ok := v.(string); ok {
		return quoted(s)
	}
	return fmt.Sprint(v)
}

// order compares two lists of keys.
func (c *comparison) order(of string, want, have []string) {
	if slices.Equal(want, have) {
		return
	}
	missing, extra := subtract(want, have), subtract(have, want)
	for _, k := range missing {
		c.add("%s: %s is missing live", of, quoted(k))
	}
	for _, k := range extra {
		c.add("%s: %s is live, and not in the payload", of, quoted(k))
	}
	if len(missing) == 0 && len(extra) == 0 {
		c.add("%s: the order differs", of)
	}
}

// subtract gives what a has more of than b, one by one.
func subtract(a, b []string) (rest []string) {
	count := map[string]int{}
	for _, k := range b {
		count[k]++
	}
	for _, k := range a {
		if count[k]--; count[k] < 0 {
			rest = append(rest, k)
		}
	}
	return rest
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = name(v)
	}
	return out
}

func (c *comparison) menu(want PayloadMenu, have Menu, stock Stock) {
	c.order("menu "+quoted(want.Name),
		names(want.MenuItems, func(i PayloadItem) string { return i.ExternalID }),
		names(have.Items, func(i Item) string { return i.ExternalID }))
	byID := map[string]*Item{}
	for i := range have.Items {
		byID[have.Items[i].ExternalID] = &have.Items[i]
	}
	for i := range want.MenuItems {
		w := &want.MenuItems[i]
		h := byID[w.ExternalID]
		if h == nil {
			continue // told by order
		}
		of := "item " + quoted(w.ExternalID)
		c.field(of, "name", w.Name, h.Name)
		if w.InternalName != "" || h.InternalName != w.Name {
			c.field(of, "internal_name", w.InternalName, h.InternalName)
		}
		c.field(of, "description", w.Description, h.Description)
		c.field(of, "price", w.Price, h.Price)
		c.field(of, "has an image", w.Image != "", h.Image != "")
		c.stock(of, w.InStock, stock.Items, w.ExternalID)
		if !(*Hours)(w.OperationalHours).same(h.OperationalHours) {
			c.add("%s: operational_hours differ", of)
		}
		c.order(of+": variant categories", w.VariantCategoryExternalIDs, h.VariantCategoryExternalIDs)
	}
}

func (c *comparison) stock(of string, want bool, live map[string]bool, id string) {
	if have, said := live[id]; said {
		c.field(of, "in_stock", want, have)
	}
}

func (c *comparison) categories(p *Payload, have *Source, stock Stock) {
	want := names(p.VariantCategories, func(c PayloadVariantCategory) string { return c.ExternalID })
	live := names(have.VariantCategories, func(c VariantCategory) string { return c.ExternalID })
	slices.Sort(want) // a customer sees them in the order of an item's references
	slices.Sort(live)
	c.order("variant categories", want, live)
	for i := range p.VariantCategories {
		w := &p.VariantCategories[i]
		j := slices.IndexFunc(have.VariantCategories, func(h VariantCategory) bool { return h.ExternalID == w.ExternalID })
		if j < 0 {
			continue // told by order
		}
		h := &have.VariantCategories[j]
		of := "variant category " + quoted(w.ExternalID)
		c.field(of, "name", w.Name, h.Name)
		if h.InternalName != "" || w.InternalName != w.Name {
			c.field(of, "internal_name", w.InternalName, h.InternalName)
		}
		c.field(of, "min_quantity", w.Rules.Selection.MinQuantity, h.MinQuantity)
		c.field(of, "max_quantity", w.Rules.Selection.MaxQuantity, h.MaxQuantity)
		c.order(of,
			names(w.Variants, func(v PayloadVariant) string { return v.ExternalID }),
			names(h.Variants, func(v Variant) string { return v.ExternalID }))
		for _, v := range w.Variants {
			k := slices.IndexFunc(h.Variants, func(l Variant) bool { return l.ExternalID == v.ExternalID })
			if k < 0 {
				continue
			}
			of := "variant " + quoted(v.ExternalID)
			c.field(of, "name", v.Name, h.Variants[k].Name)
			c.field(of, "price", v.Price, h.Variants[k].Price)
			c.stock(of, v.InStock, stock.Variants, v.ExternalID)
		}
	}
}

// source gives the part of a payload that the external ids of categories are
// recognised by.
func (p *Payload) source() *Source {
	s := &Source{}
	for _, c := range p.VariantCategories {
		out := VariantCategory{ExternalID: c.ExternalID, Name: c.Name, InternalName: c.InternalName}
		for _, v := range c.Variants {
			out.Variants = append(out.Variants, Variant{ExternalID: v.ExternalID})
		}
		s.VariantCategories = append(s.VariantCategories, out)
	}
	return s
}
