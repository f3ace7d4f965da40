package triage

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// order explains an event of an order (developer documentation, "Event list",
// "Order state", "Order acceptance"), and the flat order of the legacy API.
func (x *explainer) order() {
	o := x.n.Order
	x.out.OrderNumber, x.out.Status = o.Number, string(o.Status)
	pickup := o.Service == webhook.ServicePickup
	switch x.n.Event {
	case webhook.OrderCreated:
		x.meaning("A customer has placed the order.")
		if o.Schedule != nil {
			x.next("It is for later: gofood.order.merchant_accepted comes about 30 minutes before the delivery slot. Do not prepare it before.")
			break
		}
		x.next("Wait for gofood.order.merchant_accepted before preparing it. On auto accept that comes at once, else gofood.order.awaiting_merchant_acceptance comes first.")
	case webhook.OrderAwaitingAcceptance:
		x.meaning("The order waits for the merchant to accept it.")
		x.next("Accept or cancel it now, on the merchant's device or with the calls below. Without an answer it is accepted after 1 minute (auto accept on timeout) or rejected after 3 (manual).")
		x.orderCall("accept it", "accepted", "")
		x.orderCall("or cancel it", "cancelled", " -F cancel_reason_code=HIGH_DEMAND -F cancel_reason_description='too many orders'")
	case webhook.OrderMerchantAccepted:
		x.meaning("The order is accepted, by the merchant or automatically.")
		x.next("Prepare it, and tell GoBiz when the food is ready.")
		x.orderCall("when the food is ready", "food-prepared", " -F country_code=ID")
		if pickup {
			x.next("The customer comes for it: no driver's events follow.")
		} else {
			x.next("gofood.order.driver_otw_pickup follows when a driver is on the way.")
		}
	case webhook.OrderDriverOnTheWay:
		x.meaning("A driver is on the way to the outlet.")
		x.next("Have the food ready. gofood.order.driver_arrived follows.")
	case webhook.OrderDriverArrived:
		x.meaning("The driver is at the outlet.")
		x.next("Hand the food over against the PIN.")
		if x.n.Legacy {
			x.next("The legacy API sends no other event of this order.")
		} else {
			x.next("gofood.order.placed follows.")
		}
	case webhook.OrderPlaced:
		x.meaning("The food is handed over, and the transaction is settled.")
		x.next("Nothing to do. gofood.order.completed follows.")
	case webhook.OrderCompleted:
		x.meaning("The order is done. This is final.")
		x.next("Nothing to do. An event of this order that still comes is late: do not go back.")
	case webhook.OrderCancelled:
		x.meaning("The order is cancelled. This is final.")
		x.next("Stop preparing it. An event of this order that still comes is late: do not go back.")
	default:
		x.meaning("This program does not know the event %s. It is about an order.", foreign(string(x.n.Event)))
		x.next("Answer it with 2xx, so that GoBiz does not send it again, and leave it alone.")
	}
	if x.n.Legacy {
		x.meaning("It comes from the legacy API (api: enterprise), which sends orders in a flat form, without an event id.")
	}
	x.orderFacts()
	x.orderFindings()
}

// orderCall names a call of the API that fits the state of the order.
func (x *explainer) orderCall(message, call, fields string) {
	o := x.n.Order
	if x.n.Legacy || !plainID(o.Number) || !plainID(x.n.Outlet.ID) {
		return
	}
	x.find(Finding{
		Severity: SeverityInfo, Message: message,
		Command: fmt.Sprintf("gobiz api PUT /integrations/gofood/outlets/%s/v1/orders/%s/%s/%s%s", x.n.Outlet.ID, o.Service.OrderType(), o.Number, call, fields),
	})
}

