package catalog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

// liveOf is the live menu after a push of a file.
func liveOf(t testing.TB, name string, file []byte) *Live {
	t.Helper()
	s := mustParse(t, name, file, Partner)
	_, data := build(t, s, BuildOptions{})
	return apply(t, data, true)
}

func merge(t testing.TB, name, file string, live *Live) (string, []Note) {
	t.Helper()
	merged, notes, err := Merge(name, []byte(file), live)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := Merge(name, merged, live)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(merged, again) {
		t.Errorf("a second merge differs:\n%s", cmp.Diff(string(merged), string(again)))
	}
	return string(merged), notes
}

func wholeFileNote(notes []Note) string {
	for _, n := range notes {
		if n.Entity == "file" {
			return n.Message
		}
	}
	return ""
}

// A change of the live menu, and what it replaces in the file: every other byte
// stays. An empty replacement cuts.
func TestMergeKeepsTheRestOfTheFile(t *testing.T) {
	yaml := string(readFile(t, "warung.yaml"))
	find := func(l *Live, id string) *LiveItem {
		for m := range l.Menus {
			for i := range l.Menus[m].Items {
				if l.Menus[m].Items[i].ExternalID == id {
					return &l.Menus[m].Items[i]
				}
			}
		}
		t.Fatalf("no item %s", id)
		return nil
	}
	tests := []struct {
		name    string
		change  func(*Live)
		replace []string // old, new, old, new
	}{
		{"nothing", func(*Live) {}, nil},
		{"price in groups", func(l *Live) { find(l, "NSI-001").Price = Rp(31500) }, []string{"price: 28_000", "price: 31_500"}},
		{"price in braces", func(l *Live) { find(l, "0013").Price = Rp(9500) }, []string{"name: Es Jeruk, price: 9000", "name: Es Jeruk, price: 9500"}},
		{"text in quotes", func(l *Live) { find(l, "NSI-002").Description = `Pagi: "enak"` },
			[]string{`"Hanya pagi: nasi, tempe orek, bihun"`, `"Pagi: \"enak\""`}},
		{"plain text needs quotes", func(l *Live) { find(l, "MI-001").Name = "Bakmi: pedas" }, []string{"Bakmi Ayam 鸡面", "'Bakmi: pedas'"}},
		{"description gone", func(l *Live) { find(l, "MI-002").Description = "" }, []string{"        description: Porsi besar 🦐\n", ""}},
		{"description new", func(l *Live) { find(l, "MI-001").Description = "Baru" },
			[]string{"鸡面\n", "鸡面\n        description: Baru\n"}},
		{"description new in braces", func(l *Live) { find(l, "0012").Description = "Dingin, segar" },
			[]string{"name: Es Cendol, price", "name: Es Cendol, description: 'Dingin, segar', price"}},
		{"stock that the file says", func(l *Live) { find(l, "MI-001").InStock = ptr(true) }, []string{"in_stock: false", "in_stock: true"}},
		{"stock that it does not say", func(l *Live) { find(l, "NSI-001").InStock = ptr(false) }, nil},
		{"image stored elsewhere", func(l *Live) { find(l, "NSI-001").Image = "https://cdn.example.net/1" }, nil},
		{"image changed", func(l *Live) { find(l, "NSI-001").Image = "https://img.example.com/2.jpg" }, []string{"nasgor.jpg", "2.jpg"}},
		{"hours of the defaults", func(l *Live) { find(l, "MI-002").OperationalHours = EveryDay(Window{"10:00", "22:00"}) },
			[]string{yaml[strings.Index(yaml, "        operational_hours:\n          monday"):strings.Index(yaml, "  - name: Minuman")], ""}},
		{"hours not those of the defaults", func(l *Live) { find(l, "MI-001").OperationalHours = nil },
			[]string{"in_stock: false\n", "in_stock: false\n        operational_hours:\n          every_day: [\"00:00-23:59\"]\n"}},
		{"references through an alias", func(l *Live) { find(l, "NSI-002").VariantCategoryIDs = []string{"uuid-0"} }, []string{"*pilihan", "[VC-PEDAS]"}},
		{"references with the anchor", func(l *Live) { find(l, "NSI-001").VariantCategoryIDs = []string{"uuid-1"} },
			[]string{"&pilihan [VC-PEDAS, VC-TOPPING]", "&pilihan [VC-TOPPING]", "*pilihan", "[VC-PEDAS, VC-TOPPING]"}},
		{"both references", func(l *Live) {
			find(l, "NSI-001").VariantCategoryIDs = []string{"uuid-1"}
			find(l, "NSI-002").VariantCategoryIDs = []string{"uuid-1"}
		}, []string{"&pilihan [VC-PEDAS, VC-TOPPING]", "&pilihan [VC-TOPPING]"}},
		{"item gone", func(l *Live) { l.Menus[2].Items = l.Menus[2].Items[1:] },
			[]string{"      - {external_id: \"0012\", name: Es Cendol, price: 6000}\n", ""}},
		{"items gone", func(l *Live) { l.Menus[2].Items = nil },
			[]string{yaml[strings.Index(yaml, "menu_items:\n      - {ext"):strings.Index(yaml, "\nvariant_categories:")], "menu_items: []\n"}},
		{"item new", func(l *Live) {
			l.Menus[2].Items = slices.Insert(l.Menus[2].Items, 1, LiveItem{ID: "i", ExternalID: "0099", Name: "Kopi", Price: Rp(1), OperationalHours: EveryDay(Window{"10:00", "22:00"})})
		}, []string{"price: 6000}\n", "price: 6000}\n      - {external_id: \"0099\", name: Kopi, price: 1}\n"}},
		{"item new at the begin", func(l *Live) {
			l.Menus[0].Items = slices.Insert(l.Menus[0].Items, 0, LiveItem{ID: "i", Name: "Kopi", Price: Rp(1), OperationalHours: EveryDay(Window{"10:00", "22:00"})})
		}, []string{"      - external_id: NSI-001", "      - external_id: gobiz-i # has no external id; this one is made from its GoBiz id\n        name: Kopi\n        price: 1\n      - external_id: NSI-001"}},
		{"other order", func(l *Live) { slices.Reverse(l.Menus[2].Items) }, []string{
			"      - {external_id: \"0012\", name: Es Cendol, price: 6000}\n      - {external_id: \"0013\", name: Es Jeruk, price: 9000}\n",
			"      - {external_id: \"0013\", name: Es Jeruk, price: 9000}\n      - {external_id: \"0012\", name: Es Cendol, price: 6000}\n"}},
		{"menu renamed", func(l *Live) { l.Menus[0].Name = "Nasi & Lauk" }, []string{"name: Nasi\n", "name: Nasi & Lauk\n"}},
		{"rule", func(l *Live) { l.VariantCategories[0].MinQuantity = 0 }, []string{"min_quantity: 1", "min_quantity: 0"}},
		{"variant price", func(l *Live) { l.VariantCategories[1].Variants[1].Price = Rp(-500) }, []string{"-1000", "-500"}},
		{"variant new, no limit", func(l *Live) {
			l.VariantCategories[1].Variants = append(l.VariantCategories[1].Variants, LiveVariant{ID: "v", ExternalID: "V-X", Name: "X", Price: Rp(5)})
			l.VariantCategories[1].MaxQuantity = nil
		}, []string{"price: -1000}\n", "price: -1000}\n      - {external_id: V-X, name: X, price: 5}\n"}},
		{"order of categories", func(l *Live) { slices.Reverse(l.VariantCategories) }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			live := liveOf(t, "warung.yaml", []byte(yaml))
			tt.change(live)
			want := yaml
			for i := 0; i < len(tt.replace); i += 2 {
				if strings.Count(want, tt.replace[i]) == 0 {
					t.Fatalf("%q is not in the file", tt.replace[i])
				}
				want = strings.Replace(want, tt.replace[i], tt.replace[i+1], 1)
			}
			for _, newline := range []string{"\n", "\r\n"} {
				with := strings.NewReplacer("\n", newline)
				got, notes := merge(t, "warung.yaml", with.Replace(yaml), live)
				if diff := cmp.Diff(with.Replace(want), got); diff != "" {
					t.Errorf("%v\n-want +got\n%s", notes, diff)
				}
			}
		})
	}
}

