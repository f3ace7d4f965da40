package rollout_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// plan makes the plan of a push, by way of its file.
func (p *place) plan(text string) *rollout.Plan {
	p.Helper()
	live := p.live()
	file := p.file("menu.yaml", text, catalog.Partner)
	payload, err := file.Build(catalog.BuildOptions{Live: live})
	if err != nil {
		p.Fatal(err)
	}
	diff := catalog.Compare(payload, live, file)
	plan := rollout.NewPlan(rollout.Environment{Name: "local"}, outletID, live, payload, diff, time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC))
	path := filepath.Join(p.TempDir(), "menu.plan")
	if err := plan.Save(path); err != nil {
		p.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		p.Errorf("%v, %v", info, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		p.Fatal(err)
	}
	read, err := rollout.ParsePlan("menu.plan", data)
	if err != nil {
		p.Fatal(err)
	}
	if diff := cmp.Diff(plan.Payload, read.Payload); diff != "" || len(read.Changes) != len(plan.Changes) {
		p.Errorf("the payload (-made +read):\n%s", diff)
	}
	return read
}

func TestPlan(t *testing.T) {
	p := start(t, atOnce)
	plan := p.plan(smallMenu)
	state := stateIn(t)
	result, err := rollout.PushPlan(t.Context(), p.partner(), plan, rollout.Options{State: state})
	if err != nil || result.Status != rollout.Pushed || result.RequestID == "" || result.Snapshot == "" || result.Changes != result.Diff.Summary.Total() {
		t.Fatalf("%+v, %v", result, err)
	}
	if !catalog.Equal(plan.Payload, p.live()) {
		t.Error("the live menu is not the plan's")
	}
	// Again: there is nothing left to do, although live is not what it was.
	again, err := rollout.PushPlan(t.Context(), p.partner(), plan, rollout.Options{State: state})
	if err != nil || again.Status != rollout.Unchanged || p.puts() != 1 {
		t.Errorf("%+v, %v, %d writes", again, err, p.puts())
	}
}

func TestStalePlan(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*place) error
		says   string
	}{
		"a price": {
			func(p *place) error {
				file := p.pulled()
				file.Menus[0].Items[0].Price = catalog.Rp(29000)
				_, err := rollout.Push(p.Context(), p.partner(), outletID, file, rollout.Options{})
				return err
			}, `item MI-001 "Bakmi Ayam": price was 27000 and is now 29000`,
		},
		"stock": {
			func(p *place) error {
				return p.client.UpdateMenuItemStocks(p.Context(), outletID, []gobiz.StockUpdate{{ExternalID: "MI-001"}})
			}, `item MI-001 "Bakmi Ayam": in_stock was true and is now false`,
		},
		"an item less": {
			func(p *place) error {
				file := p.pulled()
				file.Menus[0].Items = file.Menus[0].Items[1:]
				_, err := rollout.Push(p.Context(), p.partner(), outletID, file, rollout.Options{})
				return err
			}, `item MI-001 "Bakmi Ayam" was there and is gone`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, atOnce)
			plan := p.plan(smallMenu)
			if err := tt.change(p); err != nil {
				t.Fatal(err)
			}
			before := p.puts()
			result, err := rollout.PushPlan(t.Context(), p.partner(), plan, rollout.Options{})
			var stale *rollout.StaleError
			if !errors.As(err, &stale) || result.Status != rollout.Refused || p.puts() != before {
				t.Fatalf("%+v, %v, %d writes", result, err, p.puts()-before)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the message is %q", err)
			}
		})
	}
}

// A plan has the guards of any push.
func TestGuardedPlan(t *testing.T) {
	p := start(t, atOnce)
	plan := p.plan(strings.Replace(smallMenu, "28_000", "2800", 1))
	var refused *rollout.RefusedError
	if _, err := rollout.PushPlan(t.Context(), p.partner(), plan, rollout.Options{}); !errors.As(err, &refused) || p.puts() != 0 {
		t.Errorf("%v, %d writes", err, p.puts())
	}
}

func TestPlansThatCannotBeUsed(t *testing.T) {
	p := start(t, atOnce)
	path := filepath.Join(t.TempDir(), "plan")
	if err := p.plan(smallMenu).Save(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	for name, content := range map[string]string{
		"empty":                 "",
		"a menu":                `{"menus": []}`,
		"cut off":               text[:len(text)/2],
		"two":                   text + text,
		"a newer version":       strings.Replace(text, `"version": 2`, `"version": 3`, 1),
		"another live menu":     strings.Replace(text, `"live_digest": "sha256:`, `"live_digest": "sha256:0`, 1),
		"a price that is text":  strings.ReplaceAll(text, `"price": 28000`, `"price": "28000"`),
		"a price with decimals": strings.ReplaceAll(text, `"price": 28000`, `"price": 28.000`),
	} {
		if _, err := rollout.ParsePlan("plan", []byte(content)); !errors.Is(err, rollout.ErrPlan) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
