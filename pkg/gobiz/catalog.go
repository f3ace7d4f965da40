package gobiz

import (
	"context"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Catalog is the live menu of an outlet (GET v2), field for field as the API
// answers. It holds the active menus and variant categories only (Getting started
// (Facilitator)).
//
// To compare it, to make a file of it or to write it back, read it as a
// catalog.Live of pkg/catalog: at once with [Client.ReadCatalog], or later with
// catalog.FromLive(c.Raw), which is the one conversion between the two.
//
// It is written as it was read by this module's JSON library and by
// encoding/json; encoding/json does not know how to write a part of it alone.
type Catalog struct {
	Menus             []Menu            `json:"menus"`
	VariantCategories []VariantCategory `json:"variant_categories"`
	// Unknown holds members that the documentation does not have; so do the
	// fields of this name below.
	Unknown jsontext.Value `json:",embed"`
	// Raw is the whole answer as it came, with its envelope.
	Raw jsontext.Value `json:"-"`
}

// MarshalJSON has encoding/json write the unknown members where they were found.
func (c Catalog) MarshalJSON() ([]byte, error) {
	type plain Catalog
	return json.Marshal(plain(c))
}

// A Menu is a category as customers see it. Its name is its only key.
type Menu struct {
	Name      string         `json:"name"`
	MenuItems []MenuItem     `json:"menu_items"`
	Unknown   jsontext.Value `json:",embed"`
}

// A MenuItem is a dish. Members that may be absent are pointers or empty.
type MenuItem struct {
	ID                 string         `json:"id"`                   // UUID
	ExternalID         string         `json:"external_id,omitzero"` // empty for items made in the merchant app
	Name               string         `json:"name"`
	InternalName       string         `json:"internal_name,omitzero"` // for the merchant only
	Description        string         `json:"description,omitzero"`
	Price              Rupiah         `json:"price"`
	Image              string         `json:"image,omitzero"` // URL
	InStock            *bool          `json:"in_stock,omitzero"`
	OperationalHours   *LiveHours     `json:"operational_hours,omitzero"`
	VariantCategoryIDs []string       `json:"variant_category_ids,omitzero"` // UUIDs
	Unknown            jsontext.Value `json:",embed"`
}

// A VariantCategory is a group of options with a selection rule.
type VariantCategory struct {
	ID           string         `json:"id"`                   // UUID
	ExternalID   string         `json:"external_id,omitzero"` // not in the documented sample
	Name         string         `json:"name"`
	InternalName string         `json:"internal_name,omitzero"`
	Rules        Rules          `json:"rules"`
	Variants     []Variant      `json:"variants"`
	Unknown      jsontext.Value `json:",embed"`
}

// Rules of a variant category.
type Rules struct {
	Selection Selection      `json:"selection"`
	Unknown   jsontext.Value `json:",embed"`
}

// Selection says how many variants a customer chooses. A minimum of 0 makes the
// category optional; no maximum (null) is no limit.
type Selection struct {
	MinQuantity Number         `json:"min_quantity"`
	MaxQuantity *Number        `json:"max_quantity"`
	Unknown     jsontext.Value `json:",embed"`
}

// A Variant is one option. Its price is added to the item's.
type Variant struct {
	ID         string         `json:"id"` // UUID
	ExternalID string         `json:"external_id,omitzero"`
	Name       string         `json:"name"`
	Price      Rupiah         `json:"price"`
	InStock    *bool          `json:"in_stock,omitzero"`
	Unknown    jsontext.Value `json:",embed"`
}

// LiveHours are the hours of an item as the API gives them: a day that is
// absent or null is nil, a day on which the item is not sold is empty.
type LiveHours struct {
	Sunday    []Window       `json:"sunday,omitzero"`
	Monday    []Window       `json:"monday,omitzero"`
	Tuesday   []Window       `json:"tuesday,omitzero"`
	Wednesday []Window       `json:"wednesday,omitzero"`
	Thursday  []Window       `json:"thursday,omitzero"`
	Friday    []Window       `json:"friday,omitzero"`
	Saturday  []Window       `json:"saturday,omitzero"`
	Unknown   jsontext.Value `json:",embed"`
}

// A Window is a span of a day, HH:MM in the outlet's local time, start before
// end; the last minute is 23:59.
type Window struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// Catalog reads the live menu (Getting started (Facilitator), "Get existing Menu").
func (c *Client) Catalog(ctx context.Context, outletID string) (*Catalog, error) {
	var catalog Catalog
	reply, err := c.ReadCatalog(ctx, outletID, &catalog)
	if err != nil {
		return nil, err
	}
	catalog.Raw = reply.Body
	return &catalog, nil
}

// ReadCatalog reads the live menu into a value of the caller's, in one pass:
// into points to what the answer's data is decoded to. With a *catalog.Live of
// pkg/catalog it becomes the live menu that a push is compared with.
func (c *Client) ReadCatalog(ctx context.Context, outletID string, into any) (*Reply, error) {
	reply, err := c.Invoke(ctx, Call{Operation: "getCatalog", Params: []string{outletID}, Into: into})
	if err != nil || !reply.bare {
		return reply, err
	}
	// A menu without the envelope is taken too: reading it as an empty one would
	// have a push replace what nobody has seen.
	if err := json.Unmarshal(reply.Body, into, tolerant()...); err != nil {
		return nil, reply.Missing("data")
	}
	return reply, nil
}

// A CatalogReceipt is the answer to a catalog write. The server applies the
// menu within minutes.
type CatalogReceipt struct {
	RequestID string `json:"request_id"` // of the write; the mapping event carries it too
	Attempts  int    `json:"-"`          // requests sent
}

// PutCatalog replaces the whole menu of an outlet: menus, items and variants
// that are not in the call are gone afterwards (Getting started (Facilitator), "Update Menu").
// Without a RequestID a fresh one is sent.
func (c *Client) PutCatalog(ctx context.Context, outletID string, catalog CatalogRequest) (*CatalogReceipt, error) {
	body, err := catalog.Marshal()
	if err != nil {
		return nil, err
	}
	return c.PutCatalogBody(ctx, outletID, body, catalog.RequestID)
}

// PutCatalogBody is PutCatalog with a menu that was marshalled before, so that
// one menu can go to thousands of outlets at the cost of one. The body is not
// copied. requestID may be empty; then a fresh one is sent.
func (c *Client) PutCatalogBody(ctx context.Context, outletID string, body CatalogBody, requestID string) (*CatalogReceipt, error) {
	if requestID == "" {
		requestID = NewRequestID()
	}
	content, err := body.Body(requestID)
	if err != nil {
		return nil, err
	}
	receipt := CatalogReceipt{RequestID: requestID} // the answer echoes it
	reply, err := c.Invoke(ctx, Call{Operation: "putCatalog", Params: []string{outletID}, Body: content, Into: &receipt})
	if err != nil {
		return nil, err
	}
	receipt.Attempts = reply.Attempts
	return &receipt, nil
}
