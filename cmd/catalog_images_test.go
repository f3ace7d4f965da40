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
	"strings"
	"testing"
)

// TestCheckImages downloads through a proxy, which stands for the internet: what
// the rule of image-url refuses is not asked for, nor what an answer leads to.
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
		if r.URL.Hostname() != "img.example.com" {
			t.Errorf("%s was asked for", r.URL)
		}
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, strings.Replace(to, "loop", r.URL.String(), 1), http.StatusFound)
			return
		}
		content, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.Close)
	menu := "menus:\n  - name: M\n    menu_items:\n"
	for i, name := range []string{
		"good.png", "wide.png", "large.png", "text.png", "gone.png", "a.png?to=/good.png", "a.png?to=http://169.254.169.254/latest", "a.png?to=http://img.example.com:22/x", "b.png?to=loop",
	} {
		menu += fmt.Sprintf("      - {external_id: I-%d, name: N-%d, price: 1, image: \"http://img.example.com/%s\"}\n", i, i, name)
	}
	menu += fmt.Sprintf("      - {external_id: P, name: P, price: 1, image: \"%s/good.png\"}\n", server.URL)
	file := filepath.Join(t.TempDir(), "menu.yaml")
	if err := os.WriteFile(file, []byte(menu), 0o600); err != nil {
		t.Fatal(err)
	}
	o := runProcess(t, map[string]string{"HTTP_PROXY": server.URL, "HOME": t.TempDir()}, "catalog", "validate", file, "--rules", "gofood", "--check-images", "-o", "json")
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
		"10 warning the image cannot be downloaded: redirected: the image's host is not public",
		"11 warning the image cannot be downloaded: redirected: the image is not on port 80 or 443",
		"12 warning the image cannot be downloaded: it leads from one address to another without an end",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
