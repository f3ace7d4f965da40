package sandbox

import (
	jsonv1 "encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	urlpath "path"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/internal/publichost"
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

// catalogBody is the body of a catalog PUT as it came.
type catalogBody struct {
	RequestID  field[string]                `json:"request_id"`
	Menus      field[[]field[menuBody]]     `json:"menus"`
	Categories field[[]field[categoryBody]] `json:"variant_categories"`
}

type menuBody struct {
	Name  field[string]            `json:"name"`
	Items field[[]field[itemBody]] `json:"menu_items"`
}

type itemBody struct {
	ExternalID   field[string]          `json:"external_id"`
	Name         field[string]          `json:"name"`
	InternalName field[string]          `json:"internal_name"`
	Description  field[string]          `json:"description"`
	InStock      field[bool]            `json:"in_stock"`
	Price        field[float64]         `json:"price"`
	Image        field[string]          `json:"image"`
	Hours        field[hoursBody]       `json:"operational_hours"`
	Categories   field[[]field[string]] `json:"variant_category_external_ids"`
}

type hoursBody struct {
	Sunday    dayBody                   `json:"sunday"`
	Monday    dayBody                   `json:"monday"`
	Tuesday   dayBody                   `json:"tuesday"`
	Wednesday dayBody                   `json:"wednesday"`
	Thursday  dayBody                   `json:"thursday"`
	Friday    dayBody                   `json:"friday"`
	Saturday  dayBody                   `json:"saturday"`
	Others    map[string]jsontext.Value `json:",embed"`
}

type dayBody = field[[]field[windowBody]]

// days are in the order of weekdays.
func (h *hoursBody) days() [7]*dayBody {
	return [7]*dayBody{&h.Sunday, &h.Monday, &h.Tuesday, &h.Wednesday, &h.Thursday, &h.Friday, &h.Saturday}
}

type windowBody struct {
	Start field[string] `json:"start"`
	End   field[string] `json:"end"`
}

type categoryBody struct {
	ExternalID   field[string]               `json:"external_id"`
	Name         field[string]               `json:"name"`
	InternalName field[string]               `json:"internal_name"`
	Rules        field[rulesBody]            `json:"rules"`
	Variants     field[[]field[variantBody]] `json:"variants"`
}

type rulesBody struct {
	Selection field[selectionBody] `json:"selection"`
}

type selectionBody struct {
	Min field[float64] `json:"min_quantity"`
	Max field[float64] `json:"max_quantity"`
}

type variantBody struct {
	ExternalID field[string]  `json:"external_id"`
	Name       field[string]  `json:"name"`
	Price      field[float64] `json:"price"`
	InStock    field[bool]    `json:"in_stock"`
}

// field is a value of the body. One of another type than T is skipped, since
// what is wrong first in the order of the checks is told, not what comes first
// in the body.
type field[T any] struct {
	value T
	found found
}

type found byte

const (
	absent found = iota
	null
	otherType
	given
)

func (f *field[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*f = field[T]{} // of a name that comes twice the last one counts
	kind := d.PeekKind()
	want := kind
	switch any(&f.value).(type) {
	case *string:
		want = '"'
	case *float64:
		want = '0'
	case *bool:
		if kind != 't' {
			want = 'f'
		}
	default:
		want = '{'
		if reflect.TypeFor[T]().Kind() == reflect.Slice {
			want = '['
		}
	}
	switch kind {
	case want:
		f.found = given
		return json.UnmarshalDecode(d, &f.value)
	case 'n':
		f.found = null
	default:
		f.found = otherType
	}
	return d.SkipValue()
}

// path leads to a field of the body. It is written out for a message only.
type path struct {
	parent *path  // nil: the body itself
	name   string // of a member of an object
	index  int    // of an element of a list; -1: a member
}

func (p *path) key(name string) path { return path{parent: p, name: name, index: -1} }

func (p *path) at(index int) path { return path{parent: p, index: index} }

func (p *path) appendTo(text []byte) []byte {
	if p.parent == nil {
		return text
	}
	text = p.parent.appendTo(text)
	if p.index >= 0 {
		return fmt.Appendf(text, "[%d]", p.index)
	}
	if len(text) > 0 {
		text = append(text, '.')
	}
	return append(text, p.name...)
}

// readCatalog reads the body of a catalog PUT into a menu without ids (see
// resolve). The first thing that is wrong is a 422 whose message is "<field
// path>: <reason>", and a body that is no JSON object a 400.
func readCatalog(body []byte, limits catalogLimits) (requestID string, pushed *catalog, err error) {
	var root field[catalogBody]
	err = json.Unmarshal(body, &root, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	switch {
	case err != nil:
		// In the words of all other calls.
		var tree any
		if other := jsonv1.Unmarshal(body, &tree); other != nil {
			err = other
		}
		return "", nil, errBadRequest("%s", jsonProblem(err))
	case root.found != given:
		return "", nil, errBadRequest("request body is not a JSON object")
	}
	r := &catalogReader{limits: limits}
	requestID = r.text((&path{}).key("request_id"), root.value.RequestID, false, 0)
	pushed = r.catalog(&root.value)
	return requestID, pushed, r.err
}

// catalogReader keeps the first error; what is read after it is not used.
type catalogReader struct {
	limits catalogLimits
	err    error
}

func (r *catalogReader) fail(at path, format string, args ...any) {
	if r.err == nil {
		r.err = errInvalid("%s: %s", at.appendTo(nil), fmt.Sprintf(format, args...))
	}
}

// missing reports whether a field is absent or null, which is an error when it
// is required. what names the type that it must have otherwise.
func (r *catalogReader) missing(at path, f found, required bool, what string) bool {
	switch {
	case f == otherType:
		r.fail(at, "must be %s", what)
	case f != given && required:
		r.fail(at, "missing required field")
	}
	return f != given
}

func (r *catalogReader) text(at path, f field[string], required bool, limit int) string {
	switch s := f.value; {
	case r.missing(at, f.found, required, "a string"):
	case required && strings.TrimSpace(s) == "":
		r.fail(at, "must not be empty")
	case limit > 0 && len(s) > limit && utf8.RuneCountInString(s) > limit:
		r.fail(at, "must be at most %d characters, has %d", limit, utf8.RuneCountInString(s))
	}
	return f.value
}

func (r *catalogReader) truth(at path, f field[bool]) bool {
	r.missing(at, f.found, true, "true or false")
	return f.value
}

func (r *catalogReader) number(at path, f field[float64]) float64 {
	r.missing(at, f.found, true, "a number")
	return f.value
}

func (r *catalogReader) count(at path, f field[float64]) int {
	n := r.number(at, f)
	if n != math.Trunc(n) || n < 0 || n > 1e6 {
		r.fail(at, "must be a whole number from 0")
		return 0
	}
	return int(n)
}

func (r *catalogReader) list(at path, f found, required bool) { r.missing(at, f, required, "a list") }

func (r *catalogReader) object(at path, f found) { r.missing(at, f, true, "an object") }

// once checks that no value comes twice.
func (r *catalogReader) once(at path, seen map[string]bool, value string) {
	if seen[value] && value != "" {
		r.fail(at, "%q is used twice", value)
	}
	seen[value] = true
}

func (r *catalogReader) catalog(body *catalogBody) *catalog {
	var root path
	c := &catalog{}
	categories := map[string]bool{}
	if !r.limits.eim {
		list, seen := root.key("variant_categories"), map[string]bool{}
		r.list(list, body.Categories.found, false)
		for i, f := range body.Categories.value {
			at := list.at(i)
			vc := r.category(at, f, seen)
			r.once(at.key("external_id"), categories, vc.ExternalID)
			c.VariantCategories = append(c.VariantCategories, vc)
		}
	}
	list, seen := root.key("menus"), map[string]bool{}
	items := 0
	r.list(list, body.Menus.found, true)
	for i, f := range body.Menus.value {
		at := list.at(i)
		m := r.menu(at, f, categories)
		r.once(at.key("name"), seen, m.Name)
		items += len(m.Items)
		c.Menus = append(c.Menus, m)
	}
	if items == 0 {
		// An empty list, and menus without any item, are "missing" (seen live).
		r.fail(list, "missing required field")
	}
	return c
}

func (r *catalogReader) menu(at path, f field[menuBody], categories map[string]bool) menu {
	r.object(at, f.found)
	m := menu{Name: r.text(at.key("name"), f.value.Name, true, maxMenuName)}
	list, entries := at.key("menu_items"), f.value.Items.value
	r.list(list, f.value.Items.found, false)
	if limit := r.limits.menuItems; limit > 0 && len(entries) > limit {
		r.fail(list, "must have at most %d entries, has %d", limit, len(entries))
	}
	seen := map[string]bool{}
	for i := range entries {
		at := list.at(i)
		item := r.item(at, &entries[i], categories)
		r.once(at.key("external_id"), seen, item.ExternalID)
		m.Items = append(m.Items, item)
	}
	return m
}

func (r *catalogReader) item(at path, f *field[itemBody], categories map[string]bool) menuItem {
	r.object(at, f.found)
	body := &f.value
	item := menuItem{
		ExternalID:  r.text(at.key("external_id"), body.ExternalID, true, maxExternalID),
		Name:        r.text(at.key("name"), body.Name, true, r.limits.itemName),
		Description: r.text(at.key("description"), body.Description, false, r.limits.description),
		InStock:     r.truth(at.key("in_stock"), body.InStock),
		Price:       r.number(at.key("price"), body.Price),
		Image:       r.text(at.key("image"), body.Image, false, 0),
	}
	if item.Price < 0 {
		r.fail(at.key("price"), "must not be negative")
	}
	if r.limits.maxPrice > 0 && item.Price > r.limits.maxPrice {
		r.fail(at.key("price"), "must be at most %.0f", r.limits.maxPrice)
	}
	if item.Image != "" {
		if reason := imageURLProblem(item.Image); reason != "" {
			r.fail(at.key("image"), "%s", reason)
		}
	}
	if hours := at.key("operational_hours"); !r.missing(hours, body.Hours.found, r.limits.requireHours, "an object") {
		item.OperationalHours = r.hours(hours, &body.Hours.value)
	}
	if r.limits.eim {
		return item
	}
	item.InternalName = r.text(at.key("internal_name"), body.InternalName, false, maxInternalName)
	list, seen := at.key("variant_category_external_ids"), map[string]bool{}
	r.list(list, body.Categories.found, false)
	for i, reference := range body.Categories.value {
		at := list.at(i)
		id := r.text(at, reference, true, maxExternalID)
		r.once(at, seen, id)
		if !categories[id] {
			r.fail(at, "%q is not in variant_categories", id)
		}
		item.VariantCategoryIDs = append(item.VariantCategoryIDs, id)
	}
	return item
}

func (r *catalogReader) category(at path, f field[categoryBody], variants map[string]bool) variantCategory {
	r.object(at, f.found)
	body := &f.value
	rules := at.key("rules")
	bounds := rules.key("selection")
	r.object(rules, body.Rules.found)
	r.object(bounds, body.Rules.value.Selection.found)
	vc := variantCategory{
		ExternalID:   r.text(at.key("external_id"), body.ExternalID, true, maxExternalID),
		Name:         r.text(at.key("name"), body.Name, true, maxCategoryName),
		InternalName: r.text(at.key("internal_name"), body.InternalName, false, maxInternalName),
	}
	list := at.key("variants")
	r.list(list, body.Variants.found, true)
	for i, entry := range body.Variants.value {
		at := list.at(i)
		r.object(at, entry.found)
		v := variant{
			ExternalID: r.text(at.key("external_id"), entry.value.ExternalID, true, maxExternalID),
			Name:       r.text(at.key("name"), entry.value.Name, true, maxVariantName),
			Price:      r.number(at.key("price"), entry.value.Price),
			InStock:    r.truth(at.key("in_stock"), entry.value.InStock),
		}
		r.once(at.key("external_id"), variants, v.ExternalID)
		vc.Variants = append(vc.Variants, v)
	}
	vc.Rules.Selection = r.selection(bounds, body.Rules.value.Selection.value)
	return vc
}

// selection reads the rule. A null maximum is no limit, as one shipped
// integration sends it. Neither bound has to do with the number of variants:
// both official samples have a maximum above it.
func (r *catalogReader) selection(at path, body selectionBody) selection {
	lower, upper := at.key("min_quantity"), at.key("max_quantity")
	rule := selection{Min: r.count(lower, body.Min)}
	if body.Max.found == null {
		return rule
	}
	limit := r.count(upper, body.Max)
	rule.Max = &limit
	if limit < rule.Min {
		r.fail(upper, "must be at least min_quantity, %d", rule.Min)
	}
	return rule
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// hours reads operational hours: windows of a day must not be empty, cross
// midnight or overlap (inferred).
func (r *catalogReader) hours(at path, body *hoursBody) map[string][]window {
	for _, name := range slices.Sorted(maps.Keys(body.Others)) {
		r.fail(at.key(name), "is not a day of the week")
	}
	hours := make(map[string][]window, len(weekdays))
	for i, f := range body.days() {
		day := weekdays[i]
		list := at.key(day)
		if r.missing(list, f.found, r.limits.requireHours, "a list") {
			continue
		}
		windows := make([]window, len(f.value))
		for i, entry := range f.value {
			at := list.at(i)
			r.object(at, entry.found)
			windows[i] = window{
				Start: r.timeOfDay(at.key("start"), entry.value.Start, "00:00"),
				End:   r.timeOfDay(at.key("end"), entry.value.End, "23:59"),
			}
			if windows[i].Start >= windows[i].End {
				r.fail(at, "start must be before end")
			}
		}
		byStart := windows
		order := func(a, b window) int { return strings.Compare(a.Start, b.Start) }
		if !slices.IsSortedFunc(byStart, order) {
			byStart = slices.SortedFunc(slices.Values(windows), order)
		}
		for i := 1; i < len(byStart); i++ {
			if byStart[i].Start < byStart[i-1].End {
				r.fail(list, "windows overlap")
			}
		}
		hours[day] = windows
	}
	return hours
}

// timeOfDay reads start or end of a window; the legacy API lets both be left
// out, which means the day's own (inferred).
func (r *catalogReader) timeOfDay(at path, f field[string], otherwise string) string {
	if r.limits.eim && (f.found == absent || f.found == null) {
		return otherwise
	}
	s := r.text(at, f, true, 0)
	if !validTimeOfDay(s) {
		r.fail(at, "must be a time from 00:00 to 23:59")
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
	case !publichost.Public(u.Hostname()):
		return "must be a public http or https URL, which GoBiz can download"
	case u.Port() != "" && u.Port() != "80" && u.Port() != "443":
		return "must be on port 80 or 443"
	}
	switch strings.ToLower(urlpath.Ext(u.Path)) {
	case "", ".png", ".jpg", ".jpeg":
		return ""
	default:
		return "invalid image type"
	}
}
