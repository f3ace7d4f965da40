package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// liveIDs are the external ids of what stands in a live menu, by index: those of
// the answer, those of a file or payload, or made ones.
type liveIDs struct {
	items      [][]string // by menu
	categories []string
	variants   [][]string        // by category
	byID       map[string]string // of categories: GoBiz's id to the external one
}

// externalIDs gives everything in the live menu an external id. known are
// variant categories whose ids are taken over, because answers usually have none.
func (l *Live) externalIDs(known []knownCategory) liveIDs {
	ids := liveIDs{
		items: make([][]string, len(l.Menus)), categories: make([]string, len(l.VariantCategories)),
		variants: make([][]string, len(l.VariantCategories)), byID: map[string]string{},
	}
	for i := range l.Menus {
		m := &l.Menus[i]
		ids.items[i] = convert(m.Items, func(item LiveItem) string {
			if item.ExternalID != "" {
				return item.ExternalID
			}
			return mint(item.ID, EntityItem, m.Name, item.Name)
		})
	}
	found := indexCategories(known).match(l.VariantCategories)
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		id := cmp.Or(c.ExternalID, found[c])
		if id == "" {
			id = c.minted()
		}
		ids.categories[i] = id
		if c.ID != "" {
			ids.byID[c.ID] = id
		}
		ids.variants[i] = convert(c.Variants, func(v LiveVariant) string { return v.externalID(id) })
	}
	return ids
}

// externalID is the variant's own, or one that is made. category is that of its
// category.
func (v LiveVariant) externalID(category string) string {
	if v.ExternalID != "" {
		return v.ExternalID
	}
	return mint(v.ID, EntityVariant, category, v.Name)
}

// references are the external ids of an item's variant categories, without those
// that are not in the menu.
func (ids *liveIDs) references(i *LiveItem) []string {
	var out []string
	for _, id := range i.VariantCategoryIDs {
		if external, ok := ids.byID[id]; ok {
			out = append(out, external)
		}
	}
	return out
}

// mintedPrefix begins the external ids that are derived from GoBiz's own ids.
const mintedPrefix = "gobiz-"

// mint derives an external id from an internal one, or from what else tells the
// entity apart.
func mint(internal string, rest ...string) string {
	if internal != "" {
		return mintedPrefix + internal
	}
	sum := sha256.Sum256([]byte(strings.Join(rest, "\x00")))
	return mintedPrefix + hex.EncodeToString(sum[:8])
}

// A knownCategory is what a variant category of a file or a payload is
// recognised by in a live menu.
type knownCategory struct {
	id, name, internalName string
	variants               []string // external ids
}

func (s *File) knownCategories() []knownCategory {
	if s == nil {
		return nil
	}
	return convert(s.VariantCategories, func(c VariantCategory) knownCategory {
		return knownCategory{c.ExternalID, c.Name, c.InternalName, convert(c.Variants, func(v Variant) string { return v.ExternalID })}
	})
}

func (p *Payload) knownCategories() []knownCategory {
	return convert(p.VariantCategories, func(c PayloadVariantCategory) knownCategory {
		return knownCategory{c.ExternalID, c.Name, c.InternalName, convert(c.Variants, func(v PayloadVariant) string { return v.ExternalID })}
	})
}

// categoryIndex finds known variant categories again in a live menu, whose answer
// usually has no external ids for them.
type categoryIndex struct {
	ids   map[string]bool
	exact map[string][]string // by names and variants: external ids in the known order
	alike map[string][]string // by variants
	taken map[string]bool
}

func indexCategories(known []knownCategory) *categoryIndex {
	x := &categoryIndex{ids: map[string]bool{}, exact: map[string][]string{}, alike: map[string][]string{}, taken: map[string]bool{}}
	for _, c := range known {
		variants := asSet(c.variants)
		x.ids[c.id] = true
		key := exactKey(c.name, c.internalName, variants)
		x.exact[key] = append(x.exact[key], c.id)
		if len(c.variants) > 0 {
			x.alike[variants] = append(x.alike[variants], c.id)
		}
	}
	return x
}

// exactKey: an internal name that is the name is no other than none.
func exactKey(name, internal, variants string) string {
	if internal == name {
		internal = ""
	}
	return strings.Join([]string{name, internal, variants}, "\x01")
}

// match gives each live category without an external id that of the known
// category which it is: one whose id was made from the live one's, else the same
// names and variants, else at least the same variants. Each is given once.
func (x *categoryIndex) match(live []LiveVariantCategory) map[*LiveVariantCategory]string {
	of := map[*LiveVariantCategory]string{}
	var open []*LiveVariantCategory
	for i := range live {
		c := &live[i]
		if c.ExternalID != "" {
			x.taken[c.ExternalID] = true
		} else {
			open = append(open, c)
		}
	}
	for _, find := range []func(*LiveVariantCategory) string{
		func(c *LiveVariantCategory) string {
			if id := c.minted(); x.ids[id] && !x.taken[id] {
				return id
			}
			return ""
		},
		func(c *LiveVariantCategory) string {
			return x.next(x.exact, exactKey(c.Name, c.InternalName, c.variantSet()))
		},
		func(c *LiveVariantCategory) string { return x.next(x.alike, c.variantSet()) },
	} {
		open = slices.DeleteFunc(open, func(c *LiveVariantCategory) bool {
			id := find(c)
			if id == "" {
				return false
			}
			x.taken[id] = true
			of[c] = id
			return true
		})
	}
	return of
}

// next takes the first id of a list that is not taken.
func (x *categoryIndex) next(from map[string][]string, key string) string {
	for ids := from[key]; len(ids) > 0; ids = from[key] {
		from[key] = ids[1:]
		if !x.taken[ids[0]] {
			return ids[0]
		}
	}
	return ""
}

func (c *LiveVariantCategory) minted() string {
	return mint(c.ID, EntityVariantCategory, c.InternalName, c.Name)
}

func (c *LiveVariantCategory) variantSet() string {
	return asSet(convert(c.Variants, func(v LiveVariant) string {
		return v.externalID(c.minted())
	}))
}
