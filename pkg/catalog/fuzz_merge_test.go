package catalog

import (
	"bytes"
	"testing"
)

// FuzzMerge writes a live menu over any file: never a panic, the result is the
// live menu, and a second merge changes nothing.
func FuzzMerge(f *testing.F) {
	for _, file := range []string{
		string(readFile(f, "warung.yaml")),
		"menus:\n- name: Mi\n  menu_items:\n  - &a\n    external_id: MI-001\n    name: >-\n      Bakmi\n      Ayam\n    price: 1\n  - *a\n",
		"menus: [{name: Mi, menu_items: [{external_id: MI-001, name: 'it''s', price: 1}, # c\n {external_id: X, name: |-\n x\n, price: 2}]}]\n",
		"? menus\n: - name: Mi\n",
		"\ufeff---\n# a\u2028b\nmenus: # c\u0085\n- name: \"M\u2029i\" # d\n  menu_items:\n  - {external_id: MI-001, name: 'x\u0085y', price: 1} # e\u2028, price: 3",
		"menus: # a\r- name: Mi # b\n  menu_items: [{external_id: A, name: B, price: 1}] # c",
		"--- !!map\nmenus: &m !!seq\n-\n  # c\n  name: Kosong\n  menu_items:\n...\n",
		"menus:\n  - {name: Kosong, <<: &b {menu_items: []}}\r\n  - {name: Mi, <<: *b}\r\n",
		"menus:\n- name: Nasi\n  menu_items: [ # a\n    # b\n    {external_id: MI-001, # c\n     name: x, operational_hours: {<<: {monday: 09:00-10:00}, # d\n     every_day: 17:00-02:00, tuesday: [{start: '10:00', end: '11:00'}, # e\n     ]}, price: 1}, # f\n\n    # g\n    {external_id: X, name: y, price: 2} # h\n  ]\n- {name: Mi, menu_items: []} # i\n",
		"menus:\n- name: Kosong\n  menu_items:\n  - # a\n    external_id: MI-001\n    operational_hours: &h\n      # b\n      every_day: # c\n      - 10:00-11:00 # d\n    name: |- # e\n      x # f\n    price: 1\n  - {external_id: gobiz-app-1, operational_hours: *h, name: x, price: 1}\n- name: Mi\n  menu_items: # g\n",
	} {
		f.Add("a.yaml", []byte(file), []byte(sample))
	}
	f.Add("a.json", []byte("{\"menus\":[\n\t{\"name\":\"Mi\",\"menu_items\":[]}]}"), []byte(sample))
	f.Add("a.json", []byte(`{"variant_categories":[],"menus":[]}`), []byte(sample))
	f.Add("a.json", readFile(f, "eim_menu.json"), []byte(`{"menus":[]}`))
	f.Fuzz(func(t *testing.T, name string, file, body []byte) {
		live, err := FromLive(body)
		if err != nil || len(file) > 1<<16 || len(body) > 1<<16 {
			return
		}
		merged, notes, err := Merge(name, file, live)
		if err != nil {
			return // a live menu that no file can hold
		}
		s, findings := Parse(name, merged, Partner)
		if len(findings) > 0 {
			if wholeFileNote(notes) != "" {
				return // the live menu is at fault: a fresh file of it has the same
			}
			t.Fatalf("%v\n%s", findings, merged)
		}
		if _, err := s.Build(BuildOptions{Live: live}); err != nil {
			t.Fatal(err)
		}
		if wholeFileNote(notes) == "" {
			if again, more, err := Merge(name, merged, live); err != nil || wholeFileNote(more) != "" || !bytes.Equal(again, merged) {
				t.Fatalf("a second merge differs: %v %v\n%s\n%s", err, more, merged, again)
			}
		}
	})
}
