package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
)

// tokenInfoData is the answer of getTokenInfo. The outlets' email and phone are
// deprecated and always empty (developer documentation, "Linking outlet").
type tokenInfoData struct {
	User struct {
		Roles []string `json:"roles"`
	} `json:"user"`
	Outlets []tokenOutlet `json:"outlets"`
}

type tokenOutlet struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
	Email   string `json:"email"`
	Phone   string `json:"phone"`
}

func getTokenInfo(s *Sandbox, c *call) (reply, error) {
	data := tokenInfoData{Outlets: []tokenOutlet{}}
	s.store.view(func() {
		u, _ := s.store.users.get(c.token.Phone)
		data.User.Roles = []string{u.Role}
		for _, id := range u.Outlets {
			if o, ok := s.store.outlets.get(id); ok {
				data.Outlets = append(data.Outlets, tokenOutlet{ID: o.ID, Name: o.Name, Address: o.Address})
			}
		}
	})
	return reply{data: data}, nil
}

// linkData is the answer of linkOutlet.
type linkData struct {
	ID               string  `json:"id"`
	ExternalOutletID *string `json:"external_outlet_id"`
	CreatedAt        string  `json:"created_at"`
	UpdatedAt        string  `json:"updated_at"`
	LinkedAt         string  `json:"linked_at"`
}

// linkCall links or unlinks an outlet for a product.
type linkCall func(s *Sandbox, c *call, outletID, product string) (reply, error)

func ofPath(do linkCall) handler {
	return func(s *Sandbox, c *call) (reply, error) {
		return do(s, c, c.PathValue("outlet_id"), c.PathValue("product"))
	}
}

// ofPrimary is for the old calls, which know neither outlet nor product (Steps on
// linking outlets): they are about the user's first outlet, for GoFood.
func ofPrimary(do linkCall) handler {
	return func(s *Sandbox, c *call) (reply, error) {
		u, _ := find(s.store, s.store.users, c.token.Phone)
		if len(u.Outlets) == 0 {
			return reply{}, errUnregisteredOutlet()
		}
		return do(s, c, u.Outlets[0], productGoFood)
	}
}

// link ties the outlet to the caller. Linking again keeps the link and takes
// over the external outlet id (inferred: the call is a PUT).
func (s *Sandbox) link(c *call, outletID, product string) (reply, error) {
	var body struct {
		ExternalOutletID *string `json:"external_outlet_id"`
	}
	if len(bytes.TrimSpace(c.body)) > 0 {
		if err := json.Unmarshal(c.body, &body); err != nil {
			return reply{}, errBadRequest("external_outlet_id: must be a string")
		}
	}
	if s.switches().StrictExternalOutletID && (body.ExternalOutletID == nil || *body.ExternalOutletID == "") {
		return reply{}, errBadRequest("external_outlet_id: missing required field")
	}
	var data linkData
	err := s.store.update(func() error {
		o, err := s.linkable(c, outletID, product)
		if err != nil {
			return err
		}
		now := s.now()
		l := link{Product: product, CreatedAt: now, LinkedAt: now}
		links := slices.Clone(o.Links)
		i := slices.IndexFunc(links, func(l link) bool { return l.Product == product })
		if i >= 0 {
			l = links[i]
		} else {
			links = append(links, link{})
			i = len(links) - 1
		}
		l.UpdatedAt = now
		l.ExternalOutletID = body.ExternalOutletID
		links[i] = l
		o.Links = links
		if product == productGoFood {
			o.Acceptance = acceptAuto // Steps on linking outlets: linking switches it
		}
		s.store.outlets.put(o.ID, o)
		data = linkData{
			ID: o.ID, ExternalOutletID: l.ExternalOutletID,
			CreatedAt: apiTime(l.CreatedAt), UpdatedAt: apiTime(l.UpdatedAt), LinkedAt: apiTime(l.LinkedAt),
		}
		return nil
	})
	return reply{data: map[string]any{"outlet": data}}, err
}

func (s *Sandbox) unlink(c *call, outletID, product string) (reply, error) {
	return reply{}, s.store.update(func() error {
		o, err := s.linkable(c, outletID, product)
		if err != nil {
			return err
		}
		o.Links = slices.DeleteFunc(slices.Clone(o.Links), func(l link) bool { return l.Product == product })
		s.store.outlets.put(o.ID, o)
		return nil
	})
}

// linkable returns the outlet when the user's role may link it (developer
// documentation, "Linking outlet": owner, admin or manager).
func (s *Sandbox) linkable(c *call, outletID, product string) (outlet, error) {
	if product != productGoFood && product != productPayment {
		return outlet{}, errBadRequest("product: must be %s or %s", productGoFood, productPayment)
	}
	u, _ := s.store.users.get(c.token.Phone)
	if u.Role != roleOwner && u.Role != roleAdmin && u.Role != roleManager {
		return outlet{}, errForbidden("User with role " + u.Role + " is not allowed to link or unlink outlets")
	}
	o, ok := s.store.outlets.get(outletID)
	if !ok || o.Partner != "" && o.Partner != c.token.Partner {
		return outlet{}, errForbiddenOutlet()
	}
	return o, nil
}
