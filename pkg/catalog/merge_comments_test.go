package catalog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/document/edit"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A commentWriter writes a source as people do, in lines and in brackets, with a
// comment of its own for everything: above it or behind it.
type commentWriter struct {
	t     *rapid.T
	out   strings.Builder
	unit  int  // of the indentation
	flush bool // lists are not indented
	of    map[string]string
}

func (w *commentWriter) comment(owner string) string {
	c := fmt.Sprintf("comment %d", len(w.of)+1)
	w.of[c] = owner
	return "# " + c
}

func (w *commentWriter) flip(what string) bool { return rapid.Bool().Draw(w.t, what) }

func (w *commentWriter) print(columns int, texts ...string) {
	w.out.WriteString(strings.Repeat(" ", columns) + strings.Join(texts, ""))
}

// owned tells what an element of a list is.
func owned(owner, key string, i int, element any) string {
	switch e := element.(type) {
	case edit.Object:
		switch key {
		case "menus", "menu_items", "variant_categories", "variants":
			id := slices.IndexFunc(e, func(p edit.Pair) bool { return p.Key == "external_id" || key == "menus" && p.Key == "name" })
			return fmt.Sprintf("%s/%s", key, e[id].Value)
		}
	case string:
		if key == "variant_category_external_ids" {
			return owner + "/" + e
		}
	}
	return fmt.Sprintf("%s/%d", owner, i)
}

func (w *commentWriter) scalar(v any, inside bool) string {
	_, text := v.(string)
	if inside && text {
		v = edit.List{v}
	}
	line, err := edit.YAML("", edit.Object{{Key: "a", Value: v}})
	if err != nil {
		w.t.Fatal(err)
	}
	out := strings.TrimSuffix(strings.TrimPrefix(string(line), "a: "), "\n")
	if inside && text {
		out = out[1 : len(out)-1]
	}
	return out
}

func isScalar(v any) bool {
	switch v := v.(type) {
	case edit.Object:
		return len(v) == 0
	case edit.List:
		return len(v) == 0
	}
	return true
}

// block writes an object or a list; the writer is at its column.
func (w *commentWriter) block(v any, column int, owner, key string) {
	switch v := v.(type) {
	case edit.Object:
		if owner != "" && w.flip("other order") {
			v = rapid.Permutation(v).Draw(w.t, "keys")
		}
		for i, p := range v {
			if i > 0 {
				w.print(column)
			}
			of := owner + "/" + p.Key
			c := w.comment(of)
			behind := " " + c
			if w.flip("above") {
				w.print(0, c, "\n")
				w.print(column)
				behind = ""
			}
			w.print(0, p.Key, ":")
			deeper := column + w.unit
			if _, ok := p.Value.(edit.List); ok && w.flush {
				deeper = column
			}
			w.rest(p.Value, deeper, of, p.Key, behind)
		}
	case edit.List:
		for i, element := range v {
			if i > 0 {
				w.print(column)
			}
			of := owned(owner, key, i, element)
			c := w.comment(of)
			if w.flip("above") || !isScalar(element) {
				w.print(0, c, "\n")
				w.print(column)
				c = ""
			}
			w.print(0, "-")
			if !isScalar(element) && !w.flip("brackets") {
				w.print(0, " ")
				w.block(element, column+2, of, "")
				continue
			}
			if c != "" {
				c = " " + c
			}
			w.rest(element, column+2, of, "", c)
		}
	}
}

// rest writes a value behind a colon or a dash.
func (w *commentWriter) rest(v any, column int, owner, key, behind string) {
	switch {
	case isScalar(v):
		w.print(0, " ", w.scalar(v, false), behind, "\n")
	case key != "" && rapid.IntRange(0, 2).Draw(w.t, "lines") > 0:
		w.print(0, behind, "\n")
		w.print(column)
		w.block(v, column, owner, key)
	default:
		w.print(0, " ")
		w.flow(v, max(column, 2), owner, key)
		w.print(0, behind, "\n")
	}
}

