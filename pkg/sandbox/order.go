package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Order is a customer's order. Orders come from the control API; partners see
// them in webhooks only, there is no call that lists or reads them.
type Order struct {
	Number      string        `json:"order_number"`
	OutletID    string        `json:"outlet_id"`
	ServiceType string        `json:"service_type"` // gofood, gofood_pickup
	Status      OrderStatus   `json:"status"`
	PIN         string        `json:"pin"`
	Customer    Person        `json:"customer"`
	Driver      *Person       `json:"driver"`
	Items       []OrderItem   `json:"items"`
	Total       float64       `json:"order_total"`      // rupiah, with the takeaway charges
	Takeaway    float64       `json:"takeaway_charges"` // rupiah
	Cutlery     *bool         `json:"cutlery_requested"`
	Schedule    *Schedule     `json:"schedule"`
	Cancelled   *Cancellation `json:"cancellation"`
	CreatedAt   time.Time     `json:"created_at"`
	PreparedAt  *time.Time    `json:"food_prepared_at"`

	// Unmapped orders have an item or variant without external id, so that no
	// event of theirs can be built.
	Unmapped bool `json:"unmapped"`

	// Due is when the order moves to DueStatus by itself; nil when it waits for
	// somebody.
	Due       *time.Time  `json:"due,omitempty"`
	DueStatus OrderStatus `json:"due_status,omitempty"`
}

// OrderStatus is where an order stands. Each change sends the event of its name.
type OrderStatus string

// Statuses in the order in which a delivery passes them.
const (
	OrderCreated            OrderStatus = "CREATED"
	OrderAwaitingAcceptance OrderStatus = "AWAITING_MERCHANT_ACCEPTANCE"
	OrderAccepted           OrderStatus = "MERCHANT_ACCEPTED"
	OrderDriverOnTheWay     OrderStatus = "DRIVER_OTW_PICKUP"
	OrderDriverArrived      OrderStatus = "DRIVER_ARRIVED"
	OrderPlaced             OrderStatus = "PLACED"
	OrderCompleted          OrderStatus = "COMPLETED"
	OrderCancelled          OrderStatus = "CANCELLED"
)

// Person is a customer or a driver. The made-up phone and e-mail only appear
// in the legacy API's notifications.
type Person struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"` // empty: sent as null
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

// OrderItem is an item of an Order.
type OrderItem struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"`
	Name       string         `json:"name"`
	Quantity   int            `json:"quantity"`
	Price      float64        `json:"price"` // rupiah for one, with its variants
	Notes      string         `json:"notes"`
	Variants   []OrderVariant `json:"variants"`
	Promo      string         `json:"promo,omitempty"` // id of the promo that made the price
}

// OrderVariant is a variant that was chosen for an OrderItem.
type OrderVariant struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
}

