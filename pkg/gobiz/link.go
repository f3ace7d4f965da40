package gobiz

import "context"

// A Product is what an outlet is linked for.
type Product string

// Products of the linking endpoint (Steps on linking outlets).
const (
	ProductGoFood  Product = "gofood"
	ProductPayment Product = "payment" // QRIS
)

// TokenInfo is what a merchant's login may do.
type TokenInfo struct {
	User    User             `json:"user" answer:"required"`
	Outlets []LinkableOutlet `json:"outlets" answer:"required"` // the first one is the user's primary outlet
}

// User is the merchant user who logged in.
type User struct {
	Roles []string `json:"roles" answer:"required"` // owner, admin, manager
}

// A LinkableOutlet is an outlet that the logged-in user may link.
type LinkableOutlet struct {
	ID      string `json:"id" answer:"nonempty"`
	Name    string `json:"name" answer:"required"`
	Address string `json:"address"`
	Email   string `json:"email"` // deprecated by the API, mostly empty
	Phone   string `json:"phone"` // deprecated by the API, mostly empty
}

// A LinkedOutlet is an outlet that is linked to the partner.
type LinkedOutlet struct {
	ID               string  `json:"id" answer:"nonempty"`
	ExternalOutletID *string `json:"external_outlet_id"` // the partner's own id; null when none was given
	CreatedAt        Time    `json:"created_at"`
	UpdatedAt        Time    `json:"updated_at"`
	LinkedAt         Time    `json:"linked_at,omitzero"` // only in the answer to LinkOutlet
}

// TokenInfo lists the outlets that the logged-in merchant may link. Needs an
// authorization-code token (Steps on linking outlets, "Get All User's Outlet").
func (c *Client) TokenInfo(ctx context.Context) (*TokenInfo, error) {
	var info TokenInfo
	if _, err := c.Invoke(ctx, Call{Operation: "getTokenInfo", Into: &info}); err != nil {
		return nil, err
	}
	return &info, nil
}

// LinkOutlet links an outlet for a product and so switches its webhooks on;
// its order acceptance becomes Auto Accept. externalOutletID is the partner's
// own id of the outlet and comes back in webhooks; when empty the outlet id is
// sent, since the pages disagree on whether it is required. Needs an
// authorization-code token (Steps on linking outlets, "Linking the Outlet").
func (c *Client) LinkOutlet(ctx context.Context, outletID string, product Product, externalOutletID string) (*LinkedOutlet, error) {
	if externalOutletID == "" {
		externalOutletID = outletID
	}
	return c.link(ctx, Call{Operation: "linkOutlet", Params: []string{outletID, string(product)}}, externalOutletID)
}

// UnlinkOutlet ends the link of an outlet for a product.
func (c *Client) UnlinkOutlet(ctx context.Context, outletID string, product Product) error {
	_, err := c.Invoke(ctx, Call{Operation: "unlinkOutlet", Params: []string{outletID, string(product)}})
	return err
}

// LinkPrimaryOutlet links the primary outlet of the logged-in user by the
// older endpoint, which takes no outlet id (Steps on linking outlets calls it the previous
// way). externalOutletID must be given.
func (c *Client) LinkPrimaryOutlet(ctx context.Context, externalOutletID string) (*LinkedOutlet, error) {
	if externalOutletID == "" {
		return nil, &ArgumentError{Name: "external_outlet_id", Reason: "is empty"}
	}
	return c.link(ctx, Call{Operation: "linkPrimaryOutlet"}, externalOutletID)
}

// UnlinkPrimaryOutlet ends the link of the logged-in user's primary outlet.
func (c *Client) UnlinkPrimaryOutlet(ctx context.Context) error {
	_, err := c.Invoke(ctx, Call{Operation: "unlinkPrimaryOutlet"})
	return err
}

func (c *Client) link(ctx context.Context, call Call, externalOutletID string) (*LinkedOutlet, error) {
	call.Content = struct {
		ExternalOutletID string `json:"external_outlet_id"`
	}{externalOutletID}
	var data struct {
		Outlet LinkedOutlet `json:"outlet" answer:"required"`
	}
	call.Into = &data
	if _, err := c.Invoke(ctx, call); err != nil {
		return nil, err
	}
	return &data.Outlet, nil
}

// LinkedOutlets returns one page of the outlets that are linked to the
// partner. Zero values leave page and size to the server.
func (c *Client) LinkedOutlets(ctx context.Context, page Page) ([]LinkedOutlet, error) {
	var data struct {
		Outlets []LinkedOutlet `json:"outlets" answer:"required"`
	}
	if _, err := c.Invoke(ctx, Call{Operation: "listLinkedOutlets", Query: page.query("per"), Into: &data}); err != nil {
		return nil, err
	}
	return data.Outlets, nil
}
