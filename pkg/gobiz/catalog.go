package gobiz

import (
	"context"

	"github.com/go-json-experiment/json"
)

// Catalog reads the live menu of an outlet in one pass (GET v2; Getting started
// (Facilitator), "Get existing Menu"): into points to what the answer's data is
// decoded to. A *catalog.Live of pkg/catalog becomes the menu that a push is
// compared with, or an error when the answer has no list of menus; any type of the
// caller's own does as well, and then that check is its own. The API gives active
// menus and variant categories only. The reply has the whole answer as it came.
func (c *Client) Catalog(ctx context.Context, outletID string, into any) (*Reply, error) {
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

// PutCatalog replaces the whole menu of an outlet (PUT v1; Getting started
// (Facilitator), "Update Menu"): menus, items and variants that are not in the body
// are gone afterwards. One body can go to thousands of outlets at the cost of one;
// it is not copied. requestID may be empty; then a fresh one is sent.
func (c *Client) PutCatalog(ctx context.Context, outletID string, body CatalogBody, requestID string) (*CatalogReceipt, error) {
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