// flow writes an object or a list in brackets, a line for each part.
func (w *commentWriter) flow(v any, column int, owner, key string) {
	if isScalar(v) {
		w.print(0, w.scalar(v, true))
		return
	}
	o, isObject := v.(edit.Object)
	l, _ := v.(edit.List)
	brackets := "[]"
	if isObject {
		brackets = "{}"
	}
	w.print(0, brackets[:1])
	if w.flip("open line") {
		w.print(0, "\n")
		w.print(column)
	} else if len(o)+len(l) > 0 {
		// The first part stands behind the bracket; a comment above it would not.
		column++
	}
	count := len(o) + len(l)
	for i := range count {
		var of string
		var value any
		name := ""
		if isObject {
			of, value, name = owner+"/"+o[i].Key, o[i].Value, o[i].Key
		} else {
			of, value = owned(owner, key, i, l[i]), l[i]
		}
		c := w.comment(of)
		if i > 0 {
			w.print(column)
		}
		above := i > 0 && w.flip("above")
		if above {
			w.print(0, c, "\n")
			w.print(column)
		}
		if name != "" {
			w.print(0, name, ": ")
		}
		w.flow(value, column+w.unit, of, name)
		if i+1 < count || w.flip("last comma") {
			w.print(0, ",")
		}
		if !above {
			w.print(0, " ", c)
		}
		w.print(0, "\n")
	}
	w.print(column-1, brackets[1:])
}

// drawCommented writes a file with a comment for everything, and gives what each
// of them is about.
func drawCommented(t *rapid.T, s *File) (file string, of map[string]string) {
	if rapid.Bool().Draw(t, "defaults") {
		s.Defaults = Defaults{OperationalHours: EveryDay(Window{"10:00", "22:00"})}
	}
	w := &commentWriter{
		t: t, unit: rapid.SampledFrom([]int{2, 4}).Draw(t, "indentation"), flush: rapid.Bool().Draw(t, "flush"), of: map[string]string{},
	}
	w.block(s.encoded(nil), 0, "", "")
	file = w.out.String()
	if rapid.Bool().Draw(t, "no last line feed") {
		file = strings.TrimSuffix(file, "\n")
	}
	if rapid.Bool().Draw(t, "CRLF") {
		file = strings.ReplaceAll(file, "\n", "\r\n")
	}
	return file, w.of
}

