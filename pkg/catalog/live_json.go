package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// JSON writes the catalog in the shape of GET …/v2/catalog, without its
// envelope. [FromLive] reads it back equal.
func (l *Live) JSON() ([]byte, error) {
	answer := struct {
		Menus             []liveMenu            `json:"menus"`
		VariantCategories []liveVariantCategory `json:"variant_categories"`
	}{[]liveMenu{}, []liveVariantCategory{}}
	for _, m := range l.Menus {
		menu := liveMenu{Name: m.Name, MenuItems: []*liveItem{}}
		for i := range m.Items {
			menu.MenuItems = append(menu.MenuItems, m.Items[i].wire())
		}
		answer.Menus = append(answer.Menus, menu)
	}
	for i := range l.VariantCategories {
		answer.VariantCategories = append(answer.VariantCategories, l.VariantCategories[i].wire())
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answer); err != nil {
		return nil, fmt.Errorf("cannot write the live catalog as JSON: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func (i *LiveItem) wire() *liveItem {
	out := &liveItem{
		ID: i.ID, ExternalID: i.ExternalID, Name: i.Name, InternalName: i.InternalName, Description: i.Description,
		Price: livePrice(i.Price), InStock: i.InStock, Image: i.Image, VariantCategoryIDs: i.VariantCategoryIDs,
	}
	if i.OperationalHours == nil {
		return out
	}
	out.OperationalHours = map[string][]*liveWindow{}
	for day, windows := range i.OperationalHours {
		if windows == nil {
			continue // not named
		}
		named := []*liveWindow{}
		for _, w := range windows {
			named = append(named, (*liveWindow)(&w))
		}
		out.OperationalHours[Weekdays[day]] = named
	}
	return out
}

func (c *LiveVariantCategory) wire() liveVariantCategory {
	out := liveVariantCategory{ID: c.ID, ExternalID: c.ExternalID, Name: c.Name, InternalName: c.InternalName, Variants: []*liveVariant{}}
	out.Rules.Selection.MinQuantity = liveCount(c.MinQuantity)
	if c.MaxQuantity != nil {
		limit := liveCount(*c.MaxQuantity)
		out.Rules.Selection.MaxQuantity = &limit
	}
	for _, v := range c.Variants {
		out.Variants = append(out.Variants, &liveVariant{ID: v.ID, ExternalID: v.ExternalID, Name: v.Name, Price: livePrice(v.Price), InStock: v.InStock})
	}
	return out
}

// MarshalJSON writes what UnmarshalJSON reads.
func (p livePrice) MarshalJSON() ([]byte, error) { return Price(p).MarshalJSON() }
