package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func linkPath(outletID, product string) string {
	return "/integrations/partner/outlets/" + outletID + "/v1/link/" + product
}

func TestTokenInfoListsTheUsersOutlets(t *testing.T) {
	d := newHarness(t, Options{})
	a := d.loggedIn(manager(t)).call(http.MethodGet, "/integrations/partner/v1/token-info", nil)
	want := `{"success":true,"data":{"user":{"roles":["manager"]},"outlets":[` +
		`{"id":"G100000002","name":"Warung Contoh Kemang","address":"Jl. Contoh 2, Jakarta","email":"","phone":""},` +
		`{"id":"G1898453S","name":"Warung Contoh Bandung","address":"Jl. Contoh 4, Bandung","email":"","phone":""}]}}`
	if string(a.body) != want {
		t.Errorf("token info %s\nwant       %s", a.body, want)
	}
}

func TestLinkOpensTheOutlet(t *testing.T) {
	d := newHarness(t, Options{})
	partner, merchant := d.as(facilitatorID), d.loggedIn(owner(t))
	menu := "/integrations/gofood/outlets/" + unlinkedOutletID + "/v2/catalog"
	d.setAcceptance(unlinkedOutletID, acceptManual)
	d.refused(partner.call("GET", menu, nil), 404, "not yet registered")

	a := merchant.call("PUT", linkPath(unlinkedOutletID, "gofood"), map[string]string{"external_outlet_id": "POS-KEMANG"})
	want := `{"success":true,"data":{"outlet":{"id":"G100000002","external_outlet_id":"POS-KEMANG","created_at":"2026-01-05T05:00:00Z",` +
		`"updated_at":"2026-01-05T05:00:00Z","linked_at":"2026-01-05T05:00:00Z"}}}`
	if string(a.body) != want {
		t.Errorf("link %s\nwant %s", a.body, want)
	}
	d.done(partner.call("GET", menu, nil))
	d.s.store.view(func() {
		if o, _ := d.s.store.outlets.get(unlinkedOutletID); o.Acceptance != acceptAuto {
			t.Errorf("acceptance is %s after linking, want auto", o.Acceptance)
		}
	})

	// Again: the same link with another external id.
	d.done(d.control("POST", "clock", map[string]string{"advance": "1m"}))
	merchant.call("PUT", linkPath(unlinkedOutletID, "gofood"), map[string]string{"external_outlet_id": "POS-2"})
	list := partner.call("GET", "/integrations/partner/v1/linked-outlets", nil)
	if !strings.Contains(string(list.body), `{"id":"G100000002","external_outlet_id":"POS-2","created_at":"2026-01-05T05:00:00Z","updated_at":"2026-01-05T05:01:00Z"}`) {
		t.Errorf("linked outlets: %s", list.body)
	}

	// A product of its own; and without an external id.
	d.refused(partner.call("POST", "/integrations/payment/outlets/"+unlinkedOutletID+"/v2/transactions", map[string]any{}, "Idempotency-Key", "k"), 404, "not yet registered")
	if a := merchant.call("PUT", linkPath(unlinkedOutletID, "payment"), nil); !strings.Contains(string(a.body), `"external_outlet_id":null`) {
		t.Errorf("link without external id: %s", a.body)
	}
	d.refused(partner.call("POST", "/integrations/payment/outlets/"+unlinkedOutletID+"/v2/transactions", map[string]any{}, "Idempotency-Key", "k"), 422, "payment_type")

	if a := merchant.call("DELETE", linkPath(unlinkedOutletID, "gofood"), nil); string(a.body) != `{"success":true,"data":{}}` {
		t.Errorf("unlink: %s", a.body)
	}
	d.refused(partner.call("GET", menu, nil), 404, "not yet registered")
	d.done(partner.call("GET", "/integrations/partner/outlets/"+unlinkedOutletID+"/v1", nil)) // payment is linked still
}

func TestLinkRefusals(t *testing.T) {
	d := newHarness(t, Options{})
	own := d.loggedIn(owner(t))
	d.refused(own.call("PUT", linkPath(unlinkedOutletID, "mokapos"), nil), 400, "product: must be gofood or payment")
	d.refused(own.call("PUT", linkPath(unlinkedOutletID, "gofood"), map[string]any{"external_outlet_id": 5}), 400, "external_outlet_id")
	d.refused(own.call("PUT", linkPath("0b9e6a52-6a3e-4a53-9d0e-100000000002", "gofood"), nil), 404, "is not found")
	d.refused(own.call("PUT", linkPath("G404", "gofood"), nil), 404, "not yet registered")
	d.refused(d.loggedIn(manager(t)).call("PUT", linkPath(linkedOutletID, "gofood"), nil), 403, "not authorized") // not the manager's
	d.refused(d.loggedIn(cashier(t)).call("PUT", linkPath(unlinkedOutletID, "gofood"), nil), 403, "role cashier")
	d.refused(d.loggedIn(cashier(t)).call("DELETE", linkPath(linkedOutletID, "gofood"), nil), 403, "role cashier")

	d.s.setSwitches(Switches{StrictExternalOutletID: true})
	d.refused(own.call("PUT", linkPath(unlinkedOutletID, "gofood"), nil), 400, "external_outlet_id: missing required field")
}

