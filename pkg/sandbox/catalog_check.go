package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// catalogLimits are what the two generations of the API allow.
type catalogLimits struct {
	eim          bool // no variants, no internal names
	itemName     int  // characters
	description  int
	menuItems    int  // in one menu; 0: no limit
	requireHours bool // operational_hours with all seven days
	maxPrice     float64
}

var (
	// developer documentation, "Menu structure" and "Sync menu"
	gofoodLimits = catalogLimits{itemName: 150, description: 200}
	// Enterprise Integration Middleware, "Request Body Definition"
	enterpriseLimits = catalogLimits{eim: true, itemName: 250, description: 250, menuItems: 100, requireHours: true}
)

// Limits that hold everywhere, in characters. The first is documented; the
// others are what partners' clients keep to.
const (
	maxMenuName     = 150
	maxInternalName = 200
	maxExternalID   = 200
	maxVariantName  = 150
	maxCategoryName = 150
)

// pushedCatalog is a menu as a partner sent it. References between items and
// variant categories are external ids still.
type pushedCatalog struct {
	RequestID string
	Menus     []pushedMenu
	Category  []pushedCategory
}

type pushedMenu struct {
	Name  string
	Items []pushedItem
}

type pushedItem struct {
	menuItem
	CategoryExternalIDs []string
}

type pushedCategory struct {
	variantCategory
}

// readCatalog reads the body of a catalog PUT. The first thing that is wrong is
// a 422 whose message is "<field path>: <reason>", and a body that is no JSON
// object a 400.
func readCatalog(body []byte, limits catalogLimits) (pushedCatalog, error) {
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		return pushedCatalog{}, errBadRequest("%s", jsonProblem(err))
	}
	root, ok := tree.(map[string]any)
	if !ok {
		return pushedCatalog{}, errBadRequest("request body is not a JSON object")
	}
	r := &catalogReader{limits: limits}
	pushed := r.catalog(field{value: root})
	if r.err != nil {
		return pushedCatalog{}, r.err
	}
	return pushed, nil
}

// catalogReader keeps the first error; what is read after it is not used.
type catalogReader struct {
	limits catalogLimits
	err    error
}

// field is a value with its path in the body, for messages.
type field struct {
	path    string
	value   any
	present bool
}

func (f field) key(name string) field {
	object, _ := f.value.(map[string]any)
	value, present := object[name]
	p := name
	if f.path != "" {
		p = f.path + "." + name
	}
	return field{path: p, value: value, present: present && value != nil}
}

func (r *catalogReader) fail(f field, format string, args ...any) {
	if r.err == nil {
		r.err = errInvalid("%s: %s", f.path, fmt.Sprintf(format, args...))
	}
}

// missing reports whether a field is absent or null, which is an error when it
// is required.
func (r *catalogReader) missing(f field, required bool) bool {
	if !f.present && required {
		r.fail(f, "missing required field")
	}
	return !f.present
}

func (r *catalogReader) text(f field, required bool, limit int) string {
	if r.missing(f, required) {
		return ""
	}
	s, ok := f.value.(string)
	switch {
	case !ok:
		r.fail(f, "must be a string")
	case required && strings.TrimSpace(s) == "":
		r.fail(f, "must not be empty")
	case limit > 0 && utf8.RuneCountInString(s) > limit:
		r.fail(f, "must be at most %d characters, has %d", limit, utf8.RuneCountInString(s))
	}
	return s
}

func (r *catalogReader) truth(f field) bool {
	if r.missing(f, true) {
		return false
	}
	b, ok := f.value.(bool)
	if !ok {
		r.fail(f, "must be true or false")
	}
	return b
}

func (r *catalogReader) number(f field) float64 {
	if r.missing(f, true) {
		return 0
	}
	n, ok := f.value.(float64)
	if !ok || math.IsInf(n, 0) {
		r.fail(f, "must be a number")
	}
	return n
}

func (r *catalogReader) count(f field) int {
	n := r.number(f)
	if n != math.Trunc(n) || n < 0 || n > 1e6 {
		r.fail(f, "must be a whole number from 0")
		return 0
	}
	return int(n)
}

