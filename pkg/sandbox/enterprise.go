package sandbox

import (
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

// The legacy Enterprise Integration Middleware (EIM): the whole menu
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
	return s.pushCatalog(c, enterpriseLimits)
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
	if reason := s.webhookURLProblem(request.URL); reason != "" {
		return reply{}, errBadRequest("url: %s", reason)
	}
	request.Active = nil // the legacy API does not know it
	return s.subscribe(c, id, request, http.StatusCreated)
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

// publishEnterpriseOrder sends the order to the enterprise whose outlet it is
// at. Only the driver's arrival is an event there.
func (s *Sandbox) publishEnterpriseOrder(event string, o Order, outlet outlet) {
	if event != eventOrderArrived {
		return
	}
	s.send(outlet, event, o.Number, func() any { return enterpriseOrder(o, outlet) }, func(sub subscription) bool {
		return sub.Enterprise != "" && sub.Partner == outlet.Partner
	})
}

func enterpriseOrder(o Order, outlet outlet) sender.EnterpriseOrder {
	payload := sender.EnterpriseOrder{
		Status:    string(o.Status),
		OutletID:  o.OutletID,
		PIN:       o.PIN,
		Total:     o.Total,
		Number:    o.Number,
		Items:     []sender.EnterpriseItem{},
		Customer:  sender.EnterprisePerson{Phone: o.Customer.Phone, Name: o.Customer.Name, Email: o.Customer.Email},
		Currency:  currencyIDR,
		CreatedOn: o.CreatedAt.In(sender.WIB).Format(time.RFC3339),
	}
	if payload.Customer.Name == "" {
		payload.Customer.Name = defaultCustomer // no null is known here
	}
	if id := outlet.externalID(productGoFood); id != nil {
		payload.ExternalOutletID = *id
	}
	if o.Driver != nil {
		payload.Driver = sender.EnterprisePerson{Phone: o.Driver.Phone, Name: o.Driver.Name}
	}
	for _, item := range o.Items {
		payload.Items = append(payload.Items, sender.EnterpriseItem{
			Quantity: item.Quantity, Price: item.Price, Notes: item.Notes, Name: item.Name, ID: item.ID, ExternalID: item.ExternalID,
		})
	}
	return payload
}
