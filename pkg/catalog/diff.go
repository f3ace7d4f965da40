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

// The entities of a catalog, as changes and notes name them.
const (
	EntityMenu            = "menu"
	EntityItem            = "item"
	EntityVariantCategory = "variant_category"
	EntityVariant         = "variant"
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
	Path       string // in the payload, menus[0].menu_items[3].price; in the live catalog for what is removed
	Field      string
	From, To   any
	Line       int // in the source's file, counted from 1; 0 when not known

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

// A Diff is what a push would change.
type Diff struct {
	Summary DiffSummary
	Changes []Change // in the order of the payload, what is removed behind what stays
	// Kept counts the items and variants that are sold out live and stay so
	// because the source does not say. That is not a change.
	Kept      int
	LiveItems int
	Items     int // of the payload
}

// Empty tells whether a push would change nothing.
func (d *Diff) Empty() bool { return len(d.Changes) == 0 }

// Compare says what pushing a payload would change in a live catalog. Menus are
// known by name, or by their items when the name is new, and everything else by
// external id; among equal keys the first is the first. source is what the
// payload was built of; it gives the lines, and tells what it leaves open. It
// may be nil.
//
// Some things are equal that do not look it. An image has another URL once the
// platform has stored it, so only its presence counts. Hours that are not
// stated are hours that are always; windows that touch are one. The order of
// variant categories does not count: a customer sees them in the order of an
// item's references.
func Compare(payload *Payload, live *Live, source *File) *Diff {
	if live == nil {
		live = &Live{}
	}
	known := payload.source()
	have, _ := live.File(known)
	d := &differ{
		payload: payload, live: have, stock: live.Stock(known), source: source,
		diff: &Diff{LiveItems: live.Items(), Items: payload.Items()},
	}
	d.menus()
	d.categories()
	d.diff.Kept = d.kept()
	return d.diff
}

// differ compares a payload with the source form of a live catalog, which has
// the same ids.
type differ struct {
	payload *Payload
	live    *File
	stock   Stock
	source  *File
	diff    *Diff
}

// An entity collects the changes of one menu, item, category or variant; the
// fields are what its changes have in common.
type entity struct {
	*differ
	kind, id, name, path, parent string
	line                         func(field string) int
	changed                      bool
}

func (e *entity) change(kind, field, path string, from, to any) {
	e.changed = true
	if path != "" {
		path = "." + path
	}
	e.diff.Changes = append(e.diff.Changes, Change{
		Kind: kind, Entity: e.kind, ExternalID: e.id, Name: e.name, Parent: e.parent,
		Path: e.path + path, Field: field, From: from, To: to, Line: e.line(field),
	})
}

// compareField compares two values that can be compared with ==.
func compareField[T comparable](e *entity, name string, have, want T) {
	if have != want {
		e.change(Changed, name, name, optional(have), optional(want))
	}
}

// optional gives nil for a text that is not stated.
func optional(v any) any {
	if v == "" {
		return nil
	}
	return v
}

func (e *entity) added(to any) {
	e.change(Added, "", "", nil, to)
	e.diff.Summary.Added++
}

func (e *entity) removed(from any) {
	e.change(Removed, "", "", from, nil)
	e.diff.Summary.Removed++
}

// moved tells of another container, or of another place among those that stay
// in it.
func (e *entity) moved(to partner, container, from, into string) {
	switch {
	case to.elsewhere:
		e.change(Moved, container, "", from, into)
	case to.displaced:
		e.change(Moved, "position", "", to.from, to.to)
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

func nowhere(string) int { return 0 }

func (d *differ) menus() {
	want, have := d.payload.Menus, d.live.Menus
	menus := matchKeys(
		[][]string{names(want, func(m PayloadMenu) string { return m.Name })},
		[][]string{names(have, func(m Menu) string { return m.Name })}, []int{0})
	of, gone := menus.of[0], menus.left[0]
	gone = renamed(want, have, of, gone)
	displace(of)

	wantItems, haveItems, with := make([][]string, len(want)), make([][]string, len(have)), make([]int, len(want))
	for i := range want {
		wantItems[i] = payloadItemIDs(want[i])
		with[i] = -1
		if of[i].known() {
			with[i] = of[i].index
		}
	}
	for i := range have {
		haveItems[i] = liveItemIDs(have[i])
	}
	items := matchKeys(wantItems, haveItems, with)
	for i := range want {
		e := &entity{differ: d, kind: EntityMenu, name: want[i].Name, path: "menus[" + strconv.Itoa(i) + "]", line: func(string) int { return d.menuLine(i) }}
		if of[i].known() {
			compareField(e, "name", have[of[i].index].Name, want[i].Name)
			e.moved(of[i], "", "", "")
			e.stays()
		} else {
			e.added(map[string]string{"name": want[i].Name})
		}
		for j := range want[i].MenuItems {
			d.item(i, j, items.of[i][j])
		}
		if of[i].known() {
			d.removedItems(of[i].index, items.left[of[i].index])
		}
	}
	for _, h := range gone {
		e := &entity{differ: d, kind: EntityMenu, name: have[h].Name, path: "menus[" + strconv.Itoa(h) + "]", line: nowhere}
		e.removed(map[string]string{"name": have[h].Name})
		d.removedItems(h, items.left[h])
	}
}

func (d *differ) item(i, j int, is partner) {
	w := &d.payload.Menus[i].MenuItems[j]
	e := &entity{
		differ: d, kind: EntityItem, id: w.ExternalID, name: w.Name, parent: d.payload.Menus[i].Name,
		path: "menus[" + strconv.Itoa(i) + "].menu_items[" + strconv.Itoa(j) + "]",
		line: func(field string) int { return d.itemLine(i, j, field) },
	}
	if !is.known() {
		e.added(w)
		return
	}
	from := &d.live.Menus[is.group]
	h := &from.Items[is.index]
	e.moved(is, EntityMenu, from.Name, e.parent)
	compareField(e, "name", h.Name, w.Name)
	if w.InternalName != "" || h.InternalName != w.Name {
		compareField(e, "internal_name", h.InternalName, w.InternalName)
	}
	compareField(e, "description", h.Description, w.Description)
	compareField(e, "price", h.Price, w.Price)
	if (h.Image != "") != (w.Image != "") {
		compareField(e, "image", h.Image, w.Image)
	}
	if now, said := d.stock.Items[w.ExternalID]; said {
		compareField(e, "in_stock", now, w.InStock)
	}
	if !w.OperationalHours.same(h.OperationalHours) {
		e.change(Changed, "operational_hours", "operational_hours", hoursValue(h.OperationalHours), hoursValue(w.OperationalHours))
	}
	if !slices.Equal(w.VariantCategoryExternalIDs, h.VariantCategoryExternalIDs) {
		e.change(Changed, "variant_category_external_ids", "variant_category_external_ids",
			append([]string{}, h.VariantCategoryExternalIDs...), append([]string{}, w.VariantCategoryExternalIDs...))
	}
	e.stays()
}

// hoursValue gives a nil that is no typed nil.
func hoursValue(h *Hours) any {
	if h == nil {
		return nil
	}
	return h
}

func (d *differ) removedItems(menu int, left []int) {
	for _, j := range left {
		m := &d.live.Menus[menu]
		h := &m.Items[j]
		e := &entity{
			differ: d, kind: EntityItem, id: h.ExternalID, name: h.Name, parent: m.Name, line: nowhere,
			path: "menus[" + strconv.Itoa(menu) + "].menu_items[" + strconv.Itoa(j) + "]",
		}
		e.removed(&PayloadItem{
			ExternalID: h.ExternalID, Name: h.Name, InternalName: h.InternalName, Description: h.Description,
			InStock: inStockLive(d.stock.Items, h.ExternalID), Price: h.Price, Image: h.Image,
			OperationalHours: h.OperationalHours, VariantCategoryExternalIDs: h.VariantCategoryExternalIDs,
		})
	}
}

// inStockLive takes what is not said for in stock.
func inStockLive(stock map[string]bool, id string) bool {
	now, said := stock[id]
	return now || !said
}

func (d *differ) categories() {
	want, have := d.payload.VariantCategories, d.live.VariantCategories
	wantVariants, haveVariants, with := make([][]string, len(want)), make([][]string, len(have)), make([]int, len(want))
	for i := range want {
		wantVariants[i] = names(want[i].Variants, func(v PayloadVariant) string { return v.ExternalID })
	}
	for i := range have {
		haveVariants[i] = names(have[i].Variants, func(v Variant) string { return v.ExternalID })
	}
	pairs := matchKeys(
		[][]string{names(want, func(c PayloadVariantCategory) string { return c.ExternalID })},
		[][]string{names(have, func(c VariantCategory) string { return c.ExternalID })}, []int{0})
	of := pairs.of[0]
	for i := range want {
		with[i] = -1
		if of[i].known() {
			with[i] = of[i].index
		}
	}
	variants := matchKeys(wantVariants, haveVariants, with)
	for i := range want {
		d.category(i, of[i])
		for j := range want[i].Variants {
			d.variant(i, j, variants.of[i][j])
		}
		if of[i].known() {
			d.removedVariants(of[i].index, variants.left[of[i].index])
		}
	}
	for _, h := range pairs.left[0] {
		c := &have[h]
		e := &entity{differ: d, kind: EntityVariantCategory, id: c.ExternalID, name: c.Name, path: "variant_categories[" + strconv.Itoa(h) + "]", line: nowhere}
		gone := PayloadVariantCategory{ExternalID: c.ExternalID, Name: c.Name, InternalName: c.InternalName}
		gone.Rules.Selection.MinQuantity, gone.Rules.Selection.MaxQuantity = c.MinQuantity, c.MaxQuantity
		e.removed(withoutItsVariants(&gone))
		d.removedVariants(h, variants.left[h])
	}
}

// withoutItsVariants: they have changes of their own.
func withoutItsVariants(c *PayloadVariantCategory) *PayloadVariantCategory {
	alone := *c
	alone.Variants = []PayloadVariant{}
	return &alone
}

func (d *differ) category(i int, is partner) {
	w := &d.payload.VariantCategories[i]
	e := &entity{
		differ: d, kind: EntityVariantCategory, id: w.ExternalID, name: w.Name, path: "variant_categories[" + strconv.Itoa(i) + "]",
		line: func(field string) int { return d.categoryLine(i, field) },
	}
	if !is.known() {
		e.added(withoutItsVariants(w))
		return
	}
	h := &d.live.VariantCategories[is.index]
	compareField(e, "name", h.Name, w.Name)
	if h.InternalName != "" || w.InternalName != w.Name {
		compareField(e, "internal_name", h.InternalName, w.InternalName)
	}
	if have, want := h.MinQuantity, w.Rules.Selection.MinQuantity; have != want {
		e.change(Changed, "min_quantity", "rules.selection.min_quantity", have, want)
	}
	if have, want := h.MaxQuantity, w.Rules.Selection.MaxQuantity; have != want {
		e.change(Changed, "max_quantity", "rules.selection.max_quantity", have, want)
	}
	e.stays()
}

func (d *differ) variant(i, j int, is partner) {
	c := &d.payload.VariantCategories[i]
	w := &c.Variants[j]
	e := &entity{
		differ: d, kind: EntityVariant, id: w.ExternalID, name: w.Name, parent: c.ExternalID,
		path: "variant_categories[" + strconv.Itoa(i) + "].variants[" + strconv.Itoa(j) + "]",
		line: func(field string) int { return d.variantLine(i, j, field) },
	}
	if !is.known() {
		e.added(w)
		return
	}
	from := &d.live.VariantCategories[is.group]
	h := &from.Variants[is.index]
	e.moved(is, EntityVariantCategory, from.ExternalID, c.ExternalID)
	compareField(e, "name", h.Name, w.Name)
	compareField(e, "price", h.Price, w.Price)
	if now, said := d.stock.Variants[w.ExternalID]; said {
		compareField(e, "in_stock", now, w.InStock)
	}
	e.stays()
}

func (d *differ) removedVariants(category int, left []int) {
	for _, j := range left {
		c := &d.live.VariantCategories[category]
		h := &c.Variants[j]
		e := &entity{
			differ: d, kind: EntityVariant, id: h.ExternalID, name: h.Name, parent: c.ExternalID, line: nowhere,
			path: "variant_categories[" + strconv.Itoa(category) + "].variants[" + strconv.Itoa(j) + "]",
		}
		e.removed(&PayloadVariant{ExternalID: h.ExternalID, Name: h.Name, Price: h.Price, InStock: inStockLive(d.stock.Variants, h.ExternalID)})
	}
}

// kept counts what is sold out in the payload for no other reason than that it
// is live.
func (d *differ) kept() int {
	if d.source == nil {
		return 0
	}
	silent := map[string]bool{}
	if d.source.Defaults.InStock == nil {
		for i := range d.payload.Menus {
			for j := range d.payload.Menus[i].MenuItems {
				w := &d.payload.Menus[i].MenuItems[j]
				if now, said := d.stock.Items[w.ExternalID]; said && !now && !w.InStock {
					if from := d.sourceItem(i, j); from != nil && from.InStock == nil {
						silent["item "+w.ExternalID] = true
					}
				}
			}
		}
	}
	for i := range d.payload.VariantCategories {
		for j := range d.payload.VariantCategories[i].Variants {
			w := &d.payload.VariantCategories[i].Variants[j]
			if now, said := d.stock.Variants[w.ExternalID]; said && !now && !w.InStock {
				if from := d.sourceVariant(i, j); from != nil && from.InStock == nil {
					silent["variant "+w.ExternalID] = true
				}
			}
		}
	}
	return len(silent)
}
