package lease_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/lease"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

const hook = "https://pos.example.com/gofood"

// api keeps subscriptions as GoBiz does.
type api struct {
	live    []gobiz.Subscription
	made    int
	refuse  string // the event that cannot be made
	dies    string // the event after whose making nothing is answered
	deleted []string
}

func (a *api) of(subscriptions.Scope) subscriptions.Calls { return a }

func (a *api) List(context.Context) ([]gobiz.Subscription, error) { return slices.Clone(a.live), nil }

func (a *api) Create(_ context.Context, r gobiz.SubscriptionRequest) (*gobiz.Subscription, error) {
	if r.Event == a.refuse {
		return nil, errors.New("refused")
	}
	a.made++
	s := gobiz.Subscription{ID: fmt.Sprintf("made-%d", a.made), Event: r.Event, URL: r.URL, Active: true}
	a.live = append(a.live, s)
	if r.Event == a.dies {
		return nil, context.Canceled
	}
	return &s, nil
}

func (a *api) Delete(_ context.Context, id string) error {
	before := len(a.live)
	a.live = slices.DeleteFunc(a.live, func(s gobiz.Subscription) bool { return s.ID == id })
	if len(a.live) == before {
		return gobiz.ErrNotFound
	}
	a.deleted = append(a.deleted, id)
	return nil
}

func (a *api) Get(context.Context, string) (*gobiz.Subscription, error) { panic("not needed") }
func (a *api) Update(context.Context, string, gobiz.SubscriptionRequest) (*gobiz.Subscription, error) {
	panic("not needed")
}

