package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestCheckImages downloads from a server on this machine. That its host is not
// public is a finding of its own.
func TestCheckImages(t *testing.T) {
	t.Parallel()
	picture := func(w, h int) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	files := map[string][]byte{"/good.png": picture(2, 2), "/wide.png": picture(3, 2), "/large.png": make([]byte, 2<<20), "/text.png": []byte("no picture")}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.Close)
	menu := "menus:\n  - name: M\n    menu_items:\n"
	for i, name := range []string{"good", "wide", "large", "text", "gone"} {
		menu += fmt.Sprintf("      - {external_id: I-%d, name: N, price: 1, image: \"%s/%s.png\"}\n", i, server.URL, name)
	}
	file := filepath.Join(t.TempDir(), "menu.yaml")
	if err := os.WriteFile(file, []byte(menu), 0o600); err != nil {
		t.Fatal(err)
	}
	o := run(nil, "catalog", "validate", file, "--rules", "gofood", "--check-images", "-o", "json")
	var report struct {
		Files []struct {
			Findings []struct {
				Rule, Severity, Message string
				Line                    int
			}
		}
	}
	if err := json.Unmarshal([]byte(o.stdout), &report); err != nil || o.code != 5 {
		t.Fatalf("exit code %d: %v\n%s%s", o.code, err, o.stdout, o.stderr)
	}
	var got []string
	for _, f := range report.Files[0].Findings {
		if f.Rule == "image-file" {
			got = append(got, fmt.Sprintf("%d %s %s", f.Line, f.Severity, f.Message))
		}
	}
	want := []string{
		"5 error the image is not square: 3 × 2 pixels",
		"6 error the image is larger than 1 MB",
		"7 error the image is no JPEG or PNG by its content",
		"8 warning the image cannot be downloaded: the server answers 404",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
