package sender

import (
	"math/rand/v2"
	"slices"
)

// A MenuItem is what a made-up order may have on it.
type MenuItem struct {
	ExternalID string
	Name       string
	Price      float64 // rupiah, without variants
	Categories []VariantCategory
}

// A VariantCategory is a choice that comes with an item: at least Min of its
// variants and at most Max.
type VariantCategory struct {
	Min, Max int
	Variants []MenuVariant
}

// A MenuVariant is one of the variants to choose from.
type MenuVariant struct {
	ExternalID string
	Name       string
	Price      float64 // rupiah, added to the item's
}

// SampleMenu is what made-up orders have on them when nobody says otherwise.
func SampleMenu() []MenuItem {
	spiciness := VariantCategory{Min: 1, Max: 1, Variants: []MenuVariant{
		{"V-PEDAS-0", "Tidak Pedas", 0}, {"V-PEDAS-1", "Sedang", 0}, {"V-PEDAS-2", "Pedas Sekali", 1000},
	}}
	extras := VariantCategory{Max: 2, Variants: []MenuVariant{
		{"V-PANGSIT", "Pangsit Goreng", 5000}, {"V-BAKSO", "Bakso Sapi", 7000},
	}}
	size := VariantCategory{Min: 1, Max: 1, Variants: []MenuVariant{
		{"V-BIASA", "Biasa", 0}, {"V-JUMBO", "Jumbo", 4000},
	}}
	return []MenuItem{
		{"MI-001", "Bakmi Ayam", 27000, []VariantCategory{spiciness, extras}},
		{"MI-002", "Bakmi Pangsit", 32000, []VariantCategory{spiciness, extras}},
		{"NA-001", "Nasi Goreng Kampung", 28000, []VariantCategory{spiciness}},
		{"MN-001", "Es Jeruk", 12000, []VariantCategory{size}},
		{"MN-003", "Kopi Susu Gula Aren", 18000, []VariantCategory{size}},
	}
}

// maxBasket is how many items a made-up order has at most.
const maxBasket = 3

// basket is what a customer takes: a few items of the menu, each with the
// variants that must be chosen and sometimes more.
func basket(random *rand.Rand, menu []MenuItem) []Item {
	n := min(len(menu), 1+random.IntN(maxBasket))
	taken := map[int]bool{}
	items := make([]Item, 0, n)
	for len(items) < n {
		at := random.IntN(len(menu))
		if taken[at] {
			continue
		}
		taken[at] = true
		items = append(items, orderLine(random, menu[at]))
	}
	return items
}

// orderLine is one line of an order. The same item has the same id in every order.
func orderLine(random *rand.Rand, from MenuItem) Item {
	line := Item{
		ID: EventID("item ", from.ExternalID), ExternalID: from.ExternalID, Name: from.Name,
		Quantity: 1 + random.IntN(2), Price: from.Price, Variants: []Variant{},
	}
	for _, category := range from.Categories {
		n := category.Min
		if most := min(category.Max, len(category.Variants)); most > n {
			n += random.IntN(most - n + 1)
		}
		chosen := random.Perm(len(category.Variants))[:min(n, len(category.Variants))]
		slices.Sort(chosen) // as the menu has them
		for _, at := range chosen {
			v := category.Variants[at]
			line.Price += v.Price
			line.Variants = append(line.Variants, Variant{ID: EventID("variant ", v.ExternalID), ExternalID: v.ExternalID, Name: v.Name})
		}
	}
	return line
}
