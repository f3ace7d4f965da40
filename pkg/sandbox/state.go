package sandbox

import (
	"slices"
	"time"
)

// Info is how to reach a sandbox and with which made-up credentials: what
// `gobiz sandbox start --json` prints.
type Info struct {
	ID                 string       `json:"id"` // of the state; a reset, or a start without its file, makes another
	APIURL             string       `json:"api_url"`
	OAuthURL           string       `json:"oauth_url"`
	ControlURL         string       `json:"control_url"`
	PageURL            string       `json:"page_url"`
	ClientID           string       `json:"client_id"` // of the facilitator, which has both grants
	ClientSecret       string       `json:"client_secret"`
	NotificationSecret string       `json:"notification_secret"`
	Scopes             []string     `json:"scopes"`
	RedirectURIs       []string     `json:"redirect_uris"`
	Outlets            []OutletInfo `json:"outlets"` // that the facilitator may link
	Users              []UserInfo   `json:"users"`
	Direct             ClientInfo   `json:"direct"`
	Enterprise         ClientInfo   `json:"enterprise"`
	ForeignOutlet      string       `json:"foreign_outlet_id"` // another partner's: 403
}

// OutletInfo is an outlet of Info.
type OutletInfo struct {
	ID               string  `json:"id"`
	Name             string  `json:"name"`
	Linked           bool    `json:"linked"`
	ExternalOutletID *string `json:"external_outlet_id"`
}

// UserInfo is a merchant's user who can log in with phone number and OTP.
type UserInfo struct {
	Phone   string   `json:"phone"`
	OTP     string   `json:"otp"`
	Name    string   `json:"name"`
	Role    string   `json:"role"`    // owner, admin, manager, cashier
	Outlets []string `json:"outlets"` // the first is the primary one
}

// ClientInfo is another OAuth client of the sandbox: a direct integration, or
// an enterprise of the legacy API.
type ClientInfo struct {
	ClientID           string       `json:"client_id"`
	ClientSecret       string       `json:"client_secret"`
	NotificationSecret string       `json:"notification_secret"`
	EnterpriseID       string       `json:"enterprise_id,omitempty"`
	Scopes             []string     `json:"scopes"`
	Outlets            []OutletInfo `json:"outlets"`
}

// Info reports how to reach the sandbox.
func (s *Sandbox) Info() Info {
	info := Info{
		APIURL: s.origin, OAuthURL: s.oauthOrigin, ControlURL: s.origin + controlPath, PageURL: s.origin + "/",
		ForeignOutlet: foreignOutletID,
	}
	s.store.view(func() {
		info.ID, _ = s.store.meta.get("seeded")
		p, _ := s.store.partners.get(facilitatorID)
		info.ClientID, info.ClientSecret, info.NotificationSecret = p.ID, p.Secret, p.RelaySecret
		info.Scopes, info.RedirectURIs = p.Scopes, p.RedirectURIs
		info.Outlets = s.outletsOf("")
		info.Direct = s.clientInfo(directID)
		info.Enterprise = s.clientInfo(enterpriseID)
		info.Users = s.store.users.all()
	})
	return info
}

func (s *Sandbox) clientInfo(id string) ClientInfo {
	p, _ := s.store.partners.get(id)
	return ClientInfo{
		ClientID: p.ID, ClientSecret: p.Secret, NotificationSecret: p.RelaySecret,
		EnterpriseID: p.EnterpriseID, Scopes: p.Scopes, Outlets: s.outletsOf(id),
	}
}

func (s *Sandbox) outletsOf(partnerID string) []OutletInfo {
	list := []OutletInfo{}
	for _, o := range s.store.outlets.all() {
		if o.Partner == partnerID {
			list = append(list, OutletInfo{ID: o.ID, Name: o.Name, Linked: o.linked(""), ExternalOutletID: o.externalID("")})
		}
	}
	return list
}

