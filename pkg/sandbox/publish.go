package sandbox

import (
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// publish sends an event to everybody who subscribed to it for the outlet. It
// must run inside store.update; what it sends leaves when that is committed.
// entityID is what the notification is looked up by: an order number, a
// transaction id or a request id. body is called when somebody has subscribed.
func (s *Sandbox) publish(event, outletID, entityID string, body func() any) {
	now := s.now()
	s.publishPayload(event, outletID, entityID, func() any {
		// The time is part of the id: pushing the same menu again with the same
		// request id is another event.
		return sender.Event{
			Header: sender.Header{
				Name:      event,
				ID:        sender.EventID(event, " ", entityID, " ", now.UnixNano()),
				Version:   sender.Version,
				Timestamp: sender.Time(now),
			},
			Body: body(),
		}
	})
}

// publishOrder sends the event of the order's present status, or nothing when
// the order lacks external ids: then its subscribers got one webhook error when
// it was created, and the order itself is not relayed (Getting started (Facilitator)).
func (s *Sandbox) publishOrder(o Order) {
	outlet, ok := s.store.outlets.get(o.OutletID)
	if !ok {
		return
	}
	event := o.Status.event()
	if o.Unmapped {
		if o.Status == OrderCreated {
			s.publishOrderError(o, outlet)
		}
		return
	}
	s.publishPayload(event, o.OutletID, o.Number, func() any {
		return sender.Event{
			Header: sender.Header{
				Name:      event,
				ID:        sender.EventID(event, " ", o.Number, " ", o.CreatedAt.UnixNano()),
				Version:   sender.Version,
				Timestamp: s.orderTimestamp(o),
			},
			Body: s.orderBody(o, outlet),
		}
	})
	s.publishEnterpriseOrder(event, o, outlet)
}

func (s *Sandbox) publishOrderError(o Order, outlet outlet) {
	header := sender.Header{
		Name:      eventOrderError,
		ID:        sender.EventID(eventOrderError, " ", o.Number, " ", o.CreatedAt.UnixNano()),
		Version:   sender.Version,
		Timestamp: s.now().UTC().Format(time.RFC3339),
	}
	if s.switches().WebhookErrorEventType {
		header.Name, header.Type = "", header.Name
	}
	s.publishPayload(eventOrderError, o.OutletID, o.Number, func() any {
		return sender.Event{Header: header, Body: webhookErrorPayload(o, outlet)}
	})
}

// orderTimestamp is the header time of an order's events. Live, all events of
// an order bore the order's creation time, which is why receivers cannot sort
// by it.
func (s *Sandbox) orderTimestamp(o Order) string {
	if s.switches().DocumentedPayloads {
		return sender.Time(s.now())
	}
	return sender.Time(o.CreatedAt)
}

func (s *Sandbox) publishPayload(event, outletID, entityID string, payload func() any) {
	outlet, ok := s.store.outlets.get(outletID)
	if !ok {
		return
	}
	s.send(outlet, event, entityID, payload, func(sub subscription) bool {
		return sub.Enterprise == "" && (sub.Outlet == "" || sub.Outlet == outletID)
	})
}

// send queues one delivery for each active subscription that fits. General and
// outlet subscriptions of the same event both fire; GoBiz does not say.
func (s *Sandbox) send(outlet outlet, event, entityID string, payload func() any, fits func(subscription) bool) {
	var body []byte
	for _, sub := range s.store.subscriptions.all() {
		if !sub.Active || sub.Event != event || !fits(sub) {
			continue
		}
		to, ok := s.store.partners.get(sub.Partner)
		if !ok || mayUse(to, outlet, events[event].product) != nil {
			continue
		}
		if body == nil {
			var err error
			if body, err = sender.Encode(payload(), s.switches().DocumentedPayloads, s.randomN); err != nil {
				s.log.Error("webhook payload cannot be encoded", "event", event, "error", err)
				return
			}
		}
		n := s.store.next("deliveries")
		d := Delivery{
			ID:           deliveryID(n),
			Partner:      to.ID,
			Subscription: sub.ID,
			OutletID:     outlet.ID,
			EntityID:     entityID,
			Event:        event,
			URL:          sub.URL,
			Headers: map[string]string{
				webhook.SignatureHeader: webhook.Sign(to.RelaySecret, body),
				"Content-Type":          "application/json",
				"Accept":                "application/json",
			},
			Payload:   string(body),
			Status:    DeliveryPending,
			Attempts:  []DeliveryAttempt{},
			CreatedAt: s.now(),
			Due:       s.now(),
		}
		if sub.Enterprise == "" { // the legacy API's sample has no idempotency key
			d.Headers[webhook.IdempotencyKeyHeader] = sender.EventID("delivery ", sub.ID, " ", d.ID)
		}
		s.store.deliveries.put(d.ID, d)
		s.forgetDelivery(n)
		s.dispatcher.add(d)
	}
}
