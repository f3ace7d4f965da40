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

// The live menu is changed, and the file is pushed over it: From is live, To is
// the file, and the line is the file's.
func TestCompare(t *testing.T) {
	item := func(field, path string, line int, from, to any) Change {
		return Change{Kind: Changed, Entity: EntityItem, ExternalID: "NSI-001", Name: "Nasi Goreng Spesial", Parent: "Nasi", Path: "menus[0].menu_items[0]." + path, Field: field, From: from, To: to, Line: line}
	}
	tests := []struct {
		name   string
		change func(*Live)
		want   []Change
	}{
		{"nothing", func(*Live) {}, nil},
		{"price", func(l *Live) { l.Menus[0].Items[0].Price = Rp(25000) }, []Change{item("price", "price", 14, Rp(25000), Rp(28000))}},
		{"name", func(l *Live) { l.Menus[0].Items[0].Name = "Nasgor" }, []Change{item("name", "name", 11, "Nasgor", "Nasi Goreng Spesial")}},
		{"description", func(l *Live) { l.Menus[0].Items[0].Description = "" }, []Change{item("description", "description", 13, nil, "Nasi goreng, telur, ayam suwir & kerupuk")}},
		{"hours of the defaults", func(l *Live) { l.Menus[0].Items[0].OperationalHours = EveryDay(Window{"09:00", "21:00"}) },
			[]Change{item("operational_hours", "operational_hours", 5, EveryDay(Window{"09:00", "21:00"}), EveryDay(Window{"10:00", "22:00"}))}},
		{"references", func(l *Live) { slices.Reverse(l.Menus[0].Items[0].VariantCategoryIDs) },
			[]Change{item("variant_category_external_ids", "variant_category_external_ids", 16, []string{"VC-TOPPING", "VC-PEDAS"}, []string{"VC-PEDAS", "VC-TOPPING"})}},
		{"said stock", func(l *Live) { l.Menus[1].Items[0].InStock = ptr(true) }, []Change{
			{Kind: Changed, Entity: EntityItem, ExternalID: "MI-001", Name: "Bakmi Ayam 鸡面", Parent: "Mi & Kwetiau", Path: "menus[1].menu_items[0].in_stock", Field: "in_stock", From: true, To: false, Line: 30}}},
		{"item more live", func(l *Live) {
			l.Menus[2].Items = append(l.Menus[2].Items, LiveItem{ID: "u", ExternalID: "OLD", Name: "Teh", Price: Rp(5000)})
		}, []Change{{Kind: Removed, Entity: EntityItem, ExternalID: "OLD", Name: "Teh", Parent: "Minuman", Path: "menus[2].menu_items[2]"}}},
		{"item less live", func(l *Live) { l.Menus[2].Items = l.Menus[2].Items[:1] },
			[]Change{{Kind: Added, Entity: EntityItem, ExternalID: "0013", Name: "Es Jeruk", Parent: "Minuman", Path: "menus[2].menu_items[1]", Line: 45}}},
		{"item in another menu", func(l *Live) {
			l.Menus[0].Items = append(l.Menus[0].Items, l.Menus[2].Items[1])
			l.Menus[2].Items = l.Menus[2].Items[:1]
		}, []Change{{Kind: Moved, Entity: EntityItem, ExternalID: "0013", Name: "Es Jeruk", Parent: "Minuman", Path: "menus[2].menu_items[1]", Field: "menu", From: "Nasi", To: "Minuman", Line: 45}}},
		{"menu with another name", func(l *Live) { l.Menus[2].Name = "Drinks"; slices.Reverse(l.Menus[2].Items) }, []Change{
			{Kind: Changed, Entity: EntityMenu, Name: "Minuman", Path: "menus[2].name", Field: "name", From: "Drinks", To: "Minuman", Line: 42},
			{Kind: Moved, Entity: EntityItem, ExternalID: "0013", Name: "Es Jeruk", Parent: "Minuman", Path: "menus[2].menu_items[1]", Field: "position", From: 1, To: 2, Line: 45}}},
		{"menu more live", func(l *Live) { l.Menus = append(l.Menus, LiveMenu{Name: "Promo"}) },
			[]Change{{Kind: Removed, Entity: EntityMenu, Name: "Promo", Path: "menus[3]"}}},
		{"rule", func(l *Live) { l.VariantCategories[0].MinQuantity = 0 },
			[]Change{{Kind: Changed, Entity: EntityVariantCategory, ExternalID: "VC-PEDAS", Name: "Level Pedas", Path: "variant_categories[0].rules.selection.min_quantity", Field: "min_quantity", From: 0, To: 1, Line: 50}}},
		{"variant in another category", func(l *Live) {
			v := l.VariantCategories[1].Variants
			l.VariantCategories[0].Variants = append(l.VariantCategories[0].Variants, v[1])
			l.VariantCategories[1].Variants = v[:1]
		}, []Change{{Kind: Moved, Entity: EntityVariant, ExternalID: "V-TANPA-KERUPUK", Name: "Tanpa kerupuk", Parent: "VC-TOPPING", Path: "variant_categories[1].variants[1]", Field: "variant_category", From: "VC-PEDAS", To: "VC-TOPPING", Line: 61}}},
		{"category more live", func(l *Live) {
			l.VariantCategories = append(l.VariantCategories, LiveVariantCategory{ID: "x", ExternalID: "VC-X", Name: "X", Variants: []LiveVariant{{ExternalID: "VX", Name: "x"}}})
		}, []Change{
			{Kind: Removed, Entity: EntityVariantCategory, ExternalID: "VC-X", Name: "X", Path: "variant_categories[2]"},
			{Kind: Removed, Entity: EntityVariant, ExternalID: "VX", Name: "x", Parent: "VC-X", Path: "variant_categories[2].variants[0]"}}},
		{"image stored elsewhere", func(l *Live) { l.Menus[0].Items[0].Image = "https://cdn.example.com/9" }, nil},
		{"order of categories", func(l *Live) { slices.Reverse(l.VariantCategories) }, nil},
	}
	s := mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, data := build(t, s, BuildOptions{})
			live := apply(t, data, true)
			before := live.Digest()
			tt.change(live)
			got := Compare(p, live, s)
			for i := range got.Changes {
				if c := &got.Changes[i]; c.Kind == Added || c.Kind == Removed {
					if (c.From == nil) == (c.To == nil) || c.Field != "" {
						t.Errorf("%+v", c)
					}
					c.From, c.To = nil, nil // TestChangeJSON looks at them
				}
			}
			if diff := cmp.Diff(tt.want, got.Changes, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if (live.Digest() == before) != got.Empty() {
				t.Errorf("the digest says otherwise: %s, before %s", live.Digest(), before)
			}
		})
	}
}

