package sandbox

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

// promo is a special price on one item.
type promo struct {
	ID     string `json:"id"`
	Number int    `json:"number"` // counts up, for the order of lists
	Outlet string `json:"outlet"`
	Type   string `json:"promo_type"`
	promoDetail
	CreatedAt     time.Time  `json:"created_at"`
	DeactivatedAt *time.Time `json:"deactivated_at,omitempty"`
}

// Statuses of a promo. Only created was seen; the others are inferred.
const (
	promoCreated     = "created"
	promoActive      = "active"
	promoDeactivated = "deactivated"
	promoExpired     = "expired"
)

const promoTypeSKU = "sku_promo"

// Least discounts (developer documentation, "How to: promotions").
const (
	minDiscount      = 5  // percent
	minTimedDiscount = 30 // percent, of a promo that is limited to times of day
)

// status is what the promo is at a moment.
func (p promo) status(now time.Time) string {
	today := now.In(sender.WIB).Format(time.DateOnly)
	switch {
	case p.DeactivatedAt != nil:
		return promoDeactivated
	case today > p.EndDate:
		return promoExpired
	case today >= p.StartDate:
		return promoActive
	default:
		return promoCreated
	}
}

// sells reports whether the promo makes the price at a moment: it may be limited to
// days and times.
func (p promo) sells(now time.Time) bool {
	local := now.In(sender.WIB)
	at := local.Format(time.TimeOnly)
	return p.status(now) == promoActive &&
		(len(p.Days) == 0 || slices.Contains(p.Days, strings.ToLower(local.Weekday().String()))) &&
		(p.StartTime == "" || at >= p.StartTime) &&
		(p.EndTime == "" || at < p.EndTime)
}

// activePromo is the promo that makes an item's price now.
func (s *Sandbox) activePromo(outletID, externalID string) (promo, bool) {
	for _, p := range s.store.promos.all() {
		if p.Outlet == outletID && p.ExternalMenuID == externalID && p.sells(s.now()) {
			return p, true
		}
	}
	return promo{}, false
}

// deactivateOrphanedPromos deactivates the promos of items that are gone from the outlet's
// menu (developer documentation, "How to: promotions"). It must run inside the
// store.update that makes the menu live.
func (s *Sandbox) deactivateOrphanedPromos(outlet outlet) {
	now := s.now()
	for _, p := range s.store.promos.all() {
		if p.Outlet != outlet.ID || p.DeactivatedAt != nil {
			continue
		}
		if _, there := findItem(outlet.Catalog, OrderRequestVariant{ExternalID: p.ExternalMenuID}); !there {
			p.DeactivatedAt = &now
			s.store.promos.put(p.ID, p)
		}
	}
}

// promotedMenus returns the menu of each item with an active promo, by the item's
// external id: until the promo is deactivated the item's category cannot be
// changed (developer documentation, "How to: promotions").
func (s *Sandbox) promotedMenus(outletID string) map[string]string {
	outlet, _ := s.store.outlets.get(outletID)
	promoted := map[string]bool{}
	for _, p := range s.store.promos.all() {
		if p.Outlet == outletID && p.status(s.now()) == promoActive {
			promoted[p.ExternalMenuID] = true
		}
	}
	menus := map[string]string{}
	for _, m := range outlet.Catalog.Menus {
		for _, item := range m.Items {
			if _, listed := menus[item.ExternalID]; promoted[item.ExternalID] && !listed {
				menus[item.ExternalID] = m.Name
			}
		}
	}
	return menus
}

func promoOperations() []operation {
	const list = "/integrations/promo/outlets/{outlet_id}/v1/food-promos"
	const one = list + "/{promotion_id}"
	read, write := []string{"promo:food_promo:read"}, []string{"promo:food_promo:write"}
	return []operation{
		{id: "createPromo", method: http.MethodPost, path: list, grants: partnersGrant, scopes: write, outlet: gofoodOutlet, handle: createPromo},
		{id: "listPromos", method: http.MethodGet, path: list, grants: partnersGrant, scopes: read, outlet: gofoodOutlet, handle: listPromos},
		{id: "getPromo", method: http.MethodGet, path: one, grants: partnersGrant, scopes: read, outlet: gofoodOutlet, handle: getPromo},
		{id: "deletePromo", method: http.MethodDelete, path: one, grants: partnersGrant, scopes: write, outlet: gofoodOutlet, handle: deletePromo},
		{id: "deactivatePromo", method: http.MethodPut, path: one + "/deactivate", grants: partnersGrant, scopes: write, outlet: gofoodOutlet, handle: deactivatePromo},
	}
}

// promoRequest is the body of POST (developer documentation, "Promotions").
type promoRequest struct {
	Type   string       `json:"promo_type"`
	Detail *promoDetail `json:"promo_detail"`
}