func (r *catalogReader) list(f field, required bool) []field {
	if r.missing(f, required) {
		return nil
	}
	values, ok := f.value.([]any)
	if !ok {
		r.fail(f, "must be a list")
	}
	list := make([]field, len(values))
	for i, v := range values {
		list[i] = field{path: fmt.Sprintf("%s[%d]", f.path, i), value: v, present: v != nil}
	}
	return list
}

func (r *catalogReader) object(f field) {
	if r.missing(f, true) {
		return
	}
	if _, ok := f.value.(map[string]any); !ok {
		r.fail(f, "must be an object")
	}
}

// unique gives a check that no value comes twice.
func (r *catalogReader) unique() func(f field, value string) {
	seen := map[string]bool{}
	return func(f field, value string) {
		if seen[value] && value != "" {
			r.fail(f, "%q is used twice", value)
		}
		seen[value] = true
	}
}

func (r *catalogReader) catalog(root field) pushedCatalog {
	c := pushedCatalog{RequestID: r.text(root.key("request_id"), false, 0)}
	known := map[string]bool{}
	if !r.limits.eim {
		once, onceVariant := r.unique(), r.unique()
		for _, f := range r.list(root.key("variant_categories"), false) {
			vc := r.category(f, onceVariant)
			once(f.key("external_id"), vc.ExternalID)
			known[vc.ExternalID] = true
			c.Category = append(c.Category, vc)
		}
	}
	menus := root.key("menus")
	items := 0
	once := r.unique()
	for _, f := range r.list(menus, true) {
		r.object(f)
		m := pushedMenu{Name: r.text(f.key("name"), true, maxMenuName)}
		once(f.key("name"), m.Name)
		entries := r.list(f.key("menu_items"), false)
		if limit := r.limits.menuItems; limit > 0 && len(entries) > limit {
			r.fail(f.key("menu_items"), "must have at most %d entries, has %d", limit, len(entries))
		}
		onceItem := r.unique()
		for _, entry := range entries {
			item := r.item(entry, known)
			onceItem(entry.key("external_id"), item.ExternalID)
			m.Items = append(m.Items, item)
		}
		items += len(m.Items)
		c.Menus = append(c.Menus, m)
	}
	if items == 0 {
		// An empty list, and menus without any item, are "missing" (seen live).
		r.fail(menus, "missing required field")
	}
	return c
}

func (r *catalogReader) item(f field, categories map[string]bool) pushedItem {
	r.object(f)
	item := pushedItem{menuItem: menuItem{
		ExternalID:  r.text(f.key("external_id"), true, maxExternalID),
		Name:        r.text(f.key("name"), true, r.limits.itemName),
		Description: r.text(f.key("description"), false, r.limits.description),
		InStock:     r.truth(f.key("in_stock")),
		Price:       r.number(f.key("price")),
		Image:       r.text(f.key("image"), false, 0),
	}}
	if item.Price < 0 {
		r.fail(f.key("price"), "must not be negative")
	}
	if r.limits.maxPrice > 0 && item.Price > r.limits.maxPrice {
		r.fail(f.key("price"), "must be at most %.0f", r.limits.maxPrice)
	}
	if item.Image != "" {
		if reason := imageURLProblem(item.Image); reason != "" {
			r.fail(f.key("image"), "%s", reason)
		}
	}
	if hours := f.key("operational_hours"); !r.missing(hours, r.limits.requireHours) {
		item.OperationalHours = r.hours(hours)
	}
	if r.limits.eim {
		return item
	}
	item.InternalName = r.text(f.key("internal_name"), false, maxInternalName)
	once := r.unique()
	for _, reference := range r.list(f.key("variant_category_external_ids"), false) {
		id := r.text(reference, true, maxExternalID)
		once(reference, id)
		if !categories[id] {
			r.fail(reference, "%q is not in variant_categories", id)
		}
		item.CategoryExternalIDs = append(item.CategoryExternalIDs, id)
	}
	return item
}

