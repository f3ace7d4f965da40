package sandbox

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

// catalog is an outlet's live menu in the shape of GET v2 catalog (developer
// documentation, "Update out of stock").
type catalog struct {
	Menus             []menu            `json:"menus"`
	VariantCategories []variantCategory `json:"variant_categories"`
}

// menu is a category as customers see it. Its name is its only key.
type menu struct {
	Name  string     `json:"name"`
	Items []menuItem `json:"menu_items"`
}

// menuItem is a dish. One that was made in the GoBiz app has no external id.
type menuItem struct {
	ID                 string              `json:"id"`
	ExternalID         string              `json:"external_id,omitempty"`
	Name               string              `json:"name"`
	InternalName       string              `json:"internal_name,omitempty"`
	Description        string              `json:"description,omitempty"`
	Price              float64             `json:"price"` // rupiah for one unit
	Image              string              `json:"image,omitempty"`
	InStock            bool                `json:"in_stock"`
	OperationalHours   map[string][]window `json:"operational_hours,omitempty"` // nil: always available
	VariantCategoryIDs []string            `json:"variant_category_ids"`
}

// window is a time of day during which an item is sold, "HH:MM" both.
type window struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// variantCategory is a group of options with a selection rule.
type variantCategory struct {
	ID           string         `json:"id"`
	ExternalID   string         `json:"external_id,omitempty"`
	Name         string         `json:"name"`
	InternalName string         `json:"internal_name,omitempty"`
	Rules        selectionRules `json:"rules"`
	Variants     []variant      `json:"variants"`
}

type selectionRules struct {
	Selection selection `json:"selection"`
}

// selection bounds how many variants of a category a customer takes.
type selection struct {
	Min int  `json:"min_quantity"`
	Max *int `json:"max_quantity"` // nil: no limit
}

// variant is one option. Its price is added to the item's.
type variant struct {
	ID         string  `json:"id"`
	ExternalID string  `json:"external_id,omitempty"`
	Name       string  `json:"name"`
	Price      float64 `json:"price"` // rupiah, may be negative
	InStock    bool    `json:"in_stock"`
}

// items returns every item once: one that stands in several menus is the same
// item.
func (c *catalog) items() []menuItem {
	var all []menuItem
	seen := map[string]bool{}
	for _, m := range c.Menus {
		for _, item := range m.Items {
			if !seen[item.ID] {
				seen[item.ID] = true
				all = append(all, item)
			}
		}
	}
	return all
}

// variantsOf returns the categories that an item offers, in the item's order.
func (c *catalog) variantsOf(item menuItem) []variantCategory {
	var offered []variantCategory
	for _, id := range item.VariantCategoryIDs {
		for _, vc := range c.VariantCategories {
			if vc.ID == id {
				offered = append(offered, vc)
			}
		}
	}
	return offered
}

// catalogAnswer is the answer to GET catalog. It is encoded once for a live menu
// and reading of the switch.
type catalogAnswer struct {
	live            *catalog
	hideExternalIDs bool
	body            []byte
}

func getCatalog(s *Sandbox, c *call) (reply, error) {
	live, hide := c.outlet.Catalog, s.switches().HideCategoryExternalIDs
	s.answerMu.Lock()
	known := s.catalogAnswers[c.outlet.ID]
	s.answerMu.Unlock()
	if known.live == live && known.hideExternalIDs == hide {
		return reply{raw: known.body}, nil
	}
	shown := live
	if hide {
		shown = live.withoutCategoryExternalIDs()
	}
	body, err := encodeJSON(success{true, shown})
	if err != nil {
		return reply{}, err
	}
	s.answerMu.Lock()
	s.catalogAnswers[c.outlet.ID] = catalogAnswer{live, hide, body}
	s.answerMu.Unlock()
	return reply{raw: body}, nil
}

// withoutCategoryExternalIDs is the menu as the documentation's sample has it.
func (c *catalog) withoutCategoryExternalIDs() *catalog {
	copied := catalog{Menus: c.Menus, VariantCategories: slices.Clone(c.VariantCategories)}
	for i := range copied.VariantCategories {
		copied.VariantCategories[i].ExternalID = ""
	}
	return &copied
}

// orEmpty keeps null out of answers: an empty list is [].
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// requestData is the answer to a catalog PUT.
type requestData struct {
	RequestID string `json:"request_id"`
}

func putCatalog(s *Sandbox, c *call) (reply, error) {
	limits := gofoodLimits
	limits.requireHours = s.switches().RequireOperationalHours
	if s.switches().LongDescriptions {
		limits.description = enterpriseLimits.description
	}
	if s.switches().LimitItemPrice {
		limits.maxPrice = 2_000_000
	}
	return s.pushCatalog(c, limits)
}

// pushCatalog is what both generations of the API do with a menu.
func (s *Sandbox) pushCatalog(c *call, limits catalogLimits) (reply, error) {
	requestID, pushed, err := readCatalog(c.body, limits)
	if err != nil {
		return reply{}, err
	}
	if err := s.checkImages(c.Context(), pushed); err != nil {
		return reply{}, err
	}
	pushed.resolve(c.outlet.ID)
	err = s.store.update(func() error { return s.acceptCatalog(c.outlet.ID, requestID, pushed) })
	return reply{data: requestData{requestID}}, err
}

