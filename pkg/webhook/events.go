package webhook

import "slices"

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
	Scope string // the scope a credential needs to subscribe to it (inferred from the resource)
}

// Events lists every event in the order of an order's life. The slice is the
// caller's own.
func Events() []Event {
	const (
		orders   = "gofood:order:read"
		catalog  = "gofood:catalog:read"
		payments = "payment:transaction:read"
	)
	return []Event{
		{OrderCreated, "the customer has placed an order, also a scheduled one", orders},
		{OrderAwaitingAcceptance, "the order waits for the merchant; not sent on auto accept", orders},
		{OrderMerchantAccepted, "the order is accepted, by the merchant or automatically", orders},
		{OrderDriverOnTheWay, "a driver is on the way to the outlet", orders},
		{OrderDriverArrived, "the driver is at the outlet", orders},
		{OrderPlaced, "the driver has the food and the transaction is settled", orders},
		{OrderCompleted, "the order is done", orders},
		{OrderCancelled, "the order is cancelled", orders},
		{OrderWebhookError, "an order could not be relayed, since an item or variant has no external id", orders},
		{MenuMappingUpdated, "a pushed menu has been processed", catalog},
		{PaymentSettlement, "a payment has been completed", payments},
	}
}

// Known tells whether GoBiz has an event of that name.
func (n EventName) Known() bool {
	return slices.ContainsFunc(Events(), func(e Event) bool { return e.Name == n })
}
