package gobiz

import "context"

// A StockUpdate puts one item or variant in or out of stock. It is named by
// either its external id or its id (UUID) from the live catalog: the pages ask
// for the UUID, shipped integrations send the external id.
type StockUpdate struct {
	ExternalID string `json:"external_id,omitzero"`
	ID         string `json:"id,omitzero"`
	InStock    bool   `json:"in_stock"`
}

// UpdateMenuItemStocks changes the stock of items; it takes effect at once.
func (c *Client) UpdateMenuItemStocks(ctx context.Context, outletID string, updates []StockUpdate) error {
	return c.updateStocks(ctx, "updateMenuItemStocks", outletID, updates)
}

// UpdateVariantStocks changes the stock of variants; it takes effect at once.
func (c *Client) UpdateVariantStocks(ctx context.Context, outletID string, updates []StockUpdate) error {
	return c.updateStocks(ctx, "updateVariantStocks", outletID, updates)
}

func (c *Client) updateStocks(ctx context.Context, operation, outletID string, updates []StockUpdate) error {
	if len(updates) == 0 {
		return &ArgumentError{Name: "stock update", Reason: "has no entries"}
	}
	for _, u := range updates {
		if (u.ID == "") == (u.ExternalID == "") {
			return &ArgumentError{Name: "stock update", Reason: "needs either an id or an external id in each entry"}
		}
	}
	_, err := c.Invoke(ctx, Call{Operation: operation, Params: []string{outletID}, Content: updates})
	return err
}