type promoDetail struct {
	StartDate      string   `json:"start_date"` // YYYY-MM-DD in the outlet's zone
	EndDate        string   `json:"end_date"`
	StartTime      string   `json:"start_time,omitempty"` // HH:MM:SS
	EndTime        string   `json:"end_time,omitempty"`
	Days           []string `json:"applicable_days,omitempty"`
	SellingPrice   *float64 `json:"selling_price"`    // rupiah; whole and not nil once it is checked
	ExternalMenuID string   `json:"external_menu_id"` // the item's external id, despite its name
}

type promoOutcome struct {
	ID             *string `json:"id"`
	ExternalMenuID string  `json:"external_menu_id"`
	Errors         *string `json:"errors"`
}

func createPromo(s *Sandbox, c *call) (reply, error) {
	limit := 36 // the documented limit is 32, its sample a UUID with dashes
	if s.switches().StrictIdempotencyKey {
		limit = 32
	}
	key, err := idempotencyKey(c, "X-Idempotency-Key", limit)
	if err != nil {
		return reply{}, err
	}
	var request promoRequest
	invalid := decode(c.body, &request)
	if invalid == nil {
		invalid = request.check(s.now())
	}
	return s.once(c, "createPromo", key, func() (reply, error) {
		if invalid != nil {
			return reply{}, invalid
		}
		outcome := promoOutcome{ExternalMenuID: request.Detail.ExternalMenuID}
		success, failure := []promoOutcome{}, []promoOutcome{}
		if reason := s.promoObstacle(c.outlet.ID, *request.Detail); reason != "" {
			outcome.Errors = &reason
			failure = append(failure, outcome)
		} else {
			p := promo{
				ID: s.newUUID(), Number: s.store.next("promos"), Outlet: c.outlet.ID,
				Type: request.Type, promoDetail: *request.Detail, CreatedAt: s.now(),
			}
			s.store.promos.put(p.ID, p)
			outcome.ID = &p.ID
			success = append(success, outcome)
		}
		return reply{data: map[string]any{"success": success, "failure": failure}}, nil
	})
}

// check judges what needs no menu; it fails the whole call.
func (r promoRequest) check(now time.Time) error {
	d := r.Detail
	switch {
	case r.Type == "":
		return errInvalid("promo_type: missing required field")
	case r.Type != promoTypeSKU:
		return errInvalid("promo_type: must be %s", promoTypeSKU)
	case d == nil:
		return errInvalid("promo_detail: missing required field")
	case d.ExternalMenuID == "":
		return errInvalid("promo_detail.external_menu_id: missing required field")
	case d.SellingPrice == nil:
		return errInvalid("promo_detail.selling_price: missing required field")
	case *d.SellingPrice <= 0 || *d.SellingPrice != math.Trunc(*d.SellingPrice):
		return errInvalid("promo_detail.selling_price: must be a whole number of rupiah above 0")
	case d.StartDate == "":
		return errInvalid("promo_detail.start_date: missing required field")
	case d.EndDate == "":
		return errInvalid("promo_detail.end_date: missing required field")
	case !isTime(time.DateOnly, d.StartDate):
		return errInvalid("promo_detail.start_date: must be a date YYYY-MM-DD")
	case !isTime(time.DateOnly, d.EndDate):
		return errInvalid("promo_detail.end_date: must be a date YYYY-MM-DD")
	case d.StartTime != "" && !isTime(time.TimeOnly, d.StartTime):
		return errInvalid("promo_detail.start_time: must be a time HH:MM:SS")
	case d.EndTime != "" && !isTime(time.TimeOnly, d.EndTime):
		return errInvalid("promo_detail.end_time: must be a time HH:MM:SS")
	case (d.StartTime == "") != (d.EndTime == ""):
		return errInvalid("promo_detail: start_time and end_time go together")
	case d.StartTime != "" && d.StartTime >= d.EndTime:
		return errInvalid("promo_detail.end_time: must be after start_time")
	case d.StartDate <= now.In(sender.WIB).Format(time.DateOnly):
		// The sample of an error in GoBiz API reference.
		return &apiError{status: http.StatusUnprocessableEntity, title: "Error hint", message: "Start date must be after today."}
	case d.EndDate < d.StartDate:
		return errInvalid("promo_detail.end_date: must not be before start_date")
	}
	for _, day := range d.Days {
		if !slices.Contains(weekdays, day) {
			return errInvalid("promo_detail.applicable_days: %q is not a lower-case weekday", day)
		}
	}
	return nil
}

// isTime asks for the exact layout: time.Parse takes 9:00:00 for 09:00:00.
func isTime(layout, text string) bool {
	t, err := time.Parse(layout, text)
	return err == nil && t.Format(layout) == text
}

