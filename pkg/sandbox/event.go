package sandbox

import (
	"cmp"
	"encoding/json"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

// Events that partners subscribe to (developer documentation, "Event list").
const (
	eventOrderCreated   = "gofood.order.created"
	eventOrderAwaiting  = "gofood.order.awaiting_merchant_acceptance"
	eventOrderAccepted  = "gofood.order.merchant_accepted"
	eventOrderDriverOTW = "gofood.order.driver_otw_pickup"
	eventOrderArrived   = "gofood.order.driver_arrived"
	eventOrderPlaced    = "gofood.order.placed"
	eventOrderCompleted = "gofood.order.completed"
	eventOrderCancelled = "gofood.order.cancelled"
	eventOrderError     = "gofood.order.webhook_error"
	eventPaymentSettled = "payment.transaction.settlement"
	defaultCustomer     = "Budi" // of plain payloads, which have no nulls
)

// eventKind is what an event needs of its subscriber.
type eventKind struct {
	scope   string
	product string // the outlet must be linked for it
}

var (
	orderEvent   = eventKind{scope: "gofood:order:read", product: productGoFood}
	catalogEvent = eventKind{scope: "gofood:catalog:read", product: productGoFood}
	paymentEvent = eventKind{scope: "payment:transaction:read", product: productPayment}
)

// events are all events by name. That the scopes follow the resource is
// inferred; the documentation only says that scopes decide.
var events = map[string]eventKind{
	eventOrderCreated:       orderEvent,
	eventOrderAwaiting:      orderEvent,
	eventOrderAccepted:      orderEvent,
	eventOrderDriverOTW:     orderEvent,
	eventOrderArrived:       orderEvent,
	eventOrderPlaced:        orderEvent,
	eventOrderCompleted:     orderEvent,
	eventOrderCancelled:     orderEvent,
	eventOrderError:         orderEvent,
	eventMenuMappingUpdated: catalogEvent,
	eventPaymentSettled:     paymentEvent,
}

// orderBody is the body of an order's event in the form that the switches ask
// for.
func (s *Sandbox) orderBody(o Order, outlet outlet) any {
	if !s.switches().Payloads2023 {
		return orderPayload(o, outlet)
	}
	o.Customer.Name = cmp.Or(o.Customer.Name, defaultCustomer)
	o.Driver = cmp.Or(o.Driver, newDriver(o))
	text, _ := encodeJSON(orderPayload(o, outlet)) // strings and numbers always encode
	var body map[string]any
	_ = json.Unmarshal(text, &body)
	order := body["order"].(map[string]any)
	delete(order, "cancellation_detail")
	delete(order, "scheduled_flag")
	for _, item := range order["order_items"].([]any) {
		item := item.(map[string]any)
		item["notes"] = cmp.Or(item["notes"], any(""))
		delete(item, "sku_promo_id")
	}
	return body
}

// orderPayload is an order's event in its present status (developer
// documentation, "Event list"). The nulls are those of live payloads.
func orderPayload(o Order, outlet outlet) sender.OrderBody {
	data := sender.Order{
		Status:     string(o.Status),
		PIN:        o.PIN,
		Number:     o.Number,
		Total:      o.Total,
		Currency:   "IDR",
		Items:      make([]sender.Item, 0, len(o.Items)),
		Cutlery:    o.Cutlery,
		Takeaway:   o.Takeaway,
		CreatedAt:  sender.Time(o.CreatedAt),
		Promotions: make([]sender.Promotion, 0, len(o.Items)),
	}
	for _, item := range o.Items {
		data.Items = append(data.Items, sender.Item{
			ID:         item.ID,
			ExternalID: item.ExternalID,
			Name:       item.Name,
			Quantity:   item.Quantity,
			Price:      item.Price,
			Notes:      nullable(item.Notes),
			Variants:   wireVariants(item.Variants),
			SKUPromo:   nullable(item.Promo),
		})
		if item.Promo != "" {
			data.Promotions = append(data.Promotions, sender.Promotion{
				Scope:  "item",
				ID:     item.Promo,
				Detail: sender.PromotionDetail{ID: item.Promo, Item: sender.PromotionItem{ID: item.ID, ExternalID: item.ExternalID}},
			})
		}
	}
	if o.Cancelled != nil {
		data.Cancellation = &sender.Cancellation{Reason: o.Cancelled.Reason}
	}
	if o.Schedule != nil {
		data.Scheduled = &sender.Schedule{
			Catering: o.Schedule.Catering,
			Start:    sender.Time(o.Schedule.Start),
			End:      sender.Time(o.Schedule.End),
		}
	}
	body := sender.OrderBody{
		Customer:    sender.Person{ID: o.Customer.ID, Name: nullable(o.Customer.Name)},
		ServiceType: o.ServiceType,
		Outlet:      sender.Outlet{ID: outlet.ID, ExternalID: outlet.externalID(productGoFood)},
		Order:       data,
	}
	if o.Driver != nil {
		body.Driver = &sender.Person{Name: nullable(o.Driver.Name)}
	}
	return body
}

// webhookErrorPayload says that an order's events cannot be built, because
// something in it has no external id (Getting started (Facilitator), "Webhook error").
func webhookErrorPayload(o Order, outlet outlet) sender.ErrorBody {
	missing := sender.Missing{Items: []sender.Named{}, Variants: []sender.Named{}}
	for _, item := range o.Items {
		if item.ExternalID == "" {
			missing.Items = append(missing.Items, sender.Named{Name: item.Name})
		}
		for _, v := range item.Variants {
			if v.ExternalID == "" {
				missing.Variants = append(missing.Variants, sender.Named{Name: v.Name})
			}
		}
	}
	return sender.ErrorBody{
		ErrorType: sender.MappingNotFound,
		Missing:   missing,
		Order:     sender.OrderNumber{Number: o.Number},
		Outlet:    sender.Outlet{ID: outlet.ID, ExternalID: outlet.externalID(productGoFood)},
	}
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func wireVariants(chosen []OrderVariant) []sender.Variant {
	wire := make([]sender.Variant, 0, len(chosen))
	for _, v := range chosen {
		wire = append(wire, sender.Variant(v))
	}
	return wire
}