func (r *catalogReader) category(f field, onceVariant func(field, string)) pushedCategory {
	r.object(f)
	bounds := f.key("rules").key("selection")
	r.object(f.key("rules"))
	r.object(bounds)
	vc := pushedCategory{variantCategory: variantCategory{
		ExternalID:   r.text(f.key("external_id"), true, maxExternalID),
		Name:         r.text(f.key("name"), true, maxCategoryName),
		InternalName: r.text(f.key("internal_name"), false, maxInternalName),
		Variants:     []variant{},
	}}
	variants := f.key("variants")
	entries := r.list(variants, true)
	for _, entry := range entries {
		r.object(entry)
		v := variant{
			ExternalID: r.text(entry.key("external_id"), true, maxExternalID),
			Name:       r.text(entry.key("name"), true, maxVariantName),
			Price:      r.number(entry.key("price")),
			InStock:    r.truth(entry.key("in_stock")),
		}
		onceVariant(entry.key("external_id"), v.ExternalID)
		vc.Variants = append(vc.Variants, v)
	}
	vc.Rules.Selection = r.selection(bounds, len(entries))
	return vc
}

// selection reads the rule. A null maximum is no limit, as one shipped
// integration sends it.
func (r *catalogReader) selection(f field, variants int) selection {
	rule := selection{Min: r.count(f.key("min_quantity"))}
	limit := f.key("max_quantity")
	if object, ok := f.value.(map[string]any); ok {
		if value, there := object["max_quantity"]; there && value == nil {
			if rule.Min > variants {
				r.fail(f.key("min_quantity"), "must be at most the number of variants, %d", variants)
			}
			return rule
		}
	}
	upper := r.count(limit)
	rule.Max = &upper
	switch {
	case upper < rule.Min:
		r.fail(limit, "must be at least min_quantity, %d", rule.Min)
	case upper > variants:
		r.fail(limit, "must be at most the number of variants, %d", variants)
	}
	return rule
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// hours reads operational hours: windows of a day must not be empty, cross
// midnight or overlap (inferred).
func (r *catalogReader) hours(f field) map[string][]window {
	r.object(f)
	object, _ := f.value.(map[string]any)
	hours := map[string][]window{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(weekdays, name) {
			r.fail(f.key(name), "is not a day of the week")
		}
	}
	for _, day := range weekdays {
		df := f.key(day)
		if r.missing(df, r.limits.requireHours) {
			continue
		}
		windows := []window{}
		for _, wf := range r.list(df, true) {
			r.object(wf)
			w := window{Start: r.timeOfDay(wf.key("start"), "00:00"), End: r.timeOfDay(wf.key("end"), "23:59")}
			if w.Start >= w.End {
				r.fail(wf, "start must be before end")
			}
			windows = append(windows, w)
		}
		sorted := slices.SortedFunc(slices.Values(windows), func(a, b window) int { return strings.Compare(a.Start, b.Start) })
		for i := 1; i < len(sorted); i++ {
			if sorted[i].Start < sorted[i-1].End {
				r.fail(df, "windows overlap")
			}
		}
		hours[day] = windows
	}
	return hours
}

// timeOfDay reads start or end of a window; the legacy API lets both be left
// out, which means the day's own (inferred).
func (r *catalogReader) timeOfDay(f field, otherwise string) string {
	if r.missing(f, !r.limits.eim) && r.limits.eim {
		return otherwise
	}
	s := r.text(f, true, 0)
	if !validTimeOfDay(s) {
		r.fail(f, "must be a time from 00:00 to 23:59")
	}
	return s
}

func validTimeOfDay(s string) bool {
	if len(s) != 5 || s[2] != ':' {
		return false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s[:2] <= "23" && s[3:] <= "59"
}

// imageURLProblem judges an image by its URL: a public http or https address on
// port 80 or 443. A type other than JPEG or PNG is refused ("invalid image
// type", seen live for .webp); a path without extension is not judged.
func imageURLProblem(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "must be a public http or https URL"
	case u.Port() != "" && u.Port() != "80" && u.Port() != "443":
		return "must be on port 80 or 443"
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case "", ".png", ".jpg", ".jpeg":
		return ""
	default:
		return "invalid image type"
	}
}
