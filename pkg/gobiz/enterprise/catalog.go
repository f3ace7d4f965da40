package enterprise

import (
	"context"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// A CatalogRequest is the whole menu of a store. The legacy API knows no
// variants and no internal names.
type CatalogRequest struct {
	// RequestID names the write for support; empty for a fresh one.
	RequestID string `json:"request_id,omitzero"`
	Menus     []Menu `json:"menus"`
}

// A Menu has a name of at most 150 characters and at most 100 items.
type Menu struct {
	Name      string     `json:"name"`
	MenuItems []MenuItem `json:"menu_items"`
}

// A MenuItem has a name and a description of at most 250 characters each.
type MenuItem struct {
	Name        string       `json:"name"`
	Description string       `json:"description,omitzero"`
	Price       gobiz.Rupiah `json:"price"`
	ExternalID  string       `json:"external_id"`
	Image       string       `json:"image,omitzero"` // public URL
	InStock     bool         `json:"in_stock"`
	// OperationalHours is mandatory and written with all seven days; a day
	// without windows is a day on which the item is not sold.
	OperationalHours gobiz.OperationalHours `json:"operational_hours"`
}

// Marshal writes the menu once for any number of writes.
func (r CatalogRequest) Marshal() (gobiz.CatalogBody, error) {
	r.RequestID = ""
	return gobiz.MarshalCatalog(r)
}

// PutCatalog replaces the whole menu of a store (Enterprise Integration Middleware, "Update menu").
func (c *Client) PutCatalog(ctx context.Context, outletID string, catalog CatalogRequest) (*gobiz.CatalogReceipt, error) {
	body, err := catalog.Marshal()
	if err != nil {
		return nil, err
	}
	return c.PutCatalogBody(ctx, outletID, body, catalog.RequestID)
}

// PutCatalogBody is PutCatalog with a menu that was marshalled before.
func (c *Client) PutCatalogBody(ctx context.Context, outletID string, body gobiz.CatalogBody, requestID string) (*gobiz.CatalogReceipt, error) {
	if requestID == "" {
		requestID = gobiz.NewRequestID()
	}
	content, err := body.Body(requestID)
	if err != nil {
		return nil, err
	}
	receipt := gobiz.CatalogReceipt{RequestID: requestID} // the answer echoes it
	reply, err := c.api.Invoke(ctx, gobiz.Call{
		Operation: "putEnterpriseCatalog", Params: []string{outletID}, Body: content, Into: &receipt,
	})
	if err != nil {
		return nil, err
	}
	receipt.Attempts = reply.Attempts
	return &receipt, nil
}
