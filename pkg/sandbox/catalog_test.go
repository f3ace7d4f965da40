package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	pushPath = "/integrations/gofood/outlets/" + linkedOutletID + "/v1/catalog"
	pullPath = "/integrations/gofood/outlets/" + linkedOutletID + "/v2/catalog"
)

// goodMenu is a correct body, which tests spoil.
const goodMenu = `{
  "request_id": "r-1",
  "menus": [{"name": "Mi", "menu_items": [{
    "external_id": "MI-1", "name": "Bakmi", "internal_name": "Bakmi kecil", "description": "Enak", "in_stock": true, "price": 27000.5,
    "image": "https://img.example.test/mi.png?v=2",
    "operational_hours": {"monday": [{"start": "09:00", "end": "14:00"}, {"start": "14:00", "end": "21:00"}], "tuesday": []},
    "variant_category_external_ids": ["VC-1"]}]}],
  "variant_categories": [{"external_id": "VC-1", "internal_name": "Pedas", "name": "Pedas", "rules": {"selection": {"min_quantity": 0, "max_quantity": null}},
    "variants": [{"external_id": "V-1", "name": "Sedang", "price": -500, "in_stock": true}]}]
}`

func pull(c caller) catalog {
	c.Helper()
	var live catalog
	c.decode(c.call(http.MethodGet, pullPath, nil), &live)
	return live
}

func TestPushReadsBackEqual(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	if a := c.call("PUT", pushPath, goodMenu); string(a.body) != `{"success":true,"data":{"request_id":"r-1"}}` {
		t.Errorf("push: %d %s", a.status, a.body)
	}
	first := pull(c)
	want := catalog{
		Menus: []menu{{Name: "Mi", Items: []menuItem{{
			ID: first.Menus[0].Items[0].ID, ExternalID: "MI-1", Name: "Bakmi", InternalName: "Bakmi kecil", Description: "Enak", Price: 27000.5, InStock: true,
			Image:              "https://img.example.test/mi.png?v=2",
			OperationalHours:   map[string][]window{"monday": {{"09:00", "14:00"}, {"14:00", "21:00"}}, "tuesday": {}},
			VariantCategoryIDs: []string{first.VariantCategories[0].ID},
		}}}},
		VariantCategories: []variantCategory{{
			ID: first.VariantCategories[0].ID, ExternalID: "VC-1", Name: "Pedas", InternalName: "Pedas",
			Variants: []variant{{ID: first.VariantCategories[0].Variants[0].ID, ExternalID: "V-1", Name: "Sedang", Price: -500, InStock: true}},
		}},
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Error(diff)
	}

	// A push replaces everything; an external id that comes back keeps its id.
	other := strings.NewReplacer("MI-1", "MI-2", "VC-1", "VC-2", "V-1", "V-2").Replace(goodMenu)
	d.done(c.call("PUT", pushPath, other))
	if second := pull(c); len(second.Menus) != 1 || second.Menus[0].Items[0].ExternalID != "MI-2" || second.Menus[0].Items[0].ID == first.Menus[0].Items[0].ID {
		t.Errorf("after another push: %+v", second)
	}
	d.done(c.call("PUT", pushPath, goodMenu))
	if diff := cmp.Diff(first, pull(c)); diff != "" {
		t.Errorf("ids changed: %s", diff)
	}

	d.s.setSwitches(Switches{HideCategoryExternalIDs: true})
	if vc := pull(c).VariantCategories[0]; vc.ExternalID != "" || vc.ID == "" {
		t.Errorf("hidden external id: %+v", vc)
	}
}

