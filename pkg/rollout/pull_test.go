package rollout_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// onDisk is a file as a pull finds it.
func onDisk(t *testing.T, path string) rollout.PullFile {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return rollout.PullFile{Name: filepath.Base(path), Path: path, Content: content}
}

const otherOutlet = "G100000003"

// What a pull has written it brings up to date, and nothing else: neither the
// menu of another outlet nor what somebody wrote.
func TestPull(t *testing.T) {
	p := start(t, sandbox.Options{})
	state := &rollout.State{Dir: filepath.Join(t.TempDir(), "state")}
	pull := func(outlet, path string, o rollout.PullOptions) (rollout.PullResult, error) {
		o.State = state
		return rollout.Pull(t.Context(), p.client, outlet, onDisk(t, path), o)
	}
	for _, tt := range []struct {
		name   string
		format rollout.PullFormat
	}{{"menu.yaml", rollout.PullYAML}, {"menu.json", rollout.PullJSON}, {"raw.json", rollout.PullRaw}} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "menus", "..", "menus", tt.name)
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			first, err := pull(outletID, path, rollout.PullOptions{Format: tt.format})
			if err != nil || !first.Written || first.Live.Items() == 0 || !bytes.Equal(first.Content, onDisk(t, path).Content) {
				t.Fatalf("%+v, %v", first, err)
			}
			if again, err := pull(outletID, filepath.Clean(path), rollout.PullOptions{Format: tt.format}); err != nil || again.Written {
				t.Errorf("the second pull: %v, written %v", err, again.Written)
			}
			var other *rollout.OtherFileError
			if _, err := pull(otherOutlet, path, rollout.PullOptions{Format: tt.format}); !errors.As(err, &other) || other.OutletID != outletID {
				t.Errorf("another outlet: %v", err)
			}
			if !bytes.Equal(first.Content, onDisk(t, path).Content) {
				t.Error("the refused pull changed the file")
			}
			if forced, err := pull(otherOutlet, path, rollout.PullOptions{Format: tt.format, Force: true}); err != nil || !forced.Written {
				t.Errorf("by force: %v", err)
			}
			if _, err := pull(otherOutlet, path, rollout.PullOptions{Format: tt.format}); err != nil {
				t.Errorf("after the force: %v", err)
			}
		})
	}
	if info, err := os.Stat(filepath.Join(state.Dir, "pulled")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info, err)
	}
}

