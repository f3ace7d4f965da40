package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OrderRequest is an order to place, as a customer would in the app. Everything
// is optional: the zero value lets the sandbox choose.
type OrderRequest struct {
	OutletID     string             `json:"outlet_id,omitempty"`    // default: the first open outlet that is linked and has a menu
	Items        []OrderRequestItem `json:"items,omitempty"`        // default: the first items in stock
	ServiceType  string             `json:"service_type,omitempty"` // gofood (default) or gofood_pickup
	CustomerName string             `json:"customer_name,omitempty"`
	Cutlery      *bool              `json:"cutlery_requested,omitempty"`
	Takeaway     *float64           `json:"takeaway_charges,omitempty"` // rupiah
	Start        *time.Time         `json:"scheduled_start,omitempty"`  // makes a scheduled order
	End          *time.Time         `json:"scheduled_end,omitempty"`    // default: half an hour later
	Catering     bool               `json:"is_catering,omitempty"`
}

// OrderRequestItem names an item of the live menu by one of ID, ExternalID and
// Name.
type OrderRequestItem struct {
	ID         string                `json:"id,omitempty"`
	ExternalID string                `json:"external_id,omitempty"`
	Name       string                `json:"name,omitempty"`
	Quantity   int                   `json:"quantity,omitempty"` // default 1
	Notes      string                `json:"notes,omitempty"`
	Variants   []OrderRequestVariant `json:"variants,omitempty"` // default: the first that the rules ask for
}