func TestPushShowsAfterTheDelay(t *testing.T) {
	d := newHarness(t, Options{})
	d.s.o.CatalogDelay = time.Minute
	c := d.as(facilitatorID)
	hook := newReceiver(t)
	c.subscribe(hook, eventMenuMappingUpdated)
	d.done(c.call("PUT", pushPath, goodMenu))
	if live := pull(c); live.Menus[0].Items[0].ExternalID != "MI-001" {
		t.Errorf("the push shows at once: %+v", live.Menus[0])
	}
	hook.nothing()
	d.done(d.control("POST", "clock", map[string]string{"advance": "1m"}))
	e := d.event(hook, facilitatorID, eventMenuMappingUpdated)
	if live := pull(c); live.Menus[0].Items[0].ExternalID != "MI-1" {
		t.Errorf("the push does not show after its delay: %+v", live.Menus[0])
	}
	for _, text := range []string{`"request_id":"r-1"`, `"external_menu_id":"MI-1"`, `"external_outlet_id":"POS-TEBET"`} {
		if !strings.Contains(strings.ReplaceAll(string(e.raw), " ", ""), text) {
			t.Errorf("the event lacks %s: %s", text, e.raw)
		}
	}
}

// Two pushes show one after the other, each when its own delay has passed.
func TestPushesShowInTurn(t *testing.T) {
	d := newHarness(t, Options{})
	d.s.o.CatalogDelay = time.Minute
	c := d.as(facilitatorID)
	advance := func() {
		t.Helper()
		d.done(d.control("POST", "clock", map[string]string{"advance": "30s"}))
	}
	shows := func(externalID string, pending int) {
		t.Helper()
		d.await(externalID, func() bool { return pull(c).Menus[0].Items[0].ExternalID == externalID })
		if o := d.s.state().Outlets[0]; o.ID != linkedOutletID || o.Pending != pending {
			t.Errorf("%s has %d menus under way, want %d", o.ID, o.Pending, pending)
		}
	}
	d.done(c.call("PUT", pushPath, goodMenu))
	advance()
	d.done(c.call("PUT", pushPath, strings.Replace(goodMenu, "MI-1", "MI-2", 1)))
	shows("MI-001", 2)
	advance()
	shows("MI-1", 1)
	advance()
	shows("MI-2", 0)
}