func (x *explainer) orderFacts() {
	o := x.n.Order
	x.fact("order", o.Number)
	x.outlet()
	x.fact("status", string(o.Status))
	switch o.Service {
	case webhook.ServiceDelivery:
		x.fact("service", "delivery")
	case webhook.ServicePickup:
		x.fact("service", "pickup by the customer")
	default:
		x.fact("service", string(o.Service))
	}
	x.fact("customer", x.person(&o.Customer, "not told (null: GoBiz often leaves the name out)"))
	x.fact("driver", x.driver())
	x.items()
	if o.Takeaway != 0 {
		x.fact("takeaway", x.money(o.Takeaway, o.Currency))
	}
	x.fact("total", x.money(o.Total, o.Currency))
	x.fact("cutlery", cutlery(o.Cutlery))
	x.fact("pin", o.PIN)
	for _, p := range o.Promotions {
		x.fact("promotion", strings.TrimSpace(p.Detail.Item.ExternalID+" "+p.ID))
	}
	if s := o.Schedule; s != nil {
		what := "scheduled for"
		if s.Catering {
			what = "catering for"
		}
		x.fact(what, strings.Trim(x.time(s.Start)+" to "+x.time(s.End), " "))
	}
	if o.Status == webhook.StatusCancelled || o.Cancellation != nil {
		reason := "not told (null or empty)"
		if o.Cancellation != nil && o.Cancellation.Reason != "" {
			reason = o.Cancellation.Reason
		}
		x.fact("cancelled because", reason)
	}
	x.fact("ordered", x.time(o.CreatedAt))
}

// person shows a name. Phone and e-mail, which the legacy API sends, are said to
// be there and not shown: this output is made to be passed on.
func (x *explainer) person(p *webhook.Person, nobody string) string {
	name := cmp.Or(p.Name, nobody)
	var more []string
	if p.Phone != "" {
		more = append(more, "phone")
	}
	if p.Email != "" {
		more = append(more, "e-mail")
	}
	if len(more) > 0 {
		name += ", with " + strings.Join(more, " and ")
	}
	return name
}

func (x *explainer) driver() string {
	o := x.n.Order
	switch {
	case o.Driver != nil:
		return x.person(o.Driver, "not told (null)")
	case o.Service == webhook.ServicePickup:
		return "none: the customer comes"
	case o.Status.Final():
		return "none (null)"
	}
	return "none yet (null until GoBiz has found one)"
}

func cutlery(wanted *bool) string {
	switch {
	case wanted == nil:
		return "not told (null)"
	case *wanted:
		return "wanted"
	}
	return "not wanted"
}

func (x *explainer) items() {
	o := x.n.Order
	for i, item := range o.Items {
		name := "items"
		if i > 0 {
			name = ""
		}
		if i == maxFindings {
			x.fact(name, fmt.Sprintf("and %d more", len(o.Items)-i))
			return
		}
		x.fact(name, fmt.Sprintf("%d × %s (%s)  %s each, with its variants", item.Quantity, item.Name, cmp.Or(item.ExternalID, none), x.money(item.Price, o.Currency)))
		for _, v := range item.Variants[:min(len(item.Variants), maxFindings)] {
			x.fact("", fmt.Sprintf("    + %s (%s)", v.Name, cmp.Or(v.ExternalID, none)))
		}
		if item.Notes != "" {
			x.fact("", "    note: "+item.Notes)
		}
	}
	if len(o.Items) == 0 {
		x.fact("items", "none")
	}
}

// orderFindings holds the ids of the order against the catalog, and the status
// against the event.
func (x *explainer) orderFindings() {
	o := x.n.Order
	if status := x.n.Event.Status(); status != "" && o.Status.Rank() > 0 && status != o.Status {
		x.find(Finding{Severity: SeverityWarning, Message: fmt.Sprintf("the event is %s and the order's status %s: trust the status", x.n.Event, o.Status)})
	}
	for _, item := range o.Items {
		x.ordered(catalog.EntityItem, item.ExternalID, item.Name)
		for _, v := range item.Variants {
			x.ordered(catalog.EntityVariant, v.ExternalID, v.Name)
		}
	}
}

func (x *explainer) ordered(entity, externalID, name string) {
	switch {
	case externalID == "":
		x.unmapped(entity, name)
	case x.full(), x.File == nil && x.Live == nil, x.knows(entity, externalID):
	default:
		x.find(Finding{
			Severity: SeverityWarning, Name: name, Nearest: x.nearest(entity, name),
			Message: fmt.Sprintf("%s %s has the external id %s, which is not in %s", entity, foreign(name), foreign(externalID), x.place()),
		})
	}
}
