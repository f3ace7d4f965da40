package gobiz

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"
)

// A Subscription sends one event to one URL.
type Subscription struct {
	ID           string         `json:"id" answer:"nonempty"` // UUID
	Event        string         `json:"event" answer:"required"`
	URL          string         `json:"url" answer:"required"`
	Active       bool           `json:"active" answer:"required"` // false is kept but not sent
	OutletID     *string        `json:"outlet_id"`
	EnterpriseID *string        `json:"enterprise_id"` // legacy API
	CreatedAt    Time           `json:"created_at"`
	UpdatedAt    Time           `json:"updated_at"`
	Unknown      jsontext.Value `json:",embed"` // e.g. aggregator_id, seen live
}

// A SubscriptionRequest is what a subscription should be.
type SubscriptionRequest struct {
	Event string `json:"event"`
	// URL is https with a valid certificate, on port 80 or 443.
	URL string `json:"url"`
	// Active nil leaves it to the server, which takes true.
	Active *bool `json:"active,omitzero"`
}

// A SubscriptionScope says whose events are sent: AllOutlets or ForOutlet.
type SubscriptionScope struct {
	outletID string
	outlet   bool
}

// AllOutlets is the scope of a partner's general subscriptions.
var AllOutlets = SubscriptionScope{}

// ForOutlet is the scope of one outlet, meant for pilots.
func ForOutlet(outletID string) SubscriptionScope {
	return SubscriptionScope{outletID: outletID, outlet: true}
}

// Subscriptions are the calls on the notification subscriptions of a scope.
type Subscriptions struct {
	client *Client
	scope  SubscriptionScope
}

// Subscriptions returns the calls for a scope. It sends nothing.
func (c *Client) Subscriptions(scope SubscriptionScope) *Subscriptions {
	return &Subscriptions{client: c, scope: scope}
}

// List returns the subscriptions of the scope.
func (s *Subscriptions) List(ctx context.Context) ([]Subscription, error) {
	var data struct {
		Subscriptions []Subscription `json:"subscriptions" answer:"required"`
	}
	call := s.call("listSubscriptions", "listOutletSubscriptions")
	call.Into = &data
	if _, err := s.client.Invoke(ctx, call); err != nil {
		return nil, err
	}
	for i := range data.Subscriptions {
		s.complete(&data.Subscriptions[i])
	}
	return data.Subscriptions, nil
}

// Create subscribes. Which events are open depends on the granted scopes.
func (s *Subscriptions) Create(ctx context.Context, request SubscriptionRequest) (*Subscription, error) {
	return s.one(ctx, s.call("createSubscription", "createOutletSubscription"), request)
}

// Get reads one subscription.
func (s *Subscriptions) Get(ctx context.Context, id string) (*Subscription, error) {
	return s.one(ctx, s.call("getSubscription", "getOutletSubscription", id), nil)
}

// Update replaces one subscription.
func (s *Subscriptions) Update(ctx context.Context, id string, request SubscriptionRequest) (*Subscription, error) {
	return s.one(ctx, s.call("updateSubscription", "updateOutletSubscription", id), request)
}

// Delete ends a subscription.
func (s *Subscriptions) Delete(ctx context.Context, id string) error {
	_, err := s.client.Invoke(ctx, s.call("deleteSubscription", "deleteOutletSubscription", id))
	return err
}

// call chooses the operation of the scope; ids follow the outlet id in the path.
func (s *Subscriptions) call(general, outlet string, ids ...string) Call {
	if s.scope.outlet {
		return Call{Operation: outlet, Params: append([]string{s.scope.outletID}, ids...)}
	}
	return Call{Operation: general, Params: ids}
}

// one runs a call whose answer is one subscription; content may be nil.
func (s *Subscriptions) one(ctx context.Context, call Call, content any) (*Subscription, error) {
	var data struct {
		Subscription Subscription `json:"subscription" answer:"required"`
	}
	call.Content, call.Into = content, &data
	if _, err := s.client.Invoke(ctx, call); err != nil {
		return nil, err
	}
	s.complete(&data.Subscription)
	return &data.Subscription, nil
}

// complete adds the outlet, which the API tells by the path only.
func (s *Subscriptions) complete(subscription *Subscription) {
	if s.scope.outlet && subscription.OutletID == nil {
		id := s.scope.outletID
		subscription.OutletID = &id
	}
}
