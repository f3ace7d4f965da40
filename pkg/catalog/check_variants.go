package catalog

import (
	"fmt"
	"unicode/utf8"
)

// Paths of the quantities below a variant category.
const (
	minQuantityKey = "rules.selection.min_quantity"
	maxQuantityKey = "rules.selection.max_quantity"
)

// variants checks variant categories, and what items say about them.
func (c *checker) variants() {
	s := c.file
	categories, variants := newUniqueIDs(), newUniqueIDs()
	for i := range s.VariantCategories {
		if c.full() {
			return
		}
		category := &s.VariantCategories[i]
		c.category(category, categoryPlace(i))
		categories.add(c, category.ExternalID, category.Origin.Field("external_id"), categoryPlace(i).at("external_id"), "variant category")
		names := make(seenNames, len(category.Variants))
		for j := range category.Variants {
			v := &category.Variants[j]
			names.add(c, v.Name, v.Origin.Field("name"), variantPlace(i, j).at("name"), "variant of this category")
			c.variant(v, variantPlace(i, j))
			variants.add(c, v.ExternalID, v.Origin.Field("external_id"), variantPlace(i, j).at("external_id"), "variant")
		}
	}
	cheapest := c.references(categories)
	for i := range s.VariantCategories {
		category := &s.VariantCategories[i]
		item, used := cheapest[category.ExternalID]
		if !used && category.ExternalID != "" {
			c.report(RuleUnusedCategory, SeverityWarning, category.Origin.Field("external_id"), categoryPlace(i).at("external_id"),
				"no item refers to the variant category %s", quoted(category.ExternalID))
		}
		for j := range category.Variants {
			c.variantPrice(&category.Variants[j], item, variantPlace(i, j))
		}
	}
}

// references follows the items to the categories they offer, and returns the
// cheapest item of each.
func (c *checker) references(categories uniqueIDs) map[string]*Item {
	cheapest := make(map[string]*Item, len(categories.exact))
	last := map[string]*Item{} // the last item that refers to a category
	for i := range c.file.Menus {
		items := c.file.Menus[i].Items
		for j := range items {
			item := &items[j]
			for k, id := range item.VariantCategoryExternalIDs {
				if _, known := categories.exact[id]; !known {
					c.report(RuleDanglingReference, SeverityError, item.Origin.reference(k), referencePlace(i, j, k), "there is no variant category %s", quoted(id))
				}
				if last[id] == item {
					c.report(RuleDuplicateExternalID, SeverityError, item.Origin.reference(k), referencePlace(i, j, k), "the item refers to %s twice", quoted(id))
				}
				last[id] = item
				if now := cheapest[id]; now == nil || item.Price.Rupiah < now.Price.Rupiah {
					cheapest[id] = item
				}
			}
		}
	}
	return cheapest
}

func referencePlace(i, j, k int) place {
	return itemPlace(i, j).at(fmt.Sprintf("variant_category_external_ids[%d]", k))
}

func (c *checker) category(category *VariantCategory, where place) {
	o := &category.Origin
	c.text(category.ExternalID, o.Field("external_id"), where.at("external_id"), RuleExternalIDLength, "the external id", maxExternalID)
	c.text(category.Name, o.Field("name"), where.at("name"), RuleVariantNameLength, "the name of the variant category", maxVariantName)
	c.text(category.InternalName, o.Field("internal_name"), where.at("internal_name"), RuleInternalNameLength, "the internal name", maxInternalName)

	low, high := category.MinQuantity, category.MaxQuantity
	if low < 0 {
		c.report(RuleVariantRule, SeverityError, o.Field(minQuantityKey), where.at(minQuantityKey), "min_quantity is negative: %d", low)
	}
	if high < low {
		c.report(RuleVariantRule, SeverityError, o.Field(maxQuantityKey), where.at(maxQuantityKey), "max_quantity, %d, is less than min_quantity, %d", high, low)
	}
	inStock := 0 // or may be, where the file does not say
	for _, v := range category.Variants {
		if v.InStock == nil || *v.InStock {
			inStock++
		}
	}
	c.choice(category, low, inStock, where)
}

// choice warns of a choice that no customer can make.
func (c *checker) choice(category *VariantCategory, least, inStock int, where place) {
	if inStock < least {
		c.report(RuleVariantRule, SeverityWarning, category.Origin.Field("variants"), where.at("variants"),
			"a customer must choose %d of %s; variants that are not sold out: %d", least, quoted(category.ExternalID), inStock)
	}
}

// CheckStock warns of the choices that nobody can make once a payload is live: what
// is sold out there is known only after live stock was merged. file is what the
// payload was built of, for the places; it may be nil.
func (p *Payload) CheckStock(file *File) Findings {
	c := &checker{file: file, set: Gofood}
	for i := range p.VariantCategories {
		sent := &p.VariantCategories[i]
		category := &VariantCategory{ExternalID: sent.ExternalID}
		if file != nil && i < len(file.VariantCategories) {
			category = &file.VariantCategories[i]
		}
		c.choice(category, sent.Rules.Selection.MinQuantity, sent.inStock(), categoryPlace(i))
	}
	return c.findings
}

// inStock counts the variants that can be chosen.
func (c *PayloadVariantCategory) inStock() int {
	n := 0
	for _, v := range c.Variants {
		if v.InStock {
			n++
		}
	}
	return n
}

func (c *checker) variant(v *Variant, where place) {
	o := &v.Origin
	c.text(v.ExternalID, o.Field("external_id"), where.at("external_id"), RuleExternalIDLength, "the external id", maxExternalID)
	c.text(v.Name, o.Field("name"), where.at("name"), RuleVariantNameLength, "the name of the variant", maxVariantName)
	if n := utf8.RuneCountInString(v.Name); n > safeVariantName && n <= maxVariantName {
		c.report(RuleVariantNameLength, SeverityWarning, o.Field("name"), where.at("name"), "the name of the variant has %d characters, more than %d", n, safeVariantName)
	}
}

// noVariants refuses what the Enterprise API cannot hold.
func (c *checker) noVariants() {
	const message = "the Enterprise API has no variant categories"
	for i := range c.file.Menus {
		items := c.file.Menus[i].Items
		for j := range items {
			if len(items[j].VariantCategoryExternalIDs) > 0 {
				const field = "variant_category_external_ids"
				c.report(RuleUnknownKey, SeverityError, items[j].Origin.Field(field), itemPlace(i, j).at(field), message)
			}
		}
	}
	for i := range c.file.VariantCategories {
		c.report(RuleUnknownKey, SeverityError, c.file.VariantCategories[i].Origin.Position, categoryPlace(i), message)
	}
}
