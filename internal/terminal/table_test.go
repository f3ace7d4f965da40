package terminal

import (
	"fmt"
	"io"
	"testing"
)

func BenchmarkTable5000Rows(b *testing.B) {
	rows := make([][]string, 5000)
	for i := range rows {
		rows[i] = []string{fmt.Sprintf("MI-%05d", i), "Nasi goreng spesial " + fmt.Sprint(i), "Nasi", Rupiah(int64(i) * 500), "yes"}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := writeTable(io.Discard, []string{"external_id", "name", "menu", "price", "in_stock"}, rows, nil); err != nil {
			b.Fatal(err)
		}
	}
}