// Ids that a pull has made find their categories again, whatever they are
// called now.
func TestCategoriesByTheirMadeIDs(t *testing.T) {
	live := fromLive(t, `{"menus":[],"variant_categories":[{"id":"c1","name":"A","variants":[]},{"id":"c2","name":"B","variants":[]}]}`)
	s, _ := live.File(nil)
	s.VariantCategories[0].Name, s.VariantCategories[1].Name = "B", "A"
	p, _ := build(t, s, BuildOptions{Live: live})
	want := []string{`variant category "gobiz-c1": name is "A" live, and "B" in the payload`, `variant category "gobiz-c2": name is "B" live, and "A" in the payload`}
	if diff := cmp.Diff(want, Differences(p, live)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestHoursByMeaning(t *testing.T) {
	morning, evening := Window{"09:00", "14:00"}, Window{"16:00", "21:00"}
	named := func(windows ...Window) *Hours { return &Hours{0: windows, 6: {}} }
	for _, tt := range []struct {
		name string
		a, b *Hours
		want bool
	}{
		{"not stated, always", nil, EveryDay(allDay), true},
		{"no day, not stated", &Hours{}, nil, true},
		{"not stated, never", nil, EveryDay(), false},
		{"not named, closed", named(morning), &Hours{0: {morning}, 1: {}}, true},
		{"other order", named(morning, evening), named(evening, morning), true},
		{"touching", named(Window{"09:00", "12:00"}, Window{"12:00", "14:00"}), named(morning), true},
		{"overlapping", named(Window{"09:00", "13:00"}, Window{"10:00", "14:00"}), named(morning), true},
		{"a minute more", named(morning), named(Window{"09:00", "14:01"}), false},
		{"no clock", named(Window{"9", "x"}, morning), named(morning, Window{"9", "x"}), false},
		{"another day", &Hours{0: {morning}}, &Hours{1: {morning}}, false},
	} {
		if tt.a.same(tt.b) != tt.want || tt.b.same(tt.a) != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, !tt.want, tt.want)
		}
	}
	week := Hours{{morning}, {morning}, {morning}, {morning}, {morning, evening}, {}, nil}
	if got, want := week.String(), "monday to thursday 09:00-14:00; friday 09:00-14:00, 16:00-21:00; saturday to sunday closed"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestKeptIsNoChange(t *testing.T) {
	s := mustParse(t, "warung.yaml", readFile(t, "warung.yaml"), Partner)
	_, data := build(t, s, BuildOptions{})
	live := apply(t, data, false)
	live.Menus[0].Items[0].InStock = ptr(false)
	live.VariantCategories[0].Variants[1].InStock = ptr(false)
	for policy, want := range map[StockPolicy][2]int{StockKeep: {0, 2}, StockLive: {0, 2}, StockFile: {2, 0}} {
		p, _ := build(t, s, BuildOptions{Live: live, Stock: policy})
		d := Compare(p, live, s)
		if got := [2]int{len(d.Changes), d.Kept}; got != want {
			t.Errorf("--stock %s: %d changes and %d kept, want %v: %v", policy, got[0], got[1], want, d.Changes)
		}
	}
}

// What makes no difference to Compare makes none to the digest.
func TestDigest(t *testing.T) {
	live := fromLive(t, sample)
	want := live.Digest()
	if !strings.HasPrefix(want, "sha256:") || len(want) != 71 {
		t.Fatal(want)
	}
	// Plans and snapshots on disk hold it.
	if written := "sha256:bbabc7d51c062643b2c521a136a7f77ebf565045aaad8ef2e8d78b93b98fb5af"; want != written {
		t.Errorf("the digest is %s now, and %s in files", want, written)
	}
	other := strings.NewReplacer(
		`"price":27000.0,`, "", `"description":"Bakmi, \"jamur\": enak"`, `"price":27000,"description":"Bakmi, \"jamur\": enak"`,
		"5a0c6f1e-1111-4222-8333-444455556666", "new-id", "https://img.example.com/1.png", "https://cdn.example.com/7",
		`"max_quantity":null`, `"max_quantity":1`, `"operational_hours":null`, `"operational_hours":{}`,
	).Replace(sample)
	if got := fromLive(t, other).Digest(); got != want {
		t.Errorf("another way to write the same gives %s, want %s", got, want)
	}
	for from, to := range map[string]string{
		`"in_stock":false`: `"in_stock":true`, `"price":15000`: `"price":15001`, `"app-1"`: `"app-2"`, `"MI-001"`: `"MI-002"`, `"Level Pedas"`: `"Level"`, `"id":"c2"`: `"id":"gone"`,
	} {
		if fromLive(t, strings.Replace(sample, from, to, 1)).Digest() == want {
			t.Errorf("%s instead of %s: the same digest", to, from)
		}
	}
}

func TestChangeJSON(t *testing.T) {
	s := mustParse(t, "a.yaml", []byte("menus: [{name: <M>, menu_items: [{external_id: A, name: A & B, price: 1000}]}]"), Partner)
	p, _ := build(t, s, BuildOptions{})
	live := fromLive(t, `{"menus":[{"name":"<M>","menu_items":[{"id":"1","external_id":"A","name":"A & B","price":900},{"id":"2","external_id":"B","name":"B","price":5}]}]}`)
	d := Compare(p, live, s)
	data, err := json.Marshal(d.Changes)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"kind":"changed","entity":"item","external_id":"A","name":"A \u0026 B","path":"menus[0].menu_items[0].price","field":"price","from":900,"to":1000,"line":1},` +
		`{"kind":"removed","entity":"item","external_id":"B","name":"B","path":"menus[0].menu_items[1]","field":null,"from":{"external_id":"B","name":"B","in_stock":true,"price":5},"to":null,"line":null}]`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
	var back []Change
	if err := json.Unmarshal(data, &back); err != nil || back[0].Line != 1 || back[0].ExternalID != "A" || back[1].Field != "" {
		t.Errorf("%+v %v", back, err)
	}
}

// loud shows colours as tags.
type loud struct{}

func (loud) Bold(s string) string   { return "<b>" + s + "</b>" }
func (loud) Faint(s string) string  { return "<f>" + s + "</f>" }
func (loud) Red(s string) string    { return "<r>" + s + "</r>" }
func (loud) Green(s string) string  { return "<g>" + s + "</g>" }
func (loud) Yellow(s string) string { return "<y>" + s + "</y>" }

func TestDiffText(t *testing.T) {
	s := mustParse(t, "a.yaml", []byte(`menus:
  - name: Mi
    menu_items:
      - {external_id: A, name: Bakmi, price: 1_234_000}
      - {external_id: B, name: "Es\e[31m 👨‍👩‍👧", price: 25000}
  - name: Baru
    menu_items: [{external_id: C, name: Teh, price: 5000}]
