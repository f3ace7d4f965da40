package catalog

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// A jsonText is JSON that is written member by member. A menu has thousands of
// them, so that each is appended and none goes through reflection.
type jsonText struct {
	out  []byte
	last *Hours // the hours that came last
	from int    // where they stand in out, and end
	to   int
}

// itemSize is about how much an item takes, in bytes: most of it are hours.
const itemSize = 1200

// newJSONText begins a text behind out, with room for a number of items.
func newJSONText(out []byte, items int) *jsonText {
	return &jsonText{out: slices.Grow(out, items*itemSize)}
}

// next separates a member or an element from the one before it.
func (t *jsonText) next() {
	if n := len(t.out); n > 0 && t.out[n-1] != '{' && t.out[n-1] != '[' && t.out[n-1] != ':' {
		t.out = append(t.out, ',')
	}
}

// begin opens an object or an array.
func (t *jsonText) begin(bracket byte) {
	t.next()
	t.out = append(t.out, bracket)
}

func (t *jsonText) end(brackets string) { t.out = append(t.out, brackets...) }

func (t *jsonText) key(name string) {
	t.next()
	t.out = append(append(append(t.out, '"'), name...), `":`...)
}

func (t *jsonText) list(name string) {
	t.key(name)
	t.begin('[')
}

func (t *jsonText) text(name, value string) {
	t.key(name)
	t.out, _ = jsontext.AppendQuote(t.out, value) // what is not UTF-8 is replaced
}

// stated writes a text unless it is not stated.
func (t *jsonText) stated(name, value string) {
	if value != "" {
		t.text(name, value)
	}
}

func (t *jsonText) texts(name string, values []string) {
	t.list(name)
	for _, v := range values {
		t.next()
		t.out, _ = jsontext.AppendQuote(t.out, v)
	}
	t.end("]")
}

func (t *jsonText) null(name string) {
	t.key(name)
	t.out = append(t.out, "null"...)
}

func (t *jsonText) flag(name string, value bool) {
	t.key(name)
	t.out = strconv.AppendBool(t.out, value)
}

func (t *jsonText) number(name string, value int64) {
	t.key(name)
	t.out = strconv.AppendInt(t.out, value, 10)
}

func (t *jsonText) price(p Price) {
	if p.Sen == 0 {
		t.number("price", p.Rupiah)
		return
	}
	t.key("price")
	t.out = append(t.out, p.String()...)
}

// selection writes the rules of a variant category.
func (t *jsonText) selection(least int, most *int) {
	t.key("rules")
	t.begin('{')
	t.key("selection")
	t.begin('{')
	t.number("min_quantity", int64(least))
	if most == nil {
		t.null("max_quantity")
	} else {
		t.number("max_quantity", int64(*most))
	}
	t.end("}}")
}

// hours writes the hours of an item. Neighbours mostly have the same.
func (t *jsonText) hours(name string, h *Hours) {
	t.key(name)
	from := len(t.out)
	if t.last != nil && h.equal(t.last) {
		t.out = append(t.out, t.out[t.from:t.to]...)
	} else {
		t.out = h.appendJSON(t.out)
	}
	t.last, t.from, t.to = h, from, len(t.out)
}
