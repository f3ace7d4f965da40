package catalog

import (
	"crypto/sha256"
	"encoding/hex"
)

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
