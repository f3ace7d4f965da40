package catalog

import (
	"slices"
	"strings"
)

// A partner is where an element of the payload stands in the live catalog.
type partner struct {
	group, index int  // index is -1 when there is none
	elsewhere    bool // in a group that is not the partner of its own
	displaced    bool // in its group, at another place
	from, to     int  // places among those that stay in the group, counted from 1
}

func (p partner) known() bool { return p.index >= 0 }

// pairing tells for each element of each wanted group its partner, and for each
// live group the indexes that are nobody's.
type pairing struct {
	of   [][]partner
	left [][]int
}

// matchKeys finds equal keys: in the group's own live group first, with[group], then
// in any other. The first of several equal keys gets the first.
func matchKeys(want, have [][]string, with []int) pairing {
	p := pairing{of: make([][]partner, len(want)), left: make([][]int, len(have))}
	taken := make([][]bool, len(have))
	for g, keys := range have {
		taken[g] = make([]bool, len(keys))
	}
	missing := 0
	for g, keys := range want {
		p.of[g] = make([]partner, len(keys))
		places := map[string][]int{}
		if with[g] >= 0 {
			places = placesOf(have[with[g]])
		}
		for i, key := range keys {
			p.of[g][i] = partner{index: -1}
			if free := places[key]; len(free) > 0 {
				places[key] = free[1:]
				p.of[g][i] = partner{group: with[g], index: free[0]}
				taken[with[g]][free[0]] = true
			} else {
				missing++
			}
		}
	}
	if missing > 0 {
		p.elsewhere(want, have, taken)
	}
	for g := range p.of {
		displace(p.of[g])
	}
	for g := range taken {
		for i, used := range taken[g] {
			if !used {
				p.left[g] = append(p.left[g], i)
			}
		}
	}
	return p
}

func placesOf(keys []string) map[string][]int {
	places := make(map[string][]int, len(keys))
	for i, key := range keys {
		places[key] = append(places[key], i)
	}
	return places
}

func (p *pairing) elsewhere(want, have [][]string, taken [][]bool) {
	free := map[string][]partner{}
	for g, keys := range have {
		for i, key := range keys {
			if !taken[g][i] {
				free[key] = append(free[key], partner{group: g, index: i, elsewhere: true})
			}
		}
	}
	for g, keys := range want {
		for i, key := range keys {
			if found := free[key]; !p.of[g][i].known() && len(found) > 0 {
				free[key] = found[1:]
				p.of[g][i] = found[0]
				taken[found[0].group][found[0].index] = true
			}
		}
	}
}

// displace marks the fewest elements whose move explains the new order: all that
// are not in a longest increasing run of live places. Of several such runs it
// takes the one that leaves most elements at their place.
func displace(of []partner) {
	var stay []int // indexes into of, in the order of the payload
	for i, p := range of {
		if p.known() && !p.elsewhere {
			stay = append(stay, i)
		}
	}
	byPlace := slices.SortedFunc(slices.Values(stay), func(a, b int) int { return of[a].index - of[b].index })
	for rank, i := range byPlace {
		of[i].from = rank + 1
	}
	for rank, i := range stay {
		of[i].to = rank + 1
	}
	if slices.Equal(stay, byPlace) {
		return
	}
	runs := make(longestRuns, len(stay)+1)
	before := make([]run, len(stay))
	var best run
	for k, i := range stay {
		before[k] = runs.upTo(of[i].from - 1)
		weight := len(stay) + 1
		if of[i].from == of[i].to {
			weight++
		}
		longer := run{weight: before[k].weight + weight, end: k + 1}
		runs.add(of[i].from, longer)
		if longer.weight > best.weight {
			best = longer
		}
	}
	for _, i := range stay {
		of[i].displaced = true
	}
	for at := best; at.end > 0; at = before[at.end-1] {
		of[stay[at.end-1]].displaced = false
	}
}

// A run is an increasing sequence of places. end is the number of its last
// element, 0 for the empty one.
type run struct{ weight, end int }

// longestRuns is a Fenwick tree: the heaviest run that ends at a place or below.
type longestRuns []run

func (r longestRuns) upTo(place int) (best run) {
	for ; place > 0; place -= place & -place {
		if r[place].weight > best.weight {
			best = r[place]
		}
	}
	return best
}

func (r longestRuns) add(place int, longer run) {
	for ; place < len(r); place += place & -place {
		if longer.weight > r[place].weight {
			r[place] = longer
		}
	}
}

// renamed pairs menus whose names have no partner by their items: the same ones
// in any order. It gives the live menus that are still nobody's.
func renamed(want []PayloadMenu, have []Menu, of []partner, gone []int) []int {
	if len(gone) == 0 {
		return gone
	}
	byItems := map[string][]int{}
	for _, h := range gone {
		if len(have[h].Items) > 0 {
			key := asSet(liveItemIDs(have[h]))
			byItems[key] = append(byItems[key], h)
		}
	}
	for i := range want {
		if of[i].known() || len(want[i].MenuItems) == 0 {
			continue
		}
		key := asSet(payloadItemIDs(want[i]))
		if found := byItems[key]; len(found) > 0 {
			byItems[key] = found[1:]
			of[i] = partner{index: found[0]}
		}
	}
	stays := map[int]bool{}
	for _, p := range of {
		stays[p.index] = true
	}
	return slices.DeleteFunc(gone, func(h int) bool { return stays[h] })
}

// asSet gives one text for the same ids in any order.
func asSet(ids []string) string {
	slices.Sort(ids)
	return strings.Join(ids, "\x00")
}

// names gives the keys of a list.
func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = name(v)
	}
	return out
}

func payloadItemIDs(m PayloadMenu) []string {
	return names(m.MenuItems, func(i PayloadItem) string { return i.ExternalID })
}

func liveItemIDs(m Menu) []string {
	return names(m.Items, func(i Item) string { return i.ExternalID })
}