// Schedule is the slot of an order that was placed for later.
type Schedule struct {
	Catering bool      `json:"is_catering"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
}

// Cancellation is why an order was cancelled.
type Cancellation struct {
	Code   string `json:"code,omitempty"` // only when the merchant cancelled
	Reason string `json:"reason"`
}

// Service types.
const (
	serviceDelivery = "gofood"
	servicePickup   = "gofood_pickup"
)

// pathType is the order_type that the order has in paths.
func (o Order) pathType() string {
	if o.ServiceType == servicePickup {
		return "pickup"
	}
	return "delivery"
}

// event returns the name of the status's event.
func (s OrderStatus) event() string {
	if s == OrderAwaitingAcceptance {
		return eventOrderAwaiting
	}
	return "gofood.order." + strings.ToLower(string(s))
}

func (s OrderStatus) final() bool { return s == OrderCompleted || s == OrderCancelled }

// parseStatus reads a status as events or payloads write it.
func parseStatus(text string) (OrderStatus, bool) {
	s := OrderStatus(strings.ToUpper(strings.TrimPrefix(text, "gofood.order.")))
	if s == "AWAITING" {
		s = OrderAwaitingAcceptance
	}
	return s, s == OrderCancelled || slices.Contains(deliveryCourse, s)
}

// The courses of orders when nobody cancels (developer documentation, "Order
// state"). That a pickup order has no driver events is inferred.
var (
	deliveryCourse = []OrderStatus{OrderCreated, OrderAwaitingAcceptance, OrderAccepted, OrderDriverOnTheWay, OrderDriverArrived, OrderPlaced, OrderCompleted}
	pickupCourse   = []OrderStatus{OrderCreated, OrderAwaitingAcceptance, OrderAccepted, OrderPlaced, OrderCompleted}
)

// ahead returns the statuses that the order still has to pass, without the waiting
// for the merchant where the outlet accepts at once.
func (o Order) remaining(acceptance string) []OrderStatus {
	course := deliveryCourse
	if o.ServiceType == servicePickup {
		course = pickupCourse
	}
	at := slices.Index(course, o.Status)
	if at < 0 {
		return nil // cancelled
	}
	rest := slices.Clone(course[at+1:])
	if acceptance == acceptAuto || acceptance == "" {
		rest = slices.DeleteFunc(rest, func(s OrderStatus) bool { return s == OrderAwaitingAcceptance })
	}
	return rest
}

// How long a merchant may take (developer documentation, "Order acceptance"),
// and how long before its slot a scheduled order is accepted.
const (
	autoAcceptAfter   = time.Minute
	manualRejectAfter = 3 * time.Minute
	scheduleLead      = 30 * time.Minute
)

// setOrderStatus returns the order a new status, with what that brings: its event, a
// driver, a time when it moves on by itself. It must run inside store.update.
func (s *Sandbox) setOrderStatus(o Order, to OrderStatus) Order {
	outlet, _ := s.store.outlets.get(o.OutletID)
	o.Status, o.Due, o.DueStatus = to, nil, ""
	switch to {
	case OrderCreated:
		o = s.waitForSlot(o, outlet.Acceptance)
	case OrderAwaitingAcceptance:
		wait, then := autoAcceptAfter, OrderAccepted
		if outlet.Acceptance == acceptManual {
			wait, then = manualRejectAfter, OrderCancelled
		}
		due := s.now().Add(s.scaled(wait))
		o.Due, o.DueStatus = &due, then
	case OrderDriverOnTheWay:
		o.Driver = newDriver(o)
	case OrderDriverArrived, OrderPlaced, OrderCompleted:
		if o.Driver == nil && o.ServiceType == serviceDelivery {
			o.Driver = newDriver(o)
		}
	case OrderCancelled:
		if o.Cancelled == nil {
			o.Cancelled = &Cancellation{Reason: "The merchant did not answer in time"}
		}
	}
	s.store.orders.put(o.Number, o)
	s.publishOrder(o)
	s.startOrderTimer(o)
	return o
}

// waitForSlot lets a scheduled order wait until half an hour before its slot.
func (s *Sandbox) waitForSlot(o Order, acceptance string) Order {
	if o.Schedule == nil {
		return o
	}
	if due := o.Schedule.Start.Add(-scheduleLead); due.After(s.now()) {
		o.Due, o.DueStatus = &due, o.remaining(acceptance)[0]
	}
	return o
}

// startOrderTimer sets the timer of an order that moves on by itself.
func (s *Sandbox) startOrderTimer(o Order) {
	if o.Due == nil {
		return
	}
	number, due := o.Number, *o.Due
	s.at(due, func() {
		err := s.store.update(func() error {
			o, ok := s.store.orders.get(number)
			if ok && o.Due != nil && o.Due.Equal(due) { // nobody was faster
				s.setOrderStatus(o, o.DueStatus)
			}
			return nil
		})
		if err != nil {
			s.log.Error("order cannot move on", "order", number, "error", err)
		}
	})
}

// resumeOrders sets the timers again after a start.
func (s *Sandbox) resumeOrders() {
	s.store.view(func() {
		for _, o := range s.store.orders.all() {
			s.startOrderTimer(o)
		}
	})
}

// newDriver is a made-up driver, the same for the same order.
func newDriver(o Order) *Person {
	names := []string{"Pak Contoh", "Mas Joko", "Mbak Sari", "Bang Rudi"}
	n := 0
	_, _ = fmt.Sscanf(o.Number, "F-%d", &n)
	return &Person{Name: names[n%len(names)], Phone: "+6280000000001"}
}
