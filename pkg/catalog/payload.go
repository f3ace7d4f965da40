package catalog

import (
	"crypto/sha256"
	"encoding/hex"
)

// A Payload is the body of a catalog push, with every short form resolved. Its
// fields are in the order of the developer documentation, "Sync menu"; the
// Enterprise API takes the same without variants and internal names (Enterprise Integration Middleware,
// "Update menu").
type Payload struct {
	RequestID         string                   `json:"request_id"`
	Menus             []PayloadMenu            `json:"menus"`
	VariantCategories []PayloadVariantCategory `json:"variant_categories,omitempty"`
}

// PayloadMenu is a menu of the body.
type PayloadMenu struct {
	Name      string        `json:"name"`
	MenuItems []PayloadItem `json:"menu_items"`
}

// PayloadItem is an item of the body. A text that is not stated is left out. It
// shares its hours and references with the file that it was built of.
type PayloadItem struct {
	ExternalID                 string   `json:"external_id"`
	Name                       string   `json:"name"`
	InternalName               string   `json:"internal_name,omitempty"`
	Description                string   `json:"description,omitempty"`
	InStock                    bool     `json:"in_stock"`
	Price                      Price    `json:"price"`
	Image                      string   `json:"image,omitempty"`
	OperationalHours           *Hours   `json:"operational_hours,omitzero"`
	VariantCategoryExternalIDs []string `json:"variant_category_external_ids,omitempty"`
}

// PayloadVariantCategory is a variant category of the body.
type PayloadVariantCategory struct {
	ExternalID   string `json:"external_id"`
	InternalName string `json:"internal_name"`
	Name         string `json:"name"`
	Rules        struct {
		Selection struct {
			MinQuantity int `json:"min_quantity"`
			MaxQuantity int `json:"max_quantity"`
		} `json:"selection"`
	} `json:"rules"`
	Variants []PayloadVariant `json:"variants"`
}

// PayloadVariant is a variant of the body.
type PayloadVariant struct {
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	Price      Price  `json:"price"`
	InStock    bool   `json:"in_stock"`
}

// Items counts the items of all menus.
func (p *Payload) Items() int {
	n := 0
	for _, m := range p.Menus {
		n += len(m.MenuItems)
	}
	return n
}

// Live is the menu as an outlet will show it, but for the ids that GoBiz gives.
func (p *Payload) Live() *Live {
	l := &Live{Menus: make([]LiveMenu, len(p.Menus)), VariantCategories: make([]LiveVariantCategory, len(p.VariantCategories))}
	for i, m := range p.Menus {
		l.Menus[i] = LiveMenu{Name: m.Name, Items: convert(m.MenuItems, func(item PayloadItem) LiveItem {
			inStock := item.InStock
			return LiveItem{
				ExternalID: item.ExternalID, Name: item.Name, InternalName: item.InternalName, Description: item.Description,
				Price: item.Price, InStock: &inStock, Image: item.Image, OperationalHours: item.OperationalHours,
				VariantCategoryIDs: item.VariantCategoryExternalIDs,
			}
		})}
	}
	for i, c := range p.VariantCategories {
		rules := c.Rules.Selection
		l.VariantCategories[i] = LiveVariantCategory{
			ID: c.ExternalID, ExternalID: c.ExternalID, Name: c.Name, InternalName: c.InternalName, // its id is what items refer to
			MinQuantity: rules.MinQuantity, MaxQuantity: &rules.MaxQuantity,
			Variants: convert(c.Variants, func(v PayloadVariant) LiveVariant {
				return LiveVariant{ExternalID: v.ExternalID, Name: v.Name, Price: v.Price, InStock: &v.InStock}
			}),
		}
	}
	return l
}

// everyDayNamed writes out what the Enterprise API calls mandatory.
func (h *Hours) everyDayNamed() *Hours {
	if h == nil {
		return EveryDay(allDay)
	}
	named := *h
	for day := range named {
		if named[day] == nil {
			named[day] = []Window{}
		}
	}
	return &named
}

// An EncodedPayload is a payload that was written as JSON, once: what is sent,
// shown and hashed are the same bytes.
type EncodedPayload struct {
	RequestID string
	// Menu is the payload without its request id: compact, keys in a fixed order,
	// HTML characters as they are.
	Menu []byte
}

// Encode writes the payload as JSON. What is not UTF-8 is replaced.
func (p *Payload) Encode() *EncodedPayload {
	t := newJSONText(nil, p.Items())
	t.begin('{')
	t.list("menus")
	for i := range p.Menus {
		m := &p.Menus[i]
		t.begin('{')
		t.text("name", m.Name)
		t.list("menu_items")
		for j := range m.MenuItems {
			t.payloadItem(&m.MenuItems[j])
		}
		t.end("]}")
	}
	t.end("]")
	if len(p.VariantCategories) > 0 {
		t.list("variant_categories")
		for i := range p.VariantCategories {
			t.payloadCategory(&p.VariantCategories[i])
		}
		t.end("]")
	}
	t.end("}")
	return &EncodedPayload{RequestID: p.RequestID, Menu: t.out}
}

func (t *jsonText) payloadItem(i *PayloadItem) {
	t.begin('{')
	t.text("external_id", i.ExternalID)
	t.text("name", i.Name)
	t.stated("internal_name", i.InternalName)
	t.stated("description", i.Description)
	t.flag("in_stock", i.InStock)
	t.price(i.Price)
	t.stated("image", i.Image)
	if i.OperationalHours != nil {
		t.hours("operational_hours", i.OperationalHours)
	}
	if len(i.VariantCategoryExternalIDs) > 0 {
		t.texts("variant_category_external_ids", i.VariantCategoryExternalIDs)
	}
	t.end("}")
}

func (t *jsonText) payloadCategory(c *PayloadVariantCategory) {
	t.begin('{')
	t.text("external_id", c.ExternalID)
	t.text("internal_name", c.InternalName)
	t.text("name", c.Name)
	t.selection(c.Rules.Selection.MinQuantity, &c.Rules.Selection.MaxQuantity)
	t.list("variants")
	for _, v := range c.Variants {
		t.begin('{')
		t.text("external_id", v.ExternalID)
		t.text("name", v.Name)
		t.price(v.Price)
		t.flag("in_stock", v.InStock)
		t.end("}")
	}
	t.end("]}")
}

// JSON returns the body of the push, which begins with the request id.
func (e *EncodedPayload) JSON() []byte {
	t := newJSONText(make([]byte, 0, len(e.Menu)+len(e.RequestID)+len(`{"request_id":"",`)), 0)
	t.begin('{')
	t.text("request_id", e.RequestID)
	return append(append(t.out, ','), e.Menu[1:]...)
}

// Digest names the menu, "sha256:" and 64 hex digits. The request id is not part
// of it: the same menu has the same digest.
func (e *EncodedPayload) Digest() string {
	hash := sha256.New()
	hash.Write([]byte(`{"request_id":"",`))
	hash.Write(e.Menu[1:])
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}

// MarshalJSON writes the payload as it is sent.
func (p *Payload) MarshalJSON() ([]byte, error) { return p.Encode().JSON(), nil }
