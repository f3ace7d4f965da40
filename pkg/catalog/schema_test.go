package catalog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

const schemaFile = "../../docs/catalog.schema.json"

// schema is the one that editors get.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(catalog.SchemaURL, document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(catalog.SchemaURL)
	if err != nil {
		t.Fatalf("the schema is not valid: %v", err)
	}
	return s
}

// validate judges a file as an editor does.
func validate(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	var value any
	if err := yaml.Load(data, &value); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return s.Validate(value)
}

func parse(t *testing.T, name string, data []byte) (*catalog.File, catalog.Findings) {
	t.Helper()
	return catalog.Parse(name, data, catalog.Partner)
}

func TestSchemaIsWhereFilesPointTo(t *testing.T) {
	if id := schema(t).ID; id != catalog.SchemaURL {
		t.Errorf("$id is %s, files name %s", id, catalog.SchemaURL)
	}
}

// Whatever is shipped, written by a pull, or written in the short forms, an
// editor takes.
func TestSchemaTakesFiles(t *testing.T) {
	s := schema(t)
	for _, name := range []string{"testdata/warung.yaml", "testdata/eim_menu.json", "../../cmd/demo/menu.yaml"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(t, s, data); err != nil {
				t.Errorf("the schema refuses it: %v", err)
			}
			source, findings := parse(t, name, data)
			if err := findings.Err(name); err != nil {
				t.Fatal(err)
			}
			for format, encode := range encoders {
				encoded, err := encode(source)
				if err != nil {
					t.Fatal(err)
				}
				if err := validate(t, s, encoded); err != nil {
					t.Errorf("the schema refuses it as written back, %s: %v\n%s", format, err, encoded)
				}
			}
		})
	}
}

var encoders = map[string]func(*catalog.File) ([]byte, error){
	"json": catalog.EncodeJSON,
	"yaml": func(s *catalog.File) ([]byte, error) { return catalog.EncodeYAML(s, nil) },
}

