package catalog

import (
	"fmt"
	"testing"
)

func supermarket(items int) *File {
	s := &File{}
	hours := EveryDay(Window{"09:00", "14:00"}, Window{"16:00", "21:30"})
	for i := range items {
		if i%50 == 0 {
			s.Menus = append(s.Menus, Menu{Name: fmt.Sprintf("Menu %d", i/50)})
		}
		m := &s.Menus[len(s.Menus)-1]
		m.Items = append(m.Items, Item{
			ExternalID: fmt.Sprintf("ITEM-%05d", i), Name: fmt.Sprintf("Nasi Goreng Kampung No. %d", i), InternalName: fmt.Sprintf("nasgor-%d", i),
			Description: "Nasi goreng dengan teri, telur mata sapi, kerupuk dan acar", Price: Rp(int64(20000 + 500*(i%40))),
			Image: fmt.Sprintf("https://img.example.test/menu/%05d.jpg", i), OperationalHours: hours, VariantCategoryExternalIDs: []string{"VC"},
		})
	}
	s.VariantCategories = []VariantCategory{{ExternalID: "VC", Name: "Level", MaxQuantity: 1, Variants: []Variant{{ExternalID: "V", Name: "Pedas"}}}}
	return s
}

func BenchmarkEncodeYAML(b *testing.B) {
	s := supermarket(5000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := EncodeYAML(s, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMerge writes 5,000 items with another price each over a file.
func BenchmarkMerge(b *testing.B) {
	s := supermarket(5000)
	file, err := EncodeYAML(s, nil)
	if err != nil {
		b.Fatal(err)
	}
	_, data := build(b, s, BuildOptions{})
	live := apply(b, data, true)
	for m := range live.Menus {
		for i := range live.Menus[m].Items {
			live.Menus[m].Items[i].Price.Rupiah += 100
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, notes, err := Merge("a.yaml", file, live); err != nil || wholeFileNote(notes) != "" {
			b.Fatal(err, notes)
		}
	}
}
