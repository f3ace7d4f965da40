package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// sample is the shape of the developer documentation, "Update out-of-stock
// items": categories without external ids, one item made in the GoBiz app.
const sample = `{"success":true,"data":{"variant_categories":[
  {"id":"5a0c6f1e-1111-4222-8333-444455556666","name":"Level Pedas","internal_name":"Level pedas - mi",
   "rules":{"selection":{"min_quantity":1,"max_quantity":null}},
   "variants":[{"id":"0b1d2c3e-aaaa-4bbb-8ccc-ddddeeeeffff","external_id":"V-PEDAS-1","name":"Sedang","price":0,"in_stock":false}]},
  {"id":"c2","name":"Kosong","variants":[]}],
 "menus":[{"name":"Mi","menu_items":[
  {"id":"9f8e7d6c-1234-4567-89ab-0123456789ab","external_id":"MI-001","name":"Bakmi Ayam","internal_name":"Bakmi ayam biasa",
   "description":"Bakmi, \"jamur\": enak","price":27000.0,"image":"https://img.example.com/1.png","in_stock":false,
   "operational_hours":{"monday":[{"start":"09:00","end":"21:00"}],"tuesday":[]},"new_field":{"x":1},
   "variant_category_ids":["5a0c6f1e-1111-4222-8333-444455556666","gone"]},
  {"id":"app-1","external_id":null,"name":"no","price":15000,"description":null,"operational_hours":null,"variant_category_ids":null}]},
 {"name":"Kosong","menu_items":[]}]}}`

