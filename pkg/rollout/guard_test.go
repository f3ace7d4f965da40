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

// guarded are the refusals of a push to G1 of a file that nobody knows the outlet of.
func guarded(payload *catalog.Payload, live *catalog.Live, overrides rollout.Overrides) []rollout.Refusal {
	return rollout.Guarded("G1", "", catalog.Compare(payload, live, nil), overrides)
}

// only checks that one guard refuses, and that its message has the number that it
// lets itself be told.
func only(t *testing.T, refusals []rollout.Refusal, guard rollout.Guard, message string) {
	t.Helper()
	if message == "" {
		if len(refusals) > 0 {
			t.Errorf("%+v", refusals)
		}
		return
	}
	if len(refusals) != 1 || refusals[0].Guard != guard || !strings.Contains(refusals[0].Message, message) || !strings.HasPrefix(refusals[0].Message, refusals[0].Allow+" ") {
		t.Errorf("want %s: %s, got %+v", guard, message, refusals)
	}
}

func TestGuardOfDeletions(t *testing.T) {
	for _, tt := range []struct {
		live, gone int
		allowed    string
		refused    string
	}{
		{live: 12, gone: 3},
		{live: 12, gone: 4, refused: "4 of 12 live items would be gone, more than 30 %"},
		{live: 12, gone: 4, allowed: "4"},
		{live: 12, gone: 5, allowed: "4", refused: "5 of 12"},
		{live: 12, gone: 4, allowed: "5", refused: "4 of 12"},
		{live: 10, gone: 3},
		{live: 10, gone: 4, refused: "4 of 10"},
		{live: 9, gone: 4},
		{live: 9, gone: 5, refused: "5 of 9 live items would be gone, more than half"},
		{live: 8, gone: 4},
		{live: 2, gone: 1},
		{live: 8, gone: 8, refused: "8 of 8 live items would be gone, and none would stay"},
		{live: 1, gone: 1, refused: "1 of 1 live items would be gone, and none would stay"},
		{live: 1, gone: 1, allowed: "1"},
	} {
		live, payload := menuOf(tt.live)
		payload.Menus[0].MenuItems = append(payload.Menus[0].MenuItems[tt.gone:], catalog.PayloadItem{ExternalID: "NEW", Name: "New", Price: catalog.Rp(1), InStock: true})
		only(t, guarded(payload, live, rollout.Overrides{rollout.GuardDeletes: tt.allowed}), rollout.GuardDeletes, tt.refused)
	}
}

// optionsOf is a menu whose first item offers n variants, and the payload that keeps
// them.
func optionsOf(n int) (*catalog.Live, *catalog.Payload) {
	live, payload := menuOf(4)
	c := catalog.LiveVariantCategory{ID: "u", ExternalID: "VC", Name: "Level"}
	sent := catalog.PayloadVariantCategory{ExternalID: "VC", Name: "Level", InternalName: "Level"}
	for i := range n {
		id := fmt.Sprintf("V-%03d", i)
		c.Variants = append(c.Variants, catalog.LiveVariant{ExternalID: id, Name: id})
		sent.Variants = append(sent.Variants, catalog.PayloadVariant{ExternalID: id, Name: id, InStock: true})
	}
	live.VariantCategories, payload.VariantCategories = []catalog.LiveVariantCategory{c}, []catalog.PayloadVariantCategory{sent}
	live.Menus[0].Items[0].VariantCategoryIDs, payload.Menus[0].MenuItems[0].VariantCategoryExternalIDs = []string{"u"}, []string{"VC"}
	return live, payload
}

func TestGuardOfOptions(t *testing.T) {
	for _, tt := range []struct {
		live, gone int
		allowed    string
		refused    string
	}{
		{live: 12, gone: 3},
		{live: 12, gone: 4, refused: "4 of 12 live variants would be gone, more than 30 %"},
		{live: 12, gone: 4, allowed: "4"},
		{live: 4, gone: 2},
		{live: 4, gone: 3, refused: "3 of 4 live variants would be gone, more than half"},
		{live: 2, gone: 2, refused: "2 of 2 live variants would be gone, and none would stay"},
	} {
		live, payload := optionsOf(tt.live)
		payload.VariantCategories[0].Variants = payload.VariantCategories[0].Variants[tt.gone:]
		only(t, guarded(payload, live, rollout.Overrides{rollout.GuardVariantDeletes: tt.allowed}), rollout.GuardVariantDeletes, tt.refused)
	}
	// That no item offers them is the same to a customer.
	live, payload := optionsOf(3)
	payload.Menus[0].MenuItems[0].VariantCategoryExternalIDs = nil
	only(t, guarded(payload, live, nil), rollout.GuardVariantDeletes, "3 of 3 live variants would be gone")
}

