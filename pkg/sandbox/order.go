package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// order is a customer's order. Orders come from the control API; partners see
// them in webhooks only, there is no call that lists or reads them.
type order struct {
	Number      string        `json:"order_number"`
	Outlet      string        `json:"outlet_id"`
	ServiceType string        `json:"service_type"` // gofood, gofood_pickup
	Status      orderStatus   `json:"status"`
	PIN         string        `json:"pin"`
	Customer    person        `json:"customer"`
	Driver      *person       `json:"driver"`
	Items       []orderItem   `json:"items"`
	Total       float64       `json:"order_total"`      // rupiah, with the takeaway charges
	Takeaway    float64       `json:"takeaway_charges"` // rupiah
	Cutlery     *bool         `json:"cutlery_requested"`
	Schedule    *schedule     `json:"schedule"`
	Cancelled   *cancellation `json:"cancellation"`
	CreatedAt   time.Time     `json:"created_at"`
	PreparedAt  *time.Time    `json:"food_prepared_at"`

	// Unmapped orders have an item or variant without external id, so that no
	// event of theirs can be built.
	Unmapped bool `json:"unmapped"`

	// Due is when the order moves to DueStatus by itself; nil when it waits for
	// somebody.
	Due       *time.Time  `json:"due,omitempty"`
	DueStatus orderStatus `json:"due_status,omitempty"`
}

type orderStatus string

const (
	orderCreated   orderStatus = "CREATED"
	orderAwaiting  orderStatus = "AWAITING_MERCHANT_ACCEPTANCE"
	orderAccepted  orderStatus = "MERCHANT_ACCEPTED"
	orderDriverOTW orderStatus = "DRIVER_OTW_PICKUP"
	orderArrived   orderStatus = "DRIVER_ARRIVED"
	orderPlaced    orderStatus = "PLACED"
	orderCompleted orderStatus = "COMPLETED"
	orderCancelled orderStatus = "CANCELLED"
)

// person is a customer or a driver. The made-up phone and e-mail only appear
// in the legacy API's notifications.
type person struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"` // empty: sent as null
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

type orderItem struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"`
	Name       string         `json:"name"`
	Quantity   int            `json:"quantity"`
	Price      float64        `json:"price"` // rupiah for one, with its variants
	Notes      string         `json:"notes"`
	Variants   []orderVariant `json:"variants"`
	Promo      string         `json:"promo,omitempty"` // id of the promo that made the price
}

type orderVariant struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
}

type schedule struct {
	Catering bool      `json:"is_catering"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
}

type cancellation struct {
	Code   string `json:"code,omitempty"` // only when the merchant cancelled
	Reason string `json:"reason"`
}

// Service types.
const (
	serviceDelivery = "gofood"
	servicePickup   = "gofood_pickup"
)

// pathType is the order_type that the order has in paths.
func (o order) pathType() string {
	if o.ServiceType == servicePickup {
		return "pickup"
	}
	return "delivery"
}

// event is the name of the event that tells of the status.
func (s orderStatus) event() string {
	if s == orderAwaiting {
		return eventOrderAwaiting
	}
	return "gofood.order." + strings.ToLower(string(s))
}

func (s orderStatus) final() bool { return s == orderCompleted || s == orderCancelled }

// parseStatus reads a status as events or payloads write it.
func parseStatus(text string) (orderStatus, bool) {
	s := orderStatus(strings.ToUpper(strings.TrimPrefix(text, "gofood.order.")))
	if s == "AWAITING" {
		s = orderAwaiting
	}
	return s, s == orderCancelled || slices.Contains(deliveryCourse, s)
}

// The courses of orders when nobody cancels (developer documentation, "Order
// state"). That a pickup order has no driver events is inferred.
var (
	deliveryCourse = []orderStatus{orderCreated, orderAwaiting, orderAccepted, orderDriverOTW, orderArrived, orderPlaced, orderCompleted}
	pickupCourse   = []orderStatus{orderCreated, orderAwaiting, orderAccepted, orderPlaced, orderCompleted}
)

// ahead gives the statuses that the order still has to pass, without the waiting
// for the merchant where the outlet accepts at once.
func (o order) ahead(acceptance string) []orderStatus {
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
		rest = slices.DeleteFunc(rest, func(s orderStatus) bool { return s == orderAwaiting })
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

// moveOrder gives the order a new status, with what that brings: its event, a
// driver, a time when it moves on by itself. It must run inside store.update.
func (s *Sandbox) moveOrder(o order, to orderStatus) order {
	shop, _ := s.store.outlets.get(o.Outlet)
	o.Status, o.Due, o.DueStatus = to, nil, ""
	switch to {
	case orderCreated:
		o = s.waitForSlot(o, shop.Acceptance)
	case orderAwaiting:
		wait, then := autoAcceptAfter, orderAccepted
		if shop.Acceptance == acceptManual {
			wait, then = manualRejectAfter, orderCancelled
		}
		due := s.now().Add(s.scaled(wait))
		o.Due, o.DueStatus = &due, then
	case orderDriverOTW:
		o.Driver = newDriver(o)
	case orderArrived, orderPlaced, orderCompleted:
		if o.Driver == nil && o.ServiceType == serviceDelivery {
			o.Driver = newDriver(o)
		}
	case orderCancelled:
		if o.Cancelled == nil {
			o.Cancelled = &cancellation{Reason: "The merchant did not answer in time"}
		}
	}
	s.store.orders.put(o.Number, o)
	s.publishOrder(o)
	s.armOrder(o)
	return o
}

// waitForSlot lets a scheduled order wait until half an hour before its slot.
func (s *Sandbox) waitForSlot(o order, acceptance string) order {
	if o.Schedule == nil {
		return o
	}
	due := o.Schedule.Start.Add(-scheduleLead)
	if !due.After(s.now()) {
		return o
	}
	o.Due, o.DueStatus = &due, o.ahead(acceptance)[0]
	return o
}

// armOrder sets the timer of an order that moves on by itself.
func (s *Sandbox) armOrder(o order) {
	if o.Due == nil {
		return
	}
	number, due := o.Number, *o.Due
	s.at(due, func() {
		err := s.store.update(func() error {
			o, ok := s.store.orders.get(number)
			if ok && o.Due != nil && o.Due.Equal(due) { // nobody was faster
				s.moveOrder(o, o.DueStatus)
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
			s.armOrder(o)
		}
	})
}

// newDriver is a made-up driver, the same for the same order.
func newDriver(o order) *person {
	names := []string{"Pak Contoh", "Mas Joko", "Mbak Sari", "Bang Rudi"}
	n := 0
	_, _ = fmt.Sscanf(o.Number, "F-%d", &n)
	return &person{Name: names[n%len(names)], Phone: "+6280000000001"}
}
