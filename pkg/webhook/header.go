package webhook

import (
	"cmp"
	"encoding/json"
	"strings"
)

// Header is what a notification says about itself.
type Header struct {
	Event   EventName // empty when the body names none
	EventID string    // UUID; the same for every delivery of one event; empty on the legacy API
}

// ParseHeader reads the header of a notification's body. It takes event_name
// and event_type alike, since both are in use, and the flat order of the
// Enterprise Integration Middleware, which has a status and no header. A body
// it cannot read gives an empty Header: whether a signature verifies does not
// depend on what the body means.
func ParseHeader(body []byte) Header {
	var n struct {
		Header struct {
			EventName string `json:"event_name"`
			EventType string `json:"event_type"`
			EventID   string `json:"event_id"`
		} `json:"header"`
		OrderNumber string `json:"order_number"`
		Status      string `json:"status"`
	}
	if err := json.Unmarshal(body, &n); err != nil {
		return Header{}
	}
	h := Header{Event: EventName(cmp.Or(n.Header.EventName, n.Header.EventType)), EventID: n.Header.EventID}
	if h.Event == "" && n.OrderNumber != "" && n.Status != "" {
		h.Event = EventName("gofood.order." + strings.ToLower(n.Status))
	}
	return h
}