// move takes entities elsewhere, and renames menus.
func move(t *rapid.T, live *Live) {
	for i := range live.Menus {
		if rapid.IntRange(0, 4).Draw(t, "rename") == 0 && len(live.Menus[i].Items) > 0 {
			live.Menus[i].Name += " baru"
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "new menu") == 0 {
		live.Menus = append(live.Menus, LiveMenu{Name: "Pindahan"})
	}
	for range rapid.IntRange(0, 3).Draw(t, "moves") {
		from := &live.Menus[rapid.IntRange(0, len(live.Menus)-1).Draw(t, "from")]
		to := &live.Menus[rapid.IntRange(0, len(live.Menus)-1).Draw(t, "to")]
		if len(from.Items) > 0 {
			i := rapid.IntRange(0, len(from.Items)-1).Draw(t, "item")
			item := from.Items[i]
			from.Items = slices.Delete(slices.Clone(from.Items), i, i+1)
			to.Items = slices.Insert(slices.Clone(to.Items), rapid.IntRange(0, len(to.Items)).Draw(t, "at"), item)
		}
	}
	for _, m := range live.Menus {
		for i := range m.Items {
			hours := m.Items[i].OperationalHours
			if hours == nil || rapid.IntRange(0, 2).Draw(t, "other hours") > 0 {
				continue
			}
			for range rapid.IntRange(1, 3).Draw(t, "days") {
				hours[rapid.IntRange(0, 6).Draw(t, "day")] = rapid.SampledFrom([][]Window{
					nil, {}, {{"11:00", "12:00"}}, {{"00:00", "02:00"}, {"10:00", "22:00"}}, {{"10:00", "22:00"}, {"22:30", "01:00"}},
				}).Draw(t, "windows")
			}
		}
	}
	if len(live.VariantCategories) == 0 {
		return
	}
	for range rapid.IntRange(0, 2).Draw(t, "variant moves") {
		from := &live.VariantCategories[rapid.IntRange(0, len(live.VariantCategories)-1).Draw(t, "from")]
		to := &live.VariantCategories[rapid.IntRange(0, len(live.VariantCategories)-1).Draw(t, "to")]
		if len(from.Variants) > 0 {
			v := from.Variants[0]
			from.Variants = slices.Clone(from.Variants[1:])
			to.Variants = slices.Insert(slices.Clone(to.Variants), rapid.IntRange(0, len(to.Variants)).Draw(t, "at"), v)
		}
	}
}

// stillThere lists what comments can be about and a pull must not lose: entities
// that are live, their fields that have a value, and of hours each day.
func stillThere(old, want *File) map[string]bool {
	there := map[string]bool{"/menus": true, "/defaults": true, "/defaults/operational_hours": true, "/defaults/operational_hours/every_day": true}
	there["/variant_categories"] = len(want.VariantCategories) > 0
	fields := func(entity string, names ...string) {
		there[entity] = true
		for _, n := range names {
			there[entity+"/"+n] = true
		}
	}
	items := map[string]*Item{}
	for i := range old.Menus {
		for j := range old.Menus[i].Items {
			items[old.Menus[i].Items[j].ExternalID] = &old.Menus[i].Items[j]
		}
	}
	from := pairMenus(old.Menus, want.Menus)
	for i, m := range want.Menus {
		if from[i] >= 0 {
			fields("menus/"+old.Menus[from[i]].Name, "name", "menu_items")
		}
		for _, item := range m.Items {
			of := "menu_items/" + item.ExternalID
			fields(of, "external_id", "name", "price", "operational_hours")
			there[of+"/internal_name"] = item.InternalName != ""
			there[of+"/description"] = item.Description != ""
			there[of+"/image"] = item.Image != ""
			there[of+"/variant_category_external_ids"] = len(item.VariantCategoryExternalIDs) > 0
			for _, id := range item.VariantCategoryExternalIDs {
				there[of+"/variant_category_external_ids/"+id] = true
			}
			if was := items[item.ExternalID]; was != nil && was.OperationalHours != nil {
				hoursThere(there, of+"/operational_hours/", was.OperationalHours, item.OperationalHours.orAlways())
			}
		}
	}
	for _, c := range want.VariantCategories {
		fields("variant_categories/"+c.ExternalID, "external_id", "name", "rules", "rules/selection", "rules/selection/min_quantity", "rules/selection/max_quantity", "variants")
		there["variant_categories/"+c.ExternalID+"/internal_name"] = c.InternalName != ""
		for _, v := range c.Variants {
			fields("variants/"+v.ExternalID, "external_id", "name", "price")
		}
	}
	return there
}

// hoursThere: a day is there as long as the item is, a window when its day has at
// least as many.
func hoursThere(there map[string]bool, of string, old, want *Hours) {
	least := 9
	for day := range old {
		there[of+Weekdays[day]] = true
		least = min(least, len(want[day]))
		for i := range len(old[day]) {
			if len(old[day]) <= len(want[day]) {
				there[fmt.Sprintf("%s%s/%d", of, Weekdays[day], i)] = true
				there[fmt.Sprintf("%s%s/%d/start", of, Weekdays[day], i)] = true
				there[fmt.Sprintf("%s%s/%d/end", of, Weekdays[day], i)] = true
			}
		}
	}
	there[of+everyDay] = true
	for i := range len(old[0]) {
		there[fmt.Sprintf("%s%s/%d", of, everyDay, i)] = len(old[0]) <= least
	}
}

func TestMergeKeepsEveryComment(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		live := fromLive(t, drawLive(rt))
		s, _ := live.File(nil)
		file, of := drawCommented(rt, s)
		old, findings := Parse("menu.yaml", []byte(file), Partner)
		if len(findings) > 0 {
			rt.Fatalf("%v\n%s", findings, file)
		}
		if found := edit.Comments("menu.yaml", []byte(file)); len(found) != len(of) {
			rt.Fatalf("%d of %d comments found\n%s", len(found), len(of), file)
		}
		if rapid.Bool().Draw(rt, "changes") {
			change(rt, live)
		}
		if len(live.Menus) > 0 {
			move(rt, live)
		}
		merged, notes, err := Merge("menu.yaml", []byte(file), live)
		if err != nil {
			rt.Fatal(err)
		}
		if why := wholeFileNote(notes); why != "" {
			rt.Fatalf("%s\n%s", why, file)
		}
		want, _ := live.File(old)
		there := stillThere(old, want)
		times := map[string]int{}
		for _, c := range edit.Comments("menu.yaml", merged) {
			times[c.Text]++
		}
		for c, owner := range of {
			if times[c] > 1 || times[c] == 0 && there[owner] {
				rt.Errorf("%s about %s is there %d times", c, owner, times[c])
			}
		}
		got, findings := Parse("menu.yaml", merged, Partner)
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
		again, _, err := Merge("menu.yaml", merged, live)
		if err != nil || !bytes.Equal(merged, again) {
			rt.Fatalf("a second merge differs: %v\n%s", err, cmp.Diff(string(merged), string(again)))
		}
		if rt.Failed() {
			rt.Logf("%s\n---\n%s", file, merged)
		}
	})
}
