package enterprise

import (
	"context"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// PutCatalog replaces the whole menu of a store (Enterprise Integration Middleware, "Update menu"),
// as [gobiz.Client.PutCatalog] does. The legacy API knows no variants and no
// internal names.
func (c *Client) PutCatalog(ctx context.Context, outletID string, body gobiz.CatalogBody, requestID string) (*gobiz.CatalogReceipt, error) {
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