func fromLive(t testing.TB, body string) *Live {
	t.Helper()
	live, err := FromLive([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func TestPull(t *testing.T) {
	live := fromLive(t, sample)
	s, notes := live.File(nil)
	yaml, err := EncodeYAML(s, notes)
	if err != nil {
		t.Fatal(err)
	}
	want := `# yaml-language-server: $schema=` + SchemaURL + `
menus:
  - name: Mi
    menu_items:
      - external_id: MI-001 # refers to a variant category that is not in the menu; the reference is left out
        name: Bakmi Ayam
        internal_name: Bakmi ayam biasa
        description: 'Bakmi, "jamur": enak'
        price: 27000
        image: https://img.example.com/1.png
        operational_hours:
          monday: ["09:00-21:00"]
          tuesday: []
        variant_category_external_ids: [gobiz-5a0c6f1e-1111-4222-8333-444455556666]
      - external_id: gobiz-app-1 # has no external id; this one is made from its GoBiz id
        name: "no"
        price: 15000
  - name: Kosong
    menu_items: []
variant_categories:
  - external_id: gobiz-5a0c6f1e-1111-4222-8333-444455556666 # has no external id; this one is made from its GoBiz id
    name: Level Pedas
    internal_name: Level pedas - mi
    rules:
      selection:
        min_quantity: 1
        max_quantity: 1
    variants:
      - external_id: V-PEDAS-1
        name: Sedang
        price: 0
  - external_id: gobiz-c2 # has no external id; this one is made from its GoBiz id
    name: Kosong
    rules:
      selection:
        min_quantity: 0
        max_quantity: 0
    variants: []
`
	if diff := cmp.Diff(want, string(yaml)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	again := mustParse(t, "pulled.yaml", yaml, Partner)
	if diff := cmp.Diff(s, again, ignoreOrigin); diff != "" {
		t.Errorf("reads back as -want +got\n%s", diff)
	}
	// What was sold out stays sold out.
	p, _ := build(t, again, BuildOptions{Live: live})
	if p.Menus[0].MenuItems[0].InStock || p.VariantCategories[0].Variants[0].InStock || !p.Menus[0].MenuItems[1].InStock {
		t.Error("the stock of the live menu was not kept")
	}
	if second, _ := live.File(nil); !cmp.Equal(s, second, ignoreOrigin) {
		t.Error("a second pull gives other ids")
	}
}

func TestPullTakesOverKnownCategoryIDs(t *testing.T) {
	known := mustParse(t, "known.json", []byte(`{"menus":[],"variant_categories":[
		{"external_id":"OTHER","name":"Kosong","rules":{"selection":{"min_quantity":0,"max_quantity":0}},"variants":[]},
		{"external_id":"VC-PEDAS","name":"Renamed","rules":{"selection":{"min_quantity":1,"max_quantity":1}},"variants":[{"external_id":"V-PEDAS-1","name":"x","price":0}]}]}`), Partner)
	s, notes := fromLive(t, sample).File(known)
	if got := s.VariantCategories[0].ExternalID; got != "VC-PEDAS" {
		t.Errorf("found by its variants: %s", got)
	}
	if got := s.VariantCategories[1].ExternalID; got != "OTHER" {
		t.Errorf("found by its name: %s", got)
	}
	if got := s.Menus[0].Items[0].VariantCategoryExternalIDs; !slices.Equal(got, []string{"VC-PEDAS"}) {
		t.Errorf("reference %v", got)
	}
	for _, n := range notes {
		if n.Entity == "variant_category" {
			t.Errorf("note %+v", n)
		}
	}
}

func TestPullRoundsSen(t *testing.T) {
	live := fromLive(t, `{"menus":[{"name":"M","menu_items":[{"id":"a","external_id":"A","name":"A","price":27000.5},{"id":"b","external_id":"B","name":"B","price":27000.25}]}]}`)
	s, notes := live.File(nil)
	if s.Menus[0].Items[0].Price != Rp(27001) || s.Menus[0].Items[1].Price != Rp(27000) || len(notes) != 2 {
		t.Errorf("%+v %+v", s.Menus[0].Items, notes)
	}
}

func TestPulledTextStaysOnItsLine(t *testing.T) {
	long := strings.Repeat("nasi goreng ", 20) + "selesai"
	s := &File{Menus: []Menu{{Name: long + "\nbaris dua"}}}
	data, err := EncodeYAML(s, nil)
	if err != nil || !strings.Contains(string(data), long) || strings.Count(string(data), "\n") != 4 {
		t.Errorf("%v\n%s", err, data)
	}
}

func TestHoursWithoutDaysAreNotStated(t *testing.T) {
	live := fromLive(t, `{"menus":[{"name":"M","menu_items":[{"id":"a","external_id":"A","name":"A","price":1,"operational_hours":{}}]}]}`)
	if hours := live.Menus[0].Items[0].OperationalHours; hours != nil {
		t.Errorf("%v", hours)
	}
}

func TestFromLiveRefusesOtherBodies(t *testing.T) {
	for _, body := range []string{
		"", "<html>", "[]", `"x"`, `{"success":false,"errors":[{"message":"no"}]}`, `{"errors":[{"message":"no"}]}`,
		`{"menus":{}}`, `{"menus":[{"menu_items":[{"price":"abc"}]}]}`, `{"menus":[{"name":5}]}`, `{"menus":[`,
		// Nothing says that there is no menu. To read one would let a push replace what nobody has seen.
		`{}`, `null`, `{"data":{}}`, `{"success":true}`, `{"success":true,"data":{}}`, `{"success":true,"data":null}`, `{"success":true,"data":{"menus":null}}`, `{"data":{"menu":[]}}`,
		// Nor is a menu read with less in it than there may be.
		`{"menus":[null]}`, `{"menus":[{"menu_items":[]}]}`, `{"menus":[{"name":"M"}]}`, `{"menus":[{"name":"M","menu_items":null}]}`, `{"menus":[{"name":"M","items":[]}]}`,
		`{"menus":[{"name":"M","menu_items":[null]}]}`, `{"menus":[{"name":"M","menu_items":[{"id":"1","price":1}]}]}`,
		`{"menus":[{"name":"M","menu_items":[{"name":"A","price":1,"variant_category_ids":["c"]}]}]}`,
		`{"menus":[],"variant_categories":[{"id":"c","name":"C"}]}`, `{"menus":[],"variant_categories":[{"name":"C","variants":[]}]}`,
		`{"menus":[],"variant_categories":[{"id":"c","name":"C","variants":[{"id":"v","name":"V"}]}]}`,
	} {
		if live, err := FromLive([]byte(body)); err == nil {
			t.Errorf("%s: %+v", body, live)
		}
	}
	for _, body := range []string{`{"menus":[]}`, `{"data":{"menus":[]}}`} {
		if live, err := FromLive([]byte(body)); err != nil || live.Items() != 0 {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestFromLiveNamesTheItemWithoutAPrice(t *testing.T) {
	for price, want := range map[string]string{
		`"price":null`: "no price", `"p":1`: "no price", `"price":"27000"`: "a price that is not a number", `"price":{}`: "a price that is not a number",
		`"price":-5000`: "the negative price -5000", `"price":-0.5`: "the negative price -0.5",
	} {
		_, err := FromLive([]byte(`{"menus":[{"name":"Mi","menu_items":[{"id":"1","name":"Teh","price":0},{` + price + `,"id":"2","name":"Bakmi"}]}]}`))
		if want := `the item "Bakmi" of the menu "Mi" has ` + want; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", price, err, want)
		}
	}
	// A variant may take something off the price of its item.
	if _, err := FromLive([]byte(`{"menus":[],"variant_categories":[{"id":"c","name":"C","variants":[{"name":"V","price":-500}]}]}`)); err != nil {
		t.Error(err)
	}
}

// apply plays the platform: it stores a payload and answers GET v2 with it, ids
// of its own, and categories without external ids.
func apply(t testing.TB, payload string, withCategoryIDs bool) *Live {
	t.Helper()
	var p struct {
		Menus []struct {
			Name      string           `json:"name"`
			MenuItems []map[string]any `json:"menu_items"`
		} `json:"menus"`
		VariantCategories []map[string]any `json:"variant_categories"`
	}
	if err := json.Unmarshal([]byte(payload), &p); err != nil {
		t.Fatal(err)
	}
	uuid := map[string]string{}
	for i, c := range p.VariantCategories {
		id := c["external_id"].(string)
		uuid[id] = fmt.Sprintf("uuid-%d", i)
		c["id"] = uuid[id]
		if !withCategoryIDs {
			delete(c, "external_id")
		}
	}
	for _, m := range p.Menus {
		for _, i := range m.MenuItems {
			i["id"] = "item-" + i["external_id"].(string)
			refs := []string{}
			if ids, ok := i["variant_category_external_ids"].([]any); ok {
				for _, id := range ids {
					refs = append(refs, uuid[id.(string)])
				}
			}
			delete(i, "variant_category_external_ids")
			i["variant_category_ids"] = refs
		}
	}
	data, err := json.Marshal(map[string]any{"success": true, "data": p})
	if err != nil {
		t.Fatal(err)
	}
	// The fields of the anonymous struct keep their json names.
	return fromLive(t, string(data))
}

func TestPushedMenuReadsBackEqual(t *testing.T) {
	s := mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner)
	for _, withIDs := range []bool{true, false} {
		p, data := build(t, s, BuildOptions{})
		if differences := Differences(p, apply(t, data, withIDs)); len(differences) > 0 {
			t.Errorf("category ids in the answer: %v: %v", withIDs, differences)
		}
	}
	eim := mustParse(t, "eim_menu.json", readFile(t, "eim_menu.json"), Enterprise)
	for _, api := range []API{Partner, Enterprise} {
		p, data := build(t, eim, BuildOptions{API: api})
		if !Equal(p, apply(t, data, false)) {
			t.Errorf("%s: %v", api, Differences(p, apply(t, data, false)))
		}
	}
}

func TestDifferences(t *testing.T) {
	s := mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner)
	tests := []struct {
		name   string
		change func(*Live)
		want   []string
	}{
		{"nothing", func(*Live) {}, nil},
		{"image stored elsewhere", func(l *Live) { l.Menus[0].Items[0].Image = "https://cdn.example.com/x" }, nil},
		{"image gone", func(l *Live) { l.Menus[0].Items[0].Image = "" }, []string{`item "NSI-001": image is not stated live, and "https://img.example.com/nasgor.jpg" in the payload`}},
		{"price", func(l *Live) { l.Menus[0].Items[0].Price = Rp(1) }, []string{`item "NSI-001": price is 1 live, and 28000 in the payload`}},
		{"stock", func(l *Live) { l.Menus[0].Items[0].InStock = ptr(false) }, []string{`item "NSI-001": in_stock is false live, and true in the payload`}},
		{"name", func(l *Live) { l.Menus[2].Items[0].Name = "Es\x1b[31m" }, []string{`item "0012": name is "Es\x1b[31m" live, and "Es Cendol" in the payload`}},
		{"hours", func(l *Live) { l.Menus[0].Items[0].OperationalHours = nil }, []string{`item "NSI-001": operational_hours is not stated live, and every day 10:00-22:00 in the payload`}},
		{"item gone", func(l *Live) { l.Menus[2].Items = l.Menus[2].Items[1:] }, []string{`menu "Minuman": "0012" is missing live`}},
		{"item twice", func(l *Live) { l.Menus[2].Items = append(l.Menus[2].Items, l.Menus[2].Items[0]) }, []string{`menu "Minuman": "0012" is live, and not in the payload`}},
		{"order of items", func(l *Live) { slices.Reverse(l.Menus[2].Items) }, []string{`menu "Minuman": "0013" is at place 1 live, and at 2 in the payload`}},
		{"order of menus", func(l *Live) { slices.Reverse(l.Menus) }, []string{`menus: "Nasi" is at place 3 live, and at 1 in the payload`, `menus: "Minuman" is at place 1 live, and at 3 in the payload`}},
		{"menu gone", func(l *Live) { l.Menus = l.Menus[:2] }, []string{`menus: "Minuman" is missing live`, `menu "Minuman": "0012" is missing live`, `menu "Minuman": "0013" is missing live`}},
		{"menu more", func(l *Live) { l.Menus = append(l.Menus, LiveMenu{Name: "Promo"}) }, []string{`menus: "Promo" is live, and not in the payload`}},
		{"rule", func(l *Live) { l.VariantCategories[0].MinQuantity = 0 }, []string{`variant category "VC-PEDAS": min_quantity is 0 live, and 1 in the payload`}},
		{"variant price", func(l *Live) { l.VariantCategories[1].Variants[0].Price = Rp(1) }, []string{`variant "V-TELUR": price is 1 live, and 5000 in the payload`}},
		{"reference", func(l *Live) { l.Menus[0].Items[0].VariantCategoryIDs = l.Menus[0].Items[0].VariantCategoryIDs[:1] }, []string{`item "NSI-001": variant_category_external_ids is ["VC-PEDAS"] live, and ["VC-PEDAS", "VC-TOPPING"] in the payload`}},
		{"order of categories", func(l *Live) { slices.Reverse(l.VariantCategories) }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, data := build(t, s, BuildOptions{})
			live := apply(t, data, false)
			tt.change(live)
			got := Differences(p, live)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if Equal(p, live) != (len(tt.want) == 0) {
				t.Error("Equal says something else than Differences")
			}
		})
	}
}

// The generators draw what is awkward: text that YAML takes for something else,
// quotes, colons, line breaks, characters that do not show.

var awkward = rapid.SampledFrom([]string{
	"Nasi", "no", "Yes", "~", "null", "012", "1e3", "25.000", "10:30", "- x", "# x", "a: b", "x #y", " blanks ", "'", "\"", "*a", "&a", "!t", "%", "@",
	"|", ">", "{}", "[]", "日本", "🍜👨‍👩‍👧", "é", "a\nb", "a\tb", "\u0085", "\u2028", "\u202e", "\ufeff", "\u00a0", "<b>&", "2026-01-05", ".inf", "<<", "=", "---", "...", "?", "\\", "a\\nb", "\u200b",
})

func text(t *rapid.T, label string) string {
	return rapid.OneOf(awkward, rapid.StringMatching(`[A-Za-z0-9 :#'"\-,.éß日]{1,12}`)).
		Filter(func(s string) bool { return strings.TrimSpace(s) != "" }).Draw(t, label)
}

func maybeText(t *rapid.T, label string) string {
	if rapid.Bool().Draw(t, "has "+label) {
		return text(t, label)
	}
	return ""
}

func drawHours(t *rapid.T) map[string]any {
	hours := map[string]any{}
	windows := rapid.SampledFrom([][]any{
		{}, {map[string]any{"start": "10:00", "end": "22:00"}}, {map[string]any{"start": "00:00", "end": "23:59"}},
		{map[string]any{"start": "00:00", "end": "02:00"}, map[string]any{"start": "18:00", "end": "23:59"}},
		{map[string]any{"start": "22:00", "end": "02:00"}},
	})
	if rapid.Bool().Draw(t, "every day") {
		same := windows.Draw(t, "windows")
		for _, day := range Weekdays {
			hours[day] = same
		}
		return hours
	}
	for _, day := range Weekdays {
		if rapid.Bool().Draw(t, "named") {
			hours[day] = windows.Draw(t, "windows")
		}
	}
	return hours
}

// drawLive makes the body of a GET v2 answer.
func drawLive(t *rapid.T) string {
	n := 0
	id := func() string { n++; return fmt.Sprintf("uuid-%03d", n) }
	external := func(o map[string]any) {
		switch rapid.IntRange(0, 3).Draw(t, "external id") {
		case 0:
			o["external_id"] = nil
		case 1:
		default:
			n++
			o["external_id"] = fmt.Sprintf("%s %d", maybeText(t, "external id"), n)
		}
	}
	optional := func(o map[string]any, key string, v any) {
		switch rapid.IntRange(0, 2).Draw(t, key) {
		case 0:
			o[key] = nil
		case 1:
			o[key] = v
		}
	}
	var categories, menus []any
	var categoryIDs []string
	for range rapid.IntRange(0, 3).Draw(t, "categories") {
		variants := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "variants") {
			v := map[string]any{"id": id(), "name": text(t, "name"), "price": rapid.IntRange(-5000, 50000).Draw(t, "price")}
			external(v)
			optional(v, "in_stock", rapid.Bool().Draw(t, "in stock"))
			variants = append(variants, v)
		}
		least := rapid.IntRange(0, 2).Draw(t, "min")
		c := map[string]any{"id": id(), "name": text(t, "name"), "variants": variants,
			"rules": map[string]any{"selection": map[string]any{"min_quantity": least, "max_quantity": least + rapid.IntRange(0, 2).Draw(t, "max")}}}
		optional(c, "internal_name", text(t, "internal name"))
		external(c)
		categoryIDs = append(categoryIDs, c["id"].(string))
		categories = append(categories, c)
	}
	for m := range rapid.IntRange(1, 3).Draw(t, "menus") {
		items := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			i := map[string]any{"id": id(), "name": text(t, "name"), "price": rapid.IntRange(0, 3_000_000).Draw(t, "price")}
			external(i)
			optional(i, "internal_name", text(t, "internal name"))
			optional(i, "description", maybeText(t, "description"))
			optional(i, "image", "https://img.example.com/a.png")
			optional(i, "in_stock", rapid.Bool().Draw(t, "in stock"))
			optional(i, "operational_hours", drawHours(t))
			if len(categoryIDs) > 0 {
				i["variant_category_ids"] = rapid.SliceOfNDistinct(rapid.SampledFrom(categoryIDs), 0, len(categoryIDs), rapid.ID).Draw(t, "references")
			}
			items = append(items, i)
		}
		menus = append(menus, map[string]any{"name": fmt.Sprintf("%s %d", text(t, "menu"), m), "menu_items": items})
	}
	body, err := json.Marshal(map[string]any{"success": true, "data": map[string]any{"menus": menus, "variant_categories": categories}})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func FuzzFromLive(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"data":{"menus":[{"menu_items":[{"price":"-1.005","operational_hours":{"monday":[null]}}]}]}}`))
	f.Add([]byte(`{"menus":[null],"variant_categories":[{"rules":null,"variants":[null]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		live, err := FromLive(body)
		if err != nil {
			return
		}
		s, notes := live.File(nil)
		if _, err := EncodeYAML(s, notes); err != nil {
			t.Fatal(err)
		}
		p, err := s.Build(BuildOptions{Live: live})
		if err != nil {
			t.Fatal(err)
		}
		if text := p.Encode().JSON(); !json.Valid(text) {
			t.Fatalf("not JSON: %s", text)
		}
		again, err := FromLive(live.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(live, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		Differences(p, live)
	})
}
