package catalog

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// liveOptions are how an answer is read: a field of a shape that nobody
// documented should not hide the others. They are for one answer.
func liveOptions() json.Options {
	return json.JoinOptions(
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
		json.WithUnmarshalers(json.JoinUnmarshalers(
			json.UnmarshalFromFunc(readLivePrice),
			json.UnmarshalFromFunc(readLiveQuantity),
			json.UnmarshalFromFunc((&liveHours{}).read),
			json.UnmarshalFromFunc(readLiveList[LiveMenu]),
			json.UnmarshalFromFunc(readLiveList[LiveItem]),
			json.UnmarshalFromFunc(readLiveList[LiveVariantCategory]),
			json.UnmarshalFromFunc(readLiveList[LiveVariant]),
		)),
	)
}

// liveData is a Live without its methods.
type liveData Live

// UnmarshalJSONFrom reads the data of an answer, without its envelope. Data
// without a list of menus is an error: to take it for an empty menu would have a
// push replace what nobody has seen.
func (l *Live) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*l = Live{}
	return l.checked(json.UnmarshalDecode(dec, (*liveData)(l), liveOptions()))
}

// UnmarshalJSON is UnmarshalJSONFrom for encoding/json.
func (l *Live) UnmarshalJSON(data []byte) error {
	*l = Live{}
	return l.checked(json.Unmarshal(data, (*liveData)(l), liveOptions()))
}

func (l *Live) checked(err error) error {
	if err == nil && l.Menus == nil {
		return errors.New("there is no list of menus")
	}
	return err
}

// AppendJSON appends the menu in the shape of GET …/v2/catalog, without its
// envelope. [FromLive] reads it back equal.
func (l *Live) AppendJSON(out []byte) []byte {
	t := newJSONText(out, l.Items())
	t.begin('{')
	t.list("menus")
	for i := range l.Menus {
		m := &l.Menus[i]
		t.begin('{')
		t.text("name", m.Name)
		t.list("menu_items")
		for j := range m.Items {
			t.liveItem(&m.Items[j])
		}
		t.end("]}")
	}
	t.end("]")
	t.list("variant_categories")
	for i := range l.VariantCategories {
		t.liveCategory(&l.VariantCategories[i])
	}
	t.end("]}")
	return t.out
}

// MarshalJSON writes what AppendJSON does.
func (l *Live) MarshalJSON() ([]byte, error) { return l.AppendJSON(nil), nil }

func (t *jsonText) liveItem(i *LiveItem) {
	t.begin('{')
	t.text("id", i.ID)
	t.text("external_id", i.ExternalID)
	t.text("name", i.Name)
	t.text("internal_name", i.InternalName)
	t.text("description", i.Description)
	t.price(i.Price)
	t.said("in_stock", i.InStock)
	t.text("image", i.Image)
	if i.OperationalHours == nil {
		t.null("operational_hours")
	} else {
		t.hours("operational_hours", i.OperationalHours)
	}
	t.texts("variant_category_ids", i.VariantCategoryIDs)
	t.end("}")
}

func (t *jsonText) liveCategory(c *LiveVariantCategory) {
	t.begin('{')
	t.text("id", c.ID)
	t.text("external_id", c.ExternalID)
	t.text("name", c.Name)
	t.text("internal_name", c.InternalName)
	t.selection(c.MinQuantity, c.MaxQuantity)
	t.list("variants")
	for _, v := range c.Variants {
		t.begin('{')
		t.text("id", v.ID)
		t.text("external_id", v.ExternalID)
		t.text("name", v.Name)
		t.price(v.Price)
		t.said("in_stock", v.InStock)
		t.end("}")
	}
	t.end("]}")
}

// said writes null for what an answer does not say.
func (t *jsonText) said(name string, value *bool) {
	if value == nil {
		t.null(name)
		return
	}
	t.flag(name, *value)
}

// UnmarshalJSONFrom reads a category, whose quantities stand deeper in an answer.
func (c *LiveVariantCategory) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	type plain LiveVariantCategory
	var in struct {
		plain
		Rules struct {
			Selection struct {
				MinQuantity int  `json:"min_quantity"`
				MaxQuantity *int `json:"max_quantity"`
			} `json:"selection"`
		} `json:"rules"`
	}
	if err := json.UnmarshalDecode(dec, &in); err != nil {
		return err
	}
	*c = LiveVariantCategory(in.plain)
	c.MinQuantity, c.MaxQuantity = in.Rules.Selection.MinQuantity, in.Rules.Selection.MaxQuantity
	return nil
}

// readLiveList leaves out the nulls of a list. An empty list is not nil.
func readLiveList[T any](dec *jsontext.Decoder, list *[]T) error {
	if dec.PeekKind() != '[' {
		return errors.ErrUnsupported
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*list = []T{}
	for dec.PeekKind() != ']' {
		if dec.PeekKind() == 'n' {
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		*list = append(*list, *new(T))
		if err := json.UnmarshalDecode(dec, &(*list)[len(*list)-1]); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// liveHours reads operational hours. Most items have those of the one before
// them, and share them then.
type liveHours struct {
	text []byte // of what was read last
	last *Hours
}

func (r *liveHours) read(dec *jsontext.Decoder, hours **Hours) error {
	if dec.PeekKind() != '{' {
		return errors.ErrUnsupported
	}
	text, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if r.text == nil || !bytes.Equal(text, r.text) {
		if r.last, err = parseLiveHours(text); err != nil {
			return err
		}
		r.text = append(r.text[:0], text...)
	}
	*hours = r.last
	return nil
}

// parseLiveHours takes an object that names no day as "does not say". A day that
// is null is named, and closed.
func parseLiveHours(text jsontext.Value) (*Hours, error) {
	var days map[string][]*Window
	if err := json.Unmarshal(text, &days, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, err
	}
	var h Hours
	for day, name := range Weekdays {
		windows, named := days[name]
		if !named {
			continue
		}
		h[day] = []Window{}
		for _, w := range windows {
			if w != nil {
				h[day] = append(h[day], *w)
			}
		}
	}
	if !h.stated() {
		return nil, nil
	}
	return &h, nil
}

// readLivePrice takes a number in any notation, also as text ("15000"), rounded
// to sen. Null is 0.
func readLivePrice(dec *jsontext.Decoder, p *Price) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	text := string(bytes.Trim(value, `"`))
	if text == "null" || text == "" {
		return nil
	}
	if price, problem, _ := parsePrice(text, true); problem == "" {
		*p = price
		return nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || f > 1e12 || f < -1e12 {
		return errors.New("a price is not a number")
	}
	sen := int64(f*100 + 0.5)
	if f < 0 {
		sen = int64(f*100 - 0.5)
	}
	*p = Price{Rupiah: sen / 100, Sen: int(sen % 100)}
	return nil
}

// readLiveQuantity takes 1, 1.0 and "1". Null is 0.
func readLiveQuantity(dec *jsontext.Decoder, n *int) error {
	var p Price
	if err := readLivePrice(dec, &p); err != nil || p.Rupiah > 1_000_000 || p.Rupiah < -1_000_000 {
		return errors.New("a quantity is not a number")
	}
	*n = int(p.Rupiah)
	return nil
}
