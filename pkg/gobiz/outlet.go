package gobiz

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"
)

// An Outlet is what the API tells about one outlet.
type Outlet struct {
	ID              string          `json:"id" answer:"nonempty"`
	MerchantName    string          `json:"merchant_name"`
	Name            string          `json:"name"`
	Status          string          `json:"status"` // "active" seen; others not documented
	Email           string          `json:"email"`
	PaymentSettings PaymentSettings `json:"payment_settings"`
	Applications    Applications    `json:"applications"`
	// Unknown holds members that the documentation does not have.
	Unknown jsontext.Value `json:",embed"`
}

// PaymentSettings says which ways to pay are switched on.
type PaymentSettings struct {
	GoPay Switch `json:"gopay"`
	QRIS  Switch `json:"qris"`
}

// Applications says which applications are switched on.
type Applications struct {
	Midtrans Switch `json:"midtrans"`
	GoPay    Switch `json:"gopay"`
}

// A Switch is on or off.
type Switch struct {
	Active bool `json:"active"`
}

// OutletProperties is what can be changed on an outlet.
type OutletProperties struct {
	// ForceClose closes the outlet; false lets it follow its opening hours.
	ForceClose bool `json:"force_close" answer:"required"`
}

// Outlet reads one outlet. It is a good probe of credentials and outlet id:
// 404 says that the id is wrong, 403 that it is another partner's.
func (c *Client) Outlet(ctx context.Context, outletID string) (*Outlet, error) {
	var data struct {
		Outlet Outlet `json:"outlet" answer:"required"`
	}
	_, err := c.Invoke(ctx, Call{Operation: "getOutlet", Params: []string{outletID}, Into: &data})
	if err != nil {
		return nil, err
	}
	return &data.Outlet, nil
}

// UpdateOutletProperties closes an outlet or lets it follow its hours again.
// Needs the role Owner or Manager. There is no call to read the properties.
func (c *Client) UpdateOutletProperties(ctx context.Context, outletID string, properties OutletProperties) (*OutletProperties, error) {
	result := properties // holds where a server answers 204 without a body, as some do
	_, err := c.Invoke(ctx, Call{
		Operation: "updateOutletProperties", Params: []string{outletID}, Content: properties, Into: &result, mayBeEmpty: true,
	})
	if err != nil {
		return nil, err
	}
	return &result, nil
}

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
