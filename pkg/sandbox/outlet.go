package sandbox

import (
	"slices"
	"time"
)

// Products that an outlet is linked for (Steps on linking outlets, "Linking the Outlet").
const (
	productGoFood  = "gofood"
	productPayment = "payment"
)

// Order acceptance modes (developer documentation, "Order acceptance").
const (
	acceptAuto          = "auto"            // accepted at once
	acceptAutoOnTimeout = "auto_on_timeout" // accepted after one minute
	acceptManual        = "manual"          // rejected after three minutes
)

// outlet is a place that sells, with its live menu.
type outlet struct {
	ID         string // "G100000001"; EIM ids begin with M
	UUID       string // what the portal shows in its URL; the API refuses it
	Name       string
	Merchant   string
	Address    string
	Email      string
	Status     string // "active"
	Partner    string // client id of the one partner that owns it; empty: merchants link it to a facilitator
	Acceptance string // acceptAuto, …
	ForceClose bool
	Links      []link
	Catalog    *catalog         // what is live; replaced, never edited in place
	Pending    []pendingCatalog // accepted and not yet live, oldest first
}

// link ties an outlet to the facilitator for one product.
type link struct {
	Product          string
	ExternalOutletID *string // the partner's own outlet id; nil when not given
	CreatedAt        time.Time
	UpdatedAt        time.Time
	LinkedAt         time.Time
}

// pendingCatalog is a menu that was answered with 200 and shows later.
type pendingCatalog struct {
	RequestID string
	Due       time.Time
	Catalog   *catalog
}

func (o outlet) link(product string) (link, bool) {
	for _, l := range o.Links {
		if product == "" || l.Product == product {
			return l, true
		}
	}
	return link{}, false
}

func (o outlet) linked(product string) bool {
	_, ok := o.link(product)
	return ok
}

// changeOutlet changes one outlet in an update of its own; unknown is the error
// when there is none.
func (s *Sandbox) changeOutlet(id string, unknown error, change func(*outlet) error) error {
	return s.store.update(func() error {
		o, ok := s.store.outlets.get(id)
		if !ok {
			return unknown
		}
		if err := change(&o); err != nil {
			return err
		}
		s.store.outlets.put(o.ID, o)
		return nil
	})
}

// externalID is the partner's own id of the outlet as webhooks carry it: nil
// for an outlet that is not linked for the product, as live payloads of direct
// integrations show.
func (o outlet) externalID(product string) *string {
	l, _ := o.link(product)
	return l.ExternalOutletID
}

// outletData is the answer of getOutlet (developer documentation, "Outlet
// information").
type outletData struct {
	ID              string          `json:"id"`
	MerchantName    string          `json:"merchant_name"`
	Name            string          `json:"name"`
	Status          string          `json:"status"`
	Email           string          `json:"email"`
	PaymentSettings map[string]flag `json:"payment_settings"`
	Applications    map[string]flag `json:"applications"`
}

type flag struct {
	Active bool `json:"active"`
}

func getOutlet(_ *Sandbox, c *call) (reply, error) {
	o := c.outlet
	return reply{data: map[string]outletData{"outlet": {
		ID: o.ID, MerchantName: o.Merchant, Name: o.Name, Status: o.Status, Email: o.Email,
		PaymentSettings: map[string]flag{"gopay": {true}, "qris": {o.linked(productPayment)}},
		Applications:    map[string]flag{"midtrans": {false}, "gopay": {true}},
	}}}, nil
}

// linkedOutletData is one entry of listLinkedOutlets.
type linkedOutletData struct {
	ID               string  `json:"id"`
	ExternalOutletID *string `json:"external_outlet_id"`
	CreatedAt        string  `json:"created_at"`
	UpdatedAt        string  `json:"updated_at"`
}

// Page sizes of linked outlets; neither is documented.
const (
	defaultPerPage = 20
	maxPerPage     = 100
)

func listLinkedOutlets(s *Sandbox, c *call) (reply, error) {
	per, err := countParameter(c, "per", defaultPerPage, 0)
	if err != nil {
		return reply{}, err
	}
	page, err := countParameter(c, "page", 1, 0)
	if err != nil {
		return reply{}, err
	}
	per = min(per, maxPerPage)
	list := []linkedOutletData{}
	s.store.view(func() {
		p, _ := s.store.partners.get(c.token.Partner)
		for _, o := range s.store.outlets.all() {
			l, linked := o.link("")
			if !linked || mayUse(p, o, "") != nil || !s.reaches(c.token, o.ID) {
				continue
			}
			list = append(list, linkedOutletData{
				ID: o.ID, ExternalOutletID: l.ExternalOutletID,
				CreatedAt: apiTime(l.CreatedAt), UpdatedAt: apiTime(l.UpdatedAt),
			})
		}
	})
	start := min(len(list), (min(page, len(list)+1)-1)*per)
	list = list[start:min(len(list), start+per)]
	return reply{data: map[string]any{"outlets": list}}, nil
}

// reaches reports whether an outlet is within a token's reach: a merchant's token
// reaches the merchant's outlets only.
func (s *Sandbox) reaches(token tokenInfo, outletID string) bool {
	if token.Grant != grantAuthorizationCode {
		return true
	}
	u, _ := s.store.users.get(token.Phone)
	return slices.Contains(u.Outlets, outletID)
}

// apiTime is how the partner API writes times.
func apiTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// updateOutletProperties closes an outlet, or lets it follow its hours again
// (developer documentation, "Outlet properties"). A merchant's token needs the
// role owner or manager; a partner's has none to check.
func updateOutletProperties(s *Sandbox, c *call) (reply, error) {
	var body struct {
		ForceClose *bool `json:"force_close"`
	}
	if err := decode(c.body, &body); err != nil {
		return reply{}, err
	}
	if body.ForceClose == nil {
		return reply{}, errInvalid("force_close: missing required field")
	}
	err := s.changeOutlet(c.outlet.ID, errUnregisteredOutlet(), func(o *outlet) error {
		if c.token.Grant == grantAuthorizationCode {
			if u, _ := s.store.users.get(c.token.Phone); u.Role != roleOwner && u.Role != roleManager {
				return errForbidden("User with role " + u.Role + " is not allowed to change outlet properties")
			}
		}
		o.ForceClose = *body.ForceClose
		return nil
	})
	return reply{data: map[string]bool{"force_close": *body.ForceClose}}, err
}
