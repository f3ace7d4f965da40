package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// orderControls is the part of the control API that plays customers, drivers
// and wallets:
//
//	GET  orders                  all orders
//	POST orders                  place one; body: OrderRequest, may be empty
//	GET  orders/{n}              one order
//	POST orders/{n}/advance      next status, or all up to {"to": "placed"}
//	POST orders/{n}/cancel       the customer or GoBiz cancels; {"reason": "…"}
//	GET  payments                all payments
//	POST payments/{id}/settle    the customer pays
//	GET  deliveries              webhooks with their attempts; ?entity_id=, ?event=, ?status=
func orderControls() []controlRoute {
	return []controlRoute{
		{method: http.MethodGet, path: "orders", handle: controlListOrders},
		{method: http.MethodPost, path: "orders", handle: controlCreateOrder},
		{method: http.MethodGet, path: "orders/{n}", handle: controlGetOrder},
		{method: http.MethodPost, path: "orders/{n}/advance", handle: controlAdvanceOrder},
		{method: http.MethodPost, path: "orders/{n}/cancel", handle: controlCancelOrder},
		{method: http.MethodGet, path: "payments", handle: controlListPayments},
		{method: http.MethodPost, path: "payments/{id}/settle", handle: controlSettlePayment},
		{method: http.MethodGet, path: "deliveries", handle: controlListDeliveries},
	}
}

func controlListOrders(s *Sandbox, _ *http.Request, _ []byte) (any, error) {
	var list []Order
	s.store.view(func() { list = s.store.orders.all() })
	return map[string]any{"orders": list}, nil
}

func controlCreateOrder(s *Sandbox, _ *http.Request, body []byte) (any, error) {
	var request OrderRequest
	if err := decodeOptional(body, &request); err != nil {
		return nil, err
	}
	return orderAnswer(s.createOrder(request))
}

func controlGetOrder(s *Sandbox, r *http.Request, _ []byte) (any, error) {
	number := r.PathValue("n")
	o, ok := find(s.store, s.store.orders, number)
	if !ok {
		return nil, errUnknownOrder(number)
	}
	return orderAnswer(o, nil)
}

func controlAdvanceOrder(s *Sandbox, r *http.Request, body []byte) (any, error) {
	var request struct {
		To string `json:"to"`
	}
	if err := decodeOptional(body, &request); err != nil {
		return nil, err
	}
	return orderAnswer(s.advanceOrder(r.PathValue("n"), request.To))
}

func controlCancelOrder(s *Sandbox, r *http.Request, body []byte) (any, error) {
	var request struct {
		Reason string `json:"reason"` // may be empty, as live ones are at times
	}
	if err := decodeOptional(body, &request); err != nil {
		return nil, err
	}
	return orderAnswer(s.cancelOrderFromOutside(r.PathValue("n"), request.Reason))
}

func controlListPayments(s *Sandbox, _ *http.Request, _ []byte) (any, error) {
	var list []payment
	s.store.view(func() { list = s.store.payments.all() })
	slices.SortStableFunc(list, func(a, b payment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return map[string]any{"payments": list}, nil
}

func controlSettlePayment(s *Sandbox, r *http.Request, _ []byte) (any, error) {
	p, err := s.settlePayment(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"payment": p}, nil
}

func controlListDeliveries(s *Sandbox, r *http.Request, _ []byte) (any, error) {
	query := r.URL.Query()
	asked := func(name, value string) bool { return !query.Has(name) || query.Get(name) == value }
	list := []Delivery{}
	s.store.view(func() {
		for _, d := range s.store.deliveries.all() {
			if asked("entity_id", d.EntityID) && asked("event", d.Event) && asked("status", string(d.Status)) {
				list = append(list, d)
			}
		}
	})
	return map[string]any{"deliveries": list}, nil
}

// advanceOrder moves an order on: to its next status, or through all up to the
// named one, each with its event.
func (s *Sandbox) advanceOrder(number, to string) (moved Order, err error) {
	err = s.store.update(func() error {
		o, ok := s.store.orders.get(number)
		if !ok {
			return errUnknownOrder(number)
		}
		outlet, _ := s.store.outlets.get(o.OutletID)
		remaining := o.remaining(outlet.Acceptance)
		if len(remaining) == 0 {
			return errConflict("order %s is %s, which is its last status", number, o.Status)
		}
		steps := 1
		if to != "" {
			target, ok := parseStatus(to)
			switch {
			case !ok:
				return errInvalid("to: unknown status %q; known are %s", to, statusNames())
			case target == OrderCancelled:
				moved = s.cancel(o, "")
				return nil
			}
			for steps = 1; steps <= len(remaining) && remaining[steps-1] != target; steps++ {
			}
			if steps > len(remaining) {
				return errConflict("order %s is %s, which cannot become %s", number, o.Status, target)
			}
		}
		for _, status := range remaining[:steps] {
			o = s.setOrderStatus(o, status)
		}
		moved = o
		return nil
	})
	return moved, err
}

// cancelOrderFromOutside cancels an order from outside, as customers, drivers and GoBiz
// itself do.
func (s *Sandbox) cancelOrderFromOutside(number, reason string) (cancelled Order, err error) {
	err = s.store.update(func() error {
		o, ok := s.store.orders.get(number)
		switch {
		case !ok:
			return errUnknownOrder(number)
		case o.Status.final():
			return errConflict("order %s is %s, which is its last status", number, o.Status)
		}
		cancelled = s.cancel(o, reason)
		return nil
	})
	return cancelled, err
}

func (s *Sandbox) cancel(o Order, reason string) Order {
	o.Cancelled = &Cancellation{Reason: reason}
	return s.setOrderStatus(o, OrderCancelled)
}

func orderAnswer(o Order, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"order": o}, nil
}

func errUnknownOrder(number string) error {
	return errNotFound("order %s does not exist; GET /_sandbox/orders lists all", number)
}

func statusNames() string {
	names := make([]string, 0, len(deliveryCourse)+1)
	for _, s := range deliveryCourse {
		names = append(names, strings.ToLower(string(s)))
	}
	return strings.Join(names, ", ") + ", cancelled"
}
