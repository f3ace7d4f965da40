//go:build !windows

package rollout_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// leftOver are the writes that are not in the log yet.
func leftOver(t *testing.T, state *rollout.State) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(state.Dir, "pending", "*", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A push that was killed after its write leaves nothing to do for the next one.
// Then the log learns of it all the same.
func TestUnchangedNotesAKilledWrite(t *testing.T) {
	p := start(t, atOnce)
	state := stateIn(t)
	killedAt(p, rollout.StepLog, state)
	if files := leftOver(t, state); len(files) != 1 {
		t.Fatalf("left over: %q", files)
	}
	file := p.file("menu.yaml", smallMenu, catalog.Partner)
	push := func(o rollout.Options) {
		t.Helper()
		o.State = state
		if result, err := rollout.Push(t.Context(), p.partner(), outletID, file, o); err != nil || result.Status != rollout.Unchanged {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	push(rollout.Options{DryRun: true})
	if lines := loggedWrites(t, state); len(lines) != 0 {
		t.Errorf("a dry run writes nothing: %+v", lines)
	}
	for range 2 {
		push(rollout.Options{})
		lines := loggedWrites(t, state)
		if len(lines) != 1 || lines[0].Result != rollout.WriteUnknown || lines[0].Time.IsZero() || lines[0].Items != 6 || *lines[0].LiveItems != 8 {
			t.Fatalf("%+v", lines)
		}
	}
	if files := leftOver(t, state); len(files) != 0 {
		t.Errorf("left over: %q", files)
	}
}

// A kill, or a full disk, may cut off the line itself.
func TestCutLineIsWrittenAgain(t *testing.T) {
	p := start(t, atOnce)
	state := stateIn(t)
	file := p.file("menu.yaml", smallMenu, catalog.Partner)
	killedAt(p, rollout.StepLog, state)
	entry, err := os.ReadFile(leftOver(t, state)[0])
	if err != nil {
		t.Fatal(err)
	}
	cut := string(entry[:len(entry)-10])
	if err := os.WriteFile(state.Writes().Path, []byte(cut), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{State: state}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(state.Writes().Path)
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(string(text), cut+"\n")
	if !ok {
		t.Fatalf("lines are only ever added: %s", text)
	}
	if err := os.WriteFile(state.Writes().Path, []byte(rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if lines := loggedWrites(t, state); len(lines) != 1 || lines[0].Result != rollout.WriteUnknown {
		t.Errorf("%+v", lines)
	}
}

// A line that is whole is not written again, although its write looks pending.
func TestWholeLineStandsOnce(t *testing.T) {
	p := start(t, atOnce)
	state := stateIn(t)
	killedAt(p, rollout.StepLog, state)
	pending := leftOver(t, state)[0]
	entry, err := os.ReadFile(pending)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(state.Writes().Path, append(entry, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	file := p.file("menu.yaml", strings.Replace(smallMenu, "28_000", "29_000", 1), catalog.Partner)
	if _, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{State: state}); err != nil {
		t.Fatal(err)
	}
	if lines := loggedWrites(t, state); len(lines) != 2 || lines[1].Result != rollout.WritePushed {
		t.Errorf("%+v", lines)
	}
	if files := leftOver(t, state); len(files) != 0 {
		t.Errorf("left over: %q", files)
	}
}

// The legacy API has no snapshots. What its log knows of a killed write comes
// from the file that stands there during the write.
func TestKilledWriteOfTheLegacyAPI(t *testing.T) {
	p := start(t, atOnce)
	state := stateIn(t)
	file := p.file("menu.yaml", `menus: [{name: Mi, menu_items: [{external_id: M1, name: Mi, price: 20000}]}]`, catalog.Enterprise)
	var path string
	var entry []byte
	push := func() {
		t.Helper()
		_, err := rollout.Push(t.Context(), rollout.Enterprise(p.legacy), legacyOutlet, file, rollout.Options{
			State: state,
			OnStep: func(s rollout.Step) {
				if files := leftOver(t, state); s == rollout.StepLog && len(files) == 1 {
					path = files[0]
					entry, _ = os.ReadFile(path)
				}
			},
		})
		if err != nil || len(leftOver(t, state)) != 0 {
			t.Fatalf("%v, left over: %q", err, leftOver(t, state))
		}
	}
	push()
	if err := os.Remove(state.Writes().Path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, entry, 0o600); err != nil {
		t.Fatal(err)
	}
	push()
	lines := loggedWrites(t, state)
	if len(lines) != 2 || lines[0].Result != rollout.WriteUnknown || lines[0].OutletID != legacyOutlet || lines[1].Result != rollout.WritePushed {
		t.Errorf("%+v", lines)
	}
}