// What takes an item off sale: judged by what customers can order now.
func TestGuardOfSale(t *testing.T) {
	soldOut := func(n int) func(*catalog.Live, *catalog.Payload) {
		return func(_ *catalog.Live, p *catalog.Payload) {
			for i := range n {
				p.Menus[0].MenuItems[i].InStock = false
			}
		}
	}
	no := false
	for _, tt := range []struct {
		name   string
		live   int
		change func(*catalog.Live, *catalog.Payload)
		want   string
	}{
		{"half", 4, soldOut(2), ""},
		{"more than half", 4, soldOut(3), `3 of 4 items on sale could not be ordered any more, more than half: item MI-000 "MI-000" (sold out)`},
		{"a share of many", 10, soldOut(3), ""},
		{"too large a share of many", 10, soldOut(4), "4 of 10 items on sale could not be ordered any more, more than 30 %"},
		{"what is sold out already does not count", 4, func(l *catalog.Live, p *catalog.Payload) {
			soldOut(4)(l, p)
			for i := range 4 {
				l.Menus[0].Items[i].InStock = &no
			}
		}, ""},
		{"the last one on sale", 12, func(l *catalog.Live, p *catalog.Payload) {
			soldOut(12)(l, p)
			for i := range 11 {
				l.Menus[0].Items[i].InStock = &no
			}
		}, "1 of 1 items on sale could not be ordered any more, and none would stay"},
		{"half gone and half sold out", 8, func(l *catalog.Live, p *catalog.Payload) {
			soldOut(4)(l, p)
			p.Menus[0].MenuItems = p.Menus[0].MenuItems[:4]
		}, "4 of 8 items on sale could not be ordered any more, and none would stay"},
		{"never open", 1, func(_ *catalog.Live, p *catalog.Payload) {
			p.Menus[0].MenuItems[0].OperationalHours = &catalog.Hours{{}, {}}
		}, `item MI-000 "MI-000" (never open)`},
		{"a choice that nobody can make", 1, func(l *catalog.Live, p *catalog.Payload) {
			live, payload := optionsOf(2)
			l.VariantCategories, p.VariantCategories = live.VariantCategories, payload.VariantCategories
			l.VariantCategories[0].MinQuantity, p.VariantCategories[0].Rules.Selection.MinQuantity = 1, 1
			l.Menus[0].Items[0].VariantCategoryIDs, p.Menus[0].MenuItems[0].VariantCategoryExternalIDs = []string{"u"}, []string{"VC"}
			p.VariantCategories[0].Variants[0].InStock, p.VariantCategories[0].Variants[1].InStock = false, false
		}, `item MI-000 "MI-000" (no choice of "VC" can be made)`},
		{"a choice of more than there are", 1, func(l *catalog.Live, p *catalog.Payload) {
			live, payload := optionsOf(2)
			l.VariantCategories, p.VariantCategories = live.VariantCategories, payload.VariantCategories
			l.Menus[0].Items[0].VariantCategoryIDs, p.Menus[0].MenuItems[0].VariantCategoryExternalIDs = []string{"u"}, []string{"VC"}
			p.VariantCategories[0].Rules.Selection.MinQuantity = 3
		}, `(no choice of "VC" can be made)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			live, payload := menuOf(tt.live)
			tt.change(live, payload)
			refusals := guarded(payload, live, nil)
			only(t, refusals, rollout.GuardOffSale, tt.want)
			if len(refusals) == 1 {
				only(t, guarded(payload, live, rollout.Overrides{rollout.GuardOffSale: refusals[0].Allow}), rollout.GuardOffSale, "")
			}
		})
	}
}

func TestGuardOfOtherOutlet(t *testing.T) {
	live, payload := menuOf(3)
	diff := catalog.Compare(payload, live, nil)
	for pulledFrom, want := range map[string]string{"": "", "G1": "", "G2": "the file was pulled from outlet G2"} {
		refusals := rollout.Guarded("G1", pulledFrom, diff, nil)
		if want == "" && len(refusals) == 0 {
			continue
		}
		if len(refusals) != 1 || refusals[0].Message != want || refusals[0].Allow != pulledFrom || refusals[0].Guard != rollout.GuardOtherOutlet {
			t.Errorf("%q: %+v", pulledFrom, refusals)
		}
	}
	if left := rollout.Guarded("G1", "G2", diff, rollout.Overrides{rollout.GuardOtherOutlet: "G3"}); len(left) != 1 {
		t.Errorf("another outlet is allowed: %+v", left)
	}
	if left := rollout.Guarded("G1", "G2", diff, rollout.Overrides{rollout.GuardOtherOutlet: "G2"}); len(left) != 0 {
		t.Errorf("allowed: %+v", left)
	}
}

func TestGuardOfPrices(t *testing.T) {
	for _, tt := range []struct {
		from, to int64
		refused  bool
	}{
		{25000, 2500, true},
		{25000, 37499, false},
		{25000, 37500, true},
		{25000, 12501, false},
		{25000, 12500, true},
		{25000, 0, true},
		{0, 1, true},
		{-2000, -2999, false},
		{-2000, 2000, true},
		{25000, 25000, false},
	} {
		live, payload := menuOf(3)
		live.Menus[0].Items[1].Price, payload.Menus[0].MenuItems[1].Price = catalog.Rp(tt.from), catalog.Rp(tt.to)
		refusals := guarded(payload, live, nil)
		if (len(refusals) > 0) != tt.refused {
			t.Errorf("%d to %d: %+v", tt.from, tt.to, refusals)
		}
		if tt.refused && !strings.Contains(refusals[0].Message, fmt.Sprintf(`1 price moves by 50 %% or more: item MI-001 "MI-001" from %d to %d`, tt.from, tt.to)) {
			t.Errorf("%d to %d: %s", tt.from, tt.to, refusals[0].Message)
		}
		if left := guarded(payload, live, rollout.Overrides{rollout.GuardPrices: "1"}); len(left) > 0 {
			t.Errorf("%d to %d, although 1 is allowed: %+v", tt.from, tt.to, left)
		}
		if left := guarded(payload, live, rollout.Overrides{rollout.GuardPrices: "2", rollout.GuardDeletes: "1", rollout.GuardEmpty: "true"}); (len(left) > 0) != tt.refused {
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
	refusals := guarded(payload, live, rollout.Overrides{rollout.GuardEmpty: "true"})
	if len(refusals) != 1 || !strings.Contains(refusals[0].Message, `variant V-TELUR "Telur" from 5000 to 500`) {
		t.Errorf("%+v", refusals)
	}
}

// Each refusal has its own override: one does not open another door.
func TestRefusalsComeTogether(t *testing.T) {
	live, payload := menuOf(12)
	payload.Menus[0].MenuItems = nil
	err := &rollout.RefusedError{OutletID: "G1", Refusals: guarded(payload, live, nil)}
	if r := err.Refusals; len(r) != 2 || r[0].Guard != rollout.GuardDeletes || r[0].Allow != "12" || r[1].Guard != rollout.GuardEmpty {
		t.Errorf("%+v: %v", r, err)
	}
	only(t, guarded(payload, live, rollout.Overrides{rollout.GuardEmpty: "true"}), rollout.GuardDeletes, "12 of 12")
	only(t, guarded(payload, live, rollout.Overrides{rollout.GuardEmpty: "true", rollout.GuardDeletes: "12"}), "", "")
}

// Every guard has words for the documents.
func TestGuardsAreDescribed(t *testing.T) {
	seen := map[rollout.Guard]bool{}
	for _, rule := range rollout.Guards() {
		if rule.Accident == "" || rule.Refused == "" || seen[rule.Guard] {
			t.Errorf("%+v", rule)
		}
		seen[rule.Guard] = true
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
	result, err = rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{Overrides: rollout.Overrides{rollout.GuardPrices: "1"}})
	if err != nil || result.Status != rollout.Pushed || p.puts() != 1 {
		t.Errorf("allowed: %+v, %v, %d writes", result, err, p.puts())
	}
}
