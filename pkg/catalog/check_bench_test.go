package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// menuYAML is a menu as a pull writes it, of 50 items a section.
func menuYAML(items int) []byte {
	var b strings.Builder
	b.WriteString("menus:\n")
	for i := range items {
		if i%50 == 0 {
			fmt.Fprintf(&b, "  - name: Menu %d\n    menu_items:\n", i/50)
		}
		fmt.Fprintf(&b, `      - external_id: ITEM-%05d
        name: Nasi Goreng Spesial %d
        internal_name: nasi goreng %d
        description: Nasi goreng dengan ayam, telur mata sapi, kerupuk, dan acar
        price: %d
        image: https://img.example.com/menu/%d.jpg
        operational_hours:
          every_day: ["10:00-14:00", "16:00-22:00"]
        variant_category_external_ids: [VC-%d, VC-%d]
`, i, i, i, 15_000+i%50*500, i, i/10, (i/10+1)%max(items/10, 1))
	}
	b.WriteString("variant_categories:\n")
	for i := range max(items/10, 1) {
		fmt.Fprintf(&b, `  - external_id: VC-%d
    name: Level Pedas
    internal_name: Level pedas %d
    rules:
      selection: {min_quantity: 1, max_quantity: 1}
    variants:
      - {external_id: V-%d-0, name: Tidak pedas, price: 0}
      - {external_id: V-%d-1, name: Pedas, price: 1000}
`, i, i, i, i)
	}
	return []byte(b.String())
}

// What a check adds to reading the YAML: decode is the library alone.
func BenchmarkValidate(b *testing.B) {
	for _, items := range []int{500, 5000} {
		data := menuYAML(items)
		b.Run(fmt.Sprintf("decode/%d", items), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				var document yaml.Node
				if err := yaml.Load(data, &document); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("decode-values/%d", items), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				var document any
				if err := yaml.Load(data, &document); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("validate/%d", items), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, findings := Lint("menu.yaml", data, Gofood); len(findings) > 0 {
					b.Fatal(findings[0])
				}
			}
		})
	}
}

// The check itself is linear: the same for each item, whatever their number.
func BenchmarkCheck(b *testing.B) {
	for _, items := range []int{500, 5000, 50_000} {
		source := menuSource(b, items)
		b.Run(fmt.Sprint(items), func(b *testing.B) {
			for b.Loop() {
				Check(source, Gofood)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*items), "ns/item")
		})
	}
}

// menuSource has more items than one file may hold.
func menuSource(tb testing.TB, items int) *Source {
	tb.Helper()
	source := mustParse(tb, "menu.yaml", menuYAML(min(items, 5000)), Partner)
	first := source.Menus
	for n := 1; len(source.Menus) < items/50; n++ {
		for _, m := range first {
			m.Name = fmt.Sprintf("%s-%d", m.Name, n)
			m.Items = slices.Clone(m.Items)
			for i := range m.Items {
				m.Items[i].ExternalID = fmt.Sprintf("%s-%d", m.Items[i].ExternalID, n)
			}
			source.Menus = append(source.Menus, m)
		}
	}
	return source
}
