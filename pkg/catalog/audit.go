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
	a := liveAudit{seen: map[string]map[string]string{}}
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
				a.ambiguous(EntityItem, item.ExternalID, item.Name, m.Name, item.Price)
			}
		}
	}
	known := slices.ContainsFunc(l.VariantCategories, func(c LiveVariantCategory) bool { return c.ExternalID != "" })
	for _, c := range l.VariantCategories {
		if known && !a.without(EntityVariantCategory, c.ExternalID, c.Name, "") {
			a.twice(EntityVariantCategory, c.ExternalID, c.Name, "")
		}
		for _, v := range c.Variants {
			if !a.without(EntityVariant, v.ExternalID, v.Name, c.Name) {
				a.twice(EntityVariant, v.ExternalID, v.Name, c.Name)
			}
		}
	}
	return a.problems
}

type liveAudit struct {
	problems []LiveProblem
	seen     map[string]map[string]string // by entity and external id: what it is
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

// first reports whether an external id comes for the first time, or what it was
// then.
func (a *liveAudit) first(entity, id, is string) (before string, first bool) {
	if a.seen[entity] == nil {
		a.seen[entity] = map[string]string{}
	}
	before, known := a.seen[entity][id]
	if !known {
		a.seen[entity][id] = is
	}
	return before, !known
}

func (a *liveAudit) ambiguous(entity, id, name, menu string, price Price) {
	is := fmt.Sprintf("%s for %v", quoted(name), price)
	if before, first := a.first(entity, id, is); !first && before != is {
		a.add(entity, name, menu, fmt.Sprintf("external id %s is also that of %s", quoted(id), before), "give each item an external id of its own")
	}
}

func (a *liveAudit) twice(entity, id, name, menu string) {
	if before, first := a.first(entity, id, quoted(name)); !first {
		a.add(entity, name, menu, fmt.Sprintf("external id %s is also that of %s", quoted(id), before), "give each an external id of its own")
	}
}
