package sandbox

import (
	"net/http"
	"time"
)

// The legacy Enterprise Integration Middleware (EIM, seed 001): the whole menu
// of an enterprise's outlet, and one event.

func enterpriseOperations() []operation {
	const list = "/enterprises/{enterprise_id}/notification-subscriptions"
	read, write := []string{"food:read"}, []string{"food:write"}
	return []operation{
		{id: "putEnterpriseCatalog", method: http.MethodPut, path: "/outlets/{outlet_id}/catalog", grants: partnersGrant, scopes: write, outlet: gofoodOutlet, eim: true, acceptVersion: true, handle: putEnterpriseCatalog},
		{id: "createEnterpriseSubscription", method: http.MethodPost, path: list, grants: partnersGrant, scopes: write, eim: true, acceptVersion: true, handle: createEnterpriseSubscription},
		{id: "listEnterpriseSubscriptions", method: http.MethodGet, path: list, grants: partnersGrant, scopes: read, eim: true, acceptVersion: true, handle: listEnterpriseSubscriptions},
		{id: "deleteEnterpriseSubscription", method: http.MethodDelete, path: list + "/{subscription_id}", grants: partnersGrant, scopes: write, eim: true, handle: deleteEnterpriseSubscription},
	}
}

// putEnterpriseCatalog replaces the live menu; the legacy API has no call that
// reads it back.
func putEnterpriseCatalog(s *Sandbox, c *call) (reply, error) {
	pushed, err := readCatalog(c.body, enterpriseLimits)
	if err != nil {
		return reply{}, err
	}
	if err := s.checkImages(c.Context(), pushed); err != nil {
		return reply{}, err
	}
	if err := s.store.update(func() error { return s.acceptCatalog(c.outlet.ID, pushed) }); err != nil {
		return reply{}, err
	}
	return reply{data: requestData{pushed.RequestID}}, nil
}

// enterprise checks that the enterprise of the path is the caller's.
func (s *Sandbox) enterprise(c *call) (id string, err error) {
	id = c.PathValue("enterprise_id")
	s.store.view(func() {
		if p, ok := s.store.partners.get(c.token.Partner); !ok || p.EnterpriseID == "" || p.EnterpriseID != id {
			err = errNotFound("Enterprise with id: %s is not found", id)
		}
	})
	return id, err
}

func createEnterpriseSubscription(s *Sandbox, c *call) (reply, error) {
	id, err := s.enterprise(c)
	if err != nil {
		return reply{}, err
	}
	var request subscriptionRequest
	if err := decode(c.body, &request); err != nil {
		return reply{}, err
	}
	switch {
	case request.Event == "":
		return reply{}, errBadRequest("event: missing required field")
	case request.Event != eventOrderArrived:
		return reply{}, errBadRequest("event: must be %s", eventOrderArrived)
	case request.URL == "":
		return reply{}, errBadRequest("url: missing required field")
	}
	if reason := unfitURL(request.URL); reason != "" {
		return reply{}, errBadRequest("url: %s", reason)
	}
	now := s.now()
	sub := subscription{
		ID:         s.newUUID(),
		Partner:    c.token.Partner,
		Enterprise: id,
		Event:      request.Event,
		URL:        request.URL,
		Active:     true,
		CreatedAt:  now,
		UpdatedAt:  now,
	}
	if err := s.store.update(func() error { return s.putSubscription(sub) }); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, data: map[string]any{"subscription": sub.data()}}, nil
}

func listEnterpriseSubscriptions(s *Sandbox, c *call) (reply, error) {
	id, err := s.enterprise(c)
	if err != nil {
		return reply{}, err
	}
	list := s.listed(func(sub subscription) bool { return sub.Enterprise == id })
	return reply{data: map[string]any{"subscriptions": list}}, nil
}

func deleteEnterpriseSubscription(s *Sandbox, c *call) (reply, error) {
	enterprise, err := s.enterprise(c)
	if err != nil {
		return reply{}, err
	}
	id := c.PathValue("subscription_id")
	err = s.store.update(func() error {
		if sub, ok := s.store.subscriptions.get(id); !ok || sub.Enterprise != enterprise {
			return errNotFound("Notification subscription with id: %s is not found", id)
		}
		s.store.subscriptions.delete(id)
		return nil
	})
	return reply{noData: true}, err
}

// enterpriseOrder is the flat body of the legacy API's order notification (seed
// 001, "Push Order"). Customer and driver are objects as in its sample, where
// its table says array. The sample's broken "outlet" is left out.
type enterpriseOrder struct {
	Status           orderStatus      `json:"status"`
	OutletID         string           `json:"outlet_id"`
	PIN              string           `json:"pin"`
	Total            float64          `json:"order_total"`
	Number           string           `json:"order_number"`
	Items            []enterpriseItem `json:"order_items"`
	ExternalOutletID string           `json:"external_outlet_id"`
	Driver           enterprisePerson `json:"driver"`
	Customer         enterprisePerson `json:"customer"`
	Currency         string           `json:"currency"`
	CreatedOn        string           `json:"created_on"`
}

type enterpriseItem struct {
	Quantity   int     `json:"quantity"`
	Price      float64 `json:"price"`
	Notes      string  `json:"notes"`
	Name       string  `json:"name"`
	ID         string  `json:"id"`
	ExternalID string  `json:"external_id"`
}

type enterprisePerson struct {
	Phone string `json:"phone"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// publishEnterpriseOrder sends the order to the enterprise whose outlet it is
// at. Only the driver's arrival is an event there.
func (s *Sandbox) publishEnterpriseOrder(event string, o order, shop outlet) {
	if event != eventOrderArrived {
		return
	}
	payload := enterpriseOrder{
		Status:    o.Status,
		OutletID:  o.Outlet,
		PIN:       o.PIN,
		Total:     o.Total,
		Number:    o.Number,
		Items:     []enterpriseItem{},
		Customer:  enterprisePerson{Phone: o.Customer.Phone, Name: o.Customer.Name, Email: o.Customer.Email},
		Currency:  currencyIDR,
		CreatedOn: o.CreatedAt.In(jakarta).Format(time.RFC3339),
	}
	if payload.Customer.Name == "" {
		payload.Customer.Name = defaultCustomer // no null is known here
	}
	if id := shop.externalID(productGoFood); id != nil {
		payload.ExternalOutletID = *id
	}
	if o.Driver != nil {
		payload.Driver = enterprisePerson{Phone: o.Driver.Phone, Name: o.Driver.Name}
	}
	for _, item := range o.Items {
		payload.Items = append(payload.Items, enterpriseItem{
			Quantity: item.Quantity, Price: item.Price, Notes: item.Notes, Name: item.Name, ID: item.ID, ExternalID: item.ExternalID,
		})
	}
	s.send(shop, event, o.Number, payload, func(sub subscription) bool {
		return sub.Enterprise != "" && sub.Partner == shop.Partner
	})
}
