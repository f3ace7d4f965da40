package catalog

// Stock says which entities of a live menu are in stock, by external id. An
// entity without one is found under the id that [Live.File] gives it.
type Stock struct {
	Items    map[string]bool
	Variants map[string]bool
}

// Stock collects the stock of a live menu, for a file that was pulled with the
// same known file. What the answer does not say is not in it; of an item that
// stands in several menus the first counts.
func (l *Live) Stock(known *File) Stock {
	if l == nil {
		l = &Live{}
	}
	return l.stock(l.externalIDs(known.knownCategories()))
}

func (l *Live) stock(ids liveIDs) Stock {
	stock := Stock{Items: map[string]bool{}, Variants: map[string]bool{}}
	add := func(to map[string]bool, id string, inStock *bool) {
		if _, has := to[id]; !has && inStock != nil {
			to[id] = *inStock
		}
	}
	for i := range l.Menus {
		for j := range l.Menus[i].Items {
			add(stock.Items, ids.items[i][j], l.Menus[i].Items[j].InStock)
		}
	}
	for i := range l.VariantCategories {
		for j := range l.VariantCategories[i].Variants {
			add(stock.Variants, ids.variants[i][j], l.VariantCategories[i].Variants[j].InStock)
		}
	}
	return stock
}
