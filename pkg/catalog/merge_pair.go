package catalog

import "slices"

// identity is what tells an item, a variant category or a variant apart.
type identity struct {
	id   string // external
	made string // the external id that it had as long as it had none at GoBiz
	name string

	within string // menu or category in which it stands
}

// pairEntities finds for everything that is wanted where it is in the file.
func (m *merger) pairEntities() {
	m.fromMenu = pairMenus(m.old.Menus, m.want.Menus)
	m.fromItem, m.fromVariant = map[*Item]match{}, map[*Variant]match{}

	have := convert(m.old.Menus, func(menu Menu) []identity {
		return convert(menu.Items, func(i Item) identity { return identity{id: i.ExternalID, name: i.Name} })
	})
	want := make([][]identity, len(m.want.Menus))
	for g, menu := range m.want.Menus {
		for i, item := range menu.Items {
			want[g] = append(want[g], identity{id: item.ExternalID, made: made(m.live.Menus[g].Items[i].ID), name: item.Name})
		}
	}
	for g, of := range pairIdentities(want, have, m.fromMenu) {
		for i, from := range of {
			m.fromItem[&m.want.Menus[g].Items[i]] = from
		}
	}

	oldCategories, categories := m.old.VariantCategories, m.want.VariantCategories
	had := convert(oldCategories, func(c VariantCategory) identity { return identity{id: c.ExternalID, name: c.Name} })
	var wanted []identity
	for i, c := range categories {
		wanted = append(wanted, identity{id: c.ExternalID, made: made(m.live.VariantCategories[i].ID), name: c.Name})
	}
	m.fromCategory = make([]int, len(categories))
	m.newID = map[string]string{}
	for i, from := range pairIdentities([][]identity{wanted}, [][]identity{had}, []int{0})[0] {
		if m.fromCategory[i] = from.index; from.known() {
			m.newID[oldCategories[from.index].ExternalID] = categories[i].ExternalID
		}
	}

	have = convert(oldCategories, func(c VariantCategory) []identity {
		return convert(c.Variants, func(v Variant) identity { return identity{id: v.ExternalID, name: v.Name} })
	})
	want = make([][]identity, len(categories))
	for g, c := range categories {
		for i, v := range c.Variants {
			want[g] = append(want[g], identity{id: v.ExternalID, made: made(m.live.VariantCategories[g].Variants[i].ID), name: v.Name})
		}
	}
	for g, of := range pairIdentities(want, have, m.fromCategory) {
		for i, from := range of {
			m.fromVariant[&categories[g].Variants[i]] = from
		}
	}
}

// made is the external id that is made from an internal one.
func made(internal string) string {
	if internal == "" {
		return ""
	}
	return mint(internal)
}

// pairMenus returns for each wanted menu the old one, by name, or by most of its
// items when it has another name now, or -1.
func pairMenus(old, want []Menu) []int {
	from := pairs(convert(old, func(m Menu) string { return m.Name }), convert(want, func(m Menu) string { return m.Name }))
	taken := map[int]bool{}
	for _, i := range from {
		taken[i] = true
	}
	owner := map[string]int{}
	for i, m := range old {
		if !taken[i] {
			for _, item := range m.Items {
				owner[item.ExternalID] = i
			}
		}
	}
	for i := range want {
		if from[i] >= 0 {
			continue
		}
		shared := map[int]int{}
		for _, item := range want[i].Items {
			if o, ok := owner[item.ExternalID]; ok && !taken[o] {
				if shared[o]++; 2*shared[o] > max(len(want[i].Items), len(old[o].Items)) && from[i] < 0 {
					from[i] = o
				}
			}
		}
		if from[i] >= 0 {
			taken[from[i]] = true
		}
	}
	return from
}

// pairs returns for each wanted key where it is among the old ones, or -1. A key
// that is there twice is paired in order.
func pairs(old, want []string) []int {
	find := finder(want, old)
	from := make([]int, len(want))
	for i := range want {
		from[i] = find(i)
	}
	return from
}

// pairIdentities finds entities again: by external id in the group's own old group,
// with[group], then in any; and those that have another external id now by the
// one that was made for them, or by a name that only they have.
func pairIdentities(want, have [][]identity, with []int) [][]match {
	ids := func(groups [][]identity) [][]string {
		return convert(groups, func(g []identity) []string { return convert(g, func(i identity) string { return i.id }) })
	}
	p := matchKeys(ids(want), ids(have), with)
	p.only(want, have, func(i identity) string { return i.made }, func(i identity) string { return i.id })
	p.only(want, have, identity.nameOf, identity.nameOf)
	return p.of
}

func (i identity) nameOf() string { return i.name }

// only matches what has no match with what matches nothing, where exactly one on each
// side has a key.
func (p *matches) only(want, have [][]identity, wantKey, haveKey func(identity) string) {
	type candidate struct {
		wanted, found int // how many have the key
		group, index  int
		from          match
	}
	open := map[string]*candidate{}
	for g, unmatched := range p.unmatched {
		for _, i := range unmatched {
			key := haveKey(have[g][i])
			if open[key] == nil {
				open[key] = &candidate{}
			}
			open[key].found++
			open[key].from = match{group: g, index: i}
		}
	}
	delete(open, "")
	if len(open) == 0 {
		return
	}
	for g, of := range p.of {
		for i, from := range of {
			if o := open[wantKey(want[g][i])]; o != nil && !from.known() {
				o.wanted++
				o.group, o.index = g, i
			}
		}
	}
	for _, o := range open {
		if o.wanted == 1 && o.found == 1 {
			p.of[o.group][o.index] = o.from
			p.unmatched[o.from.group] = slices.DeleteFunc(p.unmatched[o.from.group], func(i int) bool { return i == o.from.index })
		}
	}
}

// convert returns what one makes of each element.
func convert[T, U any](list []T, one func(T) U) []U {
	out := make([]U, len(list))
	for i, v := range list {
		out[i] = one(v)
	}
	return out
}
