package catalog

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// The kinds of a change.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed" // one field of an entity that stays
	Moved   = "moved"   // to another menu or variant category, or to another place in it
)

// A Change is one thing that a push would change. From is what is live and To
// is what the payload has; both are nil where one side has nothing.
//
//	added, removed   To or From is the entity in the shape of the payload
//	changed          Field is a key of the payload, From and To are its values
//	moved            Field is position, and the values count from 1 among the
//	                 neighbours that both sides have; or it is menu or
//	                 variant_category, and the values are names of menus or
//	                 external ids of categories
//
// A money value is a [Price], hours are [*Hours], and references are
// []string.
type Change struct {
	Kind       string
	Entity     string
	ExternalID string // empty for a menu, which has none
	Name       string // in the payload; the live one of what is removed
	Path       string // in the payload, menus[0].menu_items[3].price; in the live menu for what is removed
	Field      string
	From, To   any
	Line       int // in the file, counted from 1; 0 when not known

	// Parent is the name of an item's menu, or the external id of a variant's
	// category: where it is now when it is removed, else where it will be.
	Parent string
}

// changeJSON has the keys of `catalog diff -o json`.
type changeJSON struct {
	Kind       string  `json:"kind"`
	Entity     string  `json:"entity"`
	ExternalID *string `json:"external_id"`
	Name       string  `json:"name"`
	Path       string  `json:"path"`
	Field      *string `json:"field"`
	From       any     `json:"from"`
	To         any     `json:"to"`
	Line       *int    `json:"line"`
}

