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
func Events() []Event {
	const (
		order    = "the order with its items; outlet, customer, driver or null"
		orders   = "gofood:order:read"
		catalog  = "gofood:catalog:read"
		payments = "payment:transaction:read"
	)
	return []Event{
		{OrderCreated, "the customer has placed an order, also a scheduled one", order, orders},
		{OrderAwaitingAcceptance, "the order waits for the merchant; not sent on auto accept", order, orders},
		{OrderMerchantAccepted, "the order is accepted, by the merchant or automatically", order, orders},
		{OrderDriverOnTheWay, "a driver is on the way to the outlet", order, orders},
		{OrderDriverArrived, "the driver is at the outlet", order, orders},
		{OrderPlaced, "the driver has the food and the transaction is settled", order, orders},
		{OrderCompleted, "the order is done", order, orders},
		{OrderCancelled, "the order is cancelled", order + "; the reason", orders},
		{OrderWebhookError, "an order could not be relayed, since an item or variant has no external id", "names of the items and variants without external id; order number, outlet", orders},
		{MenuMappingUpdated, "a pushed menu has been processed", "request id of the push; ids and external ids of items; outlet", catalog},
		{PaymentSettlement, "a payment has been completed", "the transaction with order id, amount, type, status, times; outlet", payments},
	}
}

// eventNames are the names in the order of Events.
var eventNames = []EventName{
	OrderCreated, OrderAwaitingAcceptance, OrderMerchantAccepted, OrderDriverOnTheWay, OrderDriverArrived, OrderPlaced, OrderCompleted,
	OrderCancelled, OrderWebhookError, MenuMappingUpdated, PaymentSettlement,
}

// Known reports whether GoBiz has an event of that name.
func (n EventName) Known() bool { return slices.Contains(eventNames, n) }

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
