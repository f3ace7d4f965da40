package triage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/spelling"
)

const (
	mostNearest = 3
	// longestName bounds what is compared: GoBiz's names have 150 characters.
	longestName = 150
)

// nearest returns the names of a catalog that are like name, the nearest first.
func (x *explainer) nearest(entity, name string) []string {
	var names []string
	for _, e := range x.entries(entity) {
		names = append(names, e.name)
	}
	return nearestNames(name, names)
}

// nearestNames finds the names that differ in at most a third of their letters,
// or share most of their words: "Es Jeruk" and "Es Jeruk Peras".
func nearestNames(name string, known []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	wanted := []rune(shortened(folded(name)))
	var found []candidate
	for _, k := range known {
		is := []rune(shortened(folded(k)))
		if len(is) == 0 || len(wanted) == 0 {
			continue
		}
		longer, shorter := max(len(wanted), len(is)), min(len(wanted), len(is))
		if similar := shareWords(string(wanted), string(is)); !similar && (longer-shorter)*3 > longer {
			continue // the lengths alone say so
		} else if d := spelling.Distance(wanted, is); similar || d*3 <= longer {
			found = append(found, candidate{k, d})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range found {
		if len(names) < mostNearest && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

func shortened(s string) string {
	if runes := []rune(s); len(runes) > longestName {
		return string(runes[:longestName])
	}
	return s
}

// shareWords reports whether the words that both have are more than half of the
// letters of either: "Jumbo" is in "Jumbo Es", and "Es Teh" is not "Es Jeruk".
func shareWords(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	shared := 0
	for _, word := range x {
		if slices.Contains(y, word) {
			shared += len(word)
		}
	}
	return shared*2 > max(len(strings.Join(x, "")), len(strings.Join(y, "")))
}