// MarshalJSON writes null for what a change does not have.
func (c Change) MarshalJSON() ([]byte, error) {
	out := changeJSON{Kind: c.Kind, Entity: c.Entity, Name: c.Name, Path: c.Path, From: c.From, To: c.To}
	if c.Entity != EntityMenu {
		out.ExternalID = &c.ExternalID
	}
	if c.Field != "" {
		out.Field = &c.Field
	}
	if c.Line > 0 {
		out.Line = &c.Line
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	err := enc.Encode(out)
	return text.Bytes(), err
}

// UnmarshalJSON reads what MarshalJSON writes. From and To are then what
// encoding/json makes of them, and Parent is not known.
func (c *Change) UnmarshalJSON(data []byte) error {
	var in changeJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*c = Change{Kind: in.Kind, Entity: in.Entity, Name: in.Name, Path: in.Path, From: in.From, To: in.To}
	if in.ExternalID != nil {
		c.ExternalID = *in.ExternalID
	}
	if in.Field != nil {
		c.Field = *in.Field
	}
	if in.Line != nil {
		c.Line = *in.Line
	}
	return nil
}

// A DiffSummary counts entities: menus, items in each of their menus, variant
// categories and variants. One with several changes counts once.
type DiffSummary struct {
	Added     int `json:"added"`
	Removed   int `json:"removed"`
	Changed   int `json:"changed"` // moved ones as well
	Unchanged int `json:"unchanged"`
}

// Total counts the entities that a push would change.
func (s DiffSummary) Total() int { return s.Added + s.Removed + s.Changed }

// A Diff is what a push would change.
type Diff struct {
	Summary DiffSummary
	Changes []Change // in the order of the payload, what is removed behind what stays
	// Kept counts the items and variants that are sold out live and stay so
	// because the file does not say. That is not a change.
	Kept      int
	LiveItems int
	Items     int // of the payload

	LiveVariants int
	GoneVariants int       // of them: those that no item would offer any more
	LiveOnSale   int       // live items that customers can order
	StayOnSale   int       // of them: those that they still could order
	OffSale      []OffSale // of them: those that stay and that nobody could order
}

// Empty reports whether a push would change nothing.
func (d *Diff) Empty() bool { return len(d.Changes) == 0 }

// Compare says what pushing a payload would change in a live menu. Menus are
// known by name, or by their items when the name is new, and everything else by
// external id; among equal keys the first is the first. What has another external id
// and is the same by its name and place (an id that changes only in case, blanks or
// Unicode form, or a made one that gets a real one) stays. file is what the payload
// was built of; it gives the lines, and tells what it leaves open. It may be nil.
//
// Some things are equal that do not look it. An image has another URL once the
// platform has stored it, so only its presence counts. Hours that are not
// stated are hours that are always; windows that touch are one. The order of
// variant categories does not count: a customer sees them in the order of an
// item's references.
func Compare(payload *Payload, live *Live, file *File) *Diff {
	if live == nil {
		live = &Live{}
	}
	ids := live.as(payload.known())
	d := &differ{
		payload: payload, live: live, ids: ids, stock: live.stock(ids), file: file,
		sale: newSale(live, payload), offeredLive: map[string]bool{}, offered: map[string]bool{},
		diff: &Diff{LiveItems: live.Items(), Items: payload.Items()},
	}
	d.menus()
	d.categories()
	d.diff.Kept = d.kept()
	return d.diff
}

// differ compares a payload with a live menu.
type differ struct {
	payload *Payload
	live    *Live
	ids     liveIDs // of the live menu
	stock   Stock   // of the live menu
	file    *File   // nil when it is not known
	sale    sale
	diff    *Diff

	// What items offer: variant categories, by GoBiz's id and by external id. Items are
	// compared first.
	offeredLive, offered map[string]bool
}

// An entity collects the changes of one menu, item, category or variant; the
// fields are what its changes have in common.
type entity struct {
	*differ
	kind, id, name, parent string
	group, index           int  // its place in the payload: of a menu or category, and of what stands in it
	gone                   bool // it is live only, and so is its place
	changed                bool
}

// path is where the entity stands, as text for a change only.
func (e *entity) path() string {
	list, inner := "menus", "menu_items"
	if e.kind == EntityVariantCategory || e.kind == EntityVariant {
		list, inner = "variant_categories", "variants"
	}
	path := list + "[" + strconv.Itoa(e.group) + "]"
	if e.kind == EntityItem || e.kind == EntityVariant {
		path += "." + inner + "[" + strconv.Itoa(e.index) + "]"
	}
	return path
}

// change adds a change.
func (e *entity) change(kind, field string, from, to any) {
	e.changed = true
	path := e.path()
	if kind == Changed {
		path += "." + pathInEntity(field)
	}
	e.diff.Changes = append(e.diff.Changes, Change{
		Kind: kind, Entity: e.kind, ExternalID: e.id, Name: e.name, Parent: e.parent,
		Path: path, Field: field, From: from, To: to, Line: e.line(field),
	})
}

// pathInEntity is where a field stands in the payload and in the file.
func pathInEntity(field string) string {
	if field == "min_quantity" || field == "max_quantity" {
		return "rules.selection." + field
	}
	return field
}

// compareField compares two values that can be compared with ==.
func compareField[T comparable](e *entity, name string, live, payload T) {
	if live != payload {
		e.change(Changed, name, optional(live), optional(payload))
	}
}

// compareID tells of another external id that the entity has live.
func (e *entity) compareID() {
	if live, other := e.ids.rekeyed[e.kind+e.id]; other {
		e.change(Changed, "external_id", live, e.id)
	}
}

// optional returns nil for a text that is not stated.
func optional(v any) any {
	if v == "" {
		return nil
	}
	return v
}

func (e *entity) added(to any) {
	e.change(Added, "", nil, to)
	e.diff.Summary.Added++
}

func (e *entity) removed(from any) {
	e.gone = true
	e.change(Removed, "", from, nil)
	e.diff.Summary.Removed++
}

// moved tells of another container, or of another place among those that stay
// in it.
func (e *entity) moved(m match, container, from, into string) {
	switch {
	case m.elsewhere:
		e.change(Moved, container, from, into)
	case m.displaced:
		e.change(Moved, "position", m.from, m.to)
	}
}

// stays counts an entity that both sides have.
func (e *entity) stays() {
	if e.changed {
		e.diff.Summary.Changed++
	} else {
		e.diff.Summary.Unchanged++
	}
}

func (d *differ) menus() {
	payload, live := d.payload.Menus, d.live.Menus
	menus := matchKeys(
		[][]string{convert(payload, func(m PayloadMenu) string { return m.Name })},
		[][]string{convert(live, func(m LiveMenu) string { return m.Name })}, []int{0})
	of := menus.of[0]
	itemIDs := make([][]string, len(payload))
	for i := range payload {
		itemIDs[i] = convert(payload[i].MenuItems, func(item PayloadItem) string { return item.ExternalID })
	}
	gone := matchRenamed(of, itemIDs, d.ids.items, menus.unmatched[0])
	displace(of)
	items := matchKeys(itemIDs, d.ids.items, groups(of))
	for i := range payload {
		e := &entity{differ: d, kind: EntityMenu, name: payload[i].Name, group: i}
		if of[i].known() {
			compareField(e, "name", live[of[i].index].Name, payload[i].Name)
			e.moved(of[i], "", "", "")
			e.stays()
		} else {
			e.added(map[string]string{"name": payload[i].Name})
		}
		for j := range payload[i].MenuItems {
			d.item(i, j, items.of[i][j])
		}
		if of[i].known() {
			d.removedItems(of[i].index, items.unmatched[of[i].index])
		}
	}
	for _, i := range gone {
		e := &entity{differ: d, kind: EntityMenu, name: live[i].Name, group: i}
		e.removed(map[string]string{"name": live[i].Name})
		d.removedItems(i, items.unmatched[i])
	}
}

func (d *differ) item(i, j int, m match) {
	menu := &d.payload.Menus[i]
	item := &menu.MenuItems[j]
	for _, id := range item.VariantCategoryExternalIDs {
		d.offered[id] = true
	}
	e := &entity{differ: d, kind: EntityItem, id: item.ExternalID, name: item.Name, parent: menu.Name, group: i, index: j}
	if !m.known() {
		e.added(item)
		return
	}
	from := &d.live.Menus[m.group]
	live := &from.Items[m.index]
	d.staysOnSale(live, item)
	e.moved(m, EntityMenu, from.Name, e.parent)
	e.compareID()
	compareField(e, "name", live.Name, item.Name)
	if item.InternalName != "" || live.InternalName != item.Name {
		compareField(e, "internal_name", live.InternalName, item.InternalName)
	}
	compareField(e, "description", live.Description, item.Description)
	compareField(e, "price", live.Price.whole(), item.Price)
	if (live.Image != "") != (item.Image != "") {
		compareField(e, "image", live.Image, item.Image)
	}
	if inStock, said := d.stock.Items[item.ExternalID]; said {
		compareField(e, "in_stock", inStock, item.InStock)
	}
	if !item.OperationalHours.same(live.OperationalHours) {
		e.change(Changed, "operational_hours", hoursValue(live.OperationalHours), hoursValue(item.OperationalHours))
	}
	if references := d.ids.references(live); !slices.Equal(references, item.VariantCategoryExternalIDs) {
		e.change(Changed, "variant_category_external_ids",
			append([]string{}, references...), append([]string{}, item.VariantCategoryExternalIDs...))
	}
	e.stays()
}

// hoursValue returns a nil that is no typed nil.
func hoursValue(h *Hours) any {
	if h == nil {
		return nil
	}
	return h
}

func (d *differ) removedItems(menu int, unmatched []int) {
	for _, j := range unmatched {
		m := &d.live.Menus[menu]
		live, id := &m.Items[j], d.ids.items[menu][j]
		e := &entity{differ: d, kind: EntityItem, id: id, name: live.Name, parent: m.Name, group: menu, index: j}
		d.liveItem(live)
		e.removed(&PayloadItem{
			ExternalID: id, Name: live.Name, InternalName: live.InternalName, Description: live.Description,
			InStock: inStockLive(d.stock.Items, id), Price: live.Price.whole(), Image: live.Image,
			OperationalHours: live.OperationalHours, VariantCategoryExternalIDs: d.ids.references(live),
		})
	}
}

// inStockLive takes what is not said for in stock.
func inStockLive(stock map[string]bool, id string) bool {
	inStock, said := stock[id]
	return inStock || !said
}

func (d *differ) categories() {
	payload, live := d.payload.VariantCategories, d.live.VariantCategories
	categories := matchKeys(
		[][]string{convert(payload, func(c PayloadVariantCategory) string { return c.ExternalID })},
		[][]string{d.ids.categories}, []int{0})
	of := categories.of[0]
	variantIDs := make([][]string, len(payload))
	for i := range payload {
		variantIDs[i] = convert(payload[i].Variants, func(v PayloadVariant) string { return v.ExternalID })
	}
	variants := matchKeys(variantIDs, d.ids.variants, groups(of))
	for i := range payload {
		d.category(i, of[i])
		for j := range payload[i].Variants {
			d.variant(i, j, variants.of[i][j])
		}
		if of[i].known() {
			d.removedVariants(of[i].index, variants.unmatched[of[i].index])
		}
	}
	for _, i := range categories.unmatched[0] {
		c := &live[i]
		e := &entity{differ: d, kind: EntityVariantCategory, id: d.ids.categories[i], name: c.Name, group: i}
		gone := PayloadVariantCategory{ExternalID: e.id, Name: c.Name, InternalName: c.otherInternalName()}
		gone.Rules.Selection.MinQuantity, gone.Rules.Selection.MaxQuantity = c.MinQuantity, c.limit()
		e.removed(withoutItsVariants(&gone))
		d.removedVariants(i, variants.unmatched[i])
	}
}

// withoutItsVariants: they have changes of their own.
func withoutItsVariants(c *PayloadVariantCategory) *PayloadVariantCategory {
	alone := *c
	alone.Variants = []PayloadVariant{}
	return &alone
}

func (d *differ) category(i int, m match) {
	category := &d.payload.VariantCategories[i]
	e := &entity{differ: d, kind: EntityVariantCategory, id: category.ExternalID, name: category.Name, group: i}
	if !m.known() {
		e.added(withoutItsVariants(category))
		return
	}
	live := &d.live.VariantCategories[m.index]
	e.compareID()
	compareField(e, "name", live.Name, category.Name)
	if internal := live.otherInternalName(); internal != "" || category.InternalName != category.Name {
		compareField(e, "internal_name", internal, category.InternalName)
	}
	compareField(e, "min_quantity", live.MinQuantity, category.Rules.Selection.MinQuantity)
	compareField(e, "max_quantity", live.limit(), category.Rules.Selection.MaxQuantity)
	e.stays()
}

func (d *differ) variant(i, j int, m match) {
	category := &d.payload.VariantCategories[i]
	variant := &category.Variants[j]
	e := &entity{differ: d, kind: EntityVariant, id: variant.ExternalID, name: variant.Name, parent: category.ExternalID, group: i, index: j}
	if !m.known() {
		e.added(variant)
		return
	}
	live := &d.live.VariantCategories[m.group].Variants[m.index]
	d.diff.LiveVariants++
	if d.offeredLive[d.live.VariantCategories[m.group].ID] && !d.offered[category.ExternalID] {
		d.diff.GoneVariants++
	}
	e.moved(m, EntityVariantCategory, d.ids.categories[m.group], category.ExternalID)
	e.compareID()
	compareField(e, "name", live.Name, variant.Name)
	compareField(e, "price", live.Price.whole(), variant.Price)
	if inStock, said := d.stock.Variants[variant.ExternalID]; said {
		compareField(e, "in_stock", inStock, variant.InStock)
	}
	e.stays()
}

func (d *differ) removedVariants(category int, unmatched []int) {
	d.diff.LiveVariants += len(unmatched)
	d.diff.GoneVariants += len(unmatched)
	for _, j := range unmatched {
		live, id := &d.live.VariantCategories[category].Variants[j], d.ids.variants[category][j]
		e := &entity{differ: d, kind: EntityVariant, id: id, name: live.Name, parent: d.ids.categories[category], group: category, index: j}
		e.removed(&PayloadVariant{ExternalID: id, Name: live.Name, Price: live.Price.whole(), InStock: inStockLive(d.stock.Variants, id)})
	}
}

// kept counts what is sold out in the payload for no other reason than that it
// is live.
func (d *differ) kept() int {
	if d.file == nil {
		return 0
	}
	silent := map[string]bool{}
	if d.file.Defaults.InStock == nil {
		for i := range d.payload.Menus {
			for j := range d.payload.Menus[i].MenuItems {
				item := &d.payload.Menus[i].MenuItems[j]
				if inStock, said := d.stock.Items[item.ExternalID]; said && !inStock && !item.InStock {
					if from := d.fileItem(i, j); from != nil && from.InStock == nil {
						silent["item "+item.ExternalID] = true
					}
				}
			}
		}
	}
	for i := range d.payload.VariantCategories {
		for j := range d.payload.VariantCategories[i].Variants {
			variant := &d.payload.VariantCategories[i].Variants[j]
			if inStock, said := d.stock.Variants[variant.ExternalID]; said && !inStock && !variant.InStock {
				if from := d.fileVariant(i, j); from != nil && from.InStock == nil {
					silent["variant "+variant.ExternalID] = true
				}
			}
		}
	}
	return len(silent)
}