`), Partner)
	p, _ := build(t, s, BuildOptions{})
	live := fromLive(t, "{\"menus\":[{\"name\":\"Mi\",\"menu_items\":[{\"id\":\"1\",\"external_id\":\"A\",\"name\":\"Bakmi`@ann|\",\"price\":900},{\"id\":\"2\",\"external_id\":\"D\",\"name\":\"D\",\"price\":2000}]},{\"name\":\"Lama\",\"menu_items\":[{\"id\":\"3\",\"external_id\":\"C\",\"name\":\"Teh\",\"price\":5000}]}]}")
	d := Compare(p, live, s)
	var out strings.Builder
	if err := d.WriteText(&out, loud{}); err != nil {
		t.Fatal(err)
	}
	want := `  <b>menu Mi</b>
  <y>~</y> A  Bakmi
      name: "Bakmi` + "`" + `@ann|" -> "Bakmi"<f>  line 4</f>
      price: Rp 900 -> Rp 1.234.000<f>  line 4</f>
  <g>+</g> B  Es\x1b[31m 👨‍👩‍👧  Rp 25.000<f>  line 5</f>
  <r>-</r> D  D  Rp 2.000
<y>~</y> menu Baru
    renamed, was "Lama"<f>  line 6</f>

<b>1 added, 1 removed, 2 changed, 2 unchanged; items: 3 live, 3 in the file</b>
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	out.Reset()
	if err := d.WriteMarkdown(&out, "G1", []string{"a `price` moves"}); err != nil {
		t.Fatal(err)
	}
	want = "### Menu of `G1`\n\n1 added, 1 removed, 2 changed, 2 unchanged; items: 3 live, 3 in the file\n\n> **A push refuses this:** ``a `price` moves``\n\n" +
		"| | what | where | change | line |\n| --- | --- | --- | --- | ---: |\n" +
		"| changed | item `A` `Bakmi` | `Mi` | name: ``\"Bakmi`@ann\\|\"`` → `\"Bakmi\"` | 4 |\n" +
		"| changed | item `A` `Bakmi` | `Mi` | price: `Rp 900` → `Rp 1.234.000` | 4 |\n" +
		"| added | item `B` `Es\\x1b[31m 👨‍👩‍👧` | `Mi` | `Rp 25.000` | 5 |\n" +
		"| removed | item `D` `D` | `Mi` | `Rp 2.000` |  |\n" +
		"| changed | menu `Baru` |  | `renamed, was \"Lama\"` | 6 |\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("markdown -want +got\n%s", diff)
	}
}

