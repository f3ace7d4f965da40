package catalog

import (
	"fmt"
	"slices"
)

// A LiveProblem is an entity of a live menu whose orders cannot be told apart
// or mapped: an order names items and variants by external id.
type LiveProblem struct {
	Entity  string // item, variant_category or variant
	Name    string
	Menu    string // of an item; the category's name of a variant
	Problem string
	Hint    string
}

// Audit checks the mapping of a live menu: it returns the entities whose orders
// would fail. An item that stands in several menus with the same name and price
// is one item.
//
// Variant categories are not named by orders, and GET …/v2/catalog usually has no
// external id for them. One without is told of only where others have theirs.
func (l *Live) Audit() []LiveProblem {
	a := liveAudit{seen: map[entityKey]string{}}
	for _, m := range l.Menus {
		inMenu := map[string]bool{}
		for i := range m.Items {
			item := &m.Items[i]
			switch {
			case a.without(EntityItem, item.ExternalID, item.Name, m.Name):
			case inMenu[item.ExternalID]:
				a.add(EntityItem, item.Name, m.Name, fmt.Sprintf("external id %s stands twice in this menu", quoted(item.ExternalID)), "give each item an external id of its own")
			default:
				inMenu[item.ExternalID] = true
				a.taken(EntityItem, item.ExternalID, item.Name, m.Name, fmt.Sprintf("%s for %v", quoted(item.Name), item.Price))
			}
		}
	}
	known := slices.ContainsFunc(l.VariantCategories, func(c LiveVariantCategory) bool { return c.ExternalID != "" })
	for _, c := range l.VariantCategories {
		if known && !a.without(EntityVariantCategory, c.ExternalID, c.Name, "") {
			a.taken(EntityVariantCategory, c.ExternalID, c.Name, "", quoted(c.Name))
		}
		for _, v := range c.Variants {
			if !a.without(EntityVariant, v.ExternalID, v.Name, c.Name) {
				a.taken(EntityVariant, v.ExternalID, v.Name, c.Name, quoted(v.Name))
			}
		}
	}
	return a.problems
}

type liveAudit struct {
	problems []LiveProblem
	seen     map[entityKey]string // what it is
}

func (a *liveAudit) add(entity, name, menu, problem, hint string) {
	a.problems = append(a.problems, LiveProblem{Entity: entity, Name: name, Menu: menu, Problem: problem, Hint: hint})
}

func (a *liveAudit) without(entity, id, name, menu string) bool {
	if id != "" {
		return false
	}
	a.add(entity, name, menu, "no external id: orders with it cannot be mapped", "pull the menu, give it an external id, and push")
	return true
}

// taken tells of an external id that another entity of the kind has, unless both
// are one item. is describes the entity.
func (a *liveAudit) taken(entity, id, name, menu, is string) {
	k := entityKey{entity, id}
	switch before, known := a.seen[k]; {
	case !known:
		a.seen[k] = is
	case entity != EntityItem || before != is:
		a.add(entity, name, menu, fmt.Sprintf("external id %s is also that of %s", quoted(id), before), "give each an external id of its own")
	}
}
