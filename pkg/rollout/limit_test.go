package rollout_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// menuOfSize is a catalog file of almost a number of bytes.
func menuOfSize(size int) string {
	item := func(i int) string {
		return fmt.Sprintf(`{"external_id":"I-%d","name":"Bakmi","price":25000,"image":"https://img.example.com/%s.jpg"}`, i, strings.Repeat("x", 4000))
	}
	var text strings.Builder
	text.WriteString(`{"menus":[{"name":"Mi","menu_items":[` + item(0))
	for i := 1; text.Len()+len(item(i))+10 < size; i++ {
		text.WriteString("," + item(i))
	}
	return text.String() + "]}]}"
}

// The largest file can be pushed, and what was pushed can be pulled and compared.
func TestLargestFile(t *testing.T) {
	p := start(t, atOnce)
	text := menuOfSize(catalog.MaxFileSize)
	if len(text) < catalog.MaxFileSize-5000 || len(text) > catalog.MaxFileSize {
		t.Fatalf("%d bytes", len(text))
	}
	file := p.file("menu.json", text, catalog.Partner)
	o := rollout.Options{Wait: true, Overrides: anotherMenu}
	if result, err := rollout.Push(t.Context(), p.partner(), outletID, file, o); err != nil {
		t.Fatalf("%s: %v", result.Status, err)
	}
	pulled, err := rollout.Pull(t.Context(), p.client, outletID, rollout.PullFile{Name: "-"}, rollout.PullOptions{})
	if err != nil || pulled.Live.Items() != file.Items() {
		t.Fatalf("%d items of %d: %v", pulled.Live.Items(), file.Items(), err)
	}
	again, err := rollout.Push(t.Context(), p.partner(), outletID, file, o)
	if err != nil || again.Status != rollout.Unchanged {
		t.Errorf("pushed again: %s, %v", again.Status, err)
	}
}

// The client reads more than any menu that it may push: an answer has ids, and
// every field of an item.
func TestLimitsAgree(t *testing.T) {
	if rollout.MaxBody < catalog.MaxFileSize || gobiz.DefaultMaxResponse < 4*rollout.MaxBody {
		t.Errorf("a file may have %d bytes, a body %d, an answer %d", catalog.MaxFileSize, rollout.MaxBody, gobiz.DefaultMaxResponse)
	}
}

// A small file can become a body that nobody could read back.
func TestBodyThatIsTooLarge(t *testing.T) {
	p := start(t, atOnce)
	file := p.file("menu.yaml", smallMenu, catalog.Partner)
	long := strings.Repeat("x", rollout.MaxBody/3)
	for i := range file.Menus[0].Items {
		file.Menus[0].Items[i].Image = "https://img.example.com/" + long + ".jpg"
	}
	_, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{})
	if !errors.Is(err, rollout.ErrTooLarge) || p.puts() > 0 {
		t.Errorf("%d menus were written: %v", p.puts(), err)
	}
}
