package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func build(t testing.TB, s *File, o BuildOptions) (*Payload, string) {
	t.Helper()
	p, err := s.Build(o)
	if err != nil {
		t.Fatal(err)
	}
	return p, string(p.Encode().JSON())
}

func TestEnterpriseSampleBuildsUnchanged(t *testing.T) {
	sample := readFile(t, "eim_menu.json")
	s := mustParse(t, "eim_menu.json", sample, Enterprise)
	_, got := build(t, s, BuildOptions{API: Enterprise, RequestID: s.RequestID})
	var have, want any
	if err := errors.Join(json.Unmarshal([]byte(got), &have), json.Unmarshal(sample, &want)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the payload is not the sample (-sample +payload)\n%s", diff)
	}
}

// What is not UTF-8 is replaced: a body that is no JSON would be refused as a
// whole, and nobody could tell why.
func TestPayloadIsUTF8(t *testing.T) {
	p := &Payload{Menus: []PayloadMenu{{Name: "M\xffi", MenuItems: []PayloadItem{{ExternalID: "A\xc3", Name: "\u2028<&>\x00", Price: Price{Rupiah: 1}}}}}}
	body := p.Encode().JSON()
	if !utf8.Valid(body) || !json.Valid(body) {
		t.Fatalf("%q", body)
	}
	if !strings.Contains(string(body), "\"M\uFFFDi\"") || !strings.Contains(string(body), "\"A\uFFFD\"") {
		t.Errorf("%s", body)
	}
	var read Payload
	if err := json.Unmarshal(body, &read); err != nil || read.Menus[0].MenuItems[0].Name != "\u2028<&>\x00" {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestPartnerPayloadBytes(t *testing.T) {
	s := mustParse(t, "a.yaml", []byte(`
defaults: {in_stock: true}
menus:
  - name: Mi
    menu_items:
      - external_id: MI-001
        name: Bakmi <Ayam> & Jamur
        internal_name: Bakmi biasa
        description: Bakmi
        price: 27_000
        image: https://img.example.com/mi.png?a=1&b=2
        operational_hours: {sunday: [], monday: ["09:00-14:00", "16:00-21:00"]}
        variant_category_external_ids: [VC]
      - {external_id: MI-002, name: Polos, price: 0, in_stock: false}
variant_categories:
  - external_id: VC
    name: Pedas
    rules: {selection: {min_quantity: 1, max_quantity: 1}}
    variants: [{external_id: V1, name: Sedang, price: -500}]
`), Partner)
	_, got := build(t, s, BuildOptions{RequestID: "r1"})
	want := `{"request_id":"r1","menus":[{"name":"Mi","menu_items":[` +
		`{"external_id":"MI-001","name":"Bakmi <Ayam> & Jamur","internal_name":"Bakmi biasa","description":"Bakmi","in_stock":true,"price":27000,` +
		`"image":"https://img.example.com/mi.png?a=1&b=2","operational_hours":{"monday":[{"start":"09:00","end":"14:00"},{"start":"16:00","end":"21:00"}],"sunday":[]},` +
		`"variant_category_external_ids":["VC"]},` +
		`{"external_id":"MI-002","name":"Polos","in_stock":false,"price":0}]}],` +
		`"variant_categories":[{"external_id":"VC","internal_name":"Pedas","name":"Pedas","rules":{"selection":{"min_quantity":1,"max_quantity":1}},` +
		`"variants":[{"external_id":"V1","name":"Sedang","price":-500,"in_stock":true}]}]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// A payload is itself a valid file that builds to the same bytes.
	again := mustParse(t, "payload.json", []byte(got), Partner)
	if _, second := build(t, again, BuildOptions{RequestID: "r1"}); second != got {
		t.Errorf("payload as a file builds to\n%s", second)
	}
}

func TestEnterpriseHoursAreAlwaysThere(t *testing.T) {
	s := mustParse(t, "a.yaml", []byte(item("        price: 1\n        internal_name: hidden\n      - {external_id: B, name: B, price: 1, operational_hours: {monday: []}}\n")), Enterprise)
	p, data := build(t, s, BuildOptions{API: Enterprise})
	always, mondayOnly := p.Menus[0].MenuItems[0].OperationalHours, p.Menus[0].MenuItems[1].OperationalHours
	for day := range Weekdays {
		if diff := cmp.Diff([]Window{{"00:00", "23:59"}}, always[day]); diff != "" {
			t.Errorf("%s: %s", Weekdays[day], diff)
		}
		if mondayOnly[day] == nil || len(mondayOnly[day]) > 0 {
			t.Errorf("%s: %v, want a closed day", Weekdays[day], mondayOnly[day])
		}
	}
	if strings.Contains(data, "internal_name") || strings.Contains(data, "variant") {
		t.Errorf("fields that the Enterprise API does not have: %s", data)
	}
	if _, data = build(t, s, BuildOptions{API: Partner}); strings.Contains(data, "23:59") {
		t.Errorf("hours that are not stated were written for the partner API: %s", data)
	}
}

func TestBuildRefuses(t *testing.T) {
	variants := mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner)
	_, err := variants.Build(BuildOptions{API: Enterprise})
	var invalid *InvalidError
	if !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), "warung.yaml:16:40: the Enterprise API has no variant categories") {
		t.Errorf("variants for the Enterprise API: %v", err)
	}
	sen := mustParse(t, "a.yaml", []byte(item("        price: 13200.5\n")), Enterprise)
	if _, err := sen.Build(BuildOptions{API: Partner}); err == nil {
		t.Error("sen for the partner API: no error")
	}
	if _, err := sen.Build(BuildOptions{API: "v3"}); err == nil {
		t.Error("unknown API: no error")
	}
	if _, err := sen.Build(BuildOptions{API: Enterprise, Stock: "maybe"}); err == nil {
		t.Error("unknown stock policy: no error")
	}
}

func TestStockPolicies(t *testing.T) {
	live, err := FromLive([]byte(`{"menus":[{"name":"M","menu_items":[
		{"id":"u1","external_id":"A","name":"A","price":1,"in_stock":false},
		{"id":"u2","external_id":"B","name":"B","price":1,"in_stock":true},
		{"id":"u3","external_id":"C","name":"C","price":1},
		{"id":"u4","name":"made in the app","price":1,"in_stock":false}]}],
		"variant_categories":[{"id":"c1","name":"P","rules":{"selection":{"min_quantity":0,"max_quantity":1}},
			"variants":[{"id":"v1","external_id":"V","name":"V","price":0,"in_stock":false}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	file := func(stock string) *File {
		return mustParse(t, "a.yaml", []byte(`
menus: [{name: M, menu_items: [
  {external_id: A, name: A, price: 1`+stock+`}, {external_id: B, name: B, price: 1`+stock+`},
  {external_id: C, name: C, price: 1`+stock+`}, {external_id: gobiz-u4, name: made in the app, price: 1`+stock+`},
  {external_id: NEW, name: N, price: 1`+stock+`}]}]
variant_categories: [{external_id: X, name: P, rules: {selection: {min_quantity: 0, max_quantity: 1}},
  variants: [{external_id: V, name: V, price: 0`+stock+`}]}]
`), Partner)
	}
	tests := []struct {
		policy StockPolicy
		stock  string
		want   string // A B C app new variant
	}{
		{"", "", "-++-+-"},
		{StockKeep, ", in_stock: true", "++++++"},
		{StockKeep, ", in_stock: false", "------"},
		{StockFile, "", "++++++"},
		{StockFile, ", in_stock: false", "------"},
		{StockLive, "", "-++-+-"},
		{StockLive, ", in_stock: false", "-+----"},
		{StockLive, ", in_stock: true", "-++-+-"},
	}
	for _, tt := range tests {
		p, _ := build(t, file(tt.stock), BuildOptions{Live: live, Stock: tt.policy})
		var got strings.Builder
		sign := map[bool]string{true: "+", false: "-"}
		for _, i := range p.Menus[0].MenuItems {
			got.WriteString(sign[i.InStock])
		}
		got.WriteString(sign[p.VariantCategories[0].Variants[0].InStock])
		if got.String() != tt.want {
			t.Errorf("%q with%q: %s, want %s", tt.policy, tt.stock, got.String(), tt.want)
		}
	}
	// The default of the file counts as said, and a live menu that is not known
	// does not stop anything.
	s := mustParse(t, "a.yaml", []byte("defaults: {in_stock: false}\n"+item("        price: 1\n")), Partner)
	if p, _ := build(t, s, BuildOptions{Live: live}); p.Menus[0].MenuItems[0].InStock {
		t.Error("defaults.in_stock was not taken")
	}
	if p, _ := build(t, file(""), BuildOptions{}); !p.Menus[0].MenuItems[0].InStock {
		t.Error("without a live menu an item is in stock")
	}
}

func TestDefaultsFillHours(t *testing.T) {
	s := mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner)
	p, _ := build(t, s, BuildOptions{})
	if diff := cmp.Diff(EveryDay(Window{"10:00", "22:00"}), p.Menus[0].MenuItems[0].OperationalHours); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if s.Menus[0].Items[0].OperationalHours != nil {
		t.Error("building changed the source")
	}
}

func TestOverMidnight(t *testing.T) {
	for hours, want := range map[string]string{
		`{monday: "22:00-02:00"}`:                          `{"monday":[{"start":"22:00","end":"23:59"}],"tuesday":[{"start":"00:00","end":"02:00"}]}`,
		`{sunday: "22:00-02:00", monday: []}`:              `{"monday":[{"start":"00:00","end":"02:00"}],"sunday":[{"start":"22:00","end":"23:59"}]}`,
		`{monday: "18:00-00:00"}`:                          `{"monday":[{"start":"18:00","end":"23:59"}]}`,
		`{monday: "10:00-10:00"}`:                          `{"monday":[{"start":"10:00","end":"10:00"}]}`,
		`{monday: [{start: "22:00", end: "02:00"}]}`:       `{"monday":[{"start":"22:00","end":"02:00"}]}`,
		`{monday:, tuesday: ["10:00-11:00"]}`:              `{"monday":[],"tuesday":[{"start":"10:00","end":"11:00"}]}`,
		`{saturday: "20:00-01:00", sunday: "10:00-12:00"}`: `{"saturday":[{"start":"20:00","end":"23:59"}],"sunday":[{"start":"00:00","end":"01:00"},{"start":"10:00","end":"12:00"}]}`,
	} {
		s := mustParse(t, "a.yaml", []byte(item("        price: 1\n        operational_hours: "+hours+"\n")), Partner)
		p, _ := build(t, s, BuildOptions{})
		got, err := json.Marshal(p.Menus[0].MenuItems[0].OperationalHours)
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s\nwant %s", hours, got, want)
		}
	}
	s := mustParse(t, "a.yaml", []byte(item("        price: 1\n        operational_hours: {every_day: \"18:00-02:00\"}\n")), Partner)
	for day, windows := range s.Menus[0].Items[0].OperationalHours {
		if diff := cmp.Diff([]Window{{"00:00", "02:00"}, {"18:00", "23:59"}}, windows); diff != "" {
			t.Errorf("%s: %s", Weekdays[day], diff)
		}
	}
}

func BenchmarkPushOf1000Items(b *testing.B) {
	data := largeMenu(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s, findings := Parse("menu.yaml", data, Partner)
		if len(findings) > 0 {
			b.Fatal(findings)
		}
		p, err := s.Build(BuildOptions{RequestID: "r"})
		if err != nil {
			b.Fatal(err)
		}
		p.Encode()
	}
}

func largeMenu(items int) []byte {
	var b bytes.Buffer
	b.WriteString("menus:\n  - name: Nasi\n    menu_items:\n")
	for i := range items {
		id := string(rune('A'+i%26)) + strings.Repeat("x", i%7)
		b.WriteString("      - external_id: \"" + id + "\"\n        name: Nasi goreng\n        description: Nasi dengan telur\n        price: 25000\n        operational_hours:\n          every_day: [\"10:00-22:00\"]\n          sunday: []\n")
	}
	return b.Bytes()
}
