package catalog

import (
	"fmt"
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

// What a check adds to reading the YAML: decode is the library alone. Time is
// linear when ns/item is the same for every size.
func BenchmarkValidate(b *testing.B) {
	for _, items := range []int{500, 5000, 50_000} {
		data := menuYAML(items)
		source := mustParse(b, "menu.yaml", data, Partner)
		body, err := EncodeJSON(source)
		if err != nil {
			b.Fatal(err)
		}
		validate := func(name string, data []byte) func() error {
			return func() error {
				_, findings := Lint(name, data, Gofood)
				return findings.Err(name)
			}
		}
		for _, run := range []struct {
			name string
			data []byte
			read func() error
		}{
			{"decode", data, func() error {
				var document yaml.Node
				return yaml.Load(data, &document)
			}},
			{"decode-values", data, func() error {
				var document any
				return yaml.Load(data, &document)
			}},
			{"validate", data, validate("menu.yaml", data)},
			{"validate-json", body, validate("menu.json", body)},
		} {
			b.Run(fmt.Sprintf("%s/%d", run.name, items), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(run.data)))
				for b.Loop() {
					if err := run.read(); err != nil {
						b.Fatal(err)
					}
				}
				nsPerItem(b, items)
			})
		}
	}
}

// The check itself is linear: the same for each item, whatever their number.
func BenchmarkCheck(b *testing.B) {
	for _, items := range []int{500, 5000, 50_000} {
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
