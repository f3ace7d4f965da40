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
	rekeyed    map[string]string // entity and external id of a payload to the other id that is live
}

// as gives everything in the live menu the external id that it has in a file or
// payload, also where the live one is another: see [rekeys].
func (l *Live) as(known knownEntities) liveIDs {
	ids := l.externalIDs(known.categories)
	ids.rekeyed = map[string]string{}
	live := make([][]identity, len(l.Menus))
	for i := range l.Menus {
		m := &l.Menus[i]
		for j, id := range ids.items[i] {
			live[i] = append(live[i], identity{id: id, name: m.Items[j].Name, within: m.Name})
		}
	}
	ids.take(EntityItem, rekeys(known.items, live), ids.items)

	categories, variants := make([]identity, len(l.VariantCategories)), make([][]identity, len(l.VariantCategories))
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		categories[i] = identity{id: ids.categories[i], name: c.Name, within: c.otherInternalName()}
	}
	wanted := convert(known.categories, func(c knownCategory) identity {
		return identity{id: c.id, name: c.name, within: otherName(c.internalName, c.name)}
	})
	ids.take(EntityVariantCategory, rekeys([][]identity{wanted}, [][]identity{categories}), [][]string{ids.categories})
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		if c.ID != "" {
			ids.byID[c.ID] = ids.categories[i]
		}
		if c.ExternalID == "" {
			delete(ids.rekeyed, EntityVariantCategory+ids.categories[i]) // what is live is not known
		}
		for j, id := range ids.variants[i] {
			variants[i] = append(variants[i], identity{id: id, name: c.Variants[j].Name, within: ids.categories[i]})
		}
	}
	ids.take(EntityVariant, rekeys(convert(known.categories, func(c knownCategory) []identity { return c.variants }), variants), ids.variants)
	return ids
}

// A rekey is an entity of the live menu with the external id that it gets.
type rekey struct {
	group, index int
	to           string
}

func (ids *liveIDs) take(entity string, rekeys []rekey, of [][]string) {
	for _, r := range rekeys {
		ids.rekeyed[entity+r.to] = of[r.group][r.index]
		of[r.group][r.index] = r.to
	}
}

// rekeys finds what is the same under another external id, because it has the same
// name and stands in the same menu or category: an id that changes only in case,
// blanks or Unicode form, and a made id that gets a real one. Where two come into
// question, neither is.
func rekeys(wanted, live [][]identity) (found []rekey) {
	ids := func(groups [][]identity) [][]string {
		return convert(groups, func(g []identity) []string { return convert(g, func(i identity) string { return i.id }) })
	}
	have, want := ids(live), ids(wanted)
	if slices.EqualFunc(want, have, slices.Equal) {
		return nil // as mostly
	}
	anywhere := slices.Repeat([]int{-1}, len(want))
	m := matchKeys(want, have, anywhere)
	named := func(i identity) string { return folded(i.within) + "\x00" + folded(i.name) }
	alike := func(i identity) string { return named(i) + "\x00" + folded(i.id) }
	m.only(wanted, live, alike, alike)
	m.only(wanted, live, func(i identity) string {
		if isMade(i.id) {
			return ""
		}
		return named(i)
	}, func(i identity) string {
		if !isMade(i.id) {
			return ""
		}
		return named(i)
	})
	for g, of := range m.of {
		for i, from := range of {
			if from.known() && have[from.group][from.index] != want[g][i] {
				found = append(found, rekey{from.group, from.index, want[g][i]})
			}
		}
	}
	return found
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

func isMade(id string) bool { return strings.HasPrefix(id, mintedPrefix) }

// mint derives an external id from an internal one, or from what else tells the
// entity apart.
func mint(internal string, rest ...string) string {
	if internal != "" {
		return mintedPrefix + internal
	}
	sum := sha256.Sum256([]byte(strings.Join(rest, "\x00")))
	return mintedPrefix + hex.EncodeToString(sum[:8])
}

// knownEntities are what a file or a payload has, to be recognised in a live menu.
type knownEntities struct {
	items      [][]identity // by menu
	categories []knownCategory
}

type knownCategory struct {
	id, name, internalName string
	variants               []identity
}

func (s *File) known() (known knownEntities) {
	if s == nil {
		return known
	}
	known.items = convert(s.Menus, func(m Menu) []identity {
		return convert(m.Items, func(i Item) identity { return identity{id: i.ExternalID, name: i.Name, within: m.Name} })
	})
	known.categories = convert(s.VariantCategories, func(c VariantCategory) knownCategory {
		return knownCategory{c.ExternalID, c.Name, c.InternalName, convert(c.Variants, func(v Variant) identity {
			return identity{id: v.ExternalID, name: v.Name, within: c.ExternalID}
		})}
	})
	return known
}

func (p *Payload) known() (known knownEntities) {
	known.items = convert(p.Menus, func(m PayloadMenu) []identity {
		return convert(m.MenuItems, func(i PayloadItem) identity { return identity{id: i.ExternalID, name: i.Name, within: m.Name} })
	})
	known.categories = convert(p.VariantCategories, func(c PayloadVariantCategory) knownCategory {
		return knownCategory{c.ExternalID, c.Name, c.InternalName, convert(c.Variants, func(v PayloadVariant) identity {
			return identity{id: v.ExternalID, name: v.Name, within: c.ExternalID}
		})}
	})
	return known
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
		variants := asSet(convert(c.variants, func(v identity) string { return v.id }))
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
	return strings.Join([]string{name, otherName(internal, name), variants}, "\x01")
}

func otherName(internal, name string) string {
	if internal == name {
		return ""
	}
	return internal
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
