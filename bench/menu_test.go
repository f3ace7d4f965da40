package bench

import (
	"fmt"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// sizes are the menus of a stall, a restaurant and a supermarket, in items.
var sizes = []int{10, 500, 5000}

const itemsPerMenu = 50

// menu makes a catalog as a POS exports it: every item has hours, a picture and
// variants. The prices of two editions differ, so that one replaces the other.
func menu(items, edition int) *catalog.File {
	s := &catalog.File{}
	hours := catalog.EveryDay(catalog.Window{Start: "09:00", End: "14:00"}, catalog.Window{Start: "16:00", End: "21:30"})
	for i := range items {
		if i%itemsPerMenu == 0 {
			s.Menus = append(s.Menus, catalog.Menu{Name: fmt.Sprintf("Menu %d", i/itemsPerMenu)})
		}
		m := &s.Menus[len(s.Menus)-1]
		m.Items = append(m.Items, catalog.Item{
			ExternalID: fmt.Sprintf("ITEM-%05d", i), Name: fmt.Sprintf("Nasi Goreng Kampung No. %d", i), InternalName: fmt.Sprintf("nasgor-%d", i),
			Description: "Nasi goreng dengan teri, telur mata sapi, kerupuk dan acar", Price: catalog.Rp(int64(20000 + 500*(i%40) + 100*edition)),
			Image: fmt.Sprintf("https://img.example.test/menu/%05d.jpg", i), OperationalHours: hours,
			VariantCategoryExternalIDs: []string{fmt.Sprintf("VC-%d", i%5)},
		})
	}
	for i := range 5 {
		c := catalog.VariantCategory{ExternalID: fmt.Sprintf("VC-%d", i), Name: "Level Pedas", InternalName: fmt.Sprintf("Level pedas %d", i), MinQuantity: 1, MaxQuantity: 1}
		for j := range 4 {
			c.Variants = append(c.Variants, catalog.Variant{ExternalID: fmt.Sprintf("V-%d-%d", i, j), Name: fmt.Sprintf("Tingkat %d", j), Price: catalog.Rp(int64(1000 * j))})
		}
		s.VariantCategories = append(s.VariantCategories, c)
	}
	return s
}

// encoded is a menu as the body of a push.
func encoded(b *testing.B, file *catalog.File) *catalog.EncodedPayload {
	b.Helper()
	payload, err := file.Build(catalog.BuildOptions{RequestID: "r"})
	if err != nil {
		b.Fatal(err)
	}
	return payload.Encode()
}

// bodySize is how many bytes a push of the menu sends.
func bodySize(b *testing.B, file *catalog.File) int64 {
	b.Helper()
	return int64(len(encoded(b, file).JSON()))
}

// catalogBody is a menu as the client sends it to any number of outlets.
func catalogBody(b *testing.B, file *catalog.File) gobiz.CatalogBody {
	b.Helper()
	body, err := gobiz.NewCatalogBody(encoded(b, file).Menu)
	if err != nil {
		b.Fatal(err)
	}
	return body
}
