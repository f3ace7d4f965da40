package catalog

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// liveOptions are how answers are read: a field of a shape that nobody
// documented should not hide the others.
var liveOptions = json.JoinOptions(
	jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(readLivePrice),
		json.UnmarshalFromFunc(readLiveQuantity),
		json.UnmarshalFromFunc(readLiveHours),
		json.UnmarshalFromFunc(readLiveList[LiveMenu]),
		json.UnmarshalFromFunc(readLiveList[LiveItem]),
		json.UnmarshalFromFunc(readLiveList[LiveVariantCategory]),
		json.UnmarshalFromFunc(readLiveList[LiveVariant]),
		json.UnmarshalFromFunc(readLiveList[Window]),
	)),
)

// liveData is a Live without its methods.
type liveData Live

// UnmarshalJSONFrom reads the data of an answer, without its envelope.
func (l *Live) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*l = Live{}
	return json.UnmarshalDecode(dec, (*liveData)(l), liveOptions)
}

// UnmarshalJSON is UnmarshalJSONFrom for encoding/json.
func (l *Live) UnmarshalJSON(data []byte) error {
	*l = Live{}
	return json.Unmarshal(data, (*liveData)(l), liveOptions)
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
	t.price("price", i.Price)
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
		t.price("price", v.Price)
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

// readLiveList leaves out the nulls of a list.
func readLiveList[T any](dec *jsontext.Decoder, list *[]T) error {
	if dec.PeekKind() != '[' {
		return errors.ErrUnsupported
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*list = nil
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

// readLiveHours takes an object that names no day as "does not say". A day that is null is named, and closed. Most days are as the one before
// them, so that only the text of a day that is not is decoded.
func readLiveHours(dec *jsontext.Decoder, hours **Hours) error {
	if dec.PeekKind() != '{' {
		return errors.ErrUnsupported
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*hours = nil
	var text []byte
	var windows []Window
	for dec.PeekKind() != '}' {
		name, err := dec.ReadValue()
		if err != nil {
			return err
		}
		day := weekday(name)
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if day < 0 {
			continue
		}
		if windows == nil || !bytes.Equal(value, text) {
			text, windows = append(text[:0], value...), nil
			if err := json.Unmarshal(value, &windows, dec.Options()); err != nil {
				return err
			}
			if windows == nil {
				windows = []Window{}
			}
		}
		if *hours == nil {
			*hours = &Hours{}
		}
		(*hours)[day] = windows
	}
	_, err := dec.ReadToken()
	return err
}

// weekday gives the day that a JSON string names, Monday is 0, or -1.
func weekday(name jsontext.Value) int {
	for day, known := range Weekdays {
		if string(name[1:len(name)-1]) == known {
			return day
		}
	}
	return -1
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
