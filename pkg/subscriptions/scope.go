package subscriptions

import (
	"context"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
)

// A Scope says whose events are sent. The zero Scope is all outlets of the
// partner.
type Scope struct {
	OutletID     string // one outlet's
	EnterpriseID string // an enterprise's, on the legacy API
}

// Calls are the calls on the subscriptions of a scope.
type Calls interface {
	List(context.Context) ([]gobiz.Subscription, error)
	Create(context.Context, gobiz.SubscriptionRequest) (*gobiz.Subscription, error)
	Get(ctx context.Context, id string) (*gobiz.Subscription, error)
	// Update replaces one subscription.
	Update(ctx context.Context, id string, request gobiz.SubscriptionRequest) (*gobiz.Subscription, error)
	Delete(ctx context.Context, id string) error
}

// Partner returns the calls of the partner API.
func Partner(client *gobiz.Client) func(Scope) Calls {
	return func(s Scope) Calls {
		if s.OutletID != "" {
			return client.Subscriptions(gobiz.ForOutlet(s.OutletID))
		}
		return client.Subscriptions(gobiz.AllOutlets)
	}
}

// Enterprise returns the calls of the legacy Enterprise Integration Middleware,
// which has no call that reads or changes one subscription.
func Enterprise(client *enterprise.Client) func(Scope) Calls {
	return func(s Scope) Calls { return enterpriseCalls{client, s.EnterpriseID} }
}

type enterpriseCalls struct {
	client *enterprise.Client
	id     string
}

func (c enterpriseCalls) List(ctx context.Context) ([]gobiz.Subscription, error) {
	return c.client.Subscriptions(ctx, c.id)
}

func (c enterpriseCalls) Create(ctx context.Context, r gobiz.SubscriptionRequest) (*gobiz.Subscription, error) {
	if r.Active != nil && !*r.Active {
		return nil, &gobiz.ArgumentError{Name: "active", Reason: "cannot be false: the legacy API (api: enterprise) has no inactive subscriptions"}
	}
	return c.client.CreateSubscription(ctx, c.id, r.Event, r.URL)
}

func (enterpriseCalls) Get(context.Context, string) (*gobiz.Subscription, error) {
	return nil, &gobiz.ArgumentError{Name: "subscription", Reason: "cannot be read alone: the legacy API (api: enterprise) has no call for it"}
}

func (enterpriseCalls) Update(context.Context, string, gobiz.SubscriptionRequest) (*gobiz.Subscription, error) {
	return nil, &gobiz.ArgumentError{Name: "subscription", Reason: "cannot be changed: the legacy API (api: enterprise) has no call for it"}
}

func (c enterpriseCalls) Delete(ctx context.Context, id string) error {
	return c.client.DeleteSubscription(ctx, c.id, id)
}
