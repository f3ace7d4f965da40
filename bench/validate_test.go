package bench

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// mostMemory is what `gobiz catalog validate` may take beyond a process that has
// next to nothing to do, as a multiple of the file's size.
const mostMemory = 12

// menuFile writes a menu as a file and gives its size.
func menuFile(tb testing.TB, items int, extension string) (name string, size int) {
	tb.Helper()
	encode := map[string]func(*catalog.File) ([]byte, error){
		"yaml": func(s *catalog.File) ([]byte, error) { return catalog.EncodeYAML(s, nil) },
		"json": catalog.EncodeJSON,
	}
	text, err := encode[extension](menu(items, 0))
	if err != nil {
		tb.Fatal(err)
	}
	name = filepath.Join(tb.TempDir(), fmt.Sprintf("menu-%d.%s", items, extension))
	if err := os.WriteFile(name, text, 0o600); err != nil {
		tb.Fatal(err)
	}
	return name, len(text)
}

// memory gives the most memory that a validation takes beyond that of a menu of
// 10 items, as a multiple of the file's size; false where the system does not
// tell.
func memory(whole, small cost, size int) (multiple float64, known bool) {
	return (whole.ResidentKiB - small.ResidentKiB) * 1024 / float64(size), whole.ResidentKiB > 0 && small.ResidentKiB > 0
}

// TestMemoryOfValidate holds the bound, in whole processes, for the menus of a
// supermarket and of ten. What a run needs is the least of three: where others
// take the processors, the collector of garbage falls behind.
func TestMemoryOfValidate(t *testing.T) {
	// Without the flags of a release nothing is compiled that the tests have not compiled.
	spawn, gobiz := goBuild(t, "spawn", "spawn", nil, "-buildvcs=false"), goBuild(t, "gobiz", "..", nil, "-buildvcs=false")
	for _, extension := range []string{"yaml", "json"} {
		file, _ := menuFile(t, 10, extension)
		small := costOf(t, spawn, 3, gobiz, "catalog", "validate", file)
		for _, items := range []int{5000, 50_000} {
			file, size := menuFile(t, items, extension)
			least := math.Inf(1)
			for run := 0; run < 3 && least >= mostMemory; run++ {
				multiple, known := memory(costOf(t, spawn, 1, gobiz, "catalog", "validate", file), small, size)
				if !known {
					return
				}
				least = min(least, multiple)
			}
			if least >= mostMemory {
				t.Errorf("%d items take %.1f times their file of %d bytes (%s), want less than %d times", items, least, size, extension, mostMemory)
			}
		}
	}
}

// BenchmarkValidate runs `gobiz catalog validate` as a process. memory/file is
// the most memory of any run beyond that of a menu of 10 items, as a multiple of
// the file's size. The package catalog has the benchmark without the process.
func BenchmarkValidate(b *testing.B) {
	spawn, gobiz := build(b, "spawn", "spawn"), build(b, "gobiz", "..")
	for _, extension := range []string{"yaml", "json"} {
		file, _ := menuFile(b, 10, extension)
		small := costOf(b, spawn, 5, gobiz, "catalog", "validate", file)
		for _, items := range []int{500, 5000, 50_000} {
			file, size := menuFile(b, items, extension)
			b.Run(fmt.Sprintf("%s/items=%d", extension, items), func(b *testing.B) {
				cost := costOf(b, spawn, b.N, gobiz, "catalog", "validate", file)
				b.SetBytes(int64(size))
				b.ReportMetric(float64(cost.Wall.Nanoseconds())/float64(b.N), "ns/op")
				b.ReportMetric(float64(cost.CPU.Milliseconds())/float64(b.N), "cpu-ms/op")
				if multiple, known := memory(cost, small, size); known {
					b.ReportMetric(cost.ResidentKiB, "resident-KiB")
					b.ReportMetric(multiple, "memory/file")
				}
			})
		}
	}
}