func (a *api) ids() string {
	var ids []string
	for _, s := range a.live {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

func options(a *api, dir string) lease.Options {
	return lease.Options{
		Dir: dir, Place: "here", Calls: a.of, Scopes: []subscriptions.Scope{{}}, URL: hook,
		Events: []string{"gofood.order.placed", "gofood.order.completed", "gofood.order.cancelled"},
	}
}

// notes are the files of a folder.
func notes(t *testing.T, dir string) (names []string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, f := range found {
		names = append(names, f.Name())
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	return names
}

func TestRemovesExactlyWhatItMade(t *testing.T) {
	a := &api{live: []gobiz.Subscription{
		{ID: "other-url", Event: "gofood.order.placed", URL: "https://elsewhere.example.com/"},
		{ID: "same", Event: "gofood.order.completed", URL: hook},
	}}
	dir := filepath.Join(t.TempDir(), "leases")
	l, err := lease.Take(t.Context(), options(a, dir))
	if err != nil || l.Made != 2 || len(l.Existing) != 1 || l.Existing[0].ID != "same" {
		t.Fatalf("%+v, %v", l, err)
	}
	// Somebody removes one by hand, and makes another of the same kind.
	if err := a.Delete(t.Context(), "made-1"); err != nil {
		t.Fatal(err)
	}
	a.live = append(a.live, gobiz.Subscription{ID: "by hand", Event: "gofood.order.placed", URL: hook})
	if err := l.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := a.ids(); got != "other-url same by hand" {
		t.Errorf("left: %s", got)
	}
	if left := notes(t, dir); left != nil {
		t.Errorf("left in the folder: %v", left)
	}
}

func TestNothingToMakeLeavesNoFile(t *testing.T) {
	a := &api{}
	for _, event := range []string{"gofood.order.placed", "gofood.order.completed", "gofood.order.cancelled"} {
		a.live = append(a.live, gobiz.Subscription{ID: event, Event: event, URL: hook})
	}
	dir := t.TempDir()
	l, err := lease.Take(t.Context(), options(a, dir))
	if err != nil || l.Made != 0 || len(l.Existing) != 3 || notes(t, dir) != nil {
		t.Errorf("%+v, %v, %v", l, err, notes(t, dir))
	}
	if err := l.Release(t.Context()); err != nil || len(a.live) != 3 {
		t.Errorf("%v, left %s", err, a.ids())
	}
}

// A listener that is running owns its subscriptions: another one at the same URL
// would be cut off when the first ends.
func TestAnotherProcessHoldsIt(t *testing.T) {
	a := &api{}
	dir := filepath.Join(t.TempDir(), "leases")
	first, err := lease.Take(t.Context(), options(a, dir))
	if err != nil {
		t.Fatal(err)
	}
	o := options(a, dir)
	o.Events = append([]string{"gofood.order.created"}, o.Events...)
	if _, err := lease.Take(t.Context(), o); !errors.Is(err, lease.ErrHeld) {
		t.Errorf("at the same URL: %v", err)
	}
	if a.made != 3 {
		t.Errorf("%d subscriptions were made, of 3", a.made)
	}
	elsewhere := options(a, dir)
	elsewhere.URL += "/2"
	second, err := lease.Take(t.Context(), elsewhere)
	if err != nil || second.Made != 3 {
		t.Errorf("at another URL: %+v, %v", second, err)
	}
	if err := errors.Join(first.Release(t.Context()), second.Release(t.Context())); err != nil {
		t.Error(err)
	}
	if again, err := lease.Take(t.Context(), o); err != nil || again.Made != 4 {
		t.Errorf("after the first has ended: %+v, %v", again, err)
	} else if err := again.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if left := notes(t, dir); len(left) > 0 || a.ids() != "" {
		t.Errorf("left: %v, %s", left, a.ids())
	}
}

func TestUndoesWhenOneIsRefused(t *testing.T) {
	a, dir := &api{refuse: "gofood.order.cancelled"}, t.TempDir()
	if _, err := lease.Take(t.Context(), options(a, dir)); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error %v", err)
	}
	if a.made != 2 || len(a.live) != 0 || notes(t, dir) != nil {
		t.Errorf("%d made, left %s, files %v", a.made, a.ids(), notes(t, dir))
	}
}

// A call that is cut off may have had its effect.
func TestUndoesWhatWasCutOff(t *testing.T) {
	a, dir := &api{dies: "gofood.order.completed"}, t.TempDir()
	if _, err := lease.Take(t.Context(), options(a, dir)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if a.made != 2 || len(a.live) != 0 {
		t.Errorf("%d made, left %s", a.made, a.ids())
	}
}

func TestRecoversWhatAKilledProcessLeft(t *testing.T) {
	a, dir := &api{}, t.TempDir()
	// What a process leaves that was killed during its third call: two with an id,
	// one that the API has and the file does not know. Its lock is free.
	for _, id := range []string{"a", "b", "c"} {
		a.live = append(a.live, gobiz.Subscription{ID: id, Event: "event." + id, URL: hook})
	}
	a.live = append(a.live, gobiz.Subscription{ID: "own", Event: "event.a", URL: "https://own.example.com"})
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("killed.json", `{"place":"here","entries":[{"event":"event.a","url":"`+hook+`","id":"a"},{"event":"event.b","url":"`+hook+`","id":"b"},`+
		`{"event":"event.c","url":"`+hook+`"},{"event":"event.d","url":"`+hook+`"}]}`)
	write("elsewhere.json", `{"place":"elsewhere","entries":[{"event":"event.a","url":"`+hook+`","id":"own"}]}`)
	write("broken.json", `{"place":`)

	// One that runs is nobody's to recover.
	alive, err := lease.Take(t.Context(), options(a, dir))
	if err != nil {
		t.Fatal(err)
	}
	if left := lease.Left(dir); left != 5 {
		t.Errorf("%d left behind, want 5", left)
	}
	if removed, err := lease.Recover(t.Context(), dir, "here", a.of); err != nil || removed != 4 {
		t.Errorf("%d removed, %v", removed, err)
	}
	if got := a.ids(); got != "own made-1 made-2 made-3" {
		t.Errorf("left: %s", got)
	}
	if removed, err := lease.Recover(t.Context(), dir, "here", a.of); err != nil || removed != 0 {
		t.Errorf("second time: %d removed, %v", removed, err)
	}
	if err := alive.Release(t.Context()); err != nil || a.ids() != "own" {
		t.Errorf("%v, left: %s", err, a.ids())
	}
}