// The old call links the user's first outlet.
func TestOldLink(t *testing.T) {
	d := newHarness(t, Options{})
	merchant := d.loggedIn(manager(t))
	const path = "/integrations/partner/v1/outlet-link"
	a := merchant.call("PUT", path, map[string]string{"external_outlet_id": "OLD"})
	if !strings.Contains(string(a.body), `"id":"G100000002","external_outlet_id":"OLD"`) {
		t.Errorf("old link: %d %s", a.status, a.body)
	}
	d.done(merchant.call("DELETE", path, nil))
	d.s.store.view(func() {
		if o, _ := d.s.store.outlets.get(unlinkedOutletID); o.linked("") {
			t.Error("the outlet is linked after the old unlink")
		}
	})
}

func TestLinkedOutletsArePaged(t *testing.T) {
	d := newHarness(t, Options{})
	partner := d.as(facilitatorID)
	ids := func(c caller, query string) []string {
		var v struct{ Outlets []struct{ ID string } }
		d.decode(c.call("GET", "/integrations/partner/v1/linked-outlets"+query, nil), &v)
		list := []string{}
		for _, o := range v.Outlets {
			list = append(list, o.ID)
		}
		return list
	}
	for query, want := range map[string][]string{
		"":                  {linkedOutletID, unmappedOutletID, letterOutletID},
		"?per=2":            {linkedOutletID, unmappedOutletID},
		"?per=2&page=2":     {letterOutletID},
		"?per=2&page=3":     {},
		"?page=99999999999": {},
	} {
		if got := ids(partner, query); !slices.Equal(got, want) {
			t.Errorf("linked outlets%s: %v, want %v", query, got, want)
		}
	}
	if got := ids(d.loggedIn(manager(t)), ""); !slices.Equal(got, []string{letterOutletID}) {
		t.Errorf("a manager's token lists %v", got)
	}
	if got := ids(d.as(directID), ""); len(got) != 0 {
		t.Errorf("a direct integration has no links, got %v", got)
	}
	d.refused(partner.call("GET", "/integrations/partner/v1/linked-outlets?per=x", nil), 400, "per: must be a positive integer")
}

func TestOutlet(t *testing.T) {
	d := newHarness(t, Options{})
	a := d.as(facilitatorID).call("GET", "/integrations/partner/outlets/"+linkedOutletID+"/v1", nil)
	want := `{"success":true,"data":{"outlet":{"id":"G100000001","merchant_name":"PT Contoh Boga","name":"Warung Contoh Tebet","status":"active",` +
		`"email":"owner@example.test","payment_settings":{"gopay":{"active":true},"qris":{"active":true}},` +
		`"applications":{"gopay":{"active":true},"midtrans":{"active":false}}}}}`
	if string(a.body) != want {
		t.Errorf("outlet %s\nwant   %s", a.body, want)
	}
	d.done(d.as(directID).call("GET", "/integrations/partner/outlets/"+directOutletID+"/v1", nil)) // no link needed
	d.done(d.loggedIn(owner(t)).call("GET", "/integrations/partner/outlets/"+linkedOutletID+"/v1", nil))
	d.refused(d.loggedIn(manager(t)).call("GET", "/integrations/partner/outlets/"+linkedOutletID+"/v1", nil), 403, "not authorized")
}

func TestProperties(t *testing.T) {
	d := newHarness(t, Options{})
	path := "/integrations/gofood/outlets/" + linkedOutletID + "/v1/properties"
	closed := func() (is bool) {
		d.s.store.view(func() {
			o, _ := d.s.store.outlets.get(linkedOutletID)
			is = o.ForceClose
		})
		return is
	}
	own := d.loggedIn(owner(t))
	if a := own.call("PATCH", path, map[string]bool{"force_close": true}); string(a.body) != `{"success":true,"data":{"force_close":true}}` || !closed() {
		t.Errorf("close: %s, closed %v", a.body, closed())
	}
	partner := d.as(facilitatorID)
	if d.done(partner.call("PATCH", path, map[string]bool{"force_close": false})); closed() {
		t.Error("the outlet is closed still")
	}
	staff := d.browser().consent(cashier(t), "allow")
	var got tokenData
	d.decode(d.exchange(staff.Get("code")), &got)
	d.refused(caller{d, got.AccessToken}.call("PATCH", path, map[string]bool{"force_close": true}), 403, "role cashier")
	d.refused(own.call("PATCH", path, map[string]any{}), 422, "force_close: missing required field")
	d.refused(own.call("PATCH", path, map[string]any{"force_close": "yes"}), 422, "force_close: must be true or false, not a string")
	d.s.setSwitches(Switches{PropertiesNeedMerchant: true})
	d.refused(partner.call("PATCH", path, map[string]bool{"force_close": true}), 404, "Invalid URL")
}
