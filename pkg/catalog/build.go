package catalog

import (
	"cmp"
	"fmt"
)

// A StockPolicy decides where in_stock of a push comes from.
type StockPolicy string

const (
	// StockKeep takes the file where it says something, else the live menu. It
	// is the default.
	StockKeep StockPolicy = "keep"
	// StockFile takes the file only; what it does not name is in stock.
	StockFile StockPolicy = "file"
	// StockLive takes the live menu, and the file for what is new.
	StockLive StockPolicy = "live"
)

// BuildOptions tell how a file becomes the body of a push.
type BuildOptions struct {
	RequestID string      // for troubleshooting; a fresh one for each push
	Live      *Live       // the menu that is replaced; nil when it is not known
	Stock     StockPolicy // empty is StockKeep
	API       API         // empty is Partner
}

// Build makes the body that replaces the menu of an outlet. It is a pure
// function: the same file and options give the same bytes.
//
// A variant category without an internal name gets its name for it, as every
// integration sends one. For [Enterprise] hours are always written, since they
// are mandatory there: not stated is every day 00:00 to 23:59, a day that is not
// named is closed (Enterprise Integration Middleware, "Update menu"); internal names are left out, and a
// variant category is an error.
func (s *File) Build(o BuildOptions) (*Payload, error) {
	b := builder{file: s, policy: cmp.Or(o.Stock, StockKeep), api: cmp.Or(o.API, Partner)}
	if o.Live != nil {
		b.live = o.Live.stock(o.Live.as(s.known()))
	}
	switch b.policy {
	case StockKeep, StockFile, StockLive:
	default:
		return nil, fmt.Errorf("unknown stock policy %s: use keep, file or live", quoted(string(o.Stock)))
	}
	switch b.api {
	case Partner:
	case Enterprise:
		if err := s.withoutVariants(); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("unknown API %s: use partner or enterprise", quoted(string(o.API)))
	}
	p := &Payload{RequestID: o.RequestID, Menus: make([]PayloadMenu, 0, len(s.Menus))}
	for _, m := range s.Menus {
		menu := PayloadMenu{Name: m.Name, MenuItems: make([]PayloadItem, 0, len(m.Items))}
		for i := range m.Items {
			item, err := b.item(&m.Items[i])
			if err != nil {
				return nil, err
			}
			menu.MenuItems = append(menu.MenuItems, item)
		}
		p.Menus = append(p.Menus, menu)
	}
	for i := range s.VariantCategories {
		category, err := b.category(&s.VariantCategories[i])
		if err != nil {
			return nil, err
		}
		p.VariantCategories = append(p.VariantCategories, category)
	}
	return p, nil
}

type builder struct {
	file   *File
	policy StockPolicy
	api    API
	live   Stock
}

func (b *builder) item(i *Item) (PayloadItem, error) {
	out := PayloadItem{
		ExternalID: i.ExternalID, Name: i.Name, InternalName: i.InternalName, Description: i.Description,
		InStock: b.inStock(cmp.Or(i.InStock, b.file.Defaults.InStock), b.live.Items, i.ExternalID),
		Price:   i.Price, Image: i.Image,
		OperationalHours:           cmp.Or(i.OperationalHours, b.file.Defaults.OperationalHours),
		VariantCategoryExternalIDs: i.VariantCategoryExternalIDs,
	}
	if b.api == Enterprise {
		out.InternalName = ""
		out.OperationalHours = out.OperationalHours.everyDayNamed()
		return out, nil
	}
	return out, b.wholeRupiah("item", i.ExternalID, i.Price)
}

func (b *builder) category(c *VariantCategory) (PayloadVariantCategory, error) {
	out := PayloadVariantCategory{ExternalID: c.ExternalID, InternalName: cmp.Or(c.InternalName, c.Name), Name: c.Name}
	out.Rules.Selection.MinQuantity = c.MinQuantity
	out.Rules.Selection.MaxQuantity = c.MaxQuantity
	out.Variants = make([]PayloadVariant, 0, len(c.Variants))
	for _, v := range c.Variants {
		if err := b.wholeRupiah("variant", v.ExternalID, v.Price); err != nil {
			return out, err
		}
		out.Variants = append(out.Variants, PayloadVariant{
			ExternalID: v.ExternalID, Name: v.Name, Price: v.Price,
			InStock: b.inStock(v.InStock, b.live.Variants, v.ExternalID),
		})
	}
	return out, nil
}

func (b *builder) inStock(file *bool, live map[string]bool, id string) bool {
	now, exists := live[id]
	switch {
	case b.policy == StockLive && exists:
		return now
	case file != nil:
		return *file
	case b.policy == StockKeep && exists:
		return now
	}
	return true
}

// wholeRupiah refuses what a file that was parsed for the Enterprise API may
// hold.
func (b *builder) wholeRupiah(entity, id string, p Price) error {
	if p.Sen != 0 {
		return fmt.Errorf("the price of %s %s is %s: the partner API takes whole rupiah only", entity, quoted(id), p)
	}
	return nil
}

// withoutVariants refuses what the Enterprise API cannot hold: leaving it out
// would sell dishes without the choices that belong to them.
func (s *File) withoutVariants() error {
	c := &checker{file: s, set: EnterpriseRules}
	c.noVariants()
	for i := range c.findings {
		c.findings[i].Path, c.findings[i].Hint = "", "remove them, or push with a profile of the partner API"
	}
	return c.findings.Err(s.Name)
}