// drawFile writes a source in one of the styles that people and programs write,
// with a comment above each entry where comments exist.
func drawFile(t *rapid.T, s *File) (name, file string) {
	style := rapid.SampledFrom([]string{"yaml", "flush yaml", "yaml in braces", "json", "tab json", "compact json", "payload"}).Draw(t, "style")
	if rapid.Bool().Draw(t, "defaults") {
		s.Defaults = Defaults{OperationalHours: EveryDay(Window{"10:00", "22:00"}), InStock: ptr(rapid.Bool().Draw(t, "default stock"))}
	}
	crlf := rapid.Bool().Draw(t, "CRLF")
	switch style {
	case "payload":
		p, err := s.Build(BuildOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return "menu.json", string(p.Encode().JSON())
	case "compact json":
		data, err := EncodeJSON(s)
		if err != nil {
			t.Fatal(err)
		}
		spaced := rapid.Bool().Draw(t, "spaced")
		text := jsontext.Value(data)
		if err := text.Format(jsontext.Multiline(false), jsontext.SpaceAfterColon(spaced), jsontext.SpaceAfterComma(spaced)); err != nil {
			t.Fatal(err)
		}
		return "menu.json", string(text)
	case "json", "tab json":
		data, err := EncodeJSON(s)
		if err != nil {
			t.Fatal(err)
		}
		if file = string(data); style == "tab json" {
			var out strings.Builder
			for line := range strings.Lines(file) {
				text := strings.TrimLeft(line, " ")
				out.WriteString(strings.Repeat("\t", (len(line)-len(text))/2) + text)
			}
			file = out.String()
		}
		name = "menu.json"
	default:
		data, err := EncodeYAML(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if name, file = "menu.yaml", string(data); style != "yaml" {
			file = restyled(t, data, style == "flush yaml")
		}
	}
	if name == "menu.yaml" {
		var out strings.Builder
		blank := rapid.Bool().Draw(t, "blank lines")
		for i, line := range strings.SplitAfter(file, "\n") {
			if text := strings.TrimLeft(line, " "); strings.HasPrefix(text, "- ") {
				if blank {
					out.WriteString("\n")
				}
				fmt.Fprintf(&out, "%s# about line %d\n", line[:len(line)-len(text)], i)
			}
			out.WriteString(line)
		}
		file = out.String()
	}
	if rapid.Bool().Draw(t, "no last line feed") {
		file = strings.TrimSuffix(file, "\n")
	}
	if crlf {
		file = strings.ReplaceAll(file, "\n", "\r\n")
	}
	return name, file
}

// restyled writes a YAML file with lists that are not indented, or with items in
// braces.
func restyled(t *rapid.T, data []byte, flush bool) string {
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		for i, value := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "menu_items" && !flush {
				for _, item := range value.Content {
					item.Style |= yaml.FlowStyle
				}
			}
			walk(value)
		}
	}
	walk(&root)
	out, err := yaml.Dump(&root, yaml.WithV4Defaults(), yaml.WithIndent(2), yaml.WithCompactSeqIndent(flush), yaml.WithLineWidth(-1))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// change makes a live menu another one.
func change(t *rapid.T, live *Live) {
	n := 0
	newItem := func() LiveItem {
		n++
		return LiveItem{ID: fmt.Sprintf("new-%d", n), ExternalID: fmt.Sprintf("N %d", n), Name: text(t, "new name"), Price: Rp(int64(n)), Description: maybeText(t, "new description")}
	}
	shuffle := func(what string, count int, swap func(i, j int)) {
		if count > 1 && rapid.IntRange(0, 3).Draw(t, what) == 0 {
			swap(rapid.IntRange(0, count-1).Draw(t, "from"), rapid.IntRange(0, count-1).Draw(t, "to"))
		}
	}
	for m := range live.Menus {
		menu := &live.Menus[m]
		for i := range menu.Items {
			item := &menu.Items[i]
			switch rapid.IntRange(0, 9).Draw(t, "change") {
			case 0:
				item.Name = text(t, "name")
			case 1:
				item.Price = Rp(int64(rapid.IntRange(0, 99999).Draw(t, "price")))
			case 2:
				item.Description = maybeText(t, "description")
			case 3:
				item.OperationalHours = EveryDay(Window{"10:00", "22:00"})
			case 4:
				item.OperationalHours = nil
			case 5:
				item.VariantCategoryIDs = nil
			case 6:
				item.InStock = ptr(rapid.Bool().Draw(t, "in stock"))
			case 7:
				item.InternalName = maybeText(t, "internal name")
			}
		}
		menu.Items = slices.DeleteFunc(menu.Items, func(LiveItem) bool { return rapid.IntRange(0, 4).Draw(t, "gone") == 0 })
		for rapid.IntRange(0, 2).Draw(t, "more") == 0 {
			menu.Items = slices.Insert(menu.Items, rapid.IntRange(0, len(menu.Items)).Draw(t, "at"), newItem())
		}
		shuffle("shuffle items", len(menu.Items), func(i, j int) { menu.Items[i], menu.Items[j] = menu.Items[j], menu.Items[i] })
	}
	live.Menus = slices.DeleteFunc(live.Menus, func(LiveMenu) bool { return rapid.IntRange(0, 5).Draw(t, "menu gone") == 0 })
	if rapid.IntRange(0, 3).Draw(t, "menu new") == 0 {
		live.Menus = append(live.Menus, LiveMenu{Name: "A new menu", Items: []LiveItem{newItem()}})
	}
	shuffle("shuffle menus", len(live.Menus), func(i, j int) { live.Menus[i], live.Menus[j] = live.Menus[j], live.Menus[i] })
	for c := range live.VariantCategories {
		category := &live.VariantCategories[c]
		if rapid.IntRange(0, 3).Draw(t, "category") == 0 {
			category.MinQuantity, category.InternalName = 7, maybeText(t, "internal name")
		}
		category.Variants = slices.DeleteFunc(category.Variants, func(LiveVariant) bool { return rapid.IntRange(0, 4).Draw(t, "variant gone") == 0 })
		shuffle("shuffle variants", len(category.Variants), func(i, j int) {
			category.Variants[i], category.Variants[j] = category.Variants[j], category.Variants[i]
		})
	}
	if rapid.IntRange(0, 3).Draw(t, "category new") == 0 {
		live.VariantCategories = append(live.VariantCategories, LiveVariantCategory{ID: "c-new", ExternalID: "C NEW", Name: text(t, "name"), MaxQuantity: ptr(0)})
	}
}

func TestMergeAnyFileWithAnyChange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		body := drawLive(rt)
		live := fromLive(t, body)
		s, _ := live.File(nil)
		name, file := drawFile(rt, s)
		if rapid.IntRange(0, 9).Draw(rt, "changes") > 0 {
			change(rt, live)
		}
		merged, notes, err := Merge(name, []byte(file), live)
		if err != nil {
			rt.Fatal(err)
		}
		if why := wholeFileNote(notes); why != "" {
			rt.Fatalf("%s\n%s", why, file)
		}
		got, findings := Parse(name, merged, Partner)
		if len(findings) > 0 {
			rt.Fatalf("%v\n%s", findings, merged)
		}
		payload, err := got.Build(BuildOptions{Live: live})
		if err != nil {
			rt.Fatal(err)
		}
		if differences := Differences(payload, live); len(differences) > 0 {
			rt.Fatalf("%v\n%s", differences, merged)
		}
		again, _, err := Merge(name, merged, live)
		if err != nil || !bytes.Equal(merged, again) {
			rt.Fatalf("a second merge differs: %v\n%s", err, cmp.Diff(string(merged), string(again)))
		}
	})
}

