package webhook

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Status is the status of an order, as notifications carry it.
type Status string

// The statuses of an order (developer documentation, "Order state"; that a new
// order's is CREATED is inferred).
const (
	StatusCreated            Status = "CREATED"
	StatusAwaitingAcceptance Status = "AWAITING_MERCHANT_ACCEPTANCE" // not on auto accept
	StatusMerchantAccepted   Status = "MERCHANT_ACCEPTED"
	StatusDriverOnTheWay     Status = "DRIVER_OTW_PICKUP" // not on pickup, like the next
	StatusDriverArrived      Status = "DRIVER_ARRIVED"
	StatusPlaced             Status = "PLACED" // the driver has the food
	StatusCompleted          Status = "COMPLETED"
	StatusCancelled          Status = "CANCELLED" // from any of those before it but COMPLETED
)

// statuses are in the order of an order's life; the last two are final.
var statuses = []Status{
	StatusCreated, StatusAwaitingAcceptance, StatusMerchantAccepted, StatusDriverOnTheWay, StatusDriverArrived, StatusPlaced,
	StatusCompleted, StatusCancelled,
}

// Rank is the place of a status in the life of an order, from 1. An unknown
// status has 0; both final ones have the highest.
func (s Status) Rank() int {
	return min(slices.Index(statuses, s)+1, len(statuses)-1)
}

// Final reports whether no other status follows.
func (s Status) Final() bool { return s == StatusCompleted || s == StatusCancelled }

// Follows reports whether an order known to be in status known may now be taken to
// be in s. Notifications come in any order, and their timestamps may all be the
// same (that of the order), so only the rank counts: an order never goes back,
// and its first final status stays. The same status follows itself, since an
// event may bring news (another driver) without a new status. A status that has
// no rank, on either side, says nothing about the order and follows.
func (s Status) Follows(known Status) bool {
	if s == known || s.Rank() == 0 || known.Rank() == 0 {
		return true
	}
	return s.Rank() > known.Rank() // nothing is above the final ones
}

// An Order is an order in one of its statuses. It has no other id than its
// number, which the order calls take.
type Order struct {
	Number       string         `json:"order_number"` // "F-…"
	Status       Status         `json:"status"`
	PIN          string         `json:"pin"`         // told to the driver or the customer at the hand-over
	Total        Rupiah         `json:"order_total"` // with the takeaway charges (inferred)
	Currency     string         `json:"currency"`    // "IDR"
	Items        []Item         `json:"order_items"`
	Cutlery      *bool          `json:"cutlery_requested"` // nil when nothing is said
	Takeaway     Rupiah         `json:"takeaway_charges"`
	CreatedAt    time.Time      `json:"created_at"`
	Promotions   []Promotion    `json:"applied_promotions"`
	Cancellation *Cancellation  `json:"cancellation_detail"` // nil unless cancelled, and sometimes then
	Schedule     *Schedule      `json:"scheduled_flag"`      // nil for an order to be made at once
	Unknown      jsontext.Value `json:",embed"`

	// These stand beside the order in the body.
	Service  ServiceType `json:"-"`
	Customer Person      `json:"-"` // often without a name
	Driver   *Person     `json:"-"` // nil before there is one
}

// ServiceType says who brings an order to the customer.
type ServiceType string

// The service types. The legacy API has deliveries only and names none.
const (
	ServiceDelivery ServiceType = "gofood"
	ServicePickup   ServiceType = "gofood_pickup"
)

// OrderType is the word that the order calls have for it: "delivery" or "pickup".
func (s ServiceType) OrderType() string {
	if s == ServicePickup {
		return "pickup"
	}
	return "delivery"
}

// A Person is a customer or a driver.
type Person struct {
	ID    string `json:"id"` // customers only: 32 hex characters
	Name  string `json:"name"`
	Phone string `json:"phone"` // legacy API only
	Email string `json:"email"` // of customers, legacy API only
}

// An Item is a line of an order.
type Item struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"` // the partner's own
	Name       string         `json:"name"`
	Quantity   int            `json:"quantity"`
	Price      Rupiah         `json:"price"` // of one, with its variants (inferred): variants have no price of their own
	Notes      string         `json:"notes"`
	Variants   []Variant      `json:"variants"`
	SKUPromoID string         `json:"sku_promo_id"` // of the promo that made the price; empty without one
	Unknown    jsontext.Value `json:",embed"`
}

// A Variant is an option that the customer chose.
type Variant struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
}

// A Promotion made the price of an item.
type Promotion struct {
	Scope  string `json:"scope"` // "item"
	ID     string `json:"id"`
	Detail struct {
		ID   string `json:"id"`
		Item struct {
			ID         string `json:"id"`
			ExternalID string `json:"external_id"`
		} `json:"item"`
	} `json:"detail"`
}

// A Cancellation says why an order was cancelled.
type Cancellation struct {
	Reason string `json:"reason"` // may be empty
}

// A Schedule is when a scheduled order is to be delivered.
type Schedule struct {
	Catering bool      `json:"is_catering"`
	Start    time.Time `json:"schedule_delivery_time_start"`
	End      time.Time `json:"schedule_delivery_time_end"`
}

func (n *Notification) readOrder() error {
	var b struct {
		Service  ServiceType `json:"service_type"`
		Customer Person      `json:"customer"`
		Driver   *Person     `json:"driver"`
		Order    *Order      `json:"order"`
	}
	err := decode(n.Body, &b)
	if b.Order != nil {
		n.Order = b.Order
		n.Order.Service, n.Order.Customer, n.Order.Driver = b.Service, b.Customer, b.Driver
	}
	return err
}

// readLegacy takes the flat order of the Enterprise Integration Middleware
// ("Push Order"). Its table calls customer and driver arrays, and its sample
// has objects: both are read.
func (n *Notification) readLegacy() error {
	var b struct {
		Order
		CreatedOn        time.Time `json:"created_on"`
		Customer         persons   `json:"customer"`
		Driver           persons   `json:"driver"`
		OutletID         string    `json:"outlet_id"`
		ExternalOutletID string    `json:"external_outlet_id"`
	}
	err := decode(n.Body, &b)
	n.Outlet = Outlet{ID: b.OutletID, ExternalID: b.ExternalOutletID}
	n.Order = &b.Order
	n.Order.Service, n.Order.CreatedAt = ServiceDelivery, b.CreatedOn
	if len(b.Customer) > 0 {
		n.Order.Customer = b.Customer[0]
	}
	if len(b.Driver) > 0 {
		n.Order.Driver = &b.Driver[0]
	}
	return err
}

// persons are one person, or a list of them.
type persons []Person

// UnmarshalJSON takes both.
func (p *persons) UnmarshalJSON(data []byte) error {
	switch jsontext.Value(data).Kind() {
	case '{':
		*p = make(persons, 1)
		return decode(data, &(*p)[0])
	case '[':
		return decode(data, (*[]Person)(p))
	}
	return nil
}
