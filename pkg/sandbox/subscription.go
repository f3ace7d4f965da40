package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// subscription says that a partner wants one event at one URL.
type subscription struct {
	ID         string    `json:"id"`
	Number     int       `json:"number"`               // counts up, for the order of lists
	Partner    string    `json:"partner"`              // client id
	Outlet     string    `json:"outlet,omitempty"`     // empty: all outlets of the partner
	Enterprise string    `json:"enterprise,omitempty"` // set on the legacy API's subscriptions
	Event      string    `json:"event"`
	URL        string    `json:"url"`
	Active     bool      `json:"active"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
}

// subscriptionData is a subscription in an answer.
type subscriptionData struct {
	ID         string `json:"id"`
	Event      string `json:"event"`
	URL        string `json:"url"`
	Enterprise string `json:"enterprise_id,omitempty"`
	Active     bool   `json:"active"`
	CreatedAt  string `json:"created_at"`
	UpdatedAt  string `json:"updated_at,omitempty"` // only in lists and of the legacy API
}

// data is the documented form: whole seconds, and microseconds in the legacy
// API.
func (s subscription) data() subscriptionData {
	data := subscriptionData{ID: s.ID, Event: s.Event, URL: s.URL, Enterprise: s.Enterprise, Active: s.Active, CreatedAt: apiTime(s.CreatedAt)}
	if s.Enterprise != "" {
		const microseconds = "2006-01-02T15:04:05.000000Z"
		data.CreatedAt, data.UpdatedAt = s.CreatedAt.UTC().Format(microseconds), s.UpdatedAt.UTC().Format(microseconds)
	}
	return data
}

// subscriptionRequest is the body of POST and PUT (developer documentation,
// "Notification subscriptions").
type subscriptionRequest struct {
	Event  string `json:"event"`
	URL    string `json:"url"`
	Active *bool  `json:"active"` // default true
}

func subscriptionOperations() []operation {
	const general = "/integrations/partner/v1/notification-subscriptions"
	const ofOutlet = "/integrations/partner/outlets/{outlet_id}/v1/notification-subscriptions"
	one := func(collection string) string { return collection + "/{notification_id}" }
	// Which event may be subscribed to depends on its own scope; a token without
	// any of them can do nothing here (inferred).
	scopes := []string{orderEvent.scope, catalogEvent.scope, paymentEvent.scope}
	return []operation{
		{id: "createSubscription", method: http.MethodPost, path: general, grants: partnersGrant, scopes: scopes, handle: createSubscription},
		{id: "listSubscriptions", method: http.MethodGet, path: general, grants: partnersGrant, scopes: scopes, handle: listSubscriptions},
		{id: "getSubscription", method: http.MethodGet, path: one(general), grants: partnersGrant, scopes: scopes, handle: getSubscription},
		{id: "updateSubscription", method: http.MethodPut, path: one(general), grants: partnersGrant, scopes: scopes, handle: updateSubscription},
		{id: "deleteSubscription", method: http.MethodDelete, path: one(general), grants: partnersGrant, scopes: scopes, handle: deleteSubscription},
		{id: "createOutletSubscription", method: http.MethodPost, path: ofOutlet, grants: partnersGrant, scopes: scopes, outlet: linkedOutlet, handle: createSubscription},
		{id: "listOutletSubscriptions", method: http.MethodGet, path: ofOutlet, grants: partnersGrant, scopes: scopes, outlet: linkedOutlet, handle: listSubscriptions},
		{id: "getOutletSubscription", method: http.MethodGet, path: one(ofOutlet), grants: partnersGrant, scopes: scopes, outlet: linkedOutlet, handle: getSubscription},
		{id: "updateOutletSubscription", method: http.MethodPut, path: one(ofOutlet), grants: partnersGrant, scopes: scopes, outlet: linkedOutlet, handle: updateSubscription},
		{id: "deleteOutletSubscription", method: http.MethodDelete, path: one(ofOutlet), grants: partnersGrant, scopes: scopes, outlet: linkedOutlet, handle: deleteSubscription},
	}
}

// The handlers serve both families: c.outlet is zero in the general one, and so
// is the Outlet of its subscriptions.

func createSubscription(s *Sandbox, c *call) (reply, error) {
	request, err := s.decodeSubscription(c)
	if err != nil {
		return reply{}, err
	}
	status := http.StatusCreated
	if s.switches().SubscriptionCreateOK {
		status = http.StatusOK
	}
	return s.subscribe(c, "", request, status)
}

// subscribe is what both generations of the API do.
func (s *Sandbox) subscribe(c *call, enterprise string, request subscriptionRequest, status int) (reply, error) {
	now := s.now()
	sub := subscription{
		ID:         s.newUUID(),
		Partner:    c.token.Partner,
		Outlet:     c.outlet.ID,
		Enterprise: enterprise,
		Event:      request.Event,
		URL:        request.URL,
		Active:     request.Active == nil || *request.Active,
		CreatedAt:  now,
		UpdatedAt:  now,
	}
	err := s.store.update(func() error { return s.putSubscription(sub) })
	return reply{status: status, data: map[string]any{"subscription": sub.data()}}, err
}

func listSubscriptions(s *Sandbox, c *call) (reply, error) {
	return reply{data: map[string]any{"subscriptions": s.listed(c.sees)}}, nil
}

// listed returns the subscriptions that fit, oldest first.
func (s *Sandbox) listed(fits func(subscription) bool) []subscriptionData {
	var found []subscription
	s.store.view(func() {
		found = slices.DeleteFunc(s.store.subscriptions.all(), func(sub subscription) bool { return !fits(sub) })
	})
	slices.SortFunc(found, func(a, b subscription) int { return a.Number - b.Number })
	list := make([]subscriptionData, len(found))
	for i, sub := range found {
		list[i] = sub.data()
		list[i].UpdatedAt = cmp.Or(list[i].UpdatedAt, apiTime(sub.UpdatedAt)) // seen in live lists
	}
	return list
}

func getSubscription(s *Sandbox, c *call) (reply, error) {
	var sub subscription
	var err error
	s.store.view(func() { sub, err = s.subscription(c) })
	if err != nil {
		return reply{}, err
	}
	return reply{data: map[string]any{"subscription": sub.data()}}, nil
}

func updateSubscription(s *Sandbox, c *call) (reply, error) {
	request, err := s.decodeSubscription(c)
	if err != nil {
		return reply{}, err
	}
	var sub subscription
	err = s.store.update(func() (err error) {
		if sub, err = s.subscription(c); err != nil {
			return err
		}
		sub.Event, sub.URL = request.Event, request.URL
		sub.Active = request.Active == nil || *request.Active
		sub.UpdatedAt = s.now()
		return s.putSubscription(sub)
	})
	if err != nil {
		return reply{}, err
	}
	return reply{data: map[string]any{"subscription": sub.data()}}, nil
}

func deleteSubscription(s *Sandbox, c *call) (reply, error) {
	err := s.store.update(func() error {
		sub, err := s.subscription(c)
		if err != nil {
			return err
		}
		s.store.subscriptions.delete(sub.ID)
		return nil
	})
	return reply{}, err
}

// subscription is the one that the path names.
func (s *Sandbox) subscription(c *call) (subscription, error) {
	id := c.PathValue("notification_id")
	sub, ok := s.store.subscriptions.get(id)
	if !ok || !c.sees(sub) {
		return subscription{}, errNotFound("Subscription with id: %s is not found", id)
	}
	return sub, nil
}

// sees reports whether a subscription is one of the caller's in the family of the
// path.
func (c *call) sees(sub subscription) bool {
	return sub.Partner == c.token.Partner && sub.Outlet == c.outlet.ID && sub.Enterprise == ""
}

// putSubscription saves sub unless there is an equal one. The message was seen
// live; its status was not written down.
func (s *Sandbox) putSubscription(sub subscription) error {
	if !s.switches().DuplicateSubscriptions {
		for _, other := range s.store.subscriptions.all() {
			if other.ID != sub.ID && other.Partner == sub.Partner && other.Outlet == sub.Outlet &&
				other.Enterprise == sub.Enterprise && other.Event == sub.Event && other.URL == sub.URL {
				return s.errDuplicate()
			}
		}
	}
	if sub.Number == 0 {
		sub.Number = s.store.next("subscriptions")
	}
	s.store.subscriptions.put(sub.ID, sub)
	return nil
}

func (s *Sandbox) errDuplicate() error {
	const message = "url has already been taken"
	switch switches := s.switches(); {
	case switches.DuplicateSubscription400:
		return errBadRequest(message)
	case switches.DuplicateSubscription409:
		return errConflict(message)
	default:
		return errInvalid(message)
	}
}

// decodeSubscription reads and checks the body. What is wrong with it is a 400,
// the only status that the page lists for it.
func (s *Sandbox) decodeSubscription(c *call) (subscriptionRequest, error) {
	var request subscriptionRequest
	if err := decode(c.body, &request); err != nil {
		var wrong *apiError
		if errors.As(err, &wrong) {
			wrong.status = http.StatusBadRequest
		}
		return request, err
	}
	switch {
	case request.Event == "":
		return request, errBadRequest("event: missing required field")
	case request.URL == "":
		return request, errBadRequest("url: missing required field")
	}
	kind, known := events[request.Event]
	if !known {
		return request, errBadRequest("event: unknown event %q", request.Event)
	}
	if reason := s.webhookURLProblem(request.URL); reason != "" {
		return request, errBadRequest("url: %s", reason)
	}
	if !slices.Contains(c.token.Scopes, kind.scope) {
		return request, errForbidden(fmt.Sprintf("The event %s needs the scope %s", request.Event, kind.scope))
	}
	if request.Event == eventOrderCreated && s.switches().RefuseOrderCreated {
		return request, errInvalid("event: %s cannot be subscribed to any more", request.Event)
	}
	return request, nil
}
