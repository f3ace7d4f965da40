// Package enterprise is a client for the legacy Enterprise Integration
// Middleware (EIM, also called Jigsaw) for restaurant chains. It
// uses the transport and the error type of package gobiz; the API differs in
// its paths, its Accept header "application/vnd.eim.v1+json", its scopes
// food:read and food:write, and in a 401 body without "success".
//
// The host of this API is not published, so it must be configured.
package enterprise

import (
	"context"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// A Client calls the legacy API. It is safe for concurrent use.
type Client struct {
	api *gobiz.Client
}

// New makes a Client that calls the host of api.
func New(api *gobiz.Client) *Client { return &Client{api: api} }

// PutCatalog replaces the whole menu of a store (Enterprise Integration Middleware, "Update menu"),
// as [gobiz.Client.PutCatalog] does. The legacy API knows no variants and no
// internal names.
func (c *Client) PutCatalog(ctx context.Context, outletID string, body gobiz.CatalogBody, requestID string) (*gobiz.CatalogReceipt, error) {
	return c.api.PutCatalogBy(ctx, "putEnterpriseCatalog", outletID, body, requestID)
}

// EventDriverArrived is the only event that the legacy API offers (Enterprise Integration Middleware).
const EventDriverArrived = "gofood.order.driver_arrived"

// CreateSubscription registers a URL for an event (Enterprise Integration Middleware, "Register
// Subscriptions").
func (c *Client) CreateSubscription(ctx context.Context, enterpriseID, event, url string) (*gobiz.Subscription, error) {
	content := struct {
		Event string `json:"event"`
		URL   string `json:"url"`
	}{event, url}
	var data struct {
		Subscription gobiz.Subscription `json:"subscription" answer:"required"`
	}
	if _, err := c.api.Invoke(ctx, gobiz.Call{
		Operation: "createEnterpriseSubscription", Params: []string{enterpriseID}, Content: content, Into: &data,
	}); err != nil {
		return nil, err
	}
	complete(&data.Subscription, enterpriseID)
	return &data.Subscription, nil
}

// Subscriptions lists the subscriptions of an enterprise.
func (c *Client) Subscriptions(ctx context.Context, enterpriseID string) ([]gobiz.Subscription, error) {
	var data struct {
		Subscriptions []gobiz.Subscription `json:"subscriptions" answer:"required"`
	}
	if _, err := c.api.Invoke(ctx, gobiz.Call{
		Operation: "listEnterpriseSubscriptions", Params: []string{enterpriseID}, Into: &data,
	}); err != nil {
		return nil, err
	}
	for i := range data.Subscriptions {
		complete(&data.Subscriptions[i], enterpriseID)
	}
	return data.Subscriptions, nil
}

// DeleteSubscription ends a subscription.
func (c *Client) DeleteSubscription(ctx context.Context, enterpriseID, subscriptionID string) error {
	_, err := c.api.Invoke(ctx, gobiz.Call{
		Operation: "deleteEnterpriseSubscription", Params: []string{enterpriseID, subscriptionID},
	})
	return err
}

// complete adds the enterprise where the answer does not have it.
func complete(subscription *gobiz.Subscription, enterpriseID string) {
	if subscription.EnterpriseID == nil {
		subscription.EnterpriseID = &enterpriseID
	}
}