func TestBadMenus(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	before := pull(c)
	long := func(n int) string { return strings.Repeat("é", n) }
	replace := func(old, new string) string {
		if !strings.Contains(goodMenu, old) {
			t.Fatalf("the menu lacks %s", old)
		}
		return strings.Replace(goodMenu, old, new, 1)
	}
	for message, body := range map[string]string{
		"menus: missing required field":                                                      `{"request_id": "r"}`,
		"menus: missing required field ":                                                     `{"menus": []}`,
		"menus: missing required field  ":                                                    `{"menus": [{"name": "Kosong", "menu_items": []}]}`,
		"menus: missing required field   ":                                                   `{"menus": [{"name": "Kosong"}]}`,
		"menus: must be a list":                                                              `{"menus": {}}`,
		"menus[0]: must be an object":                                                        `{"menus": ["Mi"]}`,
		"menus[0].name: missing required field":                                              replace(`"name": "Mi", `, ``),
		"menus[0].name: must be at most 150 characters, has 151":                             replace(`"Mi"`, `"`+long(151)+`"`),
		"menus[0].menu_items[0].name: must be at most 150":                                   replace(`"Bakmi"`, `"`+long(151)+`"`),
		"menus[0].menu_items[0].name: must be a string":                                      replace(`"Bakmi"`, `7`),
		"menus[0].menu_items[0].name: must not be empty":                                     replace(`"Bakmi"`, `" "`),
		"menus[0].menu_items[0].internal_name: must be at most 200":                          replace(`"Bakmi kecil"`, `"`+long(201)+`"`),
		"menus[0].menu_items[0].description: must be at most 200":                            replace(`"Enak"`, `"`+long(201)+`"`),
		"menus[0].menu_items[0].external_id: missing required field":                         replace(`"external_id": "MI-1", `, ``),
		"menus[0].menu_items[0].external_id: must be at most 200":                            replace(`"MI-1"`, `"`+long(201)+`"`),
		"menus[0].menu_items[0].in_stock: missing required field":                            replace(`"in_stock": true, `, ``),
		"menus[0].menu_items[0].in_stock: must be true or false":                             replace(`"in_stock": true`, `"in_stock": 1`),
		"menus[0].menu_items[0].price: missing required field":                               replace(`, "price": 27000.5`, ``),
		"menus[0].menu_items[0].price: must be a number":                                     replace(`27000.5`, `"27000"`),
		"menus[0].menu_items[0].price: must not be negative":                                 replace(`27000.5`, `-1`),
		"menus[0].menu_items[0].image: invalid image type":                                   replace(`mi.png?v=2`, `mi.webp`),
		"menus[0].menu_items[0].image: must be on port 80 or 443":                            replace(`img.example.test/`, `img.example.test:8080/`),
		"menus[0].menu_items[0].image: must be a public http":                                replace(`https://img`, `ftp://img`),
		"menus[0].menu_items[0].image: must be a public http or https URL, which GoBiz can":  replace(`https://img.example.test`, `http://localhost`),
		"menus[0].menu_items[0].image: must be a public http or https URL,":                  replace(`https://img.example.test`, `http://192.168.1.2`),
		"menus[0].menu_items[0].operational_hours.monday: windows overlap":                   replace(`"start": "14:00"`, `"start": "13:59"`),
		"menus[0].menu_items[0].operational_hours.monday[0]: start must be before end":       replace(`"end": "14:00"`, `"end": "09:00"`),
		"menus[0].menu_items[0].operational_hours.monday[0].end: must be a time":             replace(`"end": "14:00"`, `"end": "24:00"`),
		"menus[0].menu_items[0].operational_hours.monday[0].start: must be a time":           replace(`"09:00"`, `"9:00"`),
		"menus[0].menu_items[0].operational_hours.monday[0].start: missing required field":   replace(`"start": "09:00", `, ``),
		"menus[0].menu_items[0].operational_hours.Monday: is not a day of the week":          replace(`"monday"`, `"Monday"`),
		`menus[0].menu_items[0].variant_category_external_ids[0]: \"VC-9\" is not in`:        replace(`["VC-1"]`, `["VC-9"]`),
		`menus[0].menu_items[0].variant_category_external_ids[1]: \"VC-1\" is used twice`:    replace(`["VC-1"]`, `["VC-1", "VC-1"]`),
		`menus[1].name: \"Mi\" is used twice`:                                                replace(`"menus": [`, `"menus": [{"name": "Mi"}, `),
		`menus[0].menu_items[1].external_id: \"MI-1\" is used twice`:                         replace(`"menu_items": [`, `"menu_items": [{"external_id": "MI-1", "name": "x", "price": 1, "in_stock": true}, `),
		"variant_categories[0].name: must be at most 150":                                    replace(`"name": "Pedas"`, `"name": "`+long(151)+`"`),
		"variant_categories[0].external_id: missing required field":                          replace(`"external_id": "VC-1", `, ``),
		"variant_categories[0].rules: missing required field":                                replace(`"rules": {"selection": {"min_quantity": 0, "max_quantity": null}},`, ``),
		"variant_categories[0].rules.selection.max_quantity: must be at least min_quantity":  replace(`"min_quantity": 0, "max_quantity": null`, `"min_quantity": 1, "max_quantity": 0`),
		"variant_categories[0].rules.selection.max_quantity: missing required field":         replace(`, "max_quantity": null`, ``),
		"variant_categories[0].rules.selection.min_quantity: must be a whole number from 0":  replace(`"min_quantity": 0`, `"min_quantity": -1`),
		"variant_categories[0].rules.selection.min_quantity: must be a whole number from 0 ": replace(`"min_quantity": 0`, `"min_quantity": 0.5`),
		"variant_categories[0].variants: missing required field":                             replace(`"variants": [{"external_id": "V-1", "name": "Sedang", "price": -500, "in_stock": true}]`, `"variants": null`),
		"variant_categories[0].variants[0].name: must be at most 150":                        replace(`"Sedang"`, `"`+long(151)+`"`),
		"variant_categories[0].variants[0].price: missing required field":                    replace(`"price": -500, `, ``),
	} {
		t.Run(strings.TrimSpace(message), func(t *testing.T) {
			a := c.call("PUT", pushPath, body)
			d.refused(a, 422, strings.TrimSpace(message))
			d.refused(a, 422, `"message_title":"Bad Request"`)
		})
	}
	for _, body := range []string{`[]`, `"menus"`, `{"menus": [}`, `null`, ``} {
		d.refused(c.call("PUT", pushPath, body), 400, "Bad Request")
	}
	if diff := cmp.Diff(before, pull(c)); diff != "" {
		t.Errorf("a refused push changed the menu: %s", diff)
	}
}

