package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Live catalog is what an outlet shows now: the answer of GET …/v2/catalog
// (developer documentation, "Update out-of-stock items"). Every field may be
// missing or null there; fields that are not known are left out.
type Live struct {
	Menus             []LiveMenu
	VariantCategories []LiveVariantCategory
}

// A LiveMenu is a menu of the answer. It has no id, only its name.
type LiveMenu struct {
	Name  string
	Items []LiveItem
}

// A LiveItem is an item of the answer. ID is GoBiz's own id, a UUID;
// ExternalID is empty for an item that was made in the GoBiz app.
type LiveItem struct {
	ID                 string
	ExternalID         string
	Name               string
	InternalName       string
	Description        string
	Price              Price
	InStock            *bool // nil: the answer does not say
	Image              string
	OperationalHours   *Hours // nil: the answer does not say
	VariantCategoryIDs []string
}

// A LiveVariantCategory is a variant category of the answer. The documented
// sample has no external id for it, so ExternalID is usually empty.
type LiveVariantCategory struct {
	ID           string
	ExternalID   string
	Name         string
	InternalName string
	MinQuantity  int
	MaxQuantity  *int // nil: no limit
	Variants     []LiveVariant
}

// A LiveVariant is a variant of the answer.
type LiveVariant struct {
	ID         string
	ExternalID string
	Name       string
	Price      Price
	InStock    *bool
}

// Items counts the items of all menus.
func (l *Live) Items() int {
	n := 0
	for _, m := range l.Menus {
		n += len(m.Items)
	}
	return n
}

// FromLive reads the body of GET …/v2/catalog, with or without its envelope
// {success, data}. A body of another shape is an error; nulls, missing and
// unknown fields are not.
func FromLive(body []byte) (*Live, error) {
	var envelope struct {
		Success *bool           `json:"success"`
		Data    json.RawMessage `json:"data"`
		Menus   json.RawMessage `json:"menus"`
		Errors  json.RawMessage `json:"errors"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, fmt.Errorf("the live catalog is not what GET v2 answers: %w", err)
	}
	if envelope.Success != nil && !*envelope.Success || len(envelope.Errors) > 0 && envelope.Data == nil && envelope.Menus == nil {
		return nil, errors.New("the live catalog is an error answer, not a catalog")
	}
	if envelope.Data != nil && envelope.Menus == nil {
		body = envelope.Data
	}
	var answer struct {
		Menus             []*liveMenu            `json:"menus"`
		VariantCategories []*liveVariantCategory `json:"variant_categories"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("the live catalog is not what GET v2 answers: %w", err)
	}
	live := &Live{}
	for _, m := range present(answer.Menus) {
		menu := LiveMenu{Name: m.Name}
		for _, i := range present(m.MenuItems) {
			menu.Items = append(menu.Items, i.item())
		}
		live.Menus = append(live.Menus, menu)
	}
	for _, c := range present(answer.VariantCategories) {
		live.VariantCategories = append(live.VariantCategories, c.category())
	}
	return live, nil
}

// present leaves out the nulls of a list.
func present[T any](list []*T) []*T {
	kept := list[:0]
	for _, v := range list {
		if v != nil {
			kept = append(kept, v)
		}
	}
	return kept
}

// The wire types are apart from the public ones: encoding/json leaves a field
// alone where the answer has null, which is what is wanted here.

type liveMenu struct {
	Name      string      `json:"name"`
	MenuItems []*liveItem `json:"menu_items"`
}

type liveItem struct {
	ID                 string                   `json:"id"`
	ExternalID         string                   `json:"external_id"`
	Name               string                   `json:"name"`
	InternalName       string                   `json:"internal_name"`
	Description        string                   `json:"description"`
	Price              livePrice                `json:"price"`
	InStock            *bool                    `json:"in_stock"`
	Image              string                   `json:"image"`
	OperationalHours   map[string][]*liveWindow `json:"operational_hours"`
	VariantCategoryIDs []string                 `json:"variant_category_ids"`
}

type liveWindow struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type liveVariantCategory struct {
	ID           string `json:"id"`
	ExternalID   string `json:"external_id"`
	Name         string `json:"name"`
	InternalName string `json:"internal_name"`
	Rules        struct {
		Selection struct {
			MinQuantity liveCount  `json:"min_quantity"`
			MaxQuantity *liveCount `json:"max_quantity"`
		} `json:"selection"`
	} `json:"rules"`
	Variants []*liveVariant `json:"variants"`
}

type liveVariant struct {
	ID         string    `json:"id"`
	ExternalID string    `json:"external_id"`
	Name       string    `json:"name"`
	Price      livePrice `json:"price"`
	InStock    *bool     `json:"in_stock"`
}

func (i *liveItem) item() LiveItem {
	return LiveItem{
		ID: i.ID, ExternalID: i.ExternalID, Name: i.Name, InternalName: i.InternalName, Description: i.Description,
		Price: Price(i.Price), InStock: i.InStock, Image: i.Image,
		OperationalHours: liveHours(i.OperationalHours), VariantCategoryIDs: i.VariantCategoryIDs,
	}
}

func (c *liveVariantCategory) category() LiveVariantCategory {
	out := LiveVariantCategory{
		ID: c.ID, ExternalID: c.ExternalID, Name: c.Name, InternalName: c.InternalName,
		MinQuantity: int(c.Rules.Selection.MinQuantity),
	}
	if limit := c.Rules.Selection.MaxQuantity; limit != nil {
		out.MaxQuantity = new(int)
		*out.MaxQuantity = int(*limit)
	}
	for _, v := range present(c.Variants) {
		out.Variants = append(out.Variants, LiveVariant{ID: v.ID, ExternalID: v.ExternalID, Name: v.Name, Price: Price(v.Price), InStock: v.InStock})
	}
	return out
}

// liveHours takes an empty object as "does not say": nothing in it names a day.
func liveHours(days map[string][]*liveWindow) *Hours {
	if len(days) == 0 {
		return nil
	}
	var h Hours
	for day, name := range Weekdays {
		windows, named := days[name]
		if !named {
			continue
		}
		h[day] = []Window{}
		for _, w := range present(windows) {
			h[day] = append(h[day], Window(*w))
		}
	}
	return &h
}

// livePrice takes a number in any notation, also as text ("15000"), rounded to
// sen. Null is 0.
type livePrice Price

func (p *livePrice) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if text == "null" || text == "" {
		return nil
	}
	if price, problem, _ := parsePrice(text, true); problem == "" {
		*p = livePrice(price)
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
	*p = livePrice{Rupiah: sen / 100, Sen: int(sen % 100)}
	return nil
}

// liveCount takes 1, 1.0 and "1". Null is 0.
type liveCount int

func (c *liveCount) UnmarshalJSON(data []byte) error {
	var p livePrice
	if err := p.UnmarshalJSON(data); err != nil || p.Rupiah > 1_000_000 || p.Rupiah < -1_000_000 {
		return errors.New("a quantity is not a number")
	}
	*c = liveCount(p.Rupiah)
	return nil
}
