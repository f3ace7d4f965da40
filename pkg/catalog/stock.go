package catalog

// Stock says which entities of a live catalog are in stock, by external id. An
// entity without one is found under the id that [Live.File] gives it.
type Stock struct {
	Items    map[string]bool
	Variants map[string]bool
}

// Stock collects the stock of a live catalog, for a source that was pulled with
// the same known source. What the answer does not say is not in it; of an item
// that stands in several menus the first counts.
func (l *Live) Stock(known *File) Stock {
	stock := Stock{Items: map[string]bool{}, Variants: map[string]bool{}}
	if l == nil {
		return stock
	}
	ids := l.externalIDs(known)
	add := func(to map[string]bool, id string, inStock *bool) {
		if _, has := to[id]; !has && inStock != nil {
			to[id] = *inStock
		}
	}
	for _, m := range l.Menus {
		for i := range m.Items {
			add(stock.Items, ids.item(m.Name, &m.Items[i]), m.Items[i].InStock)
		}
	}
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		for j := range c.Variants {
			add(stock.Variants, ids.variant(c, &c.Variants[j]), c.Variants[j].InStock)
		}
	}
	return stock
}
