package rollout_test

import (
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// legacyMenu is Enterprise Integration Middleware, "Sample Request JSON", as it stands there.
const legacyMenu = "../catalog/testdata/eim_menu.json"

// newerMenu is the seed's menu in the newer shape: the request id of the
// sample is not there, an internal name and a variant category are.
const newerMenu = `{
"menus": [{
	"name": "Mains",
	"menu_items": [{
		"external_id": "m-menu-item-id",
		"name": "Zinger Meal",
		"internal_name": "Zinger Meal - counter",
		"description": "Burger with Fries and Coke",
		"in_stock": true,
		"price": 13200,
		"image": "https://image.com/img1.png",
		"operational_hours": {
			"sunday": [],
			"monday": [{"start": "00:00", "end": "05:00"}, {"start": "10:00", "end": "12:00"}],
			"tuesday": [{"start": "11:00", "end": "23:59"}],
			"wednesday": [],
			"thursday": [{"start": "04:00", "end": "10:00"}, {"start": "12:00", "end": "16:00"}, {"start": "17:00", "end": "22:00"}],
			"friday": [],
			"saturday": [{"start": "04:00", "end": "10:00"}]
		},
		"variant_category_external_ids": ["VC-DRINK"]
	}]
}],
"variant_categories": [{
	"external_id": "VC-DRINK",
	"internal_name": "Drink of a meal",
	"name": "Drink",
	"rules": {"selection": {"min_quantity": 1, "max_quantity": 1}},
	"variants": [
		{"external_id": "V-COKE", "name": "Coke", "price": 0, "in_stock": true},
		{"external_id": "V-TEA", "name": "Tea", "price": -1000, "in_stock": false}
	]
}]
}`

// seedItem is what a customer of the seed's menu sees.
func seedItem() catalog.LiveItem {
	return catalog.LiveItem{
		ExternalID: "m-menu-item-id", Name: "Zinger Meal", Description: "Burger with Fries and Coke",
		Price: catalog.Rp(13200), Image: "https://image.com/img1.png",
		OperationalHours: &catalog.Hours{
			{{Start: "00:00", End: "05:00"}, {Start: "10:00", End: "12:00"}},
			{{Start: "11:00", End: "23:59"}},
			{},
			{{Start: "04:00", End: "10:00"}, {Start: "12:00", End: "16:00"}, {Start: "17:00", End: "22:00"}},
			{},
			{{Start: "04:00", End: "10:00"}},
			{},
		},
	}
}

// sameItem compares without what the platform makes up.
func sameItem(t *testing.T, want, got catalog.LiveItem) {
	t.Helper()
	if got.ID == "" {
		t.Error("the item has no id")
	}
	if got.InStock == nil || !*got.InStock {
		t.Error("the item is not in stock")
	}
	got.ID, got.InStock, got.VariantCategoryIDs = "", nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the item (-seed +live):\n%s", diff)
	}
}

func theItem(t *testing.T, live *catalog.Live) catalog.LiveItem {
	t.Helper()
	if len(live.Menus) != 1 || live.Menus[0].Name != "Mains" || len(live.Menus[0].Items) != 1 {
		t.Fatalf("the live menu is %+v", live)
	}
	return live.Menus[0].Items[0]
}

// The seed's menu goes to the legacy path. It has no call that reads a menu, so
// a push compares nothing and the sandbox itself says what is live.
func TestSeedMenuToTheLegacyAPI(t *testing.T) {
	p := start(t, atOnce)
	text, err := os.ReadFile(legacyMenu)
	if err != nil {
		t.Fatal(err)
	}
	target := rollout.Enterprise(p.legacy)
	var asked rollout.Proposal
	result, err := rollout.Push(t.Context(), target, legacyOutlet, p.file("seed.json", string(text), catalog.Enterprise), rollout.Options{
		Wait:    true, // has nothing to read
		Consent: func(_ context.Context, proposal rollout.Proposal) error { asked = proposal; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != rollout.Pushed || result.Changes != -1 || result.RequestID == "" || result.RequestID != result.Payload.RequestID {
		t.Errorf("result: %+v", result)
	}
	if asked.Diff != nil || asked.Items != 1 {
		t.Errorf("consent was asked for %+v", asked)
	}
	live := p.inside(legacyOutlet)
	sameItem(t, seedItem(), theItem(t, live))
	if differences := catalog.Differences(result.Payload, live); len(differences) != 0 {
		t.Errorf("the pushed menu reads back differently: %v", differences)
	}

	dry, err := rollout.Push(t.Context(), target, legacyOutlet, p.file("seed.json", string(text), catalog.Enterprise), rollout.Options{DryRun: true})
	if err != nil || dry.Status != rollout.Skipped || p.puts() != 1 {
		t.Errorf("dry run: %+v, %v, %d writes", dry, err, p.puts())
	}
}

// The same menu goes to the partner path, as it stands and in the newer shape,
// and reads back equal.
func TestSeedMenuToThePartnerAPI(t *testing.T) {
	text, err := os.ReadFile(legacyMenu)
	if err != nil {
		t.Fatal(err)
	}
	item := seedItem()
	newer := seedItem()
	newer.InternalName = "Zinger Meal - counter"
	for name, test := range map[string]struct {
		text     string
		want     catalog.LiveItem
		variants map[string]bool
	}{
		"as it stands": {string(text), item, map[string]bool{}},
		"newer shape":  {newerMenu, newer, map[string]bool{"V-COKE": true, "V-TEA": false}},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, atOnce)
			file := p.file("seed.json", test.text, catalog.Partner)
			result, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{Overrides: anotherMenu})
			if err != nil || result.Status != rollout.Pushed {
				t.Fatalf("%+v, %v", result, err)
			}
			live := p.live()
			got := theItem(t, live)
			sameItem(t, test.want, got)
			if differences := catalog.Differences(result.Payload, live); len(differences) != 0 {
				t.Errorf("the pushed menu reads back differently: %v", differences)
			}
			if diff := cmp.Diff(test.variants, live.Stock(nil).Variants); diff != "" {
				t.Errorf("variants in stock (-pushed +live):\n%s", diff)
			}
			if len(got.VariantCategoryIDs) != len(live.VariantCategories) {
				t.Errorf("the item offers %v of %+v", got.VariantCategoryIDs, live.VariantCategories)
			}
			again, err := rollout.Push(t.Context(), p.partner(), outletID, file, rollout.Options{})
			if err != nil || again.Status != rollout.Unchanged || p.puts() != 1 {
				t.Errorf("the second push: %+v, %v, %d writes", again, err, p.puts())
			}
		})
	}
}
