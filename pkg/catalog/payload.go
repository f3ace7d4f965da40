package catalog

// A Payload is the body of a catalog push, with every short form resolved. Its
// fields are in the order of the developer documentation, "Sync menu"; the
// Enterprise API takes the same without variants and internal names (Enterprise Integration Middleware,
// "Update menu").
type Payload struct {
	RequestID         string                   `json:"request_id"`
	Menus             []PayloadMenu            `json:"menus"`
	VariantCategories []PayloadVariantCategory `json:"variant_categories,omitempty"`
}

// PayloadMenu is a menu of the body.
type PayloadMenu struct {
	Name      string        `json:"name"`
	MenuItems []PayloadItem `json:"menu_items"`
}

// PayloadItem is an item of the body. A text that is not stated is left out. It
// shares its hours and references with the file that it was built of.
type PayloadItem struct {
	ExternalID                 string   `json:"external_id"`
	Name                       string   `json:"name"`
	InternalName               string   `json:"internal_name,omitempty"`
	Description                string   `json:"description,omitempty"`
	InStock                    bool     `json:"in_stock"`
	Price                      Price    `json:"price"`
	Image                      string   `json:"image,omitempty"`
	OperationalHours           *Hours   `json:"operational_hours,omitzero"`
	VariantCategoryExternalIDs []string `json:"variant_category_external_ids,omitempty"`
}

// PayloadVariantCategory is a variant category of the body.
type PayloadVariantCategory struct {
	ExternalID   string `json:"external_id"`
	InternalName string `json:"internal_name"`
	Name         string `json:"name"`
	Rules        struct {
		Selection struct {
			MinQuantity int `json:"min_quantity"`
			MaxQuantity int `json:"max_quantity"`
		} `json:"selection"`
	} `json:"rules"`
	Variants []PayloadVariant `json:"variants"`
}

// PayloadVariant is a variant of the body.
type PayloadVariant struct {
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	Price      Price  `json:"price"`
	InStock    bool   `json:"in_stock"`
}

// Items counts the items of all menus.
func (p *Payload) Items() int {
	n := 0
	for _, m := range p.Menus {
		n += len(m.MenuItems)
	}
	return n
}

// everyDayNamed writes out what the Enterprise API calls mandatory.
func (h *Hours) everyDayNamed() *Hours {
	if h == nil {
		return EveryDay(allDay)
	}
	named := *h
	for day := range named {
		if named[day] == nil {
			named[day] = []Window{}
		}
	}
	return &named
}
