package webhook

import (
	"slices"
	"strings"
)

// EventName is the name of an event as a subscription and a notification's
// header carry it.
type EventName string

// The events that GoBiz sends (developer documentation, "Event list"; the
// webhook error: "Getting started (Facilitator)").
const (
	OrderCreated            EventName = "gofood.order.created"
	OrderAwaitingAcceptance EventName = "gofood.order.awaiting_merchant_acceptance"
	OrderMerchantAccepted   EventName = "gofood.order.merchant_accepted"
	OrderDriverOnTheWay     EventName = "gofood.order.driver_otw_pickup"
	OrderDriverArrived      EventName = "gofood.order.driver_arrived"
	OrderPlaced             EventName = "gofood.order.placed"
	OrderCompleted          EventName = "gofood.order.completed"
	OrderCancelled          EventName = "gofood.order.cancelled"
	OrderWebhookError       EventName = "gofood.order.webhook_error"
	MenuMappingUpdated      EventName = "gofood.catalog.menu_mapping_updated"
	PaymentSettlement       EventName = "payment.transaction.settlement"
)

// Event says what an event is.
type Event struct {
	Name  EventName
	When  string // when GoBiz sends it
	Body  string // what it carries, in words
	Scope string // the scope a credential needs to subscribe to it (inferred from the resource)
}

// Events lists every event in the order of an order's life. The slice is the
// caller's own.
func Events() []Event { return slices.Clone(events) }

// What events of orders carry, and the scopes that read their resources.
const (
	anOrder      = "the order with its items; outlet, customer, driver or null"
	readOrders   = "gofood:order:read"
	readCatalog  = "gofood:catalog:read"
	readPayments = "payment:transaction:read"
)

var events = []Event{
	{OrderCreated, "the customer has placed an order, also a scheduled one", anOrder, readOrders},
	{OrderAwaitingAcceptance, "the order waits for the merchant; not sent on auto accept", anOrder, readOrders},
	{OrderMerchantAccepted, "the order is accepted, by the merchant or automatically", anOrder, readOrders},
	{OrderDriverOnTheWay, "a driver is on the way to the outlet", anOrder, readOrders},
	{OrderDriverArrived, "the driver is at the outlet", anOrder, readOrders},
	{OrderPlaced, "the driver has the food and the transaction is settled", anOrder, readOrders},
	{OrderCompleted, "the order is done", anOrder, readOrders},
	{OrderCancelled, "the order is cancelled", anOrder + "; the reason", readOrders},
	{OrderWebhookError, "an order could not be relayed, since an item or variant has no external id", "names of the items and variants without external id; order number, outlet", readOrders},
	{MenuMappingUpdated, "a pushed menu has been processed", "request id of the push; ids and external ids of items; outlet", readCatalog},
	{PaymentSettlement, "a payment has been completed", "the transaction with order id, amount, type, status, times; outlet", readPayments},
}

// Known reports whether GoBiz has an event of that name.
func (n EventName) Known() bool {
	return slices.ContainsFunc(events, func(e Event) bool { return e.Name == n })
}

// Status is the status of the order that an event tells of, empty for events
// that are not about an order's status.
func (n EventName) Status() Status {
	for _, status := range statuses {
		if orderEvent(string(status)) == n {
			return status
		}
	}
	return ""
}

// Legacy reports whether the Enterprise Integration Middleware has the event too
// (Enterprise Integration Middleware, "Register a subscription").
func (n EventName) Legacy() bool { return n == OrderDriverArrived }

// orderEvent is the event that tells of an order's status.
func orderEvent(status string) EventName {
	return EventName("gofood.order." + strings.ToLower(status))
}