// A pulled menu has what a file rarely has: no texts, odd hours, things without
// an external id.
func TestSchemaTakesPulledMenus(t *testing.T) {
	live, err := catalog.FromLive([]byte(`{"success":true,"data":{
		"menus":[
			{"name":"Kosong","menu_items":[]},
			{"name":"Es","menu_items":[
				{"id":"6d0e","name":"Es \"Campur\"\n#1","price":20000,"variant_category_ids":["7c1d"],
				 "operational_hours":{"monday":[],"friday":[{"start":"00:00","end":"05:00"},{"start":"17:00","end":"23:59"}]}},
				{"id":"6d0f","external_id":"0012","name":"no","price":0,"in_stock":false,"image":"https://img.example.com/a.png"}
			]}
		],
		"variant_categories":[
			{"id":"7c1d","name":"Pilihan","rules":{"selection":{"min_quantity":0,"max_quantity":null}},
			 "variants":[{"id":"9a55","name":"Sedikit","price":-500,"in_stock":true}]},
			{"id":"7c1e","name":"Tanpa isi","rules":{"selection":{"min_quantity":0,"max_quantity":0}},"variants":[]}
		]}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := schema(t)
	source, notes := live.File(nil)
	if len(notes) == 0 {
		t.Error("a menu without external ids has no notes")
	}
	for format, encode := range encoders {
		data, err := encode(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, data); err != nil {
			t.Errorf("%s: the schema refuses a pulled menu: %v\n%s", format, err, data)
		}
	}
}

const (
	wholeMenu = `
request_id: 5f0c
defaults: {operational_hours: {every_day: ["10:00-22:00"]}, in_stock: true}
menus:
  - name: Mi
    menu_items:
      - {external_id: MI-1, name: Bakmi, price: 27000, HERE}
variant_categories:
  - external_id: VC
    name: Pedas
    rules: {selection: {min_quantity: 0, max_quantity: 1}}
    variants: [{external_id: V, name: Gila, price: 1000, in_stock: true}]
`
	itemSlot = ", HERE"
)

// edited is wholeMenu with a piece replaced.
func edited(t *testing.T, old, replacement string) []byte {
	t.Helper()
	menu := wholeMenu
	if old != itemSlot {
		menu = strings.Replace(menu, itemSlot, "", 1)
	}
	if strings.Count(menu, old) != 1 {
		t.Fatalf("%q is not in the menu once", old)
	}
	return []byte(strings.Replace(menu, old, replacement, 1))
}

// Both take it: the schema must not forbid what a push understands.
func TestSchemaTakesWhatParseTakes(t *testing.T) {
	s := schema(t)
	for name, edit := range map[string][2]string{
		"nulls where a key may be left out": {itemSlot, ", internal_name: null, description: ~, in_stock: null, image: null, operational_hours: null, variant_category_external_ids: null"},
		"a null list":                       {"menu_items:\n      - {external_id: MI-1, name: Bakmi, price: 27000}", "menu_items:"},
		"price in groups":                   {"27000", "27_000"},
		"price 0":                           {"27000", "0"},
		"variant that costs less":           {"price: 1000", "price: -1000"},
		"no limit":                          {"max_quantity: 1", "max_quantity: null"},
		"one window alone":                  {itemSlot, `, operational_hours: {monday: "10:00-22:00"}`},
		"over midnight, with blanks":        {itemSlot, `, operational_hours: {monday: ["17:00 - 01:00"]}`},
		"the API's own windows":             {itemSlot, `, operational_hours: {monday: [{start: "00:00", end: "23:59"}, "12:00-13:00"]}`},
		"closed days":                       {itemSlot, `, operational_hours: {every_day: "10:00-22:00", sunday: [], monday: }`},
		"hours without a day":               {itemSlot, ", operational_hours: {}"},
		"$schema":                           {"request_id: 5f0c", `$schema: https://example.com/catalog.schema.json`},
		"empty texts":                       {itemSlot, `, description: "", image: "", internal_name: ""`},
	} {
		t.Run(name, func(t *testing.T) {
			data := edited(t, edit[0], edit[1])
			if _, findings := parse(t, "menu.yaml", data); findings.Err("menu.yaml") != nil {
				t.Errorf("a push refuses it: %v", findings.Err("menu.yaml"))
			}
			if err := validate(t, s, data); err != nil {
				t.Errorf("the schema refuses it: %v", err)
			}
		})
	}
}

func TestSchemaRefusesOtherFiles(t *testing.T) {
	s := schema(t)
	for _, text := range []string{"[]", "menus", "{}", "variant_categories: []"} {
		if _, findings := parse(t, "menu.yaml", []byte(text)); findings.Err("menu.yaml") == nil {
			t.Errorf("a push takes %s", text)
		}
		if validate(t, s, []byte(text)) == nil {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// Both refuse it: what a push calls a mistake of the file, an editor marks.
func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	s := schema(t)
	for name, edit := range map[string][2]string{
		"unknown key at the top":              {"request_id", "requestId"},
		"unknown key of a menu":               {"menu_items:", "items: []\n    menu_items:"},
		"unknown key of an item":              {itemSlot, ", prise: 1"},
		"unknown key of the defaults":         {"in_stock: true}\nmenus", "instock: true}\nmenus"},
		"unknown key of a variant category":   {"name: Pedas", "name: Pedas\n    min: 1"},
		"unknown key of the rules":            {"rules: {", "rules: {price: {}, "},
		"unknown key of the selection":        {"selection: {", "selection: {default: 0, "},
		"unknown key of a variant":            {"name: Gila", "name: Gila, stock: 1"},
		"unknown day":                         {itemSlot, ", operational_hours: {senin: []}"},
		"unknown key of a window":             {itemSlot, `, operational_hours: {monday: [{start: "10:00", end: "11:00", to: 1}]}`},
		"no menus":                            {"menus:\n", "variants:\n"},
		"menus null":                          {"menus:\n  - name: Mi\n    menu_items:\n      - {external_id: MI-1, name: Bakmi, price: 27000}", "menus:"},
		"menus is an object":                  {"menus:\n  - name: Mi\n    menu_items:\n      - {external_id: MI-1, name: Bakmi, price: 27000}", "menus: {}"},
		"a null menu":                         {"menus:\n", "menus:\n  -\n"},
		"a menu without a name":               {"name: Mi\n", "name:\n"},
		"a blank name":                        {"name: Bakmi", `name: "  "`},
		"an item without external_id":         {"external_id: MI-1, ", ""},
		"an item without a price":             {", price: 27000", ""},
		"an item without a name":              {"name: Bakmi, ", ""},
		"a number for an external id":         {"MI-1", "12"},
		"a number for a name":                 {"Bakmi", "12"},
		"a boolean for a name":                {"Bakmi", "true"},
		"a list for a description":            {itemSlot, ", description: []"},
		"a price in quotes":                   {"27000", `"25.000"`},
		"a price in words":                    {"27000", "Rp 25.000"},
		"a price with decimals":               {"27000", "25000.5"},
		"a null price":                        {"27000", "null"},
		"a price that is too large":           {"27000", "1234567890123"},
		"a variant's price in quotes":         {"price: 1000", `price: "1000"`},
		"a quantity in quotes":                {"min_quantity: 0", `min_quantity: "0"`},
		"half a quantity":                     {"min_quantity: 0", "min_quantity: 0.5"},
		"a null minimum":                      {"min_quantity: 0", "min_quantity: null"},
		"no maximum":                          {", max_quantity: 1", ""},
		"no rules":                            {"    rules: {selection: {min_quantity: 0, max_quantity: 1}}\n", ""},
		"no selection":                        {"{selection: {min_quantity: 0, max_quantity: 1}}", "{}"},
		"no variants":                         {"    variants: [{external_id: V, name: Gila, price: 1000, in_stock: true}]\n", ""},
		"in_stock in words":                   {itemSlot, ", in_stock: ready"},
		"in_stock as a number":                {itemSlot, ", in_stock: 1"},
		"references that are no list":         {itemSlot, ", variant_category_external_ids: VC"},
		"a null reference":                    {itemSlot, ", variant_category_external_ids: [null]"},
		"hours as text":                       {itemSlot, `, operational_hours: "10:00-22:00"`},
		"hours of defaults as a list":         {`{every_day: ["10:00-22:00"]}`, `["10:00-22:00"]`},
		"a window with a point":               {itemSlot, `, operational_hours: {monday: "10.00-22.00"}`},
		"a window with one digit":             {itemSlot, `, operational_hours: {monday: "9:00-22:00"}`},
		"a window that ends at 24:00":         {itemSlot, `, operational_hours: {monday: ["10:00-24:00"]}`},
		"a window that has no end":            {itemSlot, `, operational_hours: {monday: ["10:00"]}`},
		"a window without end":                {itemSlot, `, operational_hours: {monday: [{start: "10:00"}]}`},
		"a window with a number":              {itemSlot, `, operational_hours: {monday: [{start: "10:00", end: 22}]}`},
		"a window with a clock of 60 minutes": {itemSlot, `, operational_hours: {monday: [{start: "10:60", end: "11:00"}]}`},
		"a number for a request id":           {"5f0c", "12"},
		"defaults that are a list":            {`defaults: {operational_hours: {every_day: ["10:00-22:00"]}, in_stock: true}`, "defaults: []"},
		"variant categories in an object":     {"variant_categories:\n  - external_id: VC\n    name: Pedas\n    rules: {selection: {min_quantity: 0, max_quantity: 1}}\n    variants: [{external_id: V, name: Gila, price: 1000, in_stock: true}]", "variant_categories: {}"},
		"an unnamed menu":                     {"name: Mi\n    menu_items:", "menu_items:"},
		"a blank menu name":                   {"name: Mi\n", "name: ' '\n"},
		"items in an object":                  {"\n      - {external_id: MI-1, name: Bakmi, price: 27000}", " {}"},
		"an item that is text":                {"{external_id: MI-1, name: Bakmi, price: 27000}", "Bakmi"},
		"a number for an image":               {itemSlot, ", image: 1"},
		"a number for an internal name":       {itemSlot, ", internal_name: 1"},
		"a blank external id":                 {"MI-1", "' '"},
		"a category that is text":             {"- external_id: VC\n    name: Pedas\n    rules: {selection: {min_quantity: 0, max_quantity: 1}}\n    variants: [{external_id: V, name: Gila, price: 1000, in_stock: true}]", "- VC"},
		"a category with a number for a name": {"Pedas", "3"},
		"a category with a blank name":        {"Pedas", "' '"},
		"a category without a name":           {"    name: Pedas\n", ""},
		"rules as a list":                     {"{selection: {min_quantity: 0, max_quantity: 1}}", "[]"},
		"a selection as a list":               {"{min_quantity: 0, max_quantity: 1}", "[]"},
		"a maximum in words":                  {"max_quantity: 1", "max_quantity: semua"},
		"a maximum that is too large":         {"max_quantity: 1", "max_quantity: 1000001"},
		"a minimum that is too large":         {"min_quantity: 0", "min_quantity: 1000001"},
		"variants in an object":               {"[{external_id: V, name: Gila, price: 1000, in_stock: true}]", "{}"},
		"a variant that is text":              {"{external_id: V, name: Gila, price: 1000, in_stock: true}", "Gila"},
		"a variant without a name":            {"name: Gila, ", ""},
		"a variant with a number for a name":  {"Gila", "3"},
		"a variant with a blank name":         {"Gila", "' '"},
		"a variant's price that is too large": {"price: 1000", "price: 1234567890123"},
		"a variant's price that is too small": {"price: 1000", "price: -1234567890123"},
		"a null window":                       {itemSlot, `, operational_hours: {monday: [null]}`},
	} {
		t.Run(name, func(t *testing.T) {
			data := edited(t, edit[0], edit[1])
			if _, findings := parse(t, "menu.yaml", data); findings.Err("menu.yaml") == nil {
				t.Errorf("a push takes it\n%s", data)
			}
			if validate(t, s, data) == nil {
				t.Errorf("the schema takes it\n%s", data)
			}
		})
	}
}

// Lengths and signs are the API's own rules: an editor marks them before the
// API refuses the push.
func TestSchemaKnowsTheAPIsLimits(t *testing.T) {
	s := schema(t)
	long := func(n int) string { return strings.Repeat("é", n) }
	for name, edit := range map[string]struct{ old, fits, exceeds string }{
		"menu name":     {"name: Mi\n", "name: " + long(150) + "\n", "name: " + long(151) + "\n"},
		"item name":     {"Bakmi", long(250), long(251)},
		"description":   {itemSlot, ", description: " + long(250), ", description: " + long(251)},
		"internal name": {itemSlot, ", internal_name: " + long(200), ", internal_name: " + long(201)},
		"external id":   {"MI-1", long(200), long(201)},
		"variant name":  {"Gila", long(150), long(151)},
		"item price":    {"27000", "0", "-1"},
		"category name": {"Pedas", long(150), long(151)},
		"minimum":       {"min_quantity: 0", "min_quantity: 1", "min_quantity: -1"},
		"maximum":       {"max_quantity: 1", "max_quantity: 0", "max_quantity: -1"},
		"image":         {itemSlot, ", image: https://img.example.com/a.png", ", image: a.png"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := validate(t, s, edited(t, edit.old, edit.fits)); err != nil {
				t.Errorf("the schema refuses what fits: %v", err)
			}
			if validate(t, s, edited(t, edit.old, edit.exceeds)) == nil {
				t.Error("the schema takes what exceeds the limit")
			}
		})
	}
}
