package sandbox

import (
	"fmt"
	"time"

	"github.com/google/uuid"
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
	eventVersion        = 1
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

// jakarta is the zone of times in events, WIB.
var jakarta = time.FixedZone("WIB", 7*60*60)

// eventTime writes a time as live events do: milliseconds and +07:00.
func eventTime(t time.Time) string { return t.In(jakarta).Format("2006-01-02T15:04:05.000-07:00") }

type eventPayload struct {
	Header eventHeader `json:"header"`
	Body   any         `json:"body"`
}

type eventHeader struct {
	Name      string `json:"event_name,omitempty"`
	Type      string `json:"event_type,omitempty"` // in place of the name, by switch
	ID        string `json:"event_id"`
	Version   int    `json:"version"`
	Timestamp string `json:"timestamp"`
}

// outletRef names the outlet of an event.
type outletRef struct {
	ID         string  `json:"id"`
	ExternalID *string `json:"external_outlet_id"` // null when not linked
}

type orderBody struct {
	Customer    nameRef   `json:"customer"`
	Driver      *nameRef  `json:"driver"`
	ServiceType string    `json:"service_type"`
	Outlet      outletRef `json:"outlet"`
	Order       orderData `json:"order"`
}

type nameRef struct {
	ID   string  `json:"id,omitempty"`
	Name *string `json:"name"`
}

type orderData struct {
	Status       orderStatus       `json:"status"`
	PIN          string            `json:"pin"`
	Number       string            `json:"order_number"`
	Total        float64           `json:"order_total"`
	Currency     string            `json:"currency"`
	Items        []itemData        `json:"order_items"`
	Cutlery      *bool             `json:"cutlery_requested"`
	Takeaway     float64           `json:"takeaway_charges"`
	CreatedAt    string            `json:"created_at"`
	Promotions   []promotionData   `json:"applied_promotions"`
	Cancellation *cancellationData `json:"cancellation_detail"`
	Scheduled    *scheduledData    `json:"scheduled_flag"`
}

type itemData struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"`
	Name       string         `json:"name"`
	Quantity   int            `json:"quantity"`
	Price      float64        `json:"price"`
	Notes      *string        `json:"notes"`
	Variants   []orderVariant `json:"variants"`
}

type promotionData struct {
	Scope  string          `json:"scope"`
	ID     string          `json:"id"`
	Detail promotionDetail `json:"detail"`
}

type promotionDetail struct {
	ID   string        `json:"id"`
	Item promotionItem `json:"item"`
}

type promotionItem struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
}

type cancellationData struct {
	Reason string `json:"reason"`
}

type scheduledData struct {
	Catering bool   `json:"is_catering"`
	Start    string `json:"schedule_delivery_time_start"`
	End      string `json:"schedule_delivery_time_end"`
}

// orderPayload is an order's event in its present status (developer
// documentation, "Event list"). The nulls are those of live payloads.
func orderPayload(o order, shop outlet) orderBody {
	data := orderData{
		Status:     o.Status,
		PIN:        o.PIN,
		Number:     o.Number,
		Total:      o.Total,
		Currency:   "IDR",
		Items:      make([]itemData, 0, len(o.Items)),
		Cutlery:    o.Cutlery,
		Takeaway:   o.Takeaway,
		CreatedAt:  eventTime(o.CreatedAt),
		Promotions: make([]promotionData, 0, len(o.Items)),
	}
	for _, item := range o.Items {
		data.Items = append(data.Items, itemData{
			ID:         item.ID,
			ExternalID: item.ExternalID,
			Name:       item.Name,
			Quantity:   item.Quantity,
			Price:      item.Price,
			Notes:      nullable(item.Notes),
			Variants:   append([]orderVariant{}, item.Variants...),
		})
		if item.Promo != "" {
			data.Promotions = append(data.Promotions, promotionData{
				Scope:  "item",
				ID:     item.Promo,
				Detail: promotionDetail{ID: item.Promo, Item: promotionItem{ID: item.ID, ExternalID: item.ExternalID}},
			})
		}
	}
	if o.Cancelled != nil {
		data.Cancellation = &cancellationData{Reason: o.Cancelled.Reason}
	}
	if o.Schedule != nil {
		data.Scheduled = &scheduledData{
			Catering: o.Schedule.Catering,
			Start:    eventTime(o.Schedule.Start),
			End:      eventTime(o.Schedule.End),
		}
	}
	body := orderBody{
		Customer:    nameRef{ID: o.Customer.ID, Name: nullable(o.Customer.Name)},
		ServiceType: o.ServiceType,
		Outlet:      outletRef{ID: shop.ID, ExternalID: shop.externalID(productGoFood)},
		Order:       data,
	}
	if o.Driver != nil {
		body.Driver = &nameRef{Name: nullable(o.Driver.Name)}
	}
	return body
}

type webhookErrorBody struct {
	ErrorType       string          `json:"error_type"`
	MappingNotFound mappingNotFound `json:"mapping_not_found"`
	Order           numberRef       `json:"order"`
	Outlet          outletRef       `json:"outlet"`
}

type mappingNotFound struct {
	Items    []namedThing `json:"items"`
	Variants []namedThing `json:"variants"`
}

type namedThing struct {
	Name string `json:"name"`
}

type numberRef struct {
	Number string `json:"number"`
}

// webhookErrorPayload tells that an order's events cannot be built, because
// something in it has no external id (seed 000, "Webhook error").
func webhookErrorPayload(o order, shop outlet) webhookErrorBody {
	missing := mappingNotFound{Items: []namedThing{}, Variants: []namedThing{}}
	for _, item := range o.Items {
		if item.ExternalID == "" {
			missing.Items = append(missing.Items, namedThing{item.Name})
		}
		for _, v := range item.Variants {
			if v.ExternalID == "" {
				missing.Variants = append(missing.Variants, namedThing{v.Name})
			}
		}
	}
	return webhookErrorBody{
		ErrorType:       "mapping_not_found",
		MappingNotFound: missing,
		Order:           numberRef{o.Number},
		Outlet:          outletRef{ID: shop.ID, ExternalID: shop.externalID(productGoFood)},
	}
}

// eventID is a version 3 UUID, as live ones are: it is made of the event's own
// facts, so the same event has the same id.
func eventID(parts ...any) string {
	return uuid.NewMD5(uuid.NameSpaceURL, []byte(fmt.Sprint(parts...))).String()
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