// Both official samples have a maximum above the number of variants, one of them
// without any variant.
func TestSelectionHasNothingToDoWithTheNumberOfVariants(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	for _, rule := range []string{`"min_quantity": 1, "max_quantity": 2`, `"min_quantity": 2, "max_quantity": null`, `"min_quantity": 3, "max_quantity": 3`} {
		body := strings.Replace(goodMenu, `"min_quantity": 0, "max_quantity": null`, rule, 1)
		d.done(c.call("PUT", pushPath, body))
		d.done(c.call("PUT", pushPath, strings.Replace(body, `[{"external_id": "V-1", "name": "Sedang", "price": -500, "in_stock": true}]`, `[]`, 1)))
	}
	if rule := pull(c).VariantCategories[0].Rules.Selection; rule.Min != 3 || *rule.Max != 3 {
		t.Errorf("the rule has become %+v", rule)
	}
}

func TestMenuSwitches(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	plain := `{"menus": [{"name": "Mi", "menu_items": [{"external_id": "MI-1", "name": "Bakmi", "in_stock": true, "price": 2000001}]}]}`
	d.done(c.call("PUT", pushPath, plain)) // hours, categories and request_id may be left out
	long := strings.Replace(plain, `"name": "Bakmi"`, `"name": "Bakmi", "description": "`+strings.Repeat("é", 250)+`"`, 1)
	d.refused(c.call("PUT", pushPath, long), 422, "description: must be at most 200")
	d.s.setSwitches(Switches{LongDescriptions: true})
	d.done(c.call("PUT", pushPath, long))
	d.refused(c.call("PUT", pushPath, strings.Replace(long, "é", "éé", 1)), 422, "description: must be at most 250")
	d.s.setSwitches(Switches{LimitItemPrice: true})
	d.refused(c.call("PUT", pushPath, plain), 422, "menus[0].menu_items[0].price: must be at most 2000000")
	d.s.setSwitches(Switches{RequireOperationalHours: true})
	d.refused(c.call("PUT", pushPath, plain), 422, "menus[0].menu_items[0].operational_hours: missing required field")
}

// The same item may stand in several menus; a limit per menu is the legacy
// API's only.
func TestLargeMenus(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	items := make([]string, 101)
	for i := range items {
		items[i] = fmt.Sprintf(`{"external_id": "I-%d", "name": "Item", "in_stock": true, "price": 1}`, i)
	}
	list := strings.Join(items, ",")
	d.done(c.call("PUT", pushPath, `{"menus": [{"name": "A", "menu_items": [`+list+`]}, {"name": "B", "menu_items": [`+list+`]}]}`))
	live := pull(c)
	if len(live.items()) != 101 || live.Menus[0].Items[7].ID != live.Menus[1].Items[7].ID {
		t.Errorf("%d different items", len(live.items()))
	}
}