// What is live already keeps every byte, also where the layout could not be
// changed, and characters that only YAML 1.1 takes for line breaks neither hide a
// value nor cost a comment.
func TestMergeKeepsOddFiles(t *testing.T) {
	const file = "\ufeff---\r\n# a\u2028b: 1\r\nmenus: # c\u0085\r\n- name: \"M\u2029i\" # d\r\n  menu_items:\r\n  - {external_id: A, name: 'x\u0085y', price: 1} # e\u2028, price: 3"
	live := liveOf(t, "a.yaml", []byte(file))
	if item := live.Menus[0].Items[0]; live.Menus[0].Name != "M\u2029i" || item.Name != "x\u0085y" || item.Price != Rp(1) {
		t.Fatalf("read as %+v", live)
	}
	if got, notes := merge(t, "a.yaml", file, live); got != file || len(notes) > 0 {
		t.Errorf("%v\n%s", notes, cmp.Diff(file, got))
	}
	live.Menus[0].Items[0].Price = Rp(2)
	if got, notes := merge(t, "a.yaml", file, live); got != strings.Replace(file, "price: 1", "price: 2", 1) || len(notes) > 0 {
		t.Errorf("another price: %v\n%s", notes, cmp.Diff(file, got))
	}
	for name, file := range map[string]string{
		"a carriage return alone": "menus: # a\r- name: Mi # b\n  menu_items: [{external_id: A, name: B, price: 1}] # c",
		"a BOM inside":            "menus: # \ufeffa\n- name: Mi # b\n  menu_items: [{external_id: A, name: B, price: 1}]\n",
	} {
		if got, notes := merge(t, "a.yaml", file, liveOf(t, "a.yaml", []byte(file))); got != file || len(notes) > 0 {
			t.Errorf("%s: %v\n%s", name, notes, cmp.Diff(file, got))
		}
	}
}