// promoObstacle reports why an item cannot get the promo; the call itself succeeds
// and lists it as a failure.
func (s *Sandbox) promoObstacle(outletID string, d promoDetail) string {
	outlet, _ := s.store.outlets.get(outletID)
	item, ok := findItem(outlet.Catalog, OrderRequestVariant{ExternalID: d.ExternalMenuID})
	if !ok || !item.InStock {
		return "Item is not active"
	}
	least := minDiscount
	if d.StartTime != "" {
		least = minTimedDiscount
	}
	if *d.SellingPrice*100 > item.Price*float64(100-least) {
		return "Discount must be at least " + strconv.Itoa(least) + "%"
	}
	for _, p := range s.store.promos.all() {
		running := p.Outlet == outletID && p.ExternalMenuID == d.ExternalMenuID && p.DeactivatedAt == nil
		if running && p.StartDate <= d.EndDate && d.StartDate <= p.EndDate {
			return "Item already has a promo in this period"
		}
	}
	return ""
}

// promoData is a promo in an answer. Of its fields only id, status and the dates
// are documented; the others repeat the request.
type promoData struct {
	ID             string   `json:"id"`
	Status         string   `json:"status"`
	Type           string   `json:"promo_type"`
	ExternalMenuID string   `json:"external_menu_id"`
	SellingPrice   int64    `json:"selling_price"`
	StartDate      string   `json:"start_date"`
	EndDate        string   `json:"end_date"`
	StartTime      *string  `json:"start_time"`
	EndTime        *string  `json:"end_time"`
	Days           []string `json:"applicable_days"`
}

func (p promo) data(now time.Time) promoData {
	return promoData{
		ID:             p.ID,
		Status:         p.status(now),
		Type:           p.Type,
		ExternalMenuID: p.ExternalMenuID,
		SellingPrice:   int64(*p.SellingPrice),
		StartDate:      p.StartDate,
		EndDate:        p.EndDate,
		StartTime:      nullable(p.StartTime),
		EndTime:        nullable(p.EndTime),
		Days:           append([]string{}, p.Days...),
	}
}

// Paging of the promo list. Neither default nor maximum is documented.
const (
	defaultPromoLimit = 10
	maxPromoLimit     = 100
)

func listPromos(s *Sandbox, c *call) (reply, error) {
	limit, err := countParameter(c, "limit", defaultPromoLimit, maxPromoLimit)
	if err != nil {
		return reply{}, err
	}
	page, err := countParameter(c, "page", 1, math.MaxInt32)
	if err != nil {
		return reply{}, err
	}
	var all []promo
	s.store.view(func() {
		all = slices.DeleteFunc(s.store.promos.all(), func(p promo) bool { return p.Outlet != c.outlet.ID })
	})
	slices.SortFunc(all, func(a, b promo) int { return a.Number - b.Number })
	promotions := []promoData{}
	for i := (page - 1) * limit; i < min(page*limit, len(all)); i++ {
		promotions = append(promotions, all[i].data(s.now()))
	}
	return reply{data: map[string]any{"promotions": promotions, "total_count": len(all), "limit": limit, "page": page}}, nil
}

// countParameter reads a query parameter that counts from 1. A limit of 0 is none.
func countParameter(c *call, name string, missing, limit int) (int, error) {
	text := c.URL.Query().Get(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case limit == 0 && (err != nil || n < 1):
		return 0, errBadRequest("%s: must be a positive integer", name)
	case limit != 0 && (err != nil || n < 1 || n > limit):
		return 0, errBadRequest("%s: must be a whole number from 1 to %d", name, limit)
	}
	return n, nil
}

func getPromo(s *Sandbox, c *call) (reply, error) {
	var p promo
	var err error
	s.store.view(func() { p, err = s.promo(c) })
	if err != nil {
		return reply{}, err
	}
	return reply{data: map[string]any{"promotion": p.data(s.now())}}, nil
}

// An active promo is deactivated, one that is not yet active is deleted
// (developer documentation, "How to: promotions").

func deactivatePromo(s *Sandbox, c *call) (reply, error) {
	return reply{}, s.store.update(func() error {
		p, err := s.promo(c)
		if err != nil {
			return err
		}
		now := s.now()
		if status := p.status(now); status != promoActive {
			return errConflict("Promo cannot be deactivated: its status is %s", status)
		}
		p.DeactivatedAt = &now
		s.store.promos.put(p.ID, p)
		return nil
	})
}

func deletePromo(s *Sandbox, c *call) (reply, error) {
	return reply{}, s.store.update(func() error {
		p, err := s.promo(c)
		if err != nil {
			return err
		}
		if status := p.status(s.now()); status != promoCreated {
			return errConflict("Promo cannot be deleted: its status is %s", status)
		}
		s.store.promos.delete(p.ID)
		return nil
	})
}

// promo is the one that the path names.
func (s *Sandbox) promo(c *call) (promo, error) {
	id := c.PathValue("promotion_id")
	p, ok := s.store.promos.get(id)
	if !ok || p.Outlet != c.outlet.ID {
		return promo{}, errNotFound("Promotion with id: %s is not found", id)
	}
	return p, nil
}
