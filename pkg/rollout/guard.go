package rollout

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// A Guard is one thing that a push refuses to do unless it is told to.
type Guard string

// The guards.
const (
	GuardDeletes        Guard = "deletes"         // too many of the live items would be gone
	GuardVariantDeletes Guard = "variant-deletes" // too many of the live options would be gone
	GuardOffSale        Guard = "off-sale"        // too many of the items on sale could not be ordered any more
	GuardPrices         Guard = "price-changes"   // a price moves too far, of an item or a variant
	GuardEmpty          Guard = "empty"           // no item would be left
	GuardOtherOutlet    Guard = "other-outlet"    // the file was pulled from another outlet
)

// A GuardRule is a row of the table of guards.
type GuardRule struct {
	Guard    Guard
	Accident string // that it prevents, in few words
	Refused  string // when a push is refused
	// judge returns what a push has to be told so that it goes on, and why it is
	// refused; nothing when it is not.
	judge func(*judged) (allow, message string)
}

// Guards returns the table of guards.
func Guards() []GuardRule { return slices.Clone(guards[:]) }

// What a push may do without being told. The share of a small menu is larger, as a
// single item is a large part of it.
const (
	largeMenu       = 10 // items or variants
	largePercent    = 30
	smallPercent    = 50
	pricePercent    = 50
	shownOfAccident = 3
)

var guards = [...]GuardRule{
	{GuardDeletes, "items gone", "more than 30 % of the live items would be gone, of fewer than 10 more than half, or all", func(j *judged) (string, string) {
		live := j.diff.LiveItems
		return tooMany(j.gone, live, live-j.gone, "live items would be gone", nil)
	}},
	{GuardVariantDeletes, "options gone", "the same share of the live variants would be gone, or offered by no item", func(j *judged) (string, string) {
		live, gone := j.diff.LiveVariants, j.diff.GoneVariants
		return tooMany(gone, live, live-gone, "live variants would be gone", nil)
	}},
	{GuardOffSale, "off sale", "the same share of the items on sale would be sold out, never open, or with a required choice that nobody can make", func(j *judged) (string, string) {
		off := j.diff.OffSale
		return tooMany(len(off), j.diff.LiveOnSale, j.diff.StayOnSale, "items on sale could not be ordered any more", func(i int) string {
			return catalog.Subject(catalog.EntityItem, off[i].ExternalID, off[i].Name) + " (" + off[i].Reason + ")"
		})
	}},
	{GuardPrices, "wrong prices", "a price of an item or a variant moves by 50 % or more", func(j *judged) (string, string) {
		if len(j.moves) == 0 {
			return "", ""
		}
		moving := "prices move"
		if len(j.moves) == 1 {
			moving = "price moves"
		}
		message := fmt.Sprintf("%d %s by %d %% or more: ", len(j.moves), moving, pricePercent)
		return strconv.Itoa(len(j.moves)), message + first(len(j.moves), func(i int) string {
			return fmt.Sprintf("%s from %v to %v", subject(j.moves[i]), j.moves[i].From, j.moves[i].To)
		})
	}},
	{GuardEmpty, "nothing left", "no item would be left on the menu", func(j *judged) (string, string) {
		if j.diff.Items > 0 {
			return "", ""
		}
		return "true", "no item would be left on the menu"
	}},
	{GuardOtherOutlet, "another outlet's file", "the file was pulled from another outlet", func(j *judged) (string, string) {
		if j.pulledFrom == "" || j.pulledFrom == j.outletID {
			return "", ""
		}
		return j.pulledFrom, "the file was pulled from outlet " + cleantext.Text(j.pulledFrom)
	}},
}

// judged is what guards look at.
type judged struct {
	outletID, pulledFrom string
	diff                 *catalog.Diff
	gone                 int              // items
	moves                []catalog.Change // of prices
}

// Overrides let a push through guards: of each what its refusal has in Allow. What
// was allowed for one change does not hold for another.
type Overrides map[Guard]string

// A Refusal is what one guard has to say.
type Refusal struct {
	Guard   Guard
	Allow   string // what the override must be: the number in the message, "true", the outlet's id
	Message string // one sentence
}

// Guarded returns the refusals of a push, none when it may go on. pulledFrom is the
// outlet that the file is of, empty when nobody knows.
func Guarded(outletID, pulledFrom string, d *catalog.Diff, overrides Overrides) []Refusal {
	j := &judged{outletID: outletID, pulledFrom: pulledFrom, diff: d}
	for _, c := range d.Changes {
		switch {
		case c.Kind == catalog.Removed && c.Entity == catalog.EntityItem:
			j.gone++
		case c.Kind == catalog.Changed && c.Field == "price" && movesFar(c):
			j.moves = append(j.moves, c)
		}
	}
	var refusals []Refusal
	for _, g := range guards {
		if allow, message := g.judge(j); message != "" && overrides[g.Guard] != allow {
			refusals = append(refusals, Refusal{Guard: g.Guard, Allow: allow, Message: message})
		}
	}
	return refusals
}

// tooMany refuses when n of the live ones are too many. describe may say more of
// each.
func tooMany(n, live, stay int, what string, describe func(int) string) (allow, message string) {
	percent, limit := largePercent, fmt.Sprintf("more than %d %%", largePercent)
	if live < largeMenu {
		percent, limit = smallPercent, "more than half"
	}
	switch {
	case n == 0 || stay > 0 && 100*n <= percent*live:
		return "", ""
	case stay == 0:
		limit = "and none would stay"
	}
	message = fmt.Sprintf("%d of %d %s, %s", n, live, what, limit)
	if describe != nil {
		message += ": " + first(n, describe)
	}
	return strconv.Itoa(n), message
}

// first describes the first ones of n.
func first(n int, describe func(int) string) string {
	var shown []string
	for i := range min(n, shownOfAccident) {
		shown = append(shown, describe(i))
	}
	if n > len(shown) {
		shown = append(shown, fmt.Sprintf("and %d more", n-len(shown)))
	}
	return strings.Join(shown, ", ")
}

// movesFar reports whether a price moves by the limit or more. Everything is far
// from 0.
func movesFar(c catalog.Change) bool {
	from, known := c.From.(catalog.Price)
	to, both := c.To.(catalog.Price)
	if !known || !both {
		return false
	}
	sen := func(p catalog.Price) int64 { return 100*p.Rupiah + int64(p.Sen) }
	return 100*abs(sen(to)-sen(from)) >= pricePercent*abs(sen(from))
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// subject names the entity of a change: item MI-001 "Bakmi Ayam".
func subject(c catalog.Change) string { return catalog.Subject(c.Entity, c.ExternalID, c.Name) }

// RefusedError is a push that the guards have stopped. Nothing was written.
type RefusedError struct {
	OutletID string
	Refusals []Refusal
}

func (e *RefusedError) Error() string {
	messages := make([]string, len(e.Refusals))
	for i, r := range e.Refusals {
		messages[i] = r.Message
	}
	return "refused to replace the menu of " + e.OutletID + ": " + strings.Join(messages, "; ")
}
