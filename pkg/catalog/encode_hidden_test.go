package catalog

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// tricks are characters that a terminal acts on, or that show as nothing: C0
// and C1 controls, bidirectional controls and isolates, marks, separators, tags.
func tricks() (runes []rune) {
	for _, span := range [][2]rune{
		{1, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e},
		{0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	} {
		for r := span[0]; r <= span[1]; r++ {
			runes = append(runes, r)
		}
	}
	return runes
}

// A name of the server reaches a terminal with `-f -`: what acts there is an
// escape in the file, and reads back as it was.
func TestTricksAreEscaped(t *testing.T) {
	for _, r := range tricks() {
		name := "Bak" + string(r) + "mi"
		live := &Live{Menus: []LiveMenu{{Name: name, Items: []LiveItem{{ID: "1", ExternalID: "id" + string(r), Name: name, Description: "- " + name, Price: Rp(1)}}}}}
		s, _ := live.File(nil)
		yaml, err := EncodeYAML(s, []Note{{Entity: EntityItem, ExternalID: "id" + string(r), Message: "about " + name}})
		if err != nil {
			t.Fatal(err)
		}
		json, err := EncodeJSON(s)
		if err != nil {
			t.Fatal(err)
		}
		merged := map[string]string{}
		for file, old := range map[string]string{
			"menu.yaml": "menus:\n- name: 'x'\n  menu_items:\n  - {external_id: \"id\", name: x, description: \"x\", price: 1}\n",
			"menu.json": `{"menus":[{"name":"x","menu_items":[{"external_id":"id","name":"x","description":"x","price":1}]}]}`,
		} {
			out, _, err := Merge(file, []byte(old), live)
			if err != nil {
				t.Fatal(err)
			}
			merged[file] = string(out)
		}
		for file, texts := range map[string][]string{"menu.yaml": {string(yaml), merged["menu.yaml"]}, "menu.json": {string(json), merged["menu.json"]}} {
			for _, text := range texts {
				if raw := strings.ReplaceAll(text, "\n", ""); strings.ContainsRune(raw, r) || !utf8.ValidString(text) {
					t.Fatalf("%U is in the file as it is: %q", r, text)
				}
				back := mustParse(t, file, []byte(text), Partner)
				if m := back.Menus[0]; m.Name != name || m.Items[0].Name != name || m.Items[0].Description != "- "+name || m.Items[0].ExternalID != "id"+string(r) {
					t.Fatalf("%U reads back as another text: %q", r, text)
				}
			}
		}
	}
}

// Scripts stay readable.
func TestJoinersAreNotEscaped(t *testing.T) {
	for _, name := range []string{"می\u200cخواهم", "鸡面 é", "क्\u200dष"} {
		s := &File{Menus: []Menu{{Name: name}}}
		yaml, err := EncodeYAML(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		json, err := EncodeJSON(s)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(yaml), name) || !strings.Contains(string(json), name) {
			t.Errorf("%s\n%s", yaml, json)
		}
	}
}