func TestMarkdownFitsAComment(t *testing.T) {
	s := menuOf(5000)
	p, _ := build(t, s, BuildOptions{})
	var out strings.Builder
	if err := Compare(p, nil, s).WriteMarkdown(&out, "G1", nil); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), " more changes\n") || out.Len() > 65_536 {
		t.Errorf("%d bytes, the end is %q", out.Len(), out.String()[out.Len()-40:])
	}
}

// Every entity of both sides is counted once, whatever differs, and a live menu
// differs in nothing from what was pulled from it.
func TestCompareCounts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		checkCompare(rt, drawLive(rt), drawLive(rt))
	})
}

func checkCompare(t interface{ Fatalf(string, ...any) }, a, b string) {
	left, err := FromLive([]byte(a))
	if err != nil {
		return
	}
	right, err := FromLive([]byte(b))
	if err != nil {
		return
	}
	source, _ := right.File(nil)
	payload, err := source.Build(BuildOptions{Live: right})
	if err != nil {
		t.Fatalf("%v", err)
	}
	if d := Compare(payload, right, source); !d.Empty() {
		t.Fatalf("pulled, and differs: %v", d.Sentences())
	}
	d := Compare(payload, left, source)
	wanted, live := len(payload.Menus)+payload.Items()+len(payload.VariantCategories), len(left.Menus)+left.Items()+len(left.VariantCategories)
	for _, c := range payload.VariantCategories {
		wanted += len(c.Variants)
	}
	for _, c := range left.VariantCategories {
		live += len(c.Variants)
	}
	if s := d.Summary; s.Added+s.Changed+s.Unchanged != wanted || s.Removed+s.Changed+s.Unchanged != live {
		t.Fatalf("%+v, of %d in the payload and %d live", s, wanted, live)
	}
	if d.Empty() != (len(d.Sentences()) == 0) {
		t.Fatalf("%v", d.Sentences())
	}
	var out strings.Builder
	if err := d.WriteText(&out, plain{}); err != nil || strings.ContainsAny(out.String(), "\x1b\x00\r\u202e") {
		t.Fatalf("%v: %q", err, out.String())
	}
	if err := d.WriteMarkdown(&out, "G1", nil); err != nil {
		t.Fatalf("%v", err)
	}
	if _, err := json.Marshal(d.Changes); err != nil {
		t.Fatalf("%v", err)
	}
}

