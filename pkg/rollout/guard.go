package rollout

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// The guards of a push. Small menus lose a third of their items with a single
// one, so that the share counts from a number of items on.
const (
	guardedItems    = 10 // live items from which on the share counts
	deletesPercent  = 30 // of the live items that a push may remove
	pricePercent    = 50 // by which a push may move a price
	shownPriceMoves = 3
)

// A Guard is one thing that a push refuses to do unless it is told to.
type Guard string

// The guards.
const (
	GuardDeletes Guard = "deletes" // too many of the live items would be gone
	GuardPrices  Guard = "prices"  // a price moves too far, of an item or a variant
	GuardEmpty   Guard = "empty"   // no item would be left
)

// Overrides let a push through guards. A number must be the one that the refusal
// names: what was allowed for one change does not hold for another.
type Overrides struct {
	Deletes      int
	PriceChanges int
	Empty        bool
}

// A Refusal is what one guard has to say.
type Refusal struct {
	Guard   Guard
	Count   int    // of deletions or of prices; it is what an override must say
	Message string // one sentence
}

// Guarded returns the refusals of a push, none when it may go on.
func Guarded(d *catalog.Diff, overrides Overrides) []Refusal {
	var refusals []Refusal
	if d.Items == 0 && !overrides.Empty {
		refusals = append(refusals, Refusal{Guard: GuardEmpty, Message: "no item would be left on the menu"})
	}
	deletes := 0
	var moves []catalog.Change
	for _, c := range d.Changes {
		switch {
		case c.Kind == catalog.Removed && c.Entity == catalog.EntityItem:
			deletes++
		case c.Kind == catalog.Changed && c.Field == "price" && movesFar(c):
			moves = append(moves, c)
		}
	}
	if d.LiveItems >= guardedItems && deletes*100 > d.LiveItems*deletesPercent && deletes != overrides.Deletes {
		refusals = append(refusals, Refusal{
			Guard: GuardDeletes, Count: deletes,
			Message: fmt.Sprintf("%d of %d live items would be gone, more than %d %%", deletes, d.LiveItems, deletesPercent),
		})
	}
	if len(moves) > 0 && len(moves) != overrides.PriceChanges {
		refusals = append(refusals, Refusal{
			Guard: GuardPrices, Count: len(moves), Message: priceMessage(moves),
		})
	}
	return refusals
}

// movesFar reports whether a price moves by more than the limit. Everything is
// far from 0.
func movesFar(c catalog.Change) bool {
	from, known := c.From.(catalog.Price)
	to, both := c.To.(catalog.Price)
	if !known || !both {
		return false
	}
	sen := func(p catalog.Price) int64 { return 100*p.Rupiah + int64(p.Sen) }
	return 100*abs(sen(to)-sen(from)) > pricePercent*abs(sen(from))
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func priceMessage(moves []catalog.Change) string {
	message := fmt.Sprintf("%d prices move by more than %d %%: ", len(moves), pricePercent)
	if len(moves) == 1 {
		message = fmt.Sprintf("1 price moves by more than %d %%: ", pricePercent)
	}
	var shown []string
	for i, c := range moves {
		if i == shownPriceMoves {
			shown = append(shown, fmt.Sprintf("and %d more", len(moves)-i))
			break
		}
		shown = append(shown, fmt.Sprintf("%s from %v to %v", subject(c), c.From, c.To))
	}
	return message + strings.Join(shown, ", ")
}

// subject names the entity of a change: item MI-001 "Bakmi Ayam".
func subject(c catalog.Change) string {
	entity := strings.ReplaceAll(c.Entity, "_", " ")
	if c.ExternalID == "" {
		return entity + " " + strconv.QuoteToGraphic(c.Name)
	}
	return entity + " " + c.ExternalID + " " + strconv.QuoteToGraphic(c.Name)
}

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
