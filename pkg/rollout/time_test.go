package rollout_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// slowly shows a menu an hour after the write, or when the test says so.
var slowly = sandbox.Options{CatalogDelay: time.Hour}

// settle lets menus that were accepted come live.
func (p *place) settle() {
	p.Helper()
	if _, err := p.control.AdvanceClock(p.Context(), time.Hour); err != nil {
		p.Fatal(err)
	}
	for {
		state, err := p.control.State(p.Context())
		if err != nil {
			p.Fatal(err)
		}
		waiting := 0
		for _, o := range state.Outlets {
			waiting += o.Pending
		}
		if waiting == 0 {
			return
		}
	}
}

// sellOut marks an item sold out, as the merchant does in the GoBiz app.
func (p *place) sellOut(id string) {
	p.Helper()
	if err := p.client.UpdateMenuItemStocks(p.Context(), outletID, []gobiz.StockUpdate{{ExternalID: id}}); err != nil {
		p.Fatal(err)
	}
}

func (p *place) dearer(price string) *catalog.File {
	p.Helper()
	return p.file("menu.yaml", strings.Replace(strings.Replace(smallMenu, ", in_stock: false", "", 1), "28_000", price, 1), catalog.Partner)
}

func (p *place) mustPush(file *catalog.File, o rollout.Options, want rollout.Status) rollout.Result {
	p.Helper()
	result, err := rollout.Push(p.Context(), p.partner(), outletID, file, o)
	if err != nil || result.Status != want {
		p.Fatalf("%+v, %v", result, err)
	}
	return result
}

// An undo of a push that is not live yet is written, and what is on its way is
// not pushed twice.
func TestUndoInFlight(t *testing.T) {
	p := start(t, slowly)
	o := rollout.Options{State: stateIn(t)}
	first := p.live()
	pushed := p.mustPush(p.dearer("29_000"), o, rollout.Pushed)
	if again := p.mustPush(p.dearer("29_000"), o, rollout.Unchanged); again.Standing.OnItsWay == nil || again.RequestID != pushed.RequestID {
		t.Errorf("pushed again: %+v", again)
	}
	p.sellOut("MI-001")
	snapshot, menu, err := o.State.Snapshots().Load(outletID, "")
	if err != nil || snapshot.RequestID != pushed.RequestID {
		t.Fatalf("%+v, %v", snapshot, err)
	}
	undone, err := rollout.Rollback(t.Context(), p.partner(), outletID, menu, rollout.Options{State: o.State, Stock: catalog.StockLive})
	if err != nil || undone.Status != rollout.Pushed || undone.Snapshot == pushed.Snapshot {
		t.Fatalf("%+v, %v", undone, err)
	}
	// What it has replaced is the menu that was on its way, and that comes back.
	_, replaced, err := o.State.Snapshots().Load(outletID, "")
	if err != nil || replaced.Menus[0].Items[0].Price != catalog.Rp(29000) {
		t.Errorf("the snapshot of the undo: %+v, %v", replaced, err)
	}
	p.settle()
	if now := p.live(); now.DigestWithoutStock() != first.DigestWithoutStock() || inStock(now)["MI-001"] {
		t.Errorf("live are %+v, in stock %v", now.Menus, inStock(now))
	}
	if again, err := rollout.Rollback(t.Context(), p.partner(), outletID, replaced, o); err != nil || again.Status != rollout.Pushed {
		t.Errorf("%+v, %v", again, err)
	}
}

// A write that never shows is said, and live counts.
func TestNeverShown(t *testing.T) {
	p := start(t, slowly)
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	o := rollout.Options{State: stateIn(t), Now: func() time.Time { return now }}
	lost := p.mustPush(p.dearer("29_000"), o, rollout.Pushed)
	now = now.Add(16 * time.Minute)
	again := p.mustPush(p.dearer("29_000"), o, rollout.Pushed)
	if again.Standing.NeverShown == nil || again.Standing.NeverShown.RequestID != lost.RequestID {
		t.Errorf("%+v", again.Standing)
	}
}

// What a merchant does while the question stands is read before the write.
func TestMovedBeforeTheWrite(t *testing.T) {
	t.Run("stock", func(t *testing.T) {
		p := start(t, atOnce)
		asked := 0
		o := rollout.Options{State: stateIn(t), Consent: func(context.Context, rollout.Proposal) error {
			asked++
			p.sellOut("MI-001")
			return nil
		}}
		result := p.mustPush(p.dearer("29_000"), o, rollout.Pushed)
		if now := inStock(p.live()); now["MI-001"] || asked != 1 {
			t.Errorf("asked %d times, in stock are %v", asked, now)
		}
		_, replaced, err := o.State.Snapshots().Load(outletID, result.Snapshot)
		if err != nil || inStock(replaced)["MI-001"] {
			t.Errorf("the snapshot is older than the menu that was replaced: %v", err)
		}
	})
	t.Run("another push", func(t *testing.T) {
		p := start(t, atOnce)
		state := stateIn(t)
		var moved [][]string
		o := rollout.Options{State: state, Consent: func(_ context.Context, proposal rollout.Proposal) error {
			if moved = append(moved, proposal.Moved); len(moved) == 1 {
				p.mustPush(p.dearer("29_000"), rollout.Options{State: state}, rollout.Pushed) // the lock is free
			}
			return nil
		}}
		p.mustPush(p.dearer("30_000"), o, rollout.Pushed)
		if len(moved) != 2 || !strings.Contains(strings.Join(moved[1], "\n"), `item MI-001 "Bakmi Ayam": price was 27000 and is now 29000`) {
			t.Errorf("asked with %q", moved)
		}
	})
	t.Run("nobody to ask", func(t *testing.T) {
		p := start(t, atOnce)
		now, reads := time.Now(), 0
		target := watched{Target: p.partner(), afterLive: func() {
			if reads++; reads == 1 {
				p.mustPush(p.dearer("29_000"), rollout.Options{}, rollout.Pushed)
				now = now.Add(time.Minute)
			}
		}}
		step := func(s rollout.Step) {
			if s == rollout.StepGuard {
				now = now.Add(time.Minute) // the machine slept
			}
		}
		result, err := rollout.Push(t.Context(), target, outletID, p.dearer("30_000"), rollout.Options{Now: func() time.Time { return now }, OnStep: step})
		var changed *rollout.MovedError
		if !errors.As(err, &changed) || result.Status != rollout.Refused || p.puts() != 1 {
			t.Errorf("%+v, %v, %d writes", result, err, p.puts())
		}
	})
}

