package gobiz

import (
	"context"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Notification is a webhook that GoBiz sent or tried to send.
type Notification struct {
	EntityID       string            `json:"entity_id" answer:"required"` // order number or payment transaction id
	CreatedAt      Time              `json:"created_at"`
	PartnerID      string            `json:"partner_id"`
	EventType      string            `json:"event_type" answer:"required"`
	DeliveryStatus string            `json:"delivery_status" answer:"required"` // "dead" seen; others not documented
	Endpoint       string            `json:"endpoint"`
	Headers        DeliveryHeaders   `json:"headers"`
	Payload        DeliveryPayload   `json:"payload"`
	History        []DeliveryAttempt `json:"history"`
	Unknown        jsontext.Value    `json:",embed"`
}

// A DeliveryAttempt is one try to deliver.
type DeliveryAttempt struct {
	Time             Time   `json:"time" answer:"required"`
	ExceptionMessage string `json:"exception_message"`
	Delivered        bool   `json:"delivered" answer:"required"`
}

// DeliveryHeaders are the headers that were sent. Several values of one header
// are joined by ", ".
type DeliveryHeaders map[string]string

// UnmarshalJSON takes a string, an array of strings or null for each header.
func (h *DeliveryHeaders) UnmarshalJSON(data []byte) error {
	var loose map[string]any
	if err := json.Unmarshal(data, &loose, tolerant()...); err != nil {
		return err
	}
	*h = make(DeliveryHeaders, len(loose))
	for name, value := range loose {
		switch v := value.(type) {
		case string:
			(*h)[name] = v
		case []any:
			var values []string
			for _, entry := range v {
				if text, ok := entry.(string); ok {
					values = append(values, text)
				}
			}
			(*h)[name] = strings.Join(values, ", ")
		}
	}
	return nil
}

// A DeliveryPayload is the body that was sent: its exact bytes, which the
// signature covers.
type DeliveryPayload string

// UnmarshalJSON takes the documented string; JSON that is not quoted is taken
// as it stands.
func (p *DeliveryPayload) UnmarshalJSON(data []byte) error {
	text, err := scalarText(data)
	*p = DeliveryPayload(text)
	return err
}

// Notifications reports what GoBiz sent about an order (its number, "F-…") or a
// payment (its transaction id), and why a delivery failed.
func (c *Client) Notifications(ctx context.Context, entityID string) ([]Notification, error) {
	if strings.TrimSpace(entityID) == "" {
		return nil, &ArgumentError{Name: "entity_id", Reason: "is empty"}
	}
	var data struct {
		Notifications []Notification `json:"notifications" answer:"required"`
	}
	if _, err := c.Invoke(ctx, Call{
		Operation: "listNotifications", Query: url.Values{"entity_id": {entityID}}, Into: &data,
	}); err != nil {
		return nil, err
	}
	return data.Notifications, nil
}
