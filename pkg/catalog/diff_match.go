package catalog

import (
	"slices"
	"strings"
)

// A match is where an element of the payload stands in the live menu.
type match struct {
	group, index int  // index is -1 when it does not
	elsewhere    bool // in a group that is not the match of its own
	displaced    bool // in its group, at another place
	from, to     int  // places among those that stay in the group, counted from 1
}

func (m match) known() bool { return m.index >= 0 }

// matches has for each element of each group of the payload its match, and for
// each live group the indexes that match nothing.
type matches struct {
	of        [][]match
	unmatched [][]int
}

// groups are the live groups of the elements, -1 where there is none.
func groups(of []match) []int {
	return convert(of, func(m match) int { return m.index })
}

// matchKeys finds equal keys: in the live group of the payload's, group[g], first,
// then in any other. The first of several equal keys gets the first.
func matchKeys(payload, live [][]string, group []int) matches {
	m := matches{of: make([][]match, len(payload)), unmatched: make([][]int, len(live))}
	taken := make([][]bool, len(live))
	for g, keys := range live {
		taken[g] = make([]bool, len(keys))
	}
	missing := 0
	for g, keys := range payload {
		m.of[g] = make([]match, len(keys))
		find := func(int) int { return -1 }
		if group[g] >= 0 {
			find = finder(keys, live[group[g]])
		}
		for i := range keys {
			m.of[g][i] = match{group: group[g], index: find(i)}
			if at := m.of[g][i].index; at >= 0 {
				taken[group[g]][at] = true
			} else {
				missing++
			}
		}
	}
	if missing > 0 {
		m.findElsewhere(payload, live, taken)
	}
	for g := range m.of {
		displace(m.of[g])
	}
	for g := range taken {
		for i, used := range taken[g] {
			if !used {
				m.unmatched[g] = append(m.unmatched[g], i)
			}
		}
	}
	return m
}

// finder finds each key in turn among the live ones, -1 when none is left. Most
// groups have the same keys in the same order.
func finder(keys, live []string) func(i int) int {
	if slices.Equal(keys, live) {
		return func(i int) int { return i }
	}
	places := make(map[string][]int, len(live))
	for i, key := range live {
		places[key] = append(places[key], i)
	}
	return func(i int) int {
		free := places[keys[i]]
		if len(free) == 0 {
			return -1
		}
		places[keys[i]] = free[1:]
		return free[0]
	}
}

func (m *matches) findElsewhere(payload, live [][]string, taken [][]bool) {
	free := map[string][]match{}
	for g, keys := range live {
		for i, key := range keys {
			if !taken[g][i] {
				free[key] = append(free[key], match{group: g, index: i, elsewhere: true})
			}
		}
	}
	for g, keys := range payload {
		for i, key := range keys {
			if found := free[key]; !m.of[g][i].known() && len(found) > 0 {
				free[key] = found[1:]
				m.of[g][i] = found[0]
				taken[found[0].group][found[0].index] = true
			}
		}
	}
}

// displace marks the fewest elements whose move explains the new order: all that
// are not in a longest increasing run of live places. Of several such runs it
// takes the one that leaves most elements at their place.
func displace(of []match) {
	var stay []int // indexes into of, in the order of the payload
	for i, m := range of {
		if m.known() && !m.elsewhere {
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

// matchRenamed matches menus whose names are new by their items: the same ones in
// any order. It returns the live menus that still match nothing.
func matchRenamed(of []match, payload, live [][]string, unmatched []int) []int {
	if len(unmatched) == 0 {
		return nil
	}
	byItems := map[string][]int{}
	for _, i := range unmatched {
		if len(live[i]) > 0 {
			key := asSet(live[i])
			byItems[key] = append(byItems[key], i)
		}
	}
	stays := map[int]bool{}
	for i := range of {
		if !of[i].known() && len(payload[i]) > 0 {
			key := asSet(payload[i])
			if found := byItems[key]; len(found) > 0 {
				byItems[key] = found[1:]
				of[i] = match{index: found[0]}
			}
		}
		stays[of[i].index] = true
	}
	return slices.DeleteFunc(unmatched, func(i int) bool { return stays[i] })
}

// asSet returns one text for the same ids in any order.
func asSet(ids []string) string {
	return strings.Join(slices.Sorted(slices.Values(ids)), "\x00")
}
