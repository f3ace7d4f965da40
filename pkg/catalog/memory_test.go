package catalog

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"

	"go.yaml.in/yaml/v4"
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

// BenchmarkRead compares reading a menu of 5,000 items with what the YAML
// library alone needs for it. kept/file is what is in use when the reading ends,
// before anything is collected, as a multiple of the file's size.
func BenchmarkRead(b *testing.B) {
	s := supermarket(5000)
	yamlFile, err := EncodeYAML(s, nil)
	if err != nil {
		b.Fatal(err)
	}
	jsonFile, err := EncodeJSON(s)
	if err != nil {
		b.Fatal(err)
	}
	for _, run := range []struct {
		name string
		data []byte
		read func(data []byte) any
	}{
		{"library/yaml", yamlFile, func(data []byte) any {
			var n yaml.Node
			if err := yaml.Load(data, &n); err != nil {
				b.Fatal(err)
			}
			return &n
		}},
		{"parse/yaml", yamlFile, func(data []byte) any { s, _ := Parse("a.yaml", data, Partner); return s }},
		{"parse/json", jsonFile, func(data []byte) any { s, _ := Parse("a.json", data, Partner); return s }},
	} {
		b.Run(run.name, func(b *testing.B) {
			b.SetBytes(int64(len(run.data)))
			b.ReportAllocs()
			for b.Loop() {
				run.read(run.data)
			}
			b.StopTimer()
			runtime.GC()
			collect := debug.SetGCPercent(-1)
			defer debug.SetGCPercent(collect)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			kept := run.read(run.data)
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(run.data)), "allocated/file")
			debug.SetGCPercent(collect)
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(run.data)), "kept/file")
			runtime.KeepAlive(kept)
		})
	}
}

// BenchmarkEncodeYAML and what the library needs for the same bytes.
func BenchmarkEncodeYAML(b *testing.B) {
	s := supermarket(5000)
	for name, encode := range map[string]func(*File, []Note) ([]byte, error){"ours": EncodeYAML, "library": libraryYAML} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := encode(s, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
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
