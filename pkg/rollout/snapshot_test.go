package rollout_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

func stateIn(t *testing.T) *rollout.State {
	return &rollout.State{Dir: filepath.Join(t.TempDir(), "state"), Environment: rollout.Environment{Profile: "jakarta", Name: "local"}}
}

func TestSnapshots(t *testing.T) {
	p := start(t, atOnce)
	live := p.live()
	snapshots := stateIn(t).Snapshots()
	if list, err := snapshots.List(outletID); err != nil || len(list) != 0 || list == nil {
		t.Errorf("before the first: %v, %v", list, err)
	}
	if _, _, err := snapshots.Load(outletID, ""); !errors.Is(err, rollout.ErrNoSnapshot) {
		t.Errorf("before the first: %v", err)
	}
	// The clock stands still, and is then set back: the order holds.
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	var taken []string
	for _, at := range []time.Time{noon, noon, noon.Add(-time.Hour), noon.Add(time.Hour)} {
		s := rollout.Snapshot{OutletID: outletID, Reason: "push", TakenAt: at, RequestID: "r", PayloadDigest: "d"}
		if err := snapshots.Save(live, &s); err != nil {
			t.Fatal(err)
		}
		taken = append(taken, s.ID)
	}
	if !slices.IsSorted(taken) || len(slices.Compact(slices.Clone(taken))) != 4 {
		t.Errorf("ids: %v", taken)
	}
	list, err := snapshots.List(outletID)
	if err != nil || len(list) != 4 {
		t.Fatalf("%v, %v", list, err)
	}
	slices.Reverse(taken)
	for i, s := range list {
		if s.ID != taken[i] || s.OutletID != outletID || s.Items != 8 || s.Digest != live.Digest() || s.Reason != "push" || s.RequestID != "r" {
			t.Errorf("snapshot %d: %+v", i, s)
		}
		if info, err := os.Stat(s.Path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	for _, id := range []string{"", taken[2]} {
		s, menu, err := snapshots.Load(outletID, id)
		if err != nil || s.ID != max(id, list[0].ID) && id == "" {
			t.Fatalf("%q: %+v, %v", id, s, err)
		}
		if diff := cmp.Diff(live, menu); diff != "" {
			t.Errorf("the menu (-live +snapshot):\n%s", diff)
		}
	}
	if _, _, err := snapshots.Load(outletID, "../"+taken[0]); !errors.Is(err, rollout.ErrNoSnapshot) {
		t.Errorf("an id with a path: %v", err)
	}
	if list, err := snapshots.List("../" + outletID); err != nil || len(list) != 0 {
		t.Errorf("an outlet with a path: %v, %v", list, err)
	}
	// Another environment has another history.
	other := snapshots
	other.Environment.Name = "production"
	if list, err := other.List(outletID); err != nil || len(list) != 0 {
		t.Errorf("production: %v, %v", list, err)
	}
}

// What else lies in the folder is nobody's snapshot, and stops no push.
func TestForeignFilesAmongSnapshots(t *testing.T) {
	p := start(t, atOnce)
	snapshots := stateIn(t).Snapshots()
	s := rollout.Snapshot{OutletID: outletID, TakenAt: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)}
	if err := snapshots.Save(p.live(), &s); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(s.Path)
	foreign := []string{s.ID + " (copy).json", "notes-of-the-last-push.json", "z0260105T120000.000Z-0123abcd.json"}
	for _, name := range append([]string{".DS_Store", "._" + s.ID + ".json", s.ID, "z"}, foreign...) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	later := rollout.Snapshot{OutletID: outletID, TakenAt: s.TakenAt}
	if err := snapshots.Save(p.live(), &later); err != nil || later.ID <= s.ID {
		t.Errorf("the next one: %+v, %v", later, err)
	}
	if newest, _, err := snapshots.Load(outletID, ""); err != nil || newest.ID != later.ID {
		t.Errorf("the newest: %+v, %v", newest, err)
	}
	if list, err := snapshots.List(outletID); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
	paths, err := snapshots.Foreign(outletID)
	for i := range paths {
		paths[i] = filepath.Base(paths[i])
	}
	if slices.Sort(paths); err != nil || !slices.Equal(paths, foreign) {
		t.Errorf("foreign: %q, %v", paths, err)
	}
}

// An outlet id is any text: none leaves the folder, and no two share one.
func TestSnapshotsOfOddOutlets(t *testing.T) {
	p := start(t, atOnce)
	snapshots := stateIn(t).Snapshots()
	ids := []string{"a/b", "a_b", "a\\b", "..", ".", "", "../a_b", "/etc/x", strings.Repeat("x", 300), strings.Repeat("x", 301), "é"}
	for _, id := range ids {
		if err := snapshots.Save(p.live(), &rollout.Snapshot{OutletID: id, TakenAt: time.Now()}); err != nil {
			t.Errorf("%.20q: %v", id, err)
		}
	}
	for _, id := range ids {
		list, err := snapshots.List(id)
		if _, _, failed := snapshots.Load(id, ""); err != nil || failed != nil || len(list) != 1 || list[0].OutletID != id || !strings.HasPrefix(list[0].Path, snapshots.Dir+string(filepath.Separator)) {
			t.Errorf("%.20q: %+v, %v, %v", id, list, err, failed)
		}
	}
}

func TestDamagedSnapshot(t *testing.T) {
	p := start(t, atOnce)
	snapshots := stateIn(t).Snapshots()
	s := rollout.Snapshot{OutletID: outletID, TakenAt: time.Now()}
	if err := snapshots.Save(p.live(), &s); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":     "",
		"cut off":   string(whole[:len(whole)/2]),
		"a price":   strings.Replace(string(whole), `"price":27000`, `"price":2700`, 1),
		"a version": strings.Replace(string(whole), `"version":1`, `"version":2`, 1),
	} {
		if err := os.WriteFile(s.Path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := snapshots.Load(outletID, s.ID); !errors.Is(err, rollout.ErrSnapshotDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if list, err := snapshots.List(outletID); err != nil || len(list) != 1 || list[0].ID != s.ID {
			t.Errorf("%s: %v, %v", name, list, err)
		}
	}
}

// Without a snapshot there is no write, whatever stands in its way.
func TestNoSnapshotNoWrite(t *testing.T) {
	p := start(t, atOnce)
	for name, block := range map[string]func(state *rollout.State) error{
		"a file for the folder": func(state *rollout.State) error {
			return os.WriteFile(filepath.Join(state.Dir, "snapshots"), nil, 0o600)
		},
		"a file for the folder of what is about to be written": func(state *rollout.State) error {
			return os.WriteFile(filepath.Join(state.Dir, "pending"), nil, 0o600)
		},
		"a folder for the log": func(state *rollout.State) error { return os.Mkdir(filepath.Join(state.Dir, "audit.jsonl"), 0o700) },
		"a folder without the right to write": func(state *rollout.State) error {
			if os.Geteuid() == 0 || runtime.GOOS == "windows" {
				return os.WriteFile(filepath.Join(state.Dir, "snapshots"), nil, 0o600) // root may write anywhere
			}
			return os.Mkdir(filepath.Join(state.Dir, "snapshots"), 0o500)
		},
	} {
		state := stateIn(t)
		if err := os.Mkdir(state.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := block(state); err != nil {
			t.Fatal(err)
		}
		result, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{State: state})
		var none *rollout.SnapshotError
		if !errors.As(err, &none) || result.Status != rollout.Failed || p.puts() != 0 {
			t.Errorf("%s: %+v, %v, %d writes", name, result, err, p.puts())
		}
	}
}

func TestRollback(t *testing.T) {
	p := start(t, atOnce)
	first := p.live()
	state := stateIn(t)
	pushed, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{State: state})
	if err != nil || pushed.Snapshot == "" {
		t.Fatalf("%+v, %v", pushed, err)
	}
	second := p.live()
	for i, want := range []*catalog.Live{first, second} { // the second one undoes the first
		_, menu, err := state.Snapshots().Load(outletID, "")
		if err != nil {
			t.Fatal(err)
		}
		result, err := rollout.Rollback(t.Context(), p.partner(), outletID, menu, rollout.Options{State: state, Stock: catalog.StockFile})
		if err != nil || result.Status != rollout.Pushed {
			t.Fatalf("%+v, %v", result, err)
		}
		if got := p.live(); got.Digest() != want.Digest() {
			t.Errorf("rollback %d (-want +live):\n%s", i, cmp.Diff(want, got))
		}
	}
	list, err := state.Snapshots().List(outletID)
	if err != nil || len(list) != 3 || list[0].Reason != "rollback" || list[2].Reason != "push" || list[2].ID != pushed.Snapshot {
		t.Errorf("%+v, %v", list, err)
	}
}

// loggedWrites reads the log of writes.
func loggedWrites(t *testing.T, state *rollout.State) []rollout.WriteRecord {
	t.Helper()
	data, err := os.ReadFile(state.Writes().Path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var entries []rollout.WriteRecord
	for line := range strings.Lines(string(data)) {
		var e rollout.WriteRecord
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		entries = append(entries, e)
	}
	return entries
}