func TestStocks(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	items := "/integrations/gofood/outlets/" + linkedOutletID + "/v2/menu_item_stocks"
	variants := "/integrations/gofood/outlets/" + linkedOutletID + "/v2/variant_stocks"
	live := pull(c)
	uuid := live.Menus[0].Items[1].ID
	if a := c.call("PATCH", items, `[{"external_id": "MI-001", "in_stock": false}, {"id": "`+uuid+`", "in_stock": false}]`); string(a.body) != `{"success":true,"data":{}}` {
		t.Errorf("stock: %d %s", a.status, a.body)
	}
	d.done(c.call("PATCH", variants, `[{"external_id": "V-JUMBO", "in_stock": false}]`))
	want := live
	want.Menus[0].Items[0].InStock, want.Menus[0].Items[1].InStock = false, false
	want.VariantCategories[2].Variants[1].InStock = false
	if diff := cmp.Diff(want, pull(c)); diff != "" {
		t.Error(diff)
	}

	d.refused(c.call("PATCH", items, `[{"external_id": "MI-001", "in_stock": true}, {"external_id": "NO-1", "in_stock": true}]`), 422, "[1]: NO-1 is not in the catalog")
	if diff := cmp.Diff(want, pull(c)); diff != "" {
		t.Errorf("a refused change took effect: %s", diff)
	}
	d.refused(c.call("PATCH", items, `[]`), 422, "at least one entry")
	d.refused(c.call("PATCH", items, `[{"in_stock": true}]`), 422, "[0].external_id: missing required field")
	d.refused(c.call("PATCH", items, `[{"external_id": "MI-001"}]`), 422, "[0].in_stock: missing required field")
	d.refused(c.call("PATCH", items, `{"menu_items": []}`), 400, "Bad Request")
	d.refused(c.call("PATCH", variants, `[{"external_id": "MI-001", "in_stock": true}]`), 422, "is not in the catalog") // an item's id
}

func TestSeededMenuWithAppMadeItems(t *testing.T) {
	d := newHarness(t, Options{})
	a := d.as(facilitatorID).call("GET", "/integrations/gofood/outlets/"+unmappedOutletID+"/v2/catalog", nil)
	var raw struct {
		Data struct {
			Menus []struct {
				Items []map[string]json.RawMessage `json:"menu_items"`
			}
			Categories []map[string]json.RawMessage `json:"variant_categories"`
		}
	}
	if err := json.Unmarshal(a.body, &raw); err != nil {
		t.Fatal(err)
	}
	last := raw.Data.Menus[len(raw.Data.Menus)-1].Items
	for _, item := range last {
		if _, has := item["external_id"]; has {
			t.Errorf("an app-made item has an external id: %s", item)
		}
	}
	if _, has := raw.Data.Categories[len(raw.Data.Categories)-1]["external_id"]; has || len(last) != 2 {
		t.Errorf("the app-made category has an external id, or %d items share it", len(last))
	}
}

func TestImageDownloads(t *testing.T) {
	d := newHarness(t, Options{})
	picture := func(width, height int) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	files := map[string][]byte{
		"/good.png": picture(2, 2), "/wide.png": picture(3, 2), "/text.png": []byte("no picture"), "/large.png": make([]byte, maxImageBytes+1),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if content, ok := files[r.URL.Path]; ok {
			_, _ = w.Write(content)
			return
		}
		http.NotFound(w, r)
	}))
	defer server.Close()
	for path, want := range map[string]string{
		"/good.png": "", "/wide.png": "must be square", "/text.png": "invalid image type", "/large.png": "must be at most 1 MB",
		"/gone.png": "cannot be downloaded, status 404",
	} {
		if got := d.s.imageProblem(t.Context(), server.URL+path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	server.Close()
	if got := d.s.imageProblem(t.Context(), server.URL+"/good.png"); got != "cannot be downloaded" {
		t.Errorf("a server that is down: %q", got)
	}
}