type plain struct{}

func (plain) Bold(s string) string   { return s }
func (plain) Faint(s string) string  { return s }
func (plain) Red(s string) string    { return s }
func (plain) Green(s string) string  { return s }
func (plain) Yellow(s string) string { return s }

func FuzzCompare(f *testing.F) {
	f.Add(sample, strings.ReplaceAll(sample, "27000", "5"))
	f.Add(`{"menus":[{"name":"A","menu_items":[{"external_id":"1"},{"external_id":"1"},{"external_id":"2"}]}]}`,
		`{"menus":[{"name":"B","menu_items":[{"external_id":"2"},{"external_id":"1"},{"external_id":"1"}]},{"name":"B"}]}`)
	f.Add(`{"variant_categories":[{"name":"A"},{"name":"A"},{"id":"x","variants":[{"id":"1"},{"external_id":"gobiz-1"}]}]}`,
		`{"variant_categories":[{"external_id":"gobiz-x","name":"A"},{"id":"x","name":"A","variants":[{"external_id":"gobiz-1"}]}]}`)
	f.Add(`{"menus":[{"name":"\u001b[31m","menu_items":[{"name":"\u202e\r","operational_hours":{"monday":[{"start":"\u0000","end":"9"}]}}]}]}`, `{}`)
	f.Fuzz(func(t *testing.T, a, b string) { checkCompare(t, a, b) })
}

// menuOf makes a menu as a till exports it.
func menuOf(items int) *File {
	s := &File{}
	hours := EveryDay(Window{"09:00", "14:00"}, Window{"16:00", "21:30"})
	for i := range items {
		if i%50 == 0 {
			s.Menus = append(s.Menus, Menu{Name: fmt.Sprintf("Menu %d", i/50)})
		}
		if i%10 == 0 {
			s.VariantCategories = append(s.VariantCategories, VariantCategory{ExternalID: fmt.Sprintf("VC-%d", i/10), Name: "Level", MinQuantity: 1, MaxQuantity: 1, Variants: []Variant{
				{ExternalID: fmt.Sprintf("V-%d-A", i), Name: "A"}, {ExternalID: fmt.Sprintf("V-%d-B", i), Name: "B", Price: Rp(1000)},
			}})
		}
		m := &s.Menus[len(s.Menus)-1]
		m.Items = append(m.Items, Item{
			ExternalID: fmt.Sprintf("ITEM-%05d", i), Name: fmt.Sprintf("Nasi Goreng No. %d", i), Description: "Nasi goreng dengan teri dan telur",
			Price: Rp(int64(20000 + i)), OperationalHours: hours, VariantCategoryExternalIDs: []string{fmt.Sprintf("VC-%d", i/10)},
		})
	}
	return s
}

// BenchmarkCompare changes every third price and the order of every tenth menu.
func BenchmarkCompare(b *testing.B) {
	for _, items := range []int{500, 5000, 50000} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			s := menuOf(items)
			_, data := build(b, s, BuildOptions{})
			live := apply(b, data, false) // without external ids of categories
			for i := range live.Menus {
				for j := range live.Menus[i].Items {
					if j%3 == 0 {
						live.Menus[i].Items[j].Price = Rp(1)
					}
				}
				if i%10 == 0 {
					slices.Reverse(live.Menus[i].Items)
				}
			}
			p, _ := build(b, s, BuildOptions{Live: live})
			b.ReportAllocs()
			for b.Loop() {
				if Compare(p, live, s).Empty() {
					b.Fatal("no changes")
				}
			}
			nsPerItem(b, items)
		})
	}
}

