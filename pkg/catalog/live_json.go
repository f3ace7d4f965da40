package catalog

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
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
			json.UnmarshalFromFunc(readLiveList(LiveMenu{})),
			json.UnmarshalFromFunc(readLiveList(LiveItem{Price: noPrice})),
			json.UnmarshalFromFunc(readLiveList(LiveVariantCategory{})),
			json.UnmarshalFromFunc(readLiveList(LiveVariant{Price: noPrice})),
		)),
	)
}

// liveData is a Live without its methods.
type liveData Live

// UnmarshalJSONFrom reads the data of an answer, without its envelope. Data that
// lacks a list, a name or a price is an error: to take it for a menu with less in
// it would have a push replace what nobody has seen.
func (l *Live) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*l = Live{}
	return l.checked(json.UnmarshalDecode(dec, (*liveData)(l), liveOptions()))
}

// UnmarshalJSON is UnmarshalJSONFrom for encoding/json.
func (l *Live) UnmarshalJSON(data []byte) error {
	*l = Live{}
	return l.checked(json.Unmarshal(data, (*liveData)(l), liveOptions()))
}

// What stands for the price of something that has none, or none that is a number.
var (
	noPrice  = Price{Sen: 1000}
	badPrice = Price{Sen: 1001}
)

// checked returns err, or what the menu lacks that is read.
func (l *Live) checked(err error) error {
	switch {
	case err != nil:
		return err
	case l.Menus == nil:
		return errors.New("there is no list of menus")
	}
	refers := false
	for i, m := range l.Menus {
		switch {
		case m.Name == "":
			return fmt.Errorf("the %d. menu has no name", i+1)
		case m.Items == nil:
			return fmt.Errorf("the menu %q has no list of items", m.Name)
		}
		for _, item := range m.Items {
			refers = refers || len(item.VariantCategoryIDs) > 0
			if problem := checkLive(item.Name, item.Price); problem != "" {
				return fmt.Errorf("the item %q of the menu %q has %s", cmp.Or(item.Name, item.ExternalID, item.ID), m.Name, problem)
			} else if item.Price.Rupiah < 0 || item.Price.Sen < 0 {
				return fmt.Errorf("the item %q of the menu %q has the negative price %s", item.Name, m.Name, item.Price)
			}
		}
	}
	if refers && l.VariantCategories == nil {
		return errors.New("items refer to variant categories, and there is no list of them")
	}
	for i, c := range l.VariantCategories {
		switch {
		case c.Name == "" || c.ID == "":
			return fmt.Errorf("the %d. variant category has no name or no id", i+1)
		case c.Variants == nil:
			return fmt.Errorf("the variant category %q has no list of variants", c.Name)
		}
		for _, v := range c.Variants {
			if problem := checkLive(v.Name, v.Price); problem != "" {
				return fmt.Errorf("the variant %q of the variant category %q has %s", cmp.Or(v.Name, v.ExternalID, v.ID), c.Name, problem)
			}
		}
	}
	return nil
}

// checkLive says what an item or a variant lacks.
func checkLive(name string, price Price) string {
	switch {
	case name == "":
		return "no name"
	case price == noPrice:
		return "no price"
	case price == badPrice:
		return "a price that is not a number"
	}
	return ""
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

// readLiveList reads a list whose entries are absent before they are read. An empty
// list is not nil.
func readLiveList[T any](absent T) func(*jsontext.Decoder, *[]T) error {
	return func(dec *jsontext.Decoder, list *[]T) error {
		if dec.PeekKind() != '[' {
			return errors.ErrUnsupported
		}
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		*list = []T{}
		for dec.PeekKind() != ']' {
			*list = append(*list, absent)
			if err := json.UnmarshalDecode(dec, &(*list)[len(*list)-1]); err != nil {
				return err
			}
		}
		_, err := dec.ReadToken()
		return err
	}
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

// readLivePrice takes a number in any notation, rounded to sen. What is none is
// told by [Live.checked], which knows whose price it is.
func readLivePrice(dec *jsontext.Decoder, p *Price) error {
	value, err := dec.ReadValue()
	switch *p = badPrice; {
	case err != nil:
		return err
	case value.Kind() == 'n':
		*p = noPrice
	case value.Kind() == '0':
		if price, ok := liveNumber(string(value)); ok {
			*p = price
		}
	}
	return nil
}

// liveNumber reads a number in any notation, rounded to hundredths.
func liveNumber(text string) (Price, bool) {
	if price, problem, _ := parsePrice(text, true); problem == "" {
		return price, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f > 1e12 || f < -1e12 {
		return Price{}, false
	}
	sen := int64(math.Round(f * 100))
	return Price{Rupiah: sen / 100, Sen: int(sen % 100)}, true
}

// readLiveQuantity takes 1, 1.0 and "1". Null is 0.
func readLiveQuantity(dec *jsontext.Decoder, n *int) error {
	value, err := dec.ReadValue()
	if err != nil || value.Kind() == 'n' {
		return err
	}
	q, ok := liveNumber(strings.Trim(string(value), `" `))
	if !ok || q.Rupiah > 1_000_000 || q.Rupiah < -1_000_000 {
		return errors.New("a quantity is not a number")
	}
	*n = int(q.Rupiah)
	return nil
}
