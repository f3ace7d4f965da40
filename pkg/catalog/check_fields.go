package catalog

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of texts, in characters. Those of names and descriptions are documented
// (developer documentation, "Menu structure"; Enterprise Integration Middleware, "Update menu"), the
// others are what partners' own clients keep to.
const (
	maxMenuName       = 150
	maxItemName       = 150
	maxDescription    = 200
	maxEnterpriseText = 250 // names and descriptions of items
	maxInternalName   = 200
	maxExternalID     = 200
	maxVariantName    = 150
	safeVariantName   = 50 // one client cuts them here
)

// text checks the length of a text, and what cannot be seen in it.
func (c *checker) text(s string, at Position, where place, lengthRule, what string, limit int) {
	if len(s) > limit {
		if n := utf8.RuneCountInString(s); n > limit {
			c.report(lengthRule, SeverityError, at, where, "%s has %d characters, %d more than allowed", what, n, n-limit)
		}
	}
	if odd := unseen(s, lengthRule == RuleExternalIDLength, lengthRule == RuleDescriptionLength); odd != "" {
		c.report(RuleControlCharacters, SeverityWarning, at, where, "%s has %s", what, odd)
	}
	if !norm.NFC.IsNormalString(s) {
		c.report(RuleNotNFC, SeverityWarning, at, where, "%s is not in Unicode's composed form (NFC)", what)
	}
}

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
