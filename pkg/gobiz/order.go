package gobiz

import (
	"context"
	"unicode/utf8"
)

// An OrderType is the part of an order's path that says who fetches the food.
type OrderType string

// Order types.
const (
	OrderDelivery OrderType = "delivery"
	OrderPickup   OrderType = "pickup"
)

// OrderTypeOf translates the service_type of a webhook: "gofood" is a
// delivery, "gofood_pickup" a pickup. It reports false for others.
func OrderTypeOf(serviceType string) (OrderType, bool) {
	switch serviceType {
	case "gofood":
		return OrderDelivery, true
	case "gofood_pickup":
		return OrderPickup, true
	}
	return "", false
}

// An OrderRef names an order.
type OrderRef struct {
	OutletID string
	Type     OrderType
	Number   string // the order number, "F-…"; orders have no other id
}

// A CancelReason is a code that the API knows.
type CancelReason string

// Reasons of CancelOrder (developer documentation, cancel order).
const (
	ReasonHighDemand       CancelReason = "HIGH_DEMAND"
	ReasonRestaurantClosed CancelReason = "RESTAURANT_CLOSED"
	ReasonItemsOutOfStock  CancelReason = "ITEMS_OUT_OF_STOCK"
	ReasonOthers           CancelReason = "OTHERS"
)

// minCancelDescription is in characters.
const minCancelDescription = 3

func (o OrderRef) params() ([]string, error) {
	if o.Type != OrderDelivery && o.Type != OrderPickup {
		return nil, &ArgumentError{Name: "order_type", Value: string(o.Type), Reason: "is neither delivery nor pickup"}
	}
	return []string{o.OutletID, string(o.Type), o.Number}, nil
}

// AcceptOrder accepts an order that waits for the merchant. ErrConflict says
// that it can no longer be accepted.
func (c *Client) AcceptOrder(ctx context.Context, order OrderRef) error {
	return c.moveOrder(ctx, "acceptOrder", order, nil)
}

// CancelOrder cancels an order that the driver has not fetched. The
// description has at least 3 characters.
func (c *Client) CancelOrder(ctx context.Context, order OrderRef, reason CancelReason, description string) error {
	switch reason {
	case ReasonHighDemand, ReasonRestaurantClosed, ReasonItemsOutOfStock, ReasonOthers:
	default:
		return &ArgumentError{Name: "cancel_reason_code", Value: string(reason), Reason: "is none of HIGH_DEMAND, RESTAURANT_CLOSED, ITEMS_OUT_OF_STOCK, OTHERS"}
	}
	if utf8.RuneCountInString(description) < minCancelDescription {
		return &ArgumentError{Name: "cancel_reason_description", Value: description, Reason: "needs at least 3 characters"}
	}
	return c.moveOrder(ctx, "cancelOrder", order, struct {
		Code        CancelReason `json:"cancel_reason_code"`
		Description string       `json:"cancel_reason_description"`
	}{reason, description})
}

// MarkFoodPrepared tells the driver or the customer that the food is ready.
// country is an ISO 3166 code in upper case; empty is "ID".
func (c *Client) MarkFoodPrepared(ctx context.Context, order OrderRef, country string) error {
	if country == "" {
		country = "ID"
	}
	return c.moveOrder(ctx, "markFoodPrepared", order, struct {
		Country string `json:"country_code"`
	}{country})
}

func (c *Client) moveOrder(ctx context.Context, operation string, order OrderRef, content any) error {
	params, err := order.params()
	if err != nil {
		return err
	}
	_, err = c.Invoke(ctx, Call{Operation: operation, Params: params, Content: content})
	return err
}