// What stands for several entities at once cannot always stay.
func TestMergeWithSharedValues(t *testing.T) {
	const file = `menus:
  - name: Kopi
    menu_items:
      # the base of all
      - &kopi
        external_id: K1
        name: Kopi
        description: Tubruk # strong
        price: 5000
        operational_hours: &jam {every_day: "08:00-20:00"}
      - {<<: *kopi, external_id: K2, name: Kopi Susu}
      - <<: *kopi
        external_id: K3 # third
        name: Es Kopi
        price: 7000
      - external_id: T1
        name: Teh
        price: 3000
        operational_hours: *jam
  - name: Lagi
    menu_items:
      - *kopi
`
	tests := []struct {
		name    string
		change  func(*Live)
		replace []string
		notes   int
	}{
		{"nothing", func(*Live) {}, nil, 0},
		{"an own key", func(l *Live) { l.Menus[0].Items[2].Price = Rp(8000) }, []string{"price: 7000", "price: 8000"}, 0},
		{"an inherited key gets its own", func(l *Live) { l.Menus[0].Items[1].Price = Rp(6000) }, []string{"name: Kopi Susu}", "name: Kopi Susu, price: 6000}"}, 0},
		{"the alias of a value", func(l *Live) { l.Menus[0].Items[3].OperationalHours = EveryDay(Window{"09:00", "10:00"}) },
			[]string{"*jam", `{every_day: ["09:00-10:00"]}`}, 0},
		{"an inherited key is gone", func(l *Live) { l.Menus[0].Items[1].Description = "" },
			[]string{"{<<: *kopi, external_id: K2, name: Kopi Susu}", `{external_id: K2, name: Kopi Susu, price: 5000, operational_hours: {every_day: ["08:00-20:00"]}}`}, 1},
		{"the anchored one", func(l *Live) { l.Menus[0].Items[0].Price = Rp(5500); l.Menus[1].Items[0].Price = Rp(5500) }, []string{
			"price: 5000", "price: 5500",
			"{<<: *kopi, external_id: K2, name: Kopi Susu}", `{external_id: K2, name: Kopi Susu, description: Tubruk, price: 5000, operational_hours: {every_day: ["08:00-20:00"]}}`,
		}, 3},
		{"the anchored one is gone", func(l *Live) { l.Menus[0].Items = l.Menus[0].Items[1:] }, []string{"- &kopi", "-", "K1", "K2"}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			live := liveOf(t, "a.yaml", []byte(file))
			tt.change(live)
			got, notes := merge(t, "a.yaml", file, live)
			if why := wholeFileNote(notes); why != "" {
				t.Fatal(why)
			}
			if len(notes) != tt.notes {
				t.Errorf("notes %v", notes)
			}
			if tt.notes > 1 {
				if !strings.Contains(got, "# the base of all") == (tt.name == "the anchored one") || strings.Contains(got, "<<") {
					t.Errorf("%s", got)
				}
				return
			}
			want := strings.NewReplacer(tt.replace...).Replace(file)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
