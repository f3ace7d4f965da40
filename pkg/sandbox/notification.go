package sandbox

import (
	"net/http"
)

func notificationOperations() []operation {
	return []operation{
		{id: "listNotifications", method: http.MethodGet, path: "/integrations/partner/notifications", grants: partnersGrant, handle: listNotifications},
	}
}

// notificationData is one delivery in the answer of the troubleshooting call
// (developer documentation, "Troubleshooting").
type notificationData struct {
	EntityID  string            `json:"entity_id"`
	CreatedAt string            `json:"created_at"`
	PartnerID string            `json:"partner_id"`
	EventType string            `json:"event_type"`
	Status    DeliveryStatus    `json:"delivery_status"`
	Endpoint  string            `json:"endpoint"`
	Headers   map[string]string `json:"headers"`
	Payload   string            `json:"payload"` // the signed bytes, as a string
	History   []historyData     `json:"history"`
}

type historyData struct {
	Time             string  `json:"time"`
	ExceptionMessage *string `json:"exception_message"`
	Delivered        bool    `json:"delivered"`
}

// milliseconds is how this call alone writes times.
const milliseconds = "2006-01-02T15:04:05.000-07:00"

func listNotifications(s *Sandbox, c *call) (reply, error) {
	entity := c.URL.Query().Get("entity_id")
	if entity == "" {
		return reply{}, errBadRequest("entity_id: missing required parameter")
	}
	list := []notificationData{}
	s.store.view(func() {
		caller, _ := s.store.partners.get(c.token.Partner)
		for _, d := range s.store.deliveries.all() {
			if d.EntityID == entity && d.Partner == caller.ID {
				list = append(list, d.notification(caller.PartnerID))
			}
		}
	})
	return reply{data: map[string]any{"notifications": list}}, nil
}

func (d Delivery) notification(partnerID string) notificationData {
	n := notificationData{
		EntityID:  d.EntityID,
		CreatedAt: d.CreatedAt.UTC().Format(milliseconds),
		PartnerID: partnerID,
		EventType: d.Event,
		Status:    d.Status,
		Endpoint:  d.URL,
		Headers:   d.Headers,
		Payload:   d.Payload,
		History:   []historyData{},
	}
	for _, a := range d.Attempts {
		n.History = append(n.History, historyData{
			Time:             a.Time.UTC().Format(milliseconds),
			ExceptionMessage: nullable(a.Error),
			Delivered:        a.Delivered,
		})
	}
	if d.Status == DeliveryDead && len(n.History) > 0 {
		given := "Failed after automatic attempts."
		n.History = append(n.History, historyData{Time: n.History[len(n.History)-1].Time, ExceptionMessage: &given})
	}
	return n
}