// State is what a sandbox remembers, without secrets.
type State struct {
	Now           time.Time           `json:"now"`
	Outlets       []OutletState       `json:"outlets"`
	Subscriptions []SubscriptionState `json:"subscriptions"`
	Orders        []OrderState        `json:"orders"`
	Deliveries    []DeliveryState     `json:"deliveries"`
	Promos        int                 `json:"promos"`
	Payments      int                 `json:"payments"`
	AccessTokens  int                 `json:"access_tokens"` // that are valid now
}

// OutletState is an outlet with its live menu.
type OutletState struct {
	ID               string   `json:"id"`
	Name             string   `json:"name"`
	Partner          string   `json:"partner"` // client id of its owner; empty: merchants link it
	Linked           bool     `json:"linked"`
	Products         []string `json:"products"`
	ExternalOutletID *string  `json:"external_outlet_id"`
	Status           string   `json:"status"`
	Acceptance       string   `json:"acceptance"` // auto, auto_on_timeout, manual
	ForceClose       bool     `json:"force_close"`
	Items            int      `json:"items"`
	Pending          int      `json:"pending_catalogs"` // accepted and not yet live
	Catalog          any      `json:"catalog"`          // in the shape of GET v2 catalog
}

// SubscriptionState is a subscription.
type SubscriptionState struct {
	ID      string `json:"id"`
	Partner string `json:"partner"`
	Outlet  string `json:"outlet_id,omitempty"`
	Event   string `json:"event"`
	URL     string `json:"url"`
	Active  bool   `json:"active"`
}

// OrderState is an order.
type OrderState struct {
	Number    string    `json:"order_number"`
	Outlet    string    `json:"outlet_id"`
	Status    string    `json:"status"`
	Total     float64   `json:"order_total"` // rupiah
	CreatedAt time.Time `json:"created_at"`
}

// DeliveryState is a notification and how far it came.
type DeliveryState struct {
	Event    string `json:"event"`
	Entity   string `json:"entity_id"`
	URL      string `json:"url"`
	Status   string `json:"status"` // pending, retrying, delivered, dead
	Attempts int    `json:"attempts"`
}

func (s *Sandbox) state() State {
	now := s.now()
	st := State{
		Now: now, Outlets: []OutletState{}, Subscriptions: []SubscriptionState{}, Orders: []OrderState{}, Deliveries: []DeliveryState{},
	}
	s.store.view(func() {
		for _, o := range s.store.outlets.all() {
			st.Outlets = append(st.Outlets, outletState(o))
		}
		for _, v := range s.store.subscriptions.all() {
			st.Subscriptions = append(st.Subscriptions, SubscriptionState{v.ID, v.Partner, v.Outlet, v.Event, v.URL, v.Active})
		}
		for _, v := range s.store.orders.all() {
			st.Orders = append(st.Orders, OrderState{v.Number, v.OutletID, string(v.Status), v.Total, v.CreatedAt})
		}
		for _, v := range s.store.deliveries.all() {
			st.Deliveries = append(st.Deliveries, DeliveryState{v.Event, v.EntityID, v.URL, string(v.Status), len(v.Attempts)})
		}
		st.Promos = len(s.store.promos.rows)
		st.Payments = len(s.store.payments.rows)
		for _, t := range s.store.tokens.rows {
			if s.valid(t) {
				st.AccessTokens++
			}
		}
	})
	slices.SortStableFunc(st.Orders, func(a, b OrderState) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return st
}

func outletState(o outlet) OutletState {
	st := OutletState{
		ID: o.ID, Name: o.Name, Partner: o.Partner, Linked: o.linked(""), Products: []string{}, ExternalOutletID: o.externalID(""),
		Status: o.Status, Acceptance: o.Acceptance, ForceClose: o.ForceClose,
		Items: len(o.Catalog.items()), Pending: len(o.Pending), Catalog: o.Catalog,
	}
	for _, l := range o.Links {
		st.Products = append(st.Products, l.Product)
	}
	return st
}