// What cannot be seen is an escape, in every form of a diff.
func TestDiffShowsWhatCannotBeSeen(t *testing.T) {
	file := mustParse(t, "menu.yaml", []byte(`menus:
  - name: Mi
    menu_items:
      - {external_id: A1, name: "Cafe\u00a0Latte", price: 10000}
      - {external_id: A2, name: "Cre\u0300me", price: 10000}
      - {external_id: A3, name: "Teh ", price: 10000}
      - {external_id: "A4\u200d", name: "\U0001F468\u200D\U0001F373", price: 10000}
`), Partner)
	live := &Live{Menus: []LiveMenu{{Name: "Mi\u00ad", Items: []LiveItem{
		{ExternalID: "A1", Name: "Cafe Latte", Price: Rp(10000)}, {ExternalID: "A2", Name: "Cr\u00e8me", Price: Rp(10000)}, {ExternalID: "A3", Name: "Teh", Price: Rp(10000)},
		{ExternalID: "A4", Name: "another", Price: Rp(10000)},
	}}}}
	payload, err := file.Build(BuildOptions{Live: live})
	if err != nil {
		t.Fatal(err)
	}
	diff := Compare(payload, live, file)
	var text, markdown strings.Builder
	if err := diff.WriteText(&text, plain{}); err != nil {
		t.Fatal(err)
	}
	if err := diff.WriteMarkdown(&markdown, "G1", nil); err != nil {
		t.Fatal(err)
	}
	for form, out := range map[string]string{"text": text.String(), "markdown": markdown.String(), "sentences": strings.Join(diff.Sentences(), "\n")} {
		for _, want := range []string{
			`"Cafe Latte"`, `"Cafe\u00a0Latte"`, `"Cr\u00e8me"`, `"Cre\u0300me"`, `"Teh"`, `"Teh\u0020"`, `Mi\u00ad`, `A4\u200d`,
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %s in\n%s", form, want, out)
			}
		}
	}
	if !strings.Contains(text.String(), "\U0001F468\u200D\U0001F373") {
		t.Errorf("an emoji is escaped:\n%s", text.String())
	}
}

