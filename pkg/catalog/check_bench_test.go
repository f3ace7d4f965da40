package catalog

import (
	"fmt"
	"strings"
	"testing"
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

// The check itself is linear: the same for each item, whatever their number.
func BenchmarkCheck(b *testing.B) {
	for _, items := range []int{500, 5000, 30_000} {
		source := mustParse(b, "menu.yaml", menuYAML(items), Partner)
		b.Run(fmt.Sprint(items), func(b *testing.B) {
			for b.Loop() {
				Check(source, Gofood)
			}
			nsPerItem(b, items)
		})
	}
}

func nsPerItem(b *testing.B, items int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*items), "ns/item")
}
