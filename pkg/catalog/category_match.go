package catalog

import (
	"slices"
	"strings"
)

// categoryIndex finds the variant categories of a source again in a live
// catalog, whose answer usually has no external ids for them.
type categoryIndex struct {
	ids   map[string]bool
	exact map[string][]string // by names and variants: external ids in the order of the source
	alike map[string][]string // by variants
	taken map[string]bool
}

func indexCategories(s *File) *categoryIndex {
	x := &categoryIndex{ids: map[string]bool{}, exact: map[string][]string{}, alike: map[string][]string{}, taken: map[string]bool{}}
	if s == nil {
		return x
	}
	for i := range s.VariantCategories {
		c := &s.VariantCategories[i]
		ids := make([]string, len(c.Variants))
		for j := range c.Variants {
			ids[j] = c.Variants[j].ExternalID
		}
		variants := asSet(ids)
		x.ids[c.ExternalID] = true
		key := exactKey(c.Name, c.InternalName, variants)
		x.exact[key] = append(x.exact[key], c.ExternalID)
		if len(c.Variants) > 0 {
			x.alike[variants] = append(x.alike[variants], c.ExternalID)
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

// match gives each live category without an external id that of the source's
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
	ids := make([]string, len(c.Variants))
	for i := range c.Variants {
		v := &c.Variants[i]
		if ids[i] = v.ExternalID; v.ExternalID == "" {
			ids[i] = mint(v.ID, EntityVariant, c.minted(), v.Name)
		}
	}
	return asSet(ids)
}
