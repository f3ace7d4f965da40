package sandbox

import (
	"net/http"
	"slices"
	"unicode/utf8"
)

func orderOperations() []operation {
	const base = "/integrations/gofood/outlets/{outlet_id}/v1/orders/{order_type}/{order_id}"
	write := []string{"gofood:order:write"}
	return []operation{
		{id: "acceptOrder", method: http.MethodPut, path: base + "/accepted", grants: bothGrants, scopes: write, outlet: gofoodOutlet, handle: acceptOrder},
		{id: "cancelOrder", method: http.MethodPut, path: base + "/cancelled", grants: bothGrants, scopes: write, outlet: gofoodOutlet, handle: cancelOrder},
		{id: "markFoodPrepared", method: http.MethodPut, path: base + "/food-prepared", grants: bothGrants, scopes: write, outlet: gofoodOutlet, handle: markFoodPrepared},
	}
}

// acceptOrder: developer documentation, "Accept order".
func acceptOrder(s *Sandbox, c *call) (reply, error) {
	if err := checkCountry(c); err != nil {
		return reply{}, err
	}
	return s.changeOrder(c, "accepted", []OrderStatus{OrderAwaitingAcceptance}, func(o Order) {
		s.setOrderStatus(o, OrderAccepted)
	})
}

var cancelReasons = []string{"HIGH_DEMAND", "RESTAURANT_CLOSED", "ITEMS_OUT_OF_STOCK", "OTHERS"}

const minCancelDescription = 3 // characters

// cancelOrder: developer documentation, "Cancel order".
func cancelOrder(s *Sandbox, c *call) (reply, error) {
	var request struct {
		Code        string `json:"cancel_reason_code"`
		Description string `json:"cancel_reason_description"`
	}
	if err := decode(c.body, &request); err != nil {
		return reply{}, err
	}
	switch {
	case request.Code == "":
		return reply{}, errInvalid("cancel_reason_code: missing required field")
	case !slices.Contains(cancelReasons, request.Code):
		return reply{}, errInvalid("cancel_reason_code: unknown reason %q", request.Code)
	case request.Description == "":
		return reply{}, errInvalid("cancel_reason_description: missing required field")
	case utf8.RuneCountInString(request.Description) < minCancelDescription:
		return reply{}, errInvalid("cancel_reason_description: must have at least %d characters", minCancelDescription)
	}
	return s.changeOrder(c, "cancelled", []OrderStatus{OrderAwaitingAcceptance, OrderAccepted}, func(o Order) {
		o.Cancelled = &Cancellation{Code: request.Code, Reason: request.Description}
		s.setOrderStatus(o, OrderCancelled)
	})
}

// markFoodPrepared: developer documentation, "Mark food ready". The status stays
// as it is; driver or customer are told.
func markFoodPrepared(s *Sandbox, c *call) (reply, error) {
	if err := checkCountry(c); err != nil {
		return reply{}, err
	}
	return s.changeOrder(c, "marked as prepared", []OrderStatus{OrderAccepted, OrderDriverOnTheWay, OrderDriverArrived}, func(o Order) {
		if o.PreparedAt == nil {
			now := s.now()
			o.PreparedAt = &now
			s.store.orders.put(o.Number, o)
		}
	})
}

// changeOrder runs change on the order of the path if its status allows it. The
// documentation does not name the statuses; the 409 stands in a summary of it.
func (s *Sandbox) changeOrder(c *call, done string, allowed []OrderStatus, change func(Order)) (reply, error) {
	number := c.PathValue("order_id")
	err := s.store.update(func() error {
		o, ok := s.store.orders.get(number)
		if !ok || o.OutletID != c.outlet.ID || o.pathType() != c.PathValue("order_type") {
			return errNotFound("Order with id: %s is not found", number)
		}
		if !slices.Contains(allowed, o.Status) {
			return errConflict("Order %s cannot be %s: its status is %s", number, done, o.Status)
		}
		change(o)
		return nil
	})
	return reply{}, err
}

// checkCountry reads the body that some clients send: nothing, {} or a country
// code, "ID" by default.
func checkCountry(c *call) error {
	if len(c.body) == 0 {
		return nil
	}
	var request struct {
		CountryCode *string `json:"country_code"`
	}
	if err := decode(c.body, &request); err != nil {
		return err
	}
	if code := request.CountryCode; code != nil && (len(*code) != 2 || (*code)[0] < 'A' || (*code)[0] > 'Z' || (*code)[1] < 'A' || (*code)[1] > 'Z') {
		return errInvalid("country_code: must be two upper-case letters")
	}
	return nil
}
