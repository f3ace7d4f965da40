package cmd

import (
	"context"

	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// menuOf reads what an order may have on it from a catalog file.
func (c *console) menuOf(ctx context.Context, file string, legacy bool) ([]sender.MenuItem, error) {
	data, err := c.readInput(ctx, file, catalog.MaxFileSize)
	if err != nil {
		return nil, err
	}
	api := catalog.Partner
	if legacy {
		api = catalog.Enterprise
	}
	source, findings := catalog.Parse(inputName(file), data, api)
	if err := findings.Err(inputName(file)); err != nil {
		return nil, c.listFindings(err)
	}
	menu := orderMenu(source)
	if len(menu) == 0 {
		return nil, invalidInput("", "%s has no item that is in stock, so nothing can be ordered", inputName(file))
	}
	return menu, nil
}

// orderMenu is what a customer could order from a catalog file: the items that
// are in stock, each once, with the variants that are.
func orderMenu(source *catalog.File) []sender.MenuItem {
	categories := map[string]sender.VariantCategory{}
	for _, c := range source.VariantCategories {
		category := sender.VariantCategory{Min: c.MinQuantity, Max: c.MaxQuantity}
		for _, v := range c.Variants {
			if v.InStock == nil || *v.InStock {
				category.Variants = append(category.Variants, sender.MenuVariant{ExternalID: v.ExternalID, Name: v.Name, Price: rupiah(v.Price)})
			}
		}
		categories[c.ExternalID] = category
	}
	var menu []sender.MenuItem
	known := map[string]bool{}
	for _, m := range source.Menus {
		for _, item := range m.Items {
			if !orderable(source, item) || known[item.ExternalID] {
				continue
			}
			known[item.ExternalID] = true
			dish := sender.MenuItem{ExternalID: item.ExternalID, Name: item.Name, Price: rupiah(item.Price)}
			for _, id := range item.VariantCategoryExternalIDs {
				if category, ok := categories[id]; ok {
					dish.Categories = append(dish.Categories, category)
				}
			}
			menu = append(menu, dish)
		}
	}
	return menu
}

// orderable reports whether an item is in stock as far as the file knows.
func orderable(source *catalog.File, item catalog.Item) bool {
	stock := item.InStock
	if stock == nil {
		stock = source.Defaults.InStock
	}
	return stock == nil || *stock
}

func rupiah(p catalog.Price) float64 { return float64(p.Rupiah) + float64(p.Sen)/100 }