// OrderRequestVariant names a variant as OrderRequestItem names an item.
type OrderRequestVariant struct {
	ID         string `json:"id,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	Name       string `json:"name,omitempty"`
}

func (r OrderRequestItem) entity() OrderRequestVariant {
	return OrderRequestVariant{ID: r.ID, ExternalID: r.ExternalID, Name: r.Name}
}

func (r OrderRequestVariant) names(id, externalID, name string) bool {
	switch {
	case r.ID != "":
		return r.ID == id
	case r.ExternalID != "":
		return r.ExternalID == externalID
	default:
		return r.Name != "" && strings.EqualFold(r.Name, name)
	}
}

func (r OrderRequestVariant) String() string {
	if name := cmp.Or(r.ExternalID, r.Name, r.ID); name != "" {
		return strconv.Quote(name)
	}
	return "without a name"
}

const (
	defaultBasket   = 2    // items of an order that names none
	defaultTakeaway = 2000 // rupiah
)

// createOrder places an order and lets the outlet's acceptance mode work on it.
func (s *Sandbox) createOrder(r OrderRequest) (placed Order, err error) {
	switch r.ServiceType {
	case "":
		r.ServiceType = serviceDelivery
	case serviceDelivery, servicePickup:
	default:
		return Order{}, errInvalid("service_type: must be %s or %s", serviceDelivery, servicePickup)
	}
	if r.Takeaway != nil && *r.Takeaway < 0 {
		return Order{}, errInvalid("takeaway_charges: must not be negative")
	}
	if r.Start == nil && (r.End != nil || r.Catering) {
		return Order{}, errInvalid("scheduled_start: missing for a scheduled order")
	}
	if r.Start != nil && r.End != nil && !r.End.After(*r.Start) {
		return Order{}, errInvalid("scheduled_end: must be after scheduled_start")
	}
	err = s.store.update(func() error {
		outlet, err := s.orderOutlet(r.OutletID)
		if err != nil {
			return err
		}
		o := s.newOrder(r, outlet)
		if o.Items, err = s.basket(r.Items, outlet); err != nil {
			return err
		}
		for _, item := range o.Items {
			o.Total += item.Price * float64(item.Quantity)
			o.Unmapped = o.Unmapped || item.unmapped()
		}
		placed = s.setOrderStatus(o, OrderCreated)
		if placed.Due == nil { // not scheduled for later
			placed = s.setOrderStatus(placed, placed.remaining(outlet.Acceptance)[0])
		}
		return nil
	})
	return placed, err
}

func (s *Sandbox) orderOutlet(id string) (outlet, error) {
	if id == "" {
		for _, o := range s.store.outlets.all() {
			if o.linked(productGoFood) && len(o.Catalog.items()) > 0 && !o.ForceClose {
				return o, nil
			}
		}
		return outlet{}, errConflict("no open outlet with a menu is linked; name one with outlet_id")
	}
	o, ok := s.store.outlets.get(id)
	switch {
	case !ok:
		return outlet{}, errNotFound("Outlet with id: %s is not found", id)
	case o.ForceClose:
		return outlet{}, errConflict("outlet %s is closed (force_close), so customers cannot order", id)
	}
	return o, nil
}

func (s *Sandbox) newOrder(r OrderRequest, outlet outlet) Order {
	now := s.now()
	o := Order{
		Number:      fmt.Sprintf("F-%d", 100200300+s.store.next("orders")),
		OutletID:    outlet.ID,
		ServiceType: r.ServiceType,
		PIN:         s.newPIN(outlet),
		Customer: Person{
			ID:    s.newCustomerID(),
			Name:  r.CustomerName,
			Phone: "+6280000000002",
			Email: "customer@example.test",
		},
		Cutlery:   r.Cutlery,
		Takeaway:  defaultTakeaway,
		CreatedAt: now,
	}
	if s.switches().DocumentedPayloads && o.Customer.Name == "" {
		o.Customer.Name = defaultCustomer
	}
	if r.Takeaway != nil {
		o.Takeaway = *r.Takeaway
	}
	o.Total = o.Takeaway
	if r.Start != nil {
		o.Schedule = &Schedule{Catering: r.Catering, Start: *r.Start, End: r.Start.Add(30 * time.Minute)}
		if r.End != nil {
			o.Schedule.End = *r.End
		}
	}
	return o
}

// newPIN has four digits, and five for an enterprise's outlet, as in the legacy
// API's sample.
func (s *Sandbox) newPIN(outlet outlet) string {
	if owner, ok := s.store.partners.get(outlet.Partner); ok && owner.EnterpriseID != "" {
		return fmt.Sprintf("%05d", s.randomN(100_000))
	}
	return fmt.Sprintf("%04d", s.randomN(10_000))
}

// newCustomerID has the shape of live ones: 32 upper-case hex characters.
func (s *Sandbox) newCustomerID() string {
	var b [16]byte
	s.random(b[:])
	return fmt.Sprintf("%X", b)
}

func (item OrderItem) unmapped() bool {
	return item.ExternalID == "" || slices.ContainsFunc(item.Variants, func(v OrderVariant) bool { return v.ExternalID == "" })
}

// basket turns what the customer chose into an order's items, with the prices of
// the live menu.
func (s *Sandbox) basket(requests []OrderRequestItem, outlet outlet) ([]OrderItem, error) {
	if len(requests) == 0 {
		for _, item := range outlet.Catalog.items() {
			if item.InStock && len(requests) < defaultBasket {
				requests = append(requests, OrderRequestItem{ID: item.ID})
			}
		}
		if len(requests) == 0 {
			return nil, errConflict("outlet %s has no item in stock; push a menu first", outlet.ID)
		}
	}
	var basket []OrderItem
	for i, r := range requests {
		path := fmt.Sprintf("items[%d]", i)
		item, ok := findItem(outlet.Catalog, r.entity())
		switch {
		case !ok:
			return nil, errInvalid("%s: item %s is not on the menu of %s", path, r.entity(), outlet.ID)
		case !item.InStock:
			return nil, errInvalid("%s: item %q is out of stock", path, item.Name)
		case r.Quantity < 0:
			return nil, errInvalid("%s.quantity: must be at least 1", path)
		}
		chosen, err := chooseVariants(outlet.Catalog.variantsOf(item), r.Variants)
		if err != nil {
			return nil, errInvalid("%s.variants: %v", path, err)
		}
		line := OrderItem{
			ID:         item.ID,
			ExternalID: item.ExternalID,
			Name:       item.Name,
			Quantity:   max(1, r.Quantity),
			Price:      item.Price,
			Notes:      r.Notes,
			Variants:   []OrderVariant{},
		}
		if p, ok := s.activePromo(outlet.ID, item.ExternalID); ok {
			line.Price, line.Promo = *p.SellingPrice, p.ID
		}
		for _, v := range chosen {
			line.Price += v.Price
			line.Variants = append(line.Variants, OrderVariant{ID: v.ID, ExternalID: v.ExternalID, Name: v.Name})
		}
		basket = append(basket, line)
	}
	return basket, nil
}

func findItem(c *catalog, wanted OrderRequestVariant) (menuItem, bool) {
	for _, item := range c.items() {
		if wanted.names(item.ID, item.ExternalID, item.Name) {
			return item, true
		}
	}
	return menuItem{}, false
}

// chooseVariants finds the wanted variants and holds them to the selection
// rules. A customer who wants none gets the first ones that the rules require.
func chooseVariants(offered []variantCategory, wanted []OrderRequestVariant) ([]variant, error) {
	var chosen []variant
	count := map[string]int{} // by category id
	for _, w := range wanted {
		v, vc, ok := findVariant(offered, w)
		switch {
		case !ok:
			return nil, fmt.Errorf("variant %s is not offered with the item", w)
		case !v.InStock:
			return nil, fmt.Errorf("variant %q is out of stock", v.Name)
		}
		count[vc]++
		chosen = append(chosen, v)
	}
	for _, vc := range offered {
		rule := vc.Rules.Selection
		if len(wanted) == 0 {
			for _, v := range vc.Variants {
				if v.InStock && count[vc.ID] < rule.Min {
					count[vc.ID]++
					chosen = append(chosen, v)
				}
			}
		}
		switch n := count[vc.ID]; {
		case n < rule.Min:
			return nil, fmt.Errorf("%q needs at least %d", vc.Name, rule.Min)
		case rule.Max != nil && n > *rule.Max:
			return nil, fmt.Errorf("%q takes at most %d", vc.Name, *rule.Max)
		}
	}
	return chosen, nil
}

func findVariant(offered []variantCategory, w OrderRequestVariant) (v variant, category string, ok bool) {
	for _, vc := range offered {
		for _, v := range vc.Variants {
			if w.names(v.ID, v.ExternalID, v.Name) {
				return v, vc.ID, true
			}
		}
	}
	return variant{}, "", false
}
