package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

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

// BenchmarkValidate runs `gobiz catalog validate` as a process. memory/file is
// the most memory of any run beyond that of a menu of 10 items, as a multiple of
// the file's size. The largest is near to the 16 MiB that a file may have.
func BenchmarkValidate(b *testing.B) {
	spawn, gobiz := build(b, "spawn", "spawn"), build(b, "gobiz", "..")
	for _, extension := range []string{"yaml", "json"} {
		file, _ := menuFile(b, 10, extension)
		small := costOf(b, spawn, 5, gobiz, "catalog", "validate", file)
		for _, items := range []int{500, 5000, 30_000} {
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

// BenchmarkValidateToDecode compares [catalog.Lint] with what the libraries that
// it reads with need alone, in turns: go.yaml.in/yaml/v4 into a yaml.Node, and
// go-json-experiment/json into any, or jsontext for all tokens and nothing else.
// decode and validate are the fastest of all turns.
func BenchmarkValidateToDecode(b *testing.B) {
	source := menu(5000, 0)
	yamlText, err := catalog.EncodeYAML(source, nil)
	if err != nil {
		b.Fatal(err)
	}
	jsonText, err := catalog.EncodeJSON(source)
	if err != nil {
		b.Fatal(err)
	}
	duplicates := jsontext.AllowDuplicateNames(true) // which Lint finds itself
	for _, run := range []struct {
		name, file string
		text       []byte
		decode     func() error
	}{
		{"yaml/node", "menu.yaml", yamlText, func() error {
			var n yaml.Node
			return yaml.Load(yamlText, &n)
		}},
		{"json/any", "menu.json", jsonText, func() error {
			var v any
			return json.Unmarshal(jsonText, &v, duplicates)
		}},
		{"json/tokens", "menu.json", jsonText, func() error {
			for d := jsontext.NewDecoder(bytes.NewBuffer(jsonText), duplicates); ; {
				if _, err := d.ReadToken(); err != nil {
					if errors.Is(err, io.EOF) {
						return nil
					}
					return err
				}
			}
		}},
	} {
		b.Run(run.name, func(b *testing.B) {
			fastest := func(so *time.Duration, f func() error) {
				runtime.GC()
				start := time.Now()
				if err := f(); err != nil {
					b.Fatal(err)
				}
				if took := time.Since(start); *so == 0 || took < *so {
					*so = took
				}
			}
			var decode, validate time.Duration
			for b.Loop() {
				fastest(&decode, run.decode)
				fastest(&validate, func() error {
					_, findings := catalog.Lint(run.file, run.text, catalog.Gofood)
					return findings.Err(run.file)
				})
			}
			b.ReportMetric(0, "ns/op") // of both together
			b.ReportMetric(float64(decode.Microseconds())/1000, "decode-ms")
			b.ReportMetric(float64(validate.Microseconds())/1000, "validate-ms")
			b.ReportMetric(float64(validate)/float64(decode), "validate/decode")
		})
	}
}