// What is the same under another id stays: no deletion, and its stock is kept. Where
// two come into question nothing is guessed.
func TestRekey(t *testing.T) {
	const made = "gobiz-11111111-1111-4111-8111-111111111111"
	item := func(id, internal, name string) LiveItem {
		return LiveItem{ID: internal, ExternalID: id, Name: name, Price: Rp(10000), InStock: ptr(false)}
	}
	for _, tt := range []struct {
		name string
		live []LiveItem
		file string // items of the menu Teh
		want []string
	}{
		{"made id", []LiveItem{item("", made[len(mintedPrefix):], "Teh")}, `{external_id: T-1, name: Teh, price: 10000}`,
			[]string{`changed external_id "` + made + `" -> "T-1"`}},
		{"made id that was pushed", []LiveItem{item(made, "x", "Teh")}, `{external_id: T-1, name: Teh, price: 10000}`,
			[]string{`changed external_id "` + made + `" -> "T-1"`}},
		{"case", []LiveItem{item("t-1", "x", "Teh")}, `{external_id: T-1, name: Teh, price: 10000}`, []string{`changed external_id "t-1" -> "T-1"`}},
		{"blanks", []LiveItem{item("T 1", "x", "Teh")}, `{external_id: "T1\u00a0", name: Teh, price: 10000}`, []string{`changed external_id "T 1" -> "T1\u00a0"`}},
		{"form, and another price", []LiveItem{item("T\u00e8", "x", "Teh")}, `{external_id: "Te\u0300", name: "Teh ", price: 11000}`,
			[]string{`changed external_id "T\u00e8" -> "Te\u0300"`, `changed name "Teh" -> "Teh\u0020"`, `changed price "10000" -> "11000"`}},
		{"another name", []LiveItem{item("t-1", "x", "Teh")}, `{external_id: T-1, name: Kopi, price: 10000}`, []string{"added T-1", "removed t-1"}},
		{"real id to another", []LiveItem{item("A", "x", "Teh")}, `{external_id: B, name: Teh, price: 10000}`, []string{"added B", "removed A"}},
		{"real id to a made one", []LiveItem{item("A", "x", "Teh")}, `{external_id: ` + made + `, name: Teh, price: 10000}`, []string{"added " + made, "removed A"}},
		{"two that could have it", []LiveItem{item("", "1", "Teh"), item("", "2", "Teh")}, `{external_id: T-1, name: Teh, price: 10000}`,
			[]string{"added T-1", "removed gobiz-1", "removed gobiz-2"}},
		{"two that could get it", []LiveItem{item("", "1", "Teh")}, `{external_id: T-1, name: Teh, price: 10000}, {external_id: T-2, name: Teh, price: 10000}`,
			[]string{"added T-1", "added T-2", "removed gobiz-1"}},
		{"ids that differ in case, both there", []LiveItem{item("t-1", "x", "Teh"), item("T-1", "y", "Teh")}, `{external_id: T-1, name: Teh, price: 10000}`, []string{"removed t-1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			live := &Live{Menus: []LiveMenu{{Name: "Teh", Items: tt.live}, {Name: "Kopi", Items: []LiveItem{{ID: "k", ExternalID: "K", Name: "Teh", Price: Rp(1)}}}}}
			file := mustParse(t, "menu.yaml", []byte("menus:\n- {name: Teh, menu_items: ["+tt.file+"]}\n- {name: Kopi, menu_items: [{external_id: K, name: Teh, price: 1}]}\n"), Partner)
			payload, err := file.Build(BuildOptions{Live: live})
			if err != nil {
				t.Fatal(err)
			}
			diff := Compare(payload, live, file)
			var got []string
			for _, c := range diff.Changes {
				if c.Kind == Changed {
					got = append(got, fmt.Sprintf("%s %s %s -> %s", c.Kind, c.Field, escaped(fmt.Sprint(c.From)), escaped(fmt.Sprint(c.To))))
				} else {
					got = append(got, c.Kind+" "+c.ExternalID)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if stays := !strings.HasPrefix(got[0], "added"); payload.Menus[0].MenuItems[0].InStock == stays {
				t.Errorf("in stock: %t, and it was sold out", !stays)
			}
		})
	}
}

// A variant category that is re-keyed keeps its variants, which are re-keyed too.
func TestRekeyOfVariants(t *testing.T) {
	live := &Live{
		Menus: []LiveMenu{{Name: "Es", Items: []LiveItem{{ID: "i", ExternalID: "ES", Name: "Es Campur", Price: Rp(1), VariantCategoryIDs: []string{"c1", "c2"}}}}},
		VariantCategories: []LiveVariantCategory{
			{ID: "c1", Name: "Es", InternalName: "a", MaxQuantity: ptr(2), Variants: []LiveVariant{{ID: "v1", Name: "Sedikit", InStock: ptr(false)}, {ID: "v2", Name: "Tanpa", InStock: ptr(true)}}},
			{ID: "c2", ExternalID: "vc-2", Name: "Gula", MaxQuantity: ptr(1), Variants: []LiveVariant{{ID: "v3", ExternalID: "v-3", Name: "Manis", InStock: ptr(false)}}},
		},
	}
	file := mustParse(t, "menu.yaml", []byte(`menus:
  - {name: Es, menu_items: [{external_id: ES, name: Es Campur, price: 1, variant_category_external_ids: [VC-1, VC-2]}]}
variant_categories:
  - {external_id: VC-1, name: Es, internal_name: a, rules: {selection: {min_quantity: 0, max_quantity: 2}}, variants: [
      {external_id: V-1, name: Sedikit, price: 0}, {external_id: V-2, name: Tanpa, price: 0}]}
  - {external_id: VC-2, name: Gula, rules: {selection: {min_quantity: 0, max_quantity: 1}}, variants: [{external_id: V-3, name: Manis, price: 0}]}
`), Partner)
	payload, err := file.Build(BuildOptions{Live: live})
	if err != nil {
		t.Fatal(err)
	}
	var stock []bool
	for _, c := range payload.VariantCategories {
		for _, v := range c.Variants {
			stock = append(stock, v.InStock)
		}
	}
	if !slices.Equal(stock, []bool{false, true, false}) {
		t.Errorf("in stock: %v", stock)
	}
	var out strings.Builder
	if err := Compare(payload, live, file).WriteText(&out, plain{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`id changes from "gobiz-v1" to "V-1"  line`, `id changes from "gobiz-v2" to "V-2"  line`, `id changes from "vc-2" to "VC-2", only in case`, `id changes from "v-3" to "V-3", only in case`,
		"0 added, 0 removed, 4 changed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}