// What a file says and gobiz cannot read, or what only the file has, is not lost.
func TestPullOverWhatWouldBeLost(t *testing.T) {
	p := start(t, atOnce)
	const marked = "# outlet: " + outletID + "\n# ours\n"
	const small = "menus: [{name: Mi, menu_items: [{external_id: A1, name: Bakso, price: 10000}]}]\n"
	pull := func(name, content string, o rollout.PullOptions) (string, error) {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := rollout.Pull(t.Context(), p.client, outletID, onDisk(t, path), o)
		return string(onDisk(t, path).Content), err
	}
	for _, broken := range []string{"menus: [\n", strings.Replace(small, "10000", "Rp 5.000", 1), small + "---\n" + small, "# nothing else\n", small + "harga: 1\n"} {
		var invalid *catalog.InvalidError
		if after, err := pull("menu.yaml", marked+broken, rollout.PullOptions{}); !errors.As(err, &invalid) || invalid.Findings[0].Line == 0 || after != marked+broken {
			t.Errorf("%q: %v, and then\n%s", broken, err, after)
		}
		if after, err := pull("menu.yaml", marked+broken, rollout.PullOptions{Force: true}); err != nil || after == marked+broken {
			t.Errorf("%q by force: %v", broken, err)
		}
	}
	for _, front := range []string{"\ufeff", "---\n", "\n", "\r\n \n# a note\n---\n"} {
		if after, err := pull("menu.yaml", front+marked+small, rollout.PullOptions{}); err != nil || !strings.HasPrefix(after, front+marked) {
			t.Errorf("a mark behind %q: %v\n%s", front, err, after)
		}
	}
	if _, err := pull("menu.yaml", "menus: []\n"+marked, rollout.PullOptions{}); err == nil {
		t.Error("a mark below the content counts")
	}

	nothing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"success":true,"data":{"menus":[{"name":"Mi","menu_items":[]}],"variant_categories":[]}}`))
	}))
	defer nothing.Close()
	var err error
	if p.client, err = gobiz.New(gobiz.Options{BaseURL: nothing.URL, Tokens: p.tokens, Transport: nothing.Client().Transport}); err != nil {
		t.Fatal(err)
	}
	var emptied *rollout.EmptiedError
	if after, err := pull("menu.yaml", marked+small, rollout.PullOptions{}); !errors.As(err, &emptied) || emptied.Items != 1 || after != marked+small {
		t.Errorf("an empty live menu: %v, and then\n%s", err, after)
	}
	if after, err := pull("menu.yaml", marked+small, rollout.PullOptions{Force: true}); err != nil || strings.Contains(after, "A1") {
		t.Errorf("an empty live menu by force: %v\n%s", err, after)
	}
	if after, err := pull("menu.yaml", marked+"menus: []\n", rollout.PullOptions{}); err != nil || !strings.Contains(after, "name: Mi") {
		t.Errorf("an empty live menu over an empty file: %v\n%s", err, after)
	}
}

// What somebody saves while the menu is read is not written over.
func TestPullOverAFileThatIsSaved(t *testing.T) {
	p := start(t, atOnce)
	path := filepath.Join(t.TempDir(), "menu.yaml")
	for _, before := range []string{"", "# outlet: " + outletID + "\nmenus: []\n"} {
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		file := onDisk(t, path)
		if err := os.WriteFile(path, []byte(before+"# saved\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := rollout.Pull(t.Context(), p.client, outletID, file, rollout.PullOptions{}); !errors.Is(err, rollout.ErrFileChanged) || string(onDisk(t, path).Content) != before+"# saved\n" {
			t.Errorf("%v, and then\n%s", err, onDisk(t, path).Content)
		}
		if _, err := rollout.Pull(t.Context(), p.client, outletID, file, rollout.PullOptions{Force: true}); err != nil {
			t.Error(err)
		}
	}
}

// A file of somebody else's stands as it is, also when nothing remembers files.
func TestPullLeavesOtherFiles(t *testing.T) {
	p := start(t, sandbox.Options{})
	for _, file := range []rollout.PullFile{
		{Name: "menu.yaml", Content: []byte("menus: []\n")},
		{Name: "menu.json", Content: []byte(`{"menus":[]}`)},
	} {
		format := rollout.PullYAML
		if strings.HasSuffix(file.Name, "json") {
			format = rollout.PullJSON
		}
		var other *rollout.OtherFileError
		if _, err := rollout.Pull(t.Context(), p.client, outletID, file, rollout.PullOptions{Format: format}); !errors.As(err, &other) || other.OutletID != "" {
			t.Errorf("%s: %v", file.Name, err)
		}
	}
	requests, err := p.control.Requests(t.Context())
	if err != nil || requests.Counts["getCatalog"] > 0 {
		t.Errorf("%d menus were read: %v", requests.Counts["getCatalog"], err)
	}
}

// Without a path the result alone has the menu, which pushes back unchanged.
func TestPullWithoutAFile(t *testing.T) {
	p := start(t, sandbox.Options{})
	result, err := rollout.Pull(t.Context(), p.client, outletID, rollout.PullFile{Name: "-"}, rollout.PullOptions{})
	if err != nil || result.Written {
		t.Fatalf("%+v, %v", result, err)
	}
	file := p.file("menu.yaml", string(result.Content), catalog.Partner)
	pushed, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{})
	if err != nil || pushed.Status != rollout.Unchanged {
		t.Errorf("%+v, %v", pushed, err)
	}
}