// acceptCatalog lets a pushed menu replace the live one after the catalog
// delay. It runs inside an update of the store.
func (s *Sandbox) acceptCatalog(outletID, requestID string, pushed *catalog) error {
	o, ok := s.store.outlets.get(outletID)
	if !ok {
		return errUnregisteredOutlet()
	}
	promoted := s.promotedMenus(outletID)
	for _, m := range pushed.Menus {
		for _, item := range m.Items {
			if old, ok := promoted[item.ExternalID]; ok && old != m.Name && !pushed.has(old, item.ExternalID) {
				return errInvalid("menus: item %s has a promo, so its category cannot change; deactivate the promo first", item.ExternalID)
			}
		}
	}
	due := s.now().Add(max(0, s.o.CatalogDelay))
	o.Pending = append(o.Pending[:len(o.Pending):len(o.Pending)], pendingCatalog{
		RequestID: requestID, Due: due, Catalog: pushed,
	})
	s.store.outlets.put(o.ID, o)
	if s.o.CatalogDelay < 0 {
		return s.applyCatalogs(outletID, due)
	}
	s.at(due, func() { s.applyDue(outletID, due) })
	return nil
}

func (c *catalog) has(menuName, externalID string) bool {
	return slices.ContainsFunc(c.Menus, func(m menu) bool {
		return m.Name == menuName && slices.ContainsFunc(m.Items, func(item menuItem) bool { return item.ExternalID == externalID })
	})
}

// resumeCatalogs brings back the timers of menus that are not live yet.
func (s *Sandbox) resumeCatalogs() {
	s.store.view(func() {
		for _, o := range s.store.outlets.all() {
			for _, p := range o.Pending {
				s.at(p.Due, func() { s.applyDue(o.ID, p.Due) })
			}
		}
	})
}

func (s *Sandbox) applyDue(outletID string, due time.Time) {
	if err := s.store.update(func() error { return s.applyCatalogs(outletID, due) }); err != nil {
		s.log.Error("cannot apply a catalog", "outlet", outletID, "error", err)
	}
}

// applyCatalogs makes the menus live that are due, the newest last, and notifies
// the subscribers of each that its mapping is done.
func (s *Sandbox) applyCatalogs(outletID string, due time.Time) error {
	o, ok := s.store.outlets.get(outletID)
	if !ok {
		return nil // a reset came in between
	}
	var waiting, ready []pendingCatalog
	for _, p := range o.Pending {
		if p.Due.After(due) {
			waiting = append(waiting, p)
		} else {
			ready = append(ready, p)
		}
	}
	if len(ready) == 0 {
		return nil
	}
	o.Pending = waiting
	o.Catalog = ready[len(ready)-1].Catalog
	s.store.outlets.put(o.ID, o)
	s.deactivateOrphanedPromos(o)
	for _, p := range ready {
		s.publish(eventMenuMappingUpdated, outletID, p.RequestID, func() any { return mappingBody(o, p) })
	}
	return nil
}

const eventMenuMappingUpdated = "gofood.catalog.menu_mapping_updated"

func mappingBody(o outlet, p pendingCatalog) sender.MappingBody {
	body := sender.MappingBody{
		RequestID: p.RequestID,
		Outlet:    sender.Outlet{ID: o.ID, ExternalID: o.externalID(productGoFood)},
		Menus:     []sender.MappedItem{},
	}
	for _, item := range p.Catalog.items() {
		body.Menus = append(body.Menus, sender.MappedItem{ID: item.ID, ExternalMenuID: item.ExternalID})
	}
	return body
}

// resolve gives a pushed menu, whose items refer to variant categories by their
// external ids, the platform's ids.
func (c *catalog) resolve(outletID string) *catalog {
	for _, m := range c.Menus {
		for _, item := range m.Items {
			for i, externalID := range item.VariantCategoryIDs {
				item.VariantCategoryIDs[i] = entityID(outletID, "variant_category", externalID)
			}
		}
	}
	c.identify(outletID, nil)
	return c
}

// identify gives an id to what has none. It is made from the external id, so the
// same entity keeps its id from push to push, also after it was gone for a while.
// What has no external id either gets one of newID.
func (c *catalog) identify(outletID string, newID func() string) {
	id := func(kind, given, externalID string) string {
		switch {
		case given != "":
			return given
		case externalID != "":
			return entityID(outletID, kind, externalID)
		default:
			return newID()
		}
	}
	c.Menus, c.VariantCategories = orEmpty(c.Menus), orEmpty(c.VariantCategories)
	for i := range c.VariantCategories {
		vc := &c.VariantCategories[i]
		vc.ID = id("variant_category", vc.ID, vc.ExternalID)
		vc.Variants = orEmpty(vc.Variants)
		for j := range vc.Variants {
			vc.Variants[j].ID = id("variant", vc.Variants[j].ID, vc.Variants[j].ExternalID)
		}
	}
	for i := range c.Menus {
		c.Menus[i].Items = orEmpty(c.Menus[i].Items)
		for j := range c.Menus[i].Items {
			item := &c.Menus[i].Items[j]
			item.ID = id("item", item.ID, item.ExternalID)
			item.VariantCategoryIDs = orEmpty(item.VariantCategoryIDs)
		}
	}
}

// entityID returns the platform's id of a catalog entity.
func entityID(outletID, kind, externalID string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("gobiz-sandbox:"+outletID+"/"+kind+"/"+externalID)).String()
}
