package catalog

// highPrice is where one partner's client takes GoFood to refuse an item.
const highPrice = 2_000_000

func (c *checker) itemPrice(item *Item, where place) {
	at := func() Position { return item.Origin.Field("price") }
	switch p := item.Price; {
	case p.Rupiah < 0 || p.Sen < 0:
		c.report(RulePrice, SeverityError, at(), where.at("price"), "the price is negative: %s", p)
	case p == Price{}:
		c.report(RulePrice, SeverityWarning, at(), where.at("price"), "the item costs nothing")
	case p.Rupiah > highPrice || p.Rupiah == highPrice && p.Sen > 0:
		c.report(RulePrice, SeverityWarning, at(), where.at("price"), "the price is above Rp 2,000,000: %s", p)
	}
}

// variantPrice compares a variant with the cheapest item that offers it.
func (c *checker) variantPrice(v *Variant, cheapest *Item, where place) {
	if cheapest == nil || cheapest.Price.Rupiah < 0 || v.Price.Rupiah >= 0 || cheapest.Price.Rupiah+v.Price.Rupiah >= 0 {
		return
	}
	c.report(RulePrice, SeverityWarning, v.Origin.Field("price"), where.at("price"),
		"with %s the item %s, at %s, costs less than nothing", v.Price, quoted(cheapest.ExternalID), cheapest.Price)
}
