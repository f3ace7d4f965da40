package catalog

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Live menu is what an outlet shows now: the data of GET …/v2/catalog
// (developer documentation, "Update out-of-stock items"). Every field may be
// missing or null there; fields that are not known are left out. It is read with
// [FromLive], or by any JSON decoder.
type Live struct {
	Menus             []LiveMenu            `json:"menus"`
	VariantCategories []LiveVariantCategory `json:"variant_categories"`
}

// A LiveMenu is a menu of the answer. It has no id, only its name.
type LiveMenu struct {
	Name  string     `json:"name"`
	Items []LiveItem `json:"menu_items"`
}

// A LiveItem is an item of the answer. ID is GoBiz's own id, a UUID;
// ExternalID is empty for an item that was made in the GoBiz app.
type LiveItem struct {
	ID                 string   `json:"id"`
	ExternalID         string   `json:"external_id"`
	Name               string   `json:"name"`
	InternalName       string   `json:"internal_name"`
	Description        string   `json:"description"`
	Price              Price    `json:"price"`
	InStock            *bool    `json:"in_stock"` // nil: the answer does not say
	Image              string   `json:"image"`
	OperationalHours   *Hours   `json:"operational_hours"` // nil: the answer does not say
	VariantCategoryIDs []string `json:"variant_category_ids"`
}

// A LiveVariantCategory is a variant category of the answer. The documented
// sample has no external id for it, so ExternalID is usually empty.
type LiveVariantCategory struct {
	ID           string        `json:"id"`
	ExternalID   string        `json:"external_id"`
	Name         string        `json:"name"`
	InternalName string        `json:"internal_name"`
	MinQuantity  int           `json:"-"` // rules.selection.min_quantity
	MaxQuantity  *int          `json:"-"` // rules.selection.max_quantity; nil: no limit
	Variants     []LiveVariant `json:"variants"`
}

// A LiveVariant is a variant of the answer.
type LiveVariant struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	Price      Price  `json:"price"`
	InStock    *bool  `json:"in_stock"` // nil: the answer does not say
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
// {success, data}. A body of another shape, also one without a list of menus, is an
// error; nulls, missing and unknown fields of what is in it are not.
func FromLive(body []byte) (*Live, error) {
	var answer struct {
		liveData
		Success *bool          `json:"success"`
		Data    *liveData      `json:"data"`
		Errors  jsontext.Value `json:"errors"`
	}
	if err := json.Unmarshal(body, &answer, liveOptions()); err != nil {
		return nil, fmt.Errorf("the live catalog is not what GET v2 answers: %w", err)
	}
	live := (*Live)(&answer.liveData)
	switch {
	case answer.Success != nil && !*answer.Success, answer.Errors != nil && answer.Data == nil && live.Menus == nil:
		return nil, errors.New("the live catalog is an error answer, not a catalog")
	case answer.Data != nil && live.Menus == nil:
		live = (*Live)(answer.Data)
	}
	if err := live.checked(nil); err != nil {
		return nil, fmt.Errorf("the live catalog is not what GET v2 answers: %w", err)
	}
	return live, nil
}

// Stock says which entities of a live menu are in stock, by external id. An
// entity without one is found under the id that [Live.File] gives it.
type Stock struct {
	Items    map[string]bool
	Variants map[string]bool
}

// Stock collects the stock of a live menu, for a file that was pulled with the
// same known file. What the answer does not say is not in it; of an item that
// stands in several menus the first counts.
func (l *Live) Stock(known *File) Stock {
	if l == nil {
		l = &Live{}
	}
	return l.stock(l.externalIDs(known.known().categories))
}

func (l *Live) stock(ids liveIDs) Stock {
	stock := Stock{Items: map[string]bool{}, Variants: map[string]bool{}}
	add := func(to map[string]bool, id string, inStock *bool) {
		if _, has := to[id]; !has && inStock != nil {
			to[id] = *inStock
		}
	}
	for i := range l.Menus {
		for j := range l.Menus[i].Items {
			add(stock.Items, ids.items[i][j], l.Menus[i].Items[j].InStock)
		}
	}
	for i := range l.VariantCategories {
		for j := range l.VariantCategories[i].Variants {
			add(stock.Variants, ids.variants[i][j], l.VariantCategories[i].Variants[j].InStock)
		}
	}
	return stock
}
