package catalog

import (
	"slices"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// reader makes a [File] of the values of a file.
type reader struct {
	*document.Reader
	api   API
	weeks []*Hours // different ones so far; see shared

	// A large file has thousands of items and their hours: each is read into
	// the same place, so that the fields are made once.
	item       Item
	itemFields []document.Field
	week       statedWeek
	weekFields []document.Field
}

func newReader(api API, limits document.Limits) *reader {
	r := &reader{Reader: document.NewReader(limits), api: api}
	r.itemFields = r.fieldsOfItem(&r.item)
	r.weekFields = r.fieldsOfWeek(&r.week)
	return r
}

// object returns the places of the fields that are there.
func (r *reader) object(n *document.Node, what string, fields ...document.Field) Origin {
	return Origin{Position: Position(n.At), fields: r.Object(n, what, fields...)}
}

// entities reads a list of menus, items, variant categories or variants.
func entities[T any](r *reader, to *[]T, read func(*document.Node) T) func(*document.Node) {
	list := r.List(func(n *document.Node) { *to = append(*to, read(n)) })
	return func(n *document.Node) {
		*to = slices.Grow(*to, len(n.Items))
		list(n)
	}
}

// flag reads true or false where there may be neither.
func (r *reader) flag(to **bool) func(*document.Node) {
	return func(n *document.Node) {
		if n.Kind == document.Bool {
			*to = new(bool)
		}
		r.Flag(*to)(n)
	}
}

func (r *reader) quantity(to *int) func(*document.Node) {
	return func(n *document.Node) {
		price, problem, _ := parsePrice(n.Text, false)
		if n.Kind != document.Number || problem != "" || price.Rupiah > 1_000_000 || price.Rupiah < -1_000_000 {
			r.WrongType(n, "a whole number", "write a number such as 1")
			return
		}
		*to = int(price.Rupiah)
	}
}

func (r *reader) price(to *Price) func(*document.Node) {
	return func(n *document.Node) {
		var problem, hint string
		switch n.Kind {
		case document.Number:
			*to, problem, hint = parsePrice(n.Text, r.api == Enterprise)
		case document.Text:
			problem, hint = "the price is text, and not a number", "write the number of rupiah in digits, without quotes"
			if amount := writeAmount(n.Text); amount != "" {
				hint = amount + ", without quotes"
			}
		default:
			r.WrongType(n, "a price", writeDigits)
		}
		if problem != "" {
			r.Report(RuleType, n.At, problem+": "+quoted(n.Text), hint)
		}
	}
}
