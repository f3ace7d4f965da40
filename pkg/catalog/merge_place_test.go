package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What happens to the comments of one thing when the live menu changes around
// it. The change is told as the lines of the file that it replaces.
func TestMergeKeepsCommentsInPlace(t *testing.T) {
	tests := []struct {
		name    string
		file    string
		change  func(*Live)
		replace []string // old, new, old, new
		dropped []int    // lines of comments
	}{
		{
			"item to another menu, indented less there", `menus:
    -   name: Mi
        menu_items:
            # the best seller
            # since 1998
            -   external_id: MI-1 # till 4
                name: Bakmi
                # ask before a change
                price: 27_000
                operational_hours:
                    friday: ["10:00-22:00"] # prayers
                # no image yet

            # soups
            -   external_id: MI-2
                name: Pangsit
                price: 12000
    -   name: Promo
        menu_items:
        - {external_id: P-1, name: Es Teh, price: 5000} # free refill
`,
			func(l *Live) {
				l.Menus[0].Items[0].Price = Rp(28000)
				l.Menus[1].Items = append(l.Menus[1].Items, l.Menus[0].Items[0])
				l.Menus[0].Items = l.Menus[0].Items[1:]
			},
			[]string{`            # the best seller
            # since 1998
            -   external_id: MI-1 # till 4
                name: Bakmi
                # ask before a change
                price: 27_000
                operational_hours:
                    friday: ["10:00-22:00"] # prayers
                # no image yet

`, "", "# free refill\n", `# free refill
        # the best seller
        # since 1998
        -   external_id: MI-1 # till 4
            name: Bakmi
            # ask before a change
            price: 28_000
            operational_hours:
                friday: ["10:00-22:00"] # prayers
            # no image yet
`}, nil,
		},
		{
			"item to a menu that has none, with another comment", `menus:
  - name: Mi
    menu_items:
    - external_id: A
      name: Satu # one
      price: 1
    # the second
    - external_id: B
      name: Dua
      price: 2 # cheap
  - name: Baru
    menu_items: [] # soon
`,
			func(l *Live) {
				l.Menus[1].Items, l.Menus[0].Items = l.Menus[0].Items[1:], l.Menus[0].Items[:1]
			},
			[]string{`    # the second
    - external_id: B
      name: Dua
      price: 2 # cheap
`, "", "menu_items: [] # soon\n", `menu_items: # soon
    # the second
    - external_id: B
      name: Dua
      price: 2 # cheap
`}, nil,
		},
		{
			"item to a new menu", `menus:
  - name: Mi
    menu_items:
      - external_id: A
        name: Satu
        price: 1
      # the second
      - {external_id: B, # two
         name: Dua, price: 2}
`,
			func(l *Live) {
				l.Menus = append(l.Menus, LiveMenu{Name: "Baru", Items: l.Menus[0].Items[1:]})
				l.Menus[0].Items = l.Menus[0].Items[:1]
			},
			[]string{`      # the second
`, `  - name: Baru
    menu_items:
      # the second
`}, nil,
		},
		{
			"items from lines to brackets and back", `menus:
  - name: Mi
    menu_items:
      # the first
      - external_id: A
        name: Satu # one
        price: 1
      - {external_id: B, name: Dua, price: 2} # two
  - name: Es
    menu_items: [
      # the third
      {external_id: C, name: Tiga, price: 3}, # three
      {external_id: D, name: Empat, price: 4}]
`,
			func(l *Live) {
				a, c := l.Menus[0].Items[0], l.Menus[1].Items[0]
				l.Menus[0].Items[0], l.Menus[1].Items[0] = c, a
			},
			[]string{`      # the first
      - external_id: A
        name: Satu # one
        price: 1
`, `      # the third
      - {external_id: C, name: Tiga, price: 3} # three
`, `      # the third
      {external_id: C, name: Tiga, price: 3}, # three
`, `      # the first
      # one
      {external_id: A, name: Satu, price: 1},
`}, nil,
		},
		{
			"variant to another category", `menus: []
variant_categories:
  - external_id: VC-1
    name: Pedas
    rules: {selection: {min_quantity: 0, max_quantity: 1}}
    variants:
      - {external_id: V-1, name: Sedang, price: 0}
      # only for the brave
      - {external_id: V-2, name: Gila, price: 1000, in_stock: false} # ask the kitchen
  - external_id: VC-2
    name: Topping
    rules: {selection: {min_quantity: 0, max_quantity: 1}}
    variants:
      - external_id: V-3
        name: Telur
        price: 5000
`,
			func(l *Live) {
				l.VariantCategories[1].Variants = append(l.VariantCategories[1].Variants, l.VariantCategories[0].Variants[1])
				l.VariantCategories[0].Variants = l.VariantCategories[0].Variants[:1]
			},
			[]string{`      # only for the brave
      - {external_id: V-2, name: Gila, price: 1000, in_stock: false} # ask the kitchen
`, "", "price: 5000\n", `price: 5000
      # only for the brave
      - {external_id: V-2, name: Gila, price: 1000, in_stock: false} # ask the kitchen
`}, nil,
		},
		{
			"another external id, in place of one that a pull made", `menus:
  - name: Mi
    menu_items:
      # the best seller
      - external_id: gobiz-item-7 # has no external id; this one is made from its GoBiz id
        name: Bakmi
        price: 1 # cheap
      - external_id: gobiz-item-8 # till 4; has no external id; this one is made from its GoBiz id
        name: Bakso
        price: 2
`,
			func(l *Live) {
				l.Menus[0].Items[0].ID, l.Menus[0].Items[0].ExternalID, l.Menus[0].Items[0].Name = "item-7", "MI-7", "Bakmi Ayam"
				l.Menus[0].Items[1].ID, l.Menus[0].Items[1].ExternalID = "item-8", "MI-8"
			},
			[]string{
				"gobiz-item-7 # has no external id; this one is made from its GoBiz id\n        name: Bakmi\n", "MI-7\n        name: Bakmi Ayam\n",
				"gobiz-item-8 # till 4; has no external id; this one is made from its GoBiz id", "MI-8 # till 4",
			}, nil,
		},
		{
			"a made id that was pushed, an own one, and one that is still made", `menus:
  - name: Mi
    menu_items:
      - external_id: gobiz-item-7 # has no external id; this one is made from its GoBiz id
        name: Bakmi
        price: 1
      - external_id: OWN # has no external id; this one is made from its GoBiz id
        name: Bakso
        price: 2
      - external_id: gobiz-item-9 # has no external id; this one is made from its GoBiz id
        name: Soto
        price: 3
`,
			func(l *Live) {
				items := l.Menus[0].Items
				items[0].ID, items[0].ExternalID = "item-7", "gobiz-item-7"
				items[1].ID, items[1].ExternalID = "item-8", "OWN"
				items[2].ID, items[2].ExternalID = "item-9", ""
			},
			[]string{"gobiz-item-7 # has no external id; this one is made from its GoBiz id", "gobiz-item-7", "OWN # has no external id; this one is made from its GoBiz id", "OWN"}, nil,
		},
		{
			"another external id, the same name", `menus:
  - name: Mi
    menu_items:
      - external_id: A # till 4
        name: Bakmi
        price: 1 # cheap
        variant_category_external_ids:
          - VC-1 # for all
variant_categories:
  # how hot
  - external_id: VC-1
    name: Pedas
    rules: {selection: {min_quantity: 0, max_quantity: 0}}
    variants: []
`,
			func(l *Live) {
				l.Menus[0].Items[0].ExternalID = "B"
				l.VariantCategories[0].ExternalID = "VC-9"
			},
			[]string{"id: A", "id: B", "- VC-1 #", "- VC-9 #", "id: VC-1", "id: VC-9"}, nil,
		},
		{
			"comments of groups stay, of entries go", `menus:
  - name: Mi
    menu_items:
      # --- noodles ---

      # gone since May
      - external_id: A
        name: Satu # one
        price: 1

      # --- soups ---

      - external_id: B
        name: Dua
        price: 2
      # the last
      - external_id: C
        name: Tiga
        price: 3
        # of C
      # the end
`,
			func(l *Live) { l.Menus[0].Items = l.Menus[0].Items[1:2] },
			[]string{`      # gone since May
      - external_id: A
        name: Satu # one
        price: 1

`, "", `      # the last
      - external_id: C
        name: Tiga
        price: 3
        # of C
`, ""}, []int{6, 8, 16, 20},
		},
		{
			"groups of a list of which nothing stays", `menus:
  - name: Mi
    menu_items:
      - external_id: A
        name: Satu
        price: 1 # one

      # --- soups ---

      - external_id: B
        name: Dua
        price: 2 # two
variant_categories: []
`,
			func(l *Live) { l.Menus[0].Items = []LiveItem{{ID: "x", ExternalID: "X", Name: "Baru", Price: Rp(9)}} },
			[]string{`external_id: A
        name: Satu
        price: 1 # one
`, `external_id: X
        name: Baru
        price: 9
`, `
      - external_id: B
        name: Dua
        price: 2 # two
`, ""}, []int{6, 12},
		},
		{
			"hours in lines", `menus:
  - name: Mi
    menu_items:
      - external_id: A
        name: Satu
        price: 1
        operational_hours: # of the kitchen
          # the rest
          every_day: "10:00-22:00" # as the door says
          friday: # prayers
            - "10:00-11:30" # before
            # and after
            - "13:00-22:00"
          sunday: [] # closed
`,
			func(l *Live) {
				h := l.Menus[0].Items[0].OperationalHours
				h[0] = []Window{{"08:00", "20:00"}}
				h[4] = []Window{{"10:00", "11:30"}, {"13:30", "23:00"}}
				h[6] = []Window{{"10:00", "12:00"}}
			},
			[]string{"as the door says\n", "as the door says\n          monday: [\"08:00-20:00\"]\n", `"13:00-22:00"`, `"13:30-23:00"`, "sunday: []", `sunday: ["10:00-12:00"]`}, nil,
		},
		{
			"hours in brackets", `menus:
  - name: Mi
    menu_items:
      - external_id: A
        name: Satu
        price: 1
        operational_hours: {
          monday: [{start: "10:00", end: "22:00"}], # quiet
          # market
          tuesday: [{start: "10:00", end: "22:00"}, {start: "22:30", end: "23:00"}]
        } # of the kitchen
`,
			func(l *Live) {
				h := l.Menus[0].Items[0].OperationalHours
				h[0], h[1], h[2] = []Window{}, []Window{{"10:00", "21:00"}}, []Window{{"10:00", "22:00"}}
			},
			[]string{
				`monday: [{start: "10:00", end: "22:00"}]`, `monday: []`,
				`[{start: "10:00", end: "22:00"}, {start: "22:30", end: "23:00"}]
`, `[{start: "10:00", end: "21:00"}],
          wednesday: [{start: "10:00", end: "22:00"}]
`,
			}, nil,
		},
		{
			"hours that mean the same in another order", `menus:
  - name: Mi
    menu_items:
      - {external_id: A, name: Satu, price: 1, operational_hours: {every_day: ["17:00-22:00", "08:00-12:00"]}} # late first
`,
			func(l *Live) {
				for day := range l.Menus[0].Items[0].OperationalHours {
					l.Menus[0].Items[0].OperationalHours[day] = []Window{{"08:00", "12:00"}, {"17:00", "22:00"}}
				}
			}, nil, nil,
		},
		{
			"hours over midnight", `menus:
  - name: Mi
    menu_items:
      - external_id: A
        name: Satu
        price: 1
        operational_hours:
          every_day: "17:00-02:00" # bar
          monday: [] # rest
`,
			func(l *Live) {
				l.Menus[0].Items[0].OperationalHours[3] = []Window{{"00:00", "02:00"}, {"18:00", "23:00"}}
			},
			// The night of Wednesday reaches Thursday, that of Thursday is Friday's own now.
			[]string{"# rest\n", "# rest\n          thursday: [\"18:00-23:00\"]\n          friday: [\"00:00-02:00\", \"17:00-02:00\"]\n"}, nil,
		},
		{
			"the first key goes", `menus:
  - name: Mi
    menu_items:
      - description: Enak # of the first
        # of the second
        name: Satu
        external_id: A
        price: 1
`,
			func(l *Live) { l.Menus[0].Items[0].Description = "" },
			[]string{"description: Enak # of the first\n        # of the second\n", "# of the second\n"}, []int{4},
		},
		{
			"behind the dash, and keys in brackets", `menus:
  - name: Mi
    menu_items:
      - # the first
        external_id: A
        name: Satu
        price: 1
      - {external_id: B, # two
         # said in the app
         description: Enak,
         # the name
         name: Dua, price: 2}
`,
			func(l *Live) {
				slices.Reverse(l.Menus[0].Items)
				l.Menus[0].Items[0].Description, l.Menus[0].Items[0].InternalName = "", "2"
			},
			[]string{`      - # the first
        external_id: A
        name: Satu
        price: 1
      - {external_id: B, # two
         # said in the app
         description: Enak,
         # the name
         name: Dua, price: 2}
`, `      - {external_id: B, # two
         # the name
         name: Dua,
         internal_name: "2",
         price: 2}
      - # the first
        external_id: A
        name: Satu
        price: 1
`}, []int{9},
		},
		{
			"a text of several lines", `menus:
  - name: Mi
    menu_items:
      - external_id: A
        name: Satu
        description: >- # from the web site
          Enak # no comment
          sekali
        price: 1
`,
			func(l *Live) { l.Menus[0].Items[0].Description = "Enak" },
			[]string{">- # from the web site\n          Enak # no comment\n          sekali", "Enak # from the web site"}, nil,
		},
		{
			"nothing where items come", "menus:\n  - name: Mi\n    menu_items: # soon\n  - name: Es\n    menu_items:\n      - {external_id: A, name: Satu, price: 1} # one\n",
			func(l *Live) {
				l.Menus[0].Items, l.Menus[1].Items = l.Menus[1].Items, nil
			},
			[]string{"# soon\n", "# soon\n      - {external_id: A, name: Satu, price: 1} # one\n", "menu_items:\n      - {external_id: A, name: Satu, price: 1} # one\n", "menu_items: []\n"}, nil,
		},
		{
			"no list where items come, in brackets", `menus:
  - {name: Mi}
  - name: Es
    menu_items:
      # the first
      - {external_id: A, name: Satu, price: 1} # one
      - {external_id: B, name: Dua, price: 2}
`,
			func(l *Live) {
				l.Menus[0].Items, l.Menus[1].Items = l.Menus[1].Items[:1], l.Menus[1].Items[1:]
			},
			[]string{"{name: Mi}", `{name: Mi,
    # the first
    # one
    menu_items: [{external_id: A, name: Satu, price: 1}]}`, `      # the first
      - {external_id: A, name: Satu, price: 1} # one
`, ""}, nil,
		},
		{
			"before the anchors that it needs", `menus:
  - name: Mi
    menu_items:
      - {external_id: A, name: Satu, price: 1}
  - name: Es
    menu_items:
      - &base # the base
        external_id: B
        name: Dua
        price: 2 # two
        operational_hours: &hours {every_day: "08:00-20:00"}
      # the third
      - <<: *base # as the base
        external_id: C # till 4
      # the fourth
      - {external_id: D, name: Empat, price: 4, operational_hours: *hours} # four
`,
			func(l *Live) {
				l.Menus[0].Items = append(l.Menus[0].Items, l.Menus[1].Items[1:]...)
				l.Menus[1].Items = l.Menus[1].Items[:1]
			},
			[]string{`price: 1}
`, `price: 1}
      # the third
      - # as the base
        external_id: C # till 4
        name: Dua
        price: 2
        operational_hours:
          every_day: ["08:00-20:00"]
      # the fourth
      - {external_id: D, name: Empat, price: 4, operational_hours: {every_day: ["08:00-20:00"]}} # four
`, `      # the third
      - <<: *base # as the base
        external_id: C # till 4
      # the fourth
      - {external_id: D, name: Empat, price: 4, operational_hours: *hours} # four
`, ""}, nil,
		},
		{
			"what an anchor gave", `menus:
  - name: Mi
    menu_items:
      - &base # the base
        external_id: A
        name: Satu
        description: Enak # tasty
        price: 1
      # the second
      - <<: *base # as one
        external_id: B # till 4
        name: Dua
`,
			func(l *Live) { l.Menus[0].Items[1].Description = "" },
			[]string{"- <<: *base # as one\n        external_id: B # till 4\n        name: Dua\n", "- # as one\n        external_id: B # till 4\n        name: Dua\n        price: 1\n"}, nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			live := liveOf(t, "a.yaml", []byte(tt.file))
			tt.change(live)
			want := tt.file
			for i := 0; i < len(tt.replace); i += 2 {
				if strings.Count(want, tt.replace[i]) != 1 {
					t.Fatalf("%q is not in the file once", tt.replace[i])
				}
				want = strings.Replace(want, tt.replace[i], tt.replace[i+1], 1)
			}
			for _, newline := range []string{"\n", "\r\n"} {
				with := strings.NewReplacer("\n", newline)
				file := with.Replace(tt.file)
				got, notes := merge(t, "a.yaml", file, live)
				if diff := cmp.Diff(with.Replace(want), got); diff != "" {
					t.Errorf("%v\n-want +got\n%s", notes, diff)
				}
				var dropped []int
				for _, c := range DroppedComments("a.yaml", []byte(file), []byte(got)) {
					dropped = append(dropped, c.Line)
				}
				if !slices.Equal(dropped, tt.dropped) {
					t.Errorf("dropped %v, want %v", dropped, tt.dropped)
				}
			}
		})
	}
}
