package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A Notification is what GoBiz tells a partner (developer documentation, "Event
// list"). What the body does not have, or has as null, is the zero value.
type Notification struct {
	Event     EventName
	EventID   string // UUID, the same for every delivery of one event; none on the legacy API
	Version   int
	Timestamp time.Time // all events of an order may have the same: it does not tell their order
	Outlet    Outlet

	// The event decides which of these there is. An event that this package does
	// not know has none, and its Body.
	Order        *Order        // events of an order, and the flat order of the legacy API
	MappingError *MappingError // gofood.order.webhook_error
	MenuMapping  *MenuMapping  // gofood.catalog.menu_mapping_updated
	Settlement   *Settlement   // payment.transaction.settlement

	// Body is the raw JSON of the body, with everything that has no field here. On
	// the legacy API it is the whole notification.
	Body jsontext.Value

	// Legacy is true for an order of the Enterprise Integration Middleware.
	Legacy bool
	// Stale is true when the order has been further along before. Handler sets it.
	Stale bool
}

// Outlet is an outlet of GoBiz.
type Outlet struct {
	ID         string `json:"id"`                 // "G…"; "M…" on the legacy API
	ExternalID string `json:"external_outlet_id"` // the partner's own; empty when the outlet is not linked
}

// MappingError is about an order that GoBiz could not relay, because something
// in it has no external id (Getting started (Facilitator), "Webhook error"). No event of the order
// comes: somebody must look after it on the merchant's device.
type MappingError struct {
	Type        string // "mapping_not_found"; the documentation's text calls it "missing_menu_mapping"
	OrderNumber string
	Items       []string // names of items without an external id
	Variants    []string // names of variants without one
}

// MenuMapping says that a pushed menu has been processed. Its payload is known
// at second hand only: rely on RequestID and the outlet.
type MenuMapping struct {
	RequestID string         `json:"request_id"` // of the push
	Items     []MappedItem   `json:"menus"`
	Unknown   jsontext.Value `json:",embed"`
}

// MappedItem pairs the ids of an item.
type MappedItem struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_menu_id"`
}

// Settlement says that a payment has been completed.
type Settlement struct {
	TransactionID string         `json:"id"`
	OrderID       string         `json:"order_id"` // the partner's own
	Amount        Rupiah         `json:"gross_amount"`
	Currency      string         `json:"currency"`
	PaymentType   string         `json:"payment_type"`
	Status        string         `json:"status"`
	CreatedAt     time.Time      `json:"created_at"`
	SettledAt     time.Time      `json:"settlement_at"`
	TerminalLabel string         `json:"terminal_label"`
	Unknown       jsontext.Value `json:",embed"`
}

// ErrMalformed is wrapped by the errors of Parse.
var ErrMalformed = errors.New("no notification")

// envelope is what every notification has, and what tells the legacy API's
// order from the others.
type envelope struct {
	Header struct {
		EventName string    `json:"event_name"`
		EventType string    `json:"event_type"`
		EventID   string    `json:"event_id"`
		Version   int       `json:"version"`
		Timestamp time.Time `json:"timestamp"`
	} `json:"header"`
	Body        jsontext.Value `json:"body"`
	OrderNumber string         `json:"order_number"`
	Status      string         `json:"status"`
}

// Parse reads the body of a notification. It takes the names that are in use for
// one thing alike (event_name and event_type; order_number and number;
// mapping_not_found and missing_menu_mapping). Values of another type than
// expected do not lose an order: numbers are taken from texts and texts from
// numbers, and what cannot be read so is left out; Body has it.
//
// The errors wrap [ErrMalformed]: JSON that does not parse, a key that is there
// twice (readers would disagree about its meaning), and a document that names no
// event and is no order of the legacy API. A fault of the JSON comes with line and
// column of the body.
//
// It does not verify: see [Verify].
func Parse(body []byte) (*Notification, error) {
	var e envelope
	if jsontext.Value(body).Kind() != '{' {
		return nil, fmt.Errorf("%w: the body is no JSON object", ErrMalformed)
	}
	if err := decode(body, &e); err != nil {
		return nil, malformed(body, err)
	}
	n := &Notification{
		Event:     EventName(cmp.Or(e.Header.EventName, e.Header.EventType)),
		EventID:   e.Header.EventID,
		Version:   e.Header.Version,
		Timestamp: e.Header.Timestamp,
		Body:      e.Body,
	}
	var err error
	switch {
	case n.Event != "":
		err = n.read()
	case e.OrderNumber != "" && e.Status != "":
		n.Event, n.Legacy, n.Body = orderEvent(e.Status), true, slices.Clone(body)
		err = n.readLegacy()
	default:
		err = errors.New("it has no header.event_name, and no order_number and status")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return n, nil
}

// read takes the body of an event that has a header.
func (n *Notification) read() error {
	if n.Body.Kind() != '{' {
		return nil
	}
	var about struct {
		Outlet Outlet `json:"outlet"`
	}
	if err := decode(n.Body, &about); err != nil {
		return err
	}
	n.Outlet = about.Outlet
	switch {
	case n.Event == OrderWebhookError:
		return n.readMappingError()
	case n.Event == MenuMappingUpdated:
		n.MenuMapping = &MenuMapping{}
		return decode(n.Body, n.MenuMapping)
	case n.Event == PaymentSettlement:
		var b struct {
			Transaction Settlement `json:"transaction"`
		}
		err := decode(n.Body, &b)
		n.Settlement = &b.Transaction
		return err
	case strings.HasPrefix(string(n.Event), "gofood.order."):
		return n.readOrder()
	}
	return nil
}

func (n *Notification) readMappingError() error {
	type missing struct {
		Items    []named `json:"items"`
		Variants []named `json:"variants"`
	}
	var b struct {
		Type     string  `json:"error_type"`
		NotFound missing `json:"mapping_not_found"`
		Missing  missing `json:"missing_menu_mapping"`
		Order    struct {
			Number      string `json:"number"`
			OrderNumber string `json:"order_number"`
		} `json:"order"`
	}
	err := decode(n.Body, &b)
	n.MappingError = &MappingError{
		Type:        b.Type,
		OrderNumber: cmp.Or(b.Order.Number, b.Order.OrderNumber),
		Items:       append(names(b.NotFound.Items), names(b.Missing.Items)...),
		Variants:    append(names(b.NotFound.Variants), names(b.Missing.Variants)...),
	}
	return err
}

// named is a thing of which only the name is known.
type named struct {
	Name string `json:"name"`
}

func names(list []named) []string {
	var texts []string
	for _, entry := range list {
		if entry.Name != "" {
			texts = append(texts, entry.Name)
		}
	}
	return texts
}
