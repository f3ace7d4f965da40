// Package spelling finds what a misspelt key was meant to be, and writes numbers
// with their nouns.
package spelling

import (
	"fmt"
	"strings"
)

// Count is a number with its noun: "1 item", "2 items", "0 deliveries".
func Count(n int, noun string) string {
	stem, ends := strings.CutSuffix(noun, "y")
	switch {
	case n == 1:
		return "1 " + noun
	case ends && strings.TrimRight(stem, "aeou") == stem:
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// most is one more than the letters in which two words may differ.
const most = 3

// Nearest returns the known word from which word differs in two letters at most,
// the nearest one; empty when there is none. Words are compared byte by byte.
func Nearest(word string, known []string) string {
	best, bestDistance := "", most
	for _, candidate := range known {
		if max(len(word)-len(candidate), len(candidate)-len(word)) >= bestDistance {
			continue
		}
		if d := Distance([]byte(word), []byte(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// Distance is the Levenshtein distance: how many letters are to be put in, taken
// out or replaced.
func Distance[E comparable](a, b []E) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
