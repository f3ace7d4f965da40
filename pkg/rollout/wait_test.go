package rollout_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// The sandbox shows a menu an hour after the write, and its clock moves on when
// the menu was looked at: the push ends when, and only when, it is live.
func TestWaitUntilLive(t *testing.T) {
	p := start(t, sandbox.Options{CatalogDelay: time.Hour})
	file := p.file("menu.yaml", smallMenu, catalog.Partner)
	reads := 0
	target := watched{Target: p.partner(), afterLive: func() {
		if reads++; reads == 2 { // the first one compares, the second one waits
			if _, err := p.control.AdvanceClock(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
		}
	}}
	result, err := rollout.Push(t.Context(), target, outletID, file, rollout.Options{Wait: true, WaitLimit: 30 * time.Second})
	if err != nil || result.Status != rollout.Pushed || reads < 3 {
		t.Fatalf("after %d reads: %+v, %v", reads, result, err)
	}
	if !catalog.Equal(result.Payload, p.live()) {
		t.Error("the push ended before the menu was live")
	}
	if n := p.puts(); n != 1 {
		t.Errorf("%d menus were written", n)
	}
}

// Without Wait a push ends when the menu is accepted.
func TestPushWithoutWait(t *testing.T) {
	p := start(t, sandbox.Options{CatalogDelay: time.Hour})
	result, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{})
	if err != nil || result.Status != rollout.Pushed {
		t.Fatalf("%+v, %v", result, err)
	}
	if catalog.Equal(result.Payload, p.live()) {
		t.Error("the menu is live already")
	}
}

// The menu was accepted, so the result says pushed, and the error says why that
// is not the whole truth.
func TestNotLiveInTime(t *testing.T) {
	p := start(t, sandbox.Options{CatalogDelay: time.Hour})
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	result, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{
		Wait: true, WaitLimit: 2 * time.Minute,
		Now: func() time.Time { now = now.Add(time.Minute); return now },
	})
	var late *rollout.NotLiveError
	if !errors.Is(err, rollout.ErrNotLive) || !errors.As(err, &late) || late.Waited != 2*time.Minute || len(late.Differences) == 0 {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "accepted but is not live after 2m0s: item ") {
		t.Errorf("the text is %q", err)
	}
	if result.Status != rollout.Pushed || result.RequestID == "" {
		t.Errorf("result: %+v", result)
	}
}

func TestReadBackThatFails(t *testing.T) {
	p := start(t, atOnce)
	target := watched{Target: p.partner(), afterPut: func() {
		if err := p.control.SetFaults(t.Context(), sandbox.Fault{Target: "getCatalog", Status: 500}); err != nil {
			t.Error(err)
		}
	}}
	result, err := rollout.Push(t.Context(), target, outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{Wait: true})
	if !errors.Is(err, gobiz.ErrServer) || !strings.Contains(err.Error(), "the menu was accepted; read it back from "+outletID) || result.Status != rollout.Pushed {
		t.Errorf("%+v, %v", result, err)
	}
}

// patient is a target whose menu goes live when the test says so, in the fake
// time of a synctest bubble.
type patient struct {
	live  *catalog.Live
	reads []time.Time
}

func (*patient) API() catalog.API { return catalog.Partner }

func (p *patient) Live(context.Context, string) (*catalog.Live, error) {
	p.reads = append(p.reads, time.Now())
	return p.live, nil
}

func (*patient) Put(_ context.Context, _ string, body *catalog.EncodedPayload) (*gobiz.CatalogReceipt, error) {
	return &gobiz.CatalogReceipt{RequestID: body.RequestID, Attempts: 1}, nil
}

func oneItem() *catalog.File {
	return &catalog.File{Menus: []catalog.Menu{{Name: "Mi", Items: []catalog.Item{{ExternalID: "MI-001", Name: "Bakmi", Price: catalog.Rp(27000)}}}}}
}

// Reads come close together at first and never more than five seconds apart,
// for five minutes unless told otherwise.
func TestPaceOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &patient{live: &catalog.Live{}}
		began := time.Now()
		result, err := rollout.Push(t.Context(), target, outletID, oneItem(), rollout.Options{Wait: true})
		if !errors.Is(err, rollout.ErrNotLive) {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(began); took < 5*time.Minute || took > 5*time.Minute+5*time.Second || result.Duration != took {
			t.Errorf("it took %v, the result says %v", took, result.Duration)
		}
		reads := target.reads[1:] // without the one that compares
		if first := reads[1].Sub(reads[0]); first != 100*time.Millisecond {
			t.Errorf("the second read came after %v", first)
		}
		for i := range reads[1:] {
			if pause := reads[i+1].Sub(reads[i]); pause > 5*time.Second {
				t.Errorf("a pause of %v", pause)
			}
		}
		if n := len(reads); n > 70 {
			t.Errorf("%d reads in five minutes", n)
		}
	})
}

func TestInterruptedWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(interrupted) })
		began := time.Now()
		result, err := rollout.Push(ctx, &patient{live: &catalog.Live{}}, outletID, oneItem(), rollout.Options{Wait: true})
		if !errors.Is(err, interrupted) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if result.Status != rollout.Pushed || result.RequestID == "" {
			t.Errorf("the menu was accepted, the result says %+v", result)
		}
	})
}
