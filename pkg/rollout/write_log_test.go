package rollout_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// Every write has its line, whatever became of it, and nothing else has one.
func TestWriteLog(t *testing.T) {
	p := start(t, atOnce)
	state := stateIn(t)
	file := p.file("menu.yaml", smallMenu, catalog.Partner)
	push := func(o rollout.Options, faults ...sandbox.Fault) rollout.Result {
		t.Helper()
		if err := p.control.SetFaults(t.Context(), faults...); err != nil {
			t.Fatal(err)
		}
		o.State = state
		result, _ := rollout.Push(t.Context(), p.partner(), outletID, file, o)
		return result
	}
	before := p.live().Digest()
	push(rollout.Options{DryRun: true})
	push(rollout.Options{}, sandbox.Fault{Target: "getCatalog", Status: 500})
	if lines := loggedWrites(t, state); len(lines) != 0 {
		t.Errorf("nothing was written, and the log has %+v", lines)
	}
	push(rollout.Options{}, sandbox.Fault{Target: "putCatalog", Status: 422})
	push(rollout.Options{}, sandbox.Fault{Target: "putCatalog", Status: 503})
	done := push(rollout.Options{})
	push(rollout.Options{}) // unchanged
	lines := loggedWrites(t, state)
	if len(lines) != 3 {
		t.Fatalf("%d lines: %+v", len(lines), lines)
	}
	for i, want := range []rollout.WriteResult{rollout.WriteFailed, rollout.WriteUnknown, rollout.WritePushed} {
		e := lines[i]
		if e.Result != want || e.Profile != "jakarta" || e.Environment != "local" || e.OutletID != outletID || e.Reason != "push" || e.Time.IsZero() ||
			e.LiveDigest == nil || *e.LiveDigest != before || e.PayloadDigest != lines[0].PayloadDigest || e.RequestID == "" || e.Snapshot == nil ||
			e.Items != 6 || *e.LiveItems != 8 || e.Removed == 0 || e.Added == 0 || e.Changed == 0 || e.Attempts != 1 {
			t.Errorf("line %d: %+v", i, e)
		}
	}
	if lines[0].HTTPStatus != 422 || lines[1].HTTPStatus != 503 || lines[2].RequestID != done.RequestID || *lines[2].Snapshot != done.Snapshot {
		t.Errorf("%+v", lines)
	}
	text, err := os.ReadFile(state.Writes().Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"Bakmi", "MI-001", "28000", "sandbox-", "Bearer"} {
		if strings.Contains(string(text), private) {
			t.Errorf("the log holds %q", private)
		}
	}
	if info, err := os.Stat(state.Writes().Path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// The legacy API cannot tell what is live: no snapshot, and still a line.
func TestWriteLogOfTheLegacyAPI(t *testing.T) {
	p := start(t, atOnce)
	state := stateIn(t)
	file := p.file("menu.yaml", `menus: [{name: Mi, menu_items: [{external_id: M1, name: Mi, price: 20000}]}]`, catalog.Enterprise)
	result, err := rollout.Push(t.Context(), rollout.Enterprise(p.legacy), legacyOutlet, file, rollout.Options{State: state})
	if err != nil || result.Snapshot != "" {
		t.Fatalf("%+v, %v", result, err)
	}
	lines := loggedWrites(t, state)
	if len(lines) != 1 || lines[0].LiveDigest != nil || lines[0].Snapshot != nil || lines[0].Result != rollout.WritePushed || lines[0].RequestID != result.RequestID {
		t.Errorf("%+v", lines)
	}
	file.Menus[0].Items = nil
	_, err = rollout.Push(t.Context(), rollout.Enterprise(p.legacy), legacyOutlet, file, rollout.Options{State: state})
	var refused *rollout.RefusedError
	if !errors.As(err, &refused) || p.puts() != 1 {
		t.Errorf("an empty menu: %v, %d writes", err, p.puts())
	}
}

func TestWriteLogLinesDoNotMix(t *testing.T) {
	log := stateIn(t).Writes()
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 25 {
				if err := log.Append(rollout.WriteRecord{OutletID: strings.Repeat("G", 500)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	text, err := os.ReadFile(log.Path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n != 200 {
		t.Errorf("%d lines", n)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, `{"time"`) || !strings.HasSuffix(line, "}\n") {
			t.Fatalf("a broken line: %s", line)
		}
	}
}
