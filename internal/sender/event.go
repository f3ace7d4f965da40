package sender

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// WIB is the zone of the times in events, Jakarta's.
var WIB = time.FixedZone("WIB", 7*60*60)

// Time writes a time as live events do: milliseconds and +07:00.
func Time(t time.Time) string { return t.In(WIB).Format("2006-01-02T15:04:05.000-07:00") }

// EventID is a version 3 UUID, as live ones are: it is made of the event's own
// facts, so the same event has the same id.
func EventID(parts ...any) string {
	return uuid.NewMD5(uuid.NameSpaceURL, []byte(fmt.Sprint(parts...))).String()
}

// Version is the version in the header of every event.
const Version = 1

// An Event is the body of a notification (developer documentation, "Event
// list").
type Event struct {
	Header Header `json:"header"`
	Body   any    `json:"body"` // OrderBody, ErrorBody, MappingBody or SettlementBody
}

// A Header says which event it is.
type Header struct {
	Name      string `json:"event_name,omitempty"`
	Type      string `json:"event_type,omitempty"` // in place of Name, as in some samples
	ID        string `json:"event_id"`             // see EventID
	Version   int    `json:"version"`
	Timestamp string `json:"timestamp"` // see Time
}

// An Outlet names the outlet of an event.
type Outlet struct {
	ID         string  `json:"id"`
	ExternalID *string `json:"external_outlet_id"` // null when not linked
}

// OrderBody is the body of an order's event.
type OrderBody struct {
	Customer    Person  `json:"customer"`
	Driver      *Person `json:"driver"`       // null before there is one
	ServiceType string  `json:"service_type"` // gofood, gofood_pickup
	Outlet      Outlet  `json:"outlet"`
	Order       Order   `json:"order"`
}

// A Person is a customer or a driver.
type Person struct {
	ID   string  `json:"id,omitempty"` // customers only: 32 upper-case hex characters
	Name *string `json:"name"`
}

// An Order is the order in one of its statuses. Amounts are rupiah.
type Order struct {
	Status       string        `json:"status"`
	PIN          string        `json:"pin"`
	Number       string        `json:"order_number"`
	Total        float64       `json:"order_total"` // with the takeaway charges
	Currency     string        `json:"currency"`
	Items        []Item        `json:"order_items"`
	Cutlery      *bool         `json:"cutlery_requested"`
	Takeaway     float64       `json:"takeaway_charges"`
	CreatedAt    string        `json:"created_at"`
	Promotions   []Promotion   `json:"applied_promotions"`
	Cancellation *Cancellation `json:"cancellation_detail"`
	Scheduled    *Schedule     `json:"scheduled_flag"`
}

// An Item is a line of an order.
type Item struct {
	ID         string    `json:"id"`
	ExternalID string    `json:"external_id"`
	Name       string    `json:"name"`
	Quantity   int       `json:"quantity"`
	Price      float64   `json:"price"` // of one, with its variants
	Notes      *string   `json:"notes"`
	Variants   []Variant `json:"variants"`
	SKUPromo   *string   `json:"sku_promo_id"` // id of the promo that made the price; null without
}

// A Variant is an option that the customer chose.
type Variant struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
}

// A Promotion made the price of an item.
type Promotion struct {
	Scope  string          `json:"scope"` // item
	ID     string          `json:"id"`
	Detail PromotionDetail `json:"detail"`
}

// A PromotionDetail names the item of a promotion.
type PromotionDetail struct {
	ID   string        `json:"id"`
	Item PromotionItem `json:"item"`
}

// A PromotionItem is the item whose price a promotion made.
type PromotionItem struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
}

// A Cancellation says why an order was cancelled.
type Cancellation struct {
	Reason string `json:"reason"`
}

// A Schedule is when a scheduled order is to be delivered.
type Schedule struct {
	Catering bool   `json:"is_catering"`
	Start    string `json:"schedule_delivery_time_start"`
	End      string `json:"schedule_delivery_time_end"`
}

// MappingNotFound is the error type of an ErrorBody, the only one there is.
const MappingNotFound = "mapping_not_found"

// ErrorBody is the body of gofood.order.webhook_error: an order's events cannot
// be built, because something in it has no external id (Getting started (Facilitator), "Webhook
// error").
type ErrorBody struct {
	ErrorType string      `json:"error_type"`
	Missing   Missing     `json:"mapping_not_found"`
	Order     OrderNumber `json:"order"`
	Outlet    Outlet      `json:"outlet"`
}

// Missing names what has no external id.
type Missing struct {
	Items    []Named `json:"items"`
	Variants []Named `json:"variants"`
}

// Named is a thing of which only the name is known.
type Named struct {
	Name string `json:"name"`
}

// OrderNumber names an order that was not relayed.
type OrderNumber struct {
	Number string `json:"number"`
}

// MappingBody is the body of gofood.catalog.menu_mapping_updated, known at
// second hand only. Its menus are items, as in promos' external_menu_id.
type MappingBody struct {
	RequestID string       `json:"request_id"` // of the push
	Outlet    Outlet       `json:"outlet"`
	Menus     []MappedItem `json:"menus"`
}

// A MappedItem pairs the ids of an item.
type MappedItem struct {
	ID             string `json:"id"`
	ExternalMenuID string `json:"external_menu_id"`
}

// EnterpriseOrder is the flat body of the legacy API's order notification (Enterprise
// Integration Middleware, "Push Order"). Customer and driver are objects as in its sample, where
// its table says array. The sample's broken "outlet" is left out.
type EnterpriseOrder struct {
	Status           string           `json:"status"`
	OutletID         string           `json:"outlet_id"`
	PIN              string           `json:"pin"`
	Total            float64          `json:"order_total"`
	Number           string           `json:"order_number"`
	Items            []EnterpriseItem `json:"order_items"`
	ExternalOutletID string           `json:"external_outlet_id"`
	Driver           EnterprisePerson `json:"driver"`
	Customer         EnterprisePerson `json:"customer"`
	Currency         string           `json:"currency"`
	CreatedOn        string           `json:"created_on"` // RFC 3339, +07:00
}

// An EnterpriseItem is a line of an EnterpriseOrder.
type EnterpriseItem struct {
	Quantity   int     `json:"quantity"`
	Price      float64 `json:"price"`
	Notes      string  `json:"notes"`
	Name       string  `json:"name"`
	ID         string  `json:"id"`
	ExternalID string  `json:"external_id"`
}

// An EnterprisePerson is the customer or driver of an EnterpriseOrder.
type EnterprisePerson struct {
	Phone string `json:"phone"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// SettlementBody is the body of payment.transaction.settlement, known from
// integrators' code only.
type SettlementBody struct {
	Outlet      OutletID    `json:"outlet"`
	Transaction Transaction `json:"transaction"`
}

// OutletID names an outlet without more.
type OutletID struct {
	ID string `json:"id"`
}

// A Transaction is a payment by QR code that was made.
type Transaction struct {
	ID        string `json:"id"` // UUID
	Type      string `json:"payment_type"`
	Status    string `json:"status"`
	OrderID   string `json:"order_id"`     // the partner's own
	Amount    int64  `json:"gross_amount"` // rupiah
	Currency  string `json:"currency"`
	CreatedAt string `json:"created_at"` // RFC 3339, +07:00
	SettledAt string `json:"settlement_at"`
	Terminal  string `json:"terminal_label"`
}