// Before a write is sent once more the menu is read again.
func TestMovedBeforeTheRetry(t *testing.T) {
	for name, tt := range map[string]struct {
		move func(p *place)
		want rollout.Status
	}{
		"stock": {func(p *place) { p.sellOut("MI-001") }, rollout.Pushed},
		"price": {func(p *place) { p.mustPush(p.dearer("29_500"), rollout.Options{}, rollout.Pushed) }, rollout.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, atOnce)
			failed := false
			client, err := gobiz.New(gobiz.Options{BaseURL: p.apiURL, Tokens: p.tokens, OnAttempt: func(a gobiz.Attempt) {
				if a.Operation == "putCatalog" && !failed {
					failed = true
					if err := p.control.SetFaults(t.Context()); err != nil {
						t.Error(err)
					}
					tt.move(p)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.CloseIdleConnections()
			if err := p.control.SetFaults(t.Context(), sandbox.Fault{Target: "putCatalog", Status: 503}); err != nil {
				t.Fatal(err)
			}
			state := stateIn(t)
			result, err := rollout.Push(t.Context(), rollout.Partner(client), outletID, p.dearer("29_000"), rollout.Options{State: state})
			if result.Status != tt.want {
				t.Fatalf("%+v, %v", result, err)
			}
			var unanswered *rollout.UnansweredError
			var moved *rollout.MovedError
			if tt.want == rollout.Refused && (!errors.As(err, &moved) || !errors.As(err, &unanswered)) {
				t.Errorf("got %v", err)
			}
			if tt.want == rollout.Pushed && inStock(p.live())["MI-001"] {
				t.Error("MI-001 is on sale again")
			}
		})
	}
}

// Pushes to one outlet come one after another, each with a snapshot of the menu
// before it, and --wait tells those that were replaced.
func TestParallelPushes(t *testing.T) {
	p := start(t, sandbox.Options{})
	state := stateIn(t)
	prices := []string{"28_500", "29_000", "29_500", "30_000"}
	errs := make([]error, len(prices))
	var pushes sync.WaitGroup
	for i, price := range prices {
		file := p.dearer(price)
		pushes.Go(func() {
			_, errs[i] = rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{State: state, Wait: true})
		})
	}
	pushes.Wait()
	live := 0
	for _, err := range errs {
		var replaced *rollout.ReplacedError
		switch {
		case err == nil:
			live++
		case !errors.As(err, &replaced):
			t.Errorf("got %v", err)
		}
	}
	if live == 0 {
		t.Errorf("none came live: %v", errs)
	}
	snapshots, err := state.Snapshots().List(outletID)
	if err != nil {
		t.Fatal(err)
	}
	menus := map[string]bool{}
	for _, s := range snapshots {
		menus[s.Digest] = true
	}
	if len(snapshots) != len(prices) || len(menus) != len(prices) {
		t.Errorf("%d snapshots of %d menus", len(snapshots), len(menus))
	}
}

// A push that waits for another one in vain says for whom.
func TestLocked(t *testing.T) {
	p := start(t, atOnce)
	state := stateIn(t)
	state.Command = "gobiz catalog push G100000001"
	var locked *rollout.LockedError
	step := func(s rollout.Step) {
		if s == rollout.StepWrite {
			result, err := rollout.Push(t.Context(), p.partner(), outletID, p.dearer("30_000"), rollout.Options{State: state, LockWait: -1})
			if !errors.As(err, &locked) || result.Status != rollout.Failed {
				t.Errorf("%+v, %v", result, err)
			}
		}
	}
	p.mustPush(p.dearer("29_000"), rollout.Options{State: state, OnStep: step}, rollout.Pushed)
	if locked == nil || locked.Holder.PID == 0 || !strings.Contains(locked.Error(), "gobiz catalog push G100000001, process ") {
		t.Errorf("got %v", locked)
	}
	p.mustPush(p.dearer("30_000"), rollout.Options{State: state, LockWait: -1}, rollout.Pushed)
}

// The history of one place is not that of another.
func TestHistoryBelongsToAPlace(t *testing.T) {
	p := start(t, atOnce)
	here := stateIn(t)
	here.Environment.API, here.Environment.OAuth = "127.0.0.1:18766", "127.0.0.1:18766"
	p.mustPush(p.dearer("29_000"), rollout.Options{State: here}, rollout.Pushed)
	there := *here
	there.Environment.API = "127.0.0.1:18767"
	if _, _, err := there.Snapshots().Load(outletID, ""); !errors.Is(err, rollout.ErrNoSnapshot) {
		t.Errorf("there: %v", err)
	}
	if _, _, err := here.Snapshots().Load(outletID, ""); err != nil {
		t.Errorf("here: %v", err)
	}
}
