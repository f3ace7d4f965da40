package rollout_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// menuOf is a live menu of n items at Rp 25.000, and the payload that keeps them.
func menuOf(n int) (*catalog.Live, *catalog.Payload) {
	live, payload := &catalog.Live{Menus: []catalog.LiveMenu{{Name: "Mi"}}}, &catalog.Payload{Menus: []catalog.PayloadMenu{{Name: "Mi"}}}
	for i := range n {
		id := fmt.Sprintf("MI-%03d", i)
		live.Menus[0].Items = append(live.Menus[0].Items, catalog.LiveItem{ExternalID: id, Name: id, Price: catalog.Rp(25000)})
		payload.Menus[0].MenuItems = append(payload.Menus[0].MenuItems, catalog.PayloadItem{ExternalID: id, Name: id, Price: catalog.Rp(25000), InStock: true})
	}
	return live, payload
}

func TestGuardOfDeletions(t *testing.T) {
	for _, tt := range []struct {
		live, gone, allowed int
		refused             string
	}{
		{live: 12, gone: 3},
		{live: 12, gone: 4, refused: "4 of 12 live items would be gone, more than 30 %"},
		{live: 12, gone: 4, allowed: 4},
		{live: 12, gone: 5, allowed: 4, refused: "5 of 12"},
		{live: 12, gone: 4, allowed: 5, refused: "4 of 12"},
		{live: 10, gone: 3},
		{live: 10, gone: 4, refused: "4 of 10"},
		{live: 9, gone: 3},
		{live: 9, gone: 8},
	} {
		live, payload := menuOf(tt.live)
		payload.Menus[0].MenuItems = payload.Menus[0].MenuItems[tt.gone:]
		refusals := rollout.Guarded(catalog.Compare(payload, live, nil), rollout.Overrides{Deletes: tt.allowed})
		if tt.refused == "" && len(refusals) > 0 {
			t.Errorf("%d of %d, %d allowed: %+v", tt.gone, tt.live, tt.allowed, refusals)
		}
		if tt.refused != "" && (len(refusals) != 1 || !strings.Contains(refusals[0].Message, tt.refused) || refusals[0].Guard != rollout.GuardDeletes || refusals[0].Count != tt.gone) {
			t.Errorf("%d of %d, %d allowed: %+v", tt.gone, tt.live, tt.allowed, refusals)
		}
	}
}

func TestGuardOfPrices(t *testing.T) {
	for _, tt := range []struct {
		from, to int64
		refused  bool
	}{
		{25000, 2500, true},
		{25000, 37500, false},
		{25000, 37501, true},
		{25000, 12500, false},
		{25000, 12499, true},
		{25000, 0, true},
		{0, 1, true},
		{-2000, -3000, false},
		{-2000, 2000, true},
		{25000, 25000, false},
	} {
		live, payload := menuOf(3)
		live.Menus[0].Items[1].Price, payload.Menus[0].MenuItems[1].Price = catalog.Rp(tt.from), catalog.Rp(tt.to)
		diff := catalog.Compare(payload, live, nil)
		refusals := rollout.Guarded(diff, rollout.Overrides{})
		if (len(refusals) > 0) != tt.refused {
			t.Errorf("%d to %d: %+v", tt.from, tt.to, refusals)
		}
		if tt.refused && !strings.Contains(refusals[0].Message, fmt.Sprintf(`item MI-001 "MI-001" from %d to %d`, tt.from, tt.to)) {
			t.Errorf("%d to %d: %s", tt.from, tt.to, refusals[0].Message)
		}
		if left := rollout.Guarded(diff, rollout.Overrides{PriceChanges: 1}); len(left) > 0 {
			t.Errorf("%d to %d, although 1 is allowed: %+v", tt.from, tt.to, left)
		}
		if left := rollout.Guarded(diff, rollout.Overrides{PriceChanges: 2, Deletes: 1, Empty: true}); (len(left) > 0) != tt.refused {
			t.Errorf("%d to %d, another number is allowed: %+v", tt.from, tt.to, left)
		}
	}
}

// The variants of an item count as well.
func TestGuardOfVariantPrices(t *testing.T) {
	live := &catalog.Live{VariantCategories: []catalog.LiveVariantCategory{{
		ExternalID: "VC", Name: "Tambahan", Variants: []catalog.LiveVariant{{ExternalID: "V-TELUR", Name: "Telur", Price: catalog.Rp(5000)}},
	}}}
	payload := &catalog.Payload{VariantCategories: []catalog.PayloadVariantCategory{{
		ExternalID: "VC", Name: "Tambahan", InternalName: "Tambahan",
		Variants: []catalog.PayloadVariant{{ExternalID: "V-TELUR", Name: "Telur", Price: catalog.Rp(500), InStock: true}},
	}}}
	refusals := rollout.Guarded(catalog.Compare(payload, live, nil), rollout.Overrides{Empty: true})
	if len(refusals) != 1 || !strings.Contains(refusals[0].Message, `variant V-TELUR "Telur" from 5000 to 500`) {
		t.Errorf("%+v", refusals)
	}
}

// Each refusal has its own override: one does not open another door.
func TestRefusalsComeTogether(t *testing.T) {
	live, payload := menuOf(12)
	payload.Menus[0].MenuItems = nil
	diff := catalog.Compare(payload, live, nil)
	err := &rollout.RefusedError{OutletID: "G1", Refusals: rollout.Guarded(diff, rollout.Overrides{})}
	if r := err.Refusals; len(r) != 2 || r[0].Guard != rollout.GuardEmpty || r[1].Guard != rollout.GuardDeletes || r[1].Count != 12 {
		t.Errorf("%+v: %v", r, err)
	}
	if left := rollout.Guarded(diff, rollout.Overrides{Empty: true}); len(left) != 1 || left[0].Guard != rollout.GuardDeletes {
		t.Errorf("with an empty menu allowed: %+v", left)
	}
	if left := rollout.Guarded(diff, rollout.Overrides{Empty: true, Deletes: 12}); len(left) != 0 {
		t.Errorf("with both: %+v", left)
	}
}

func TestGuardedPush(t *testing.T) {
	p := start(t, atOnce)
	file := p.pulled()
	file.Menus[0].Items[0].Price = catalog.Rp(file.Menus[0].Items[0].Price.Rupiah / 10)
	result, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{})
	var refused *rollout.RefusedError
	if !errors.As(err, &refused) || result.Status != rollout.Refused || p.puts() != 0 {
		t.Fatalf("%+v, %v, %d writes", result, err, p.puts())
	}
	dry, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{DryRun: true})
	if err != nil || dry.Status != rollout.Skipped || !errors.As(dry.Refused, &refused) {
		t.Errorf("a dry run: %+v, %v", dry, err)
	}
	result, err = rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{Overrides: rollout.Overrides{PriceChanges: 1}})
	if err != nil || result.Status != rollout.Pushed || p.puts() != 1 {
		t.Errorf("allowed: %+v, %v, %d writes", result, err, p.puts())
	}
}
