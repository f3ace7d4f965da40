package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func (d *harness) controller() *Control {
	return NewControl(d.s.Info().ControlURL, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
}

func TestControlPlaysTheStory(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.controller()
	ctx := t.Context()
	info, err := c.Info(ctx)
	if err != nil || info.ClientID != facilitatorID || info.APIURL != d.s.origin {
		t.Fatalf("info %+v, %v", info, err)
	}
	placed, err := c.CreateOrder(ctx, OrderRequest{
		OutletID: linkedOutletID, CustomerName: "Budi",
		Items: []OrderRequestItem{{ExternalID: "MI-001", Quantity: 2, Variants: []OrderRequestVariant{{ExternalID: "V-PEDAS-2"}}}},
	})
	if err != nil || !strings.HasPrefix(placed.Number, "F-") || placed.Items[0].Name != "Bakmi Ayam" || placed.Items[0].Price != 28000 || placed.OutletID != linkedOutletID {
		t.Fatalf("order %+v, %v", placed, err)
	}
	moved, err := c.AdvanceOrder(ctx, placed.Number, "driver_arrived")
	if err != nil || moved.Status != "DRIVER_ARRIVED" {
		t.Errorf("advanced to %s, %v", moved.Status, err)
	}
	gone, err := c.CancelOrder(ctx, placed.Number, "")
	if err != nil || gone.Status != "CANCELLED" {
		t.Errorf("cancelled: %s, %v", gone.Status, err)
	}
	var refused *ControlError
	if _, err := c.AdvanceOrder(ctx, placed.Number, ""); !errors.As(err, &refused) || refused.Status != 409 || !strings.Contains(err.Error(), placed.Number) {
		t.Errorf("a cancelled order was advanced: %v", err)
	}
	for _, number := range []string{"F-404", ".", "..", "a/b", "a//b", "?", "%2F"} {
		if _, err := c.AdvanceOrder(ctx, number, ""); !errors.As(err, &refused) || refused.Status != 404 || !strings.Contains(err.Error(), "order "+number+" does not exist") {
			t.Errorf("unknown order %s is advanced: %v", number, err)
		}
		if _, err := c.CancelOrder(ctx, number, ""); !errors.As(err, &refused) || refused.Status != 404 || !strings.Contains(err.Error(), "order "+number+" does not exist") {
			t.Errorf("unknown order %s is cancelled: %v", number, err)
		}
		if err := c.SettlePayment(ctx, number); !errors.As(err, &refused) || refused.Status != 404 || !strings.Contains(err.Error(), "payment "+number+" does not exist") {
			t.Errorf("unknown payment %s is settled: %v", number, err)
		}
	}
	for path, want := range map[string]string{
		"orders//advance": "no POST /_sandbox/orders//advance: an id is empty", "payments//settle": "no POST /_sandbox/payments//settle: an id is empty",
	} {
		d.refused(d.control(http.MethodPost, path, nil), 404, `{"error":"the control API has `+want)
	}
	if list, err := c.Orders(ctx); err != nil || len(list) != 1 || list[0].Number != placed.Number {
		t.Errorf("orders %+v, %v", list, err)
	}
	state, err := c.State(ctx)
	if err != nil || len(state.Orders) != 1 || state.Orders[0].Status != "CANCELLED" || len(state.Outlets) != len(seededOutlets()) {
		t.Errorf("state %+v, %v", state.Orders, err)
	}
	text, err := json.Marshal(state)
	if err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("the state tells secrets: %s", text)
	}
	if err := c.Reset(ctx); err != nil {
		t.Error(err)
	}
	if state, err := c.State(ctx); err != nil || len(state.Orders) != 0 || len(state.Outlets) != len(seededOutlets()) {
		t.Errorf("after a reset %+v, %v", state.Orders, err)
	}
}

func TestControlWatchesAndSpoils(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.controller()
	ctx := t.Context()
	caller := d.as(facilitatorID)
	fault, err := ParseFault("getCatalog status=503 times=1")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetFaults(ctx, fault); err != nil {
		t.Fatal(err)
	}
	d.refused(caller.call("GET", pullPath+"?token=secret", nil), 503, "Service Unavailable")
	d.done(caller.call("GET", pullPath, nil, "X-Request-Id", "mine"))
	requests, err := c.Requests(ctx)
	if err != nil || requests.Counts["getCatalog"] != 2 || requests.Counts["createToken"] != 1 {
		t.Errorf("requests %+v, %v", requests.Counts, err)
	}
	last := requests.Last[len(requests.Last)-1]
	if last.RequestID != "mine" || last.Path != pullPath || last.Status != 200 || last.Fault != "" {
		t.Errorf("last request %+v", last)
	}
	text, _ := json.Marshal(requests)
	if strings.Contains(string(text), "secret") || strings.Contains(string(text), caller.token) {
		t.Errorf("the requests tell secrets: %s", text)
	}
	d.refused(d.control("PUT", "faults", map[string]any{"faults": []string{"/x colour=red"}}), 400, "unknown key")

	if err := c.SetSwitches(ctx, Switches{HideCategoryExternalIDs: true}); err != nil {
		t.Error(err)
	}
	if got := pull(caller).VariantCategories[0].ExternalID; got != "" {
		t.Errorf("the switch had no effect: %s", got)
	}
	d.done(d.control("PUT", "switches", map[string]bool{"keep_refresh_token": true}))
	if got := d.s.switches(); !got.KeepRefreshToken || !got.HideCategoryExternalIDs {
		t.Errorf("switches %+v", got)
	}
	d.refused(d.control("PUT", "switches", map[string]bool{"made_up": true}), 400, "made_up")

	now, err := c.AdvanceClock(ctx, time.Hour)
	if err != nil || !now.Equal(noon.Add(time.Hour)) {
		t.Errorf("clock %s, %v", now, err)
	}
	d.refused(d.control("POST", "clock", map[string]string{"advance": "-1h"}), 400, "is not a duration")
	d.refused(d.control("POST", "clock", map[string]string{"advance": "2562047h"}), 400, "is too far") // with the hour before
	d.as(facilitatorID)
	if n, err := c.ExpireTokens(ctx); err != nil || n != 1 {
		t.Errorf("expired %d, %v", n, err)
	}
	d.refused(d.control("GET", "made-up", nil), 404, "no GET /_sandbox/made-up")
}

func TestControlPlaysTheApp(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	d.refused(d.control("PATCH", "outlets/"+linkedOutletID, map[string]string{"acceptance": "never"}), 400, "is not auto")
	d.refused(d.control("PATCH", "outlets/G404", map[string]string{}), 404, "no outlet G404")
	d.done(d.control("PATCH", "outlets/"+linkedOutletID, map[string]string{"acceptance": "manual", "status": "inactive"}))
	if a := c.call("GET", "/integrations/partner/outlets/"+linkedOutletID+"/v1", nil); !strings.Contains(string(a.body), `"status":"inactive"`) {
		t.Errorf("outlet %s", a.body)
	}
	d.done(d.control("PUT", "outlets/"+linkedOutletID+"/catalog", `{"menus":[{"name":"Baru","menu_items":[{"name":"Es Baru","price":9000,"in_stock":true}]}],"variant_categories":[]}`))
	live := pull(c)
	if item := live.Menus[0].Items[0]; item.Name != "Es Baru" || item.ID == "" || item.ExternalID != "" {
		t.Errorf("app-made item %+v", item)
	}
}

func TestControlErrorsAreReadable(t *testing.T) {
	down := httptest.NewServer(http.NotFoundHandler())
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if _, err := NewControl(down.URL+"/_sandbox", client).State(t.Context()); err == nil || !strings.Contains(err.Error(), "no sandbox answers at "+down.URL) {
		t.Errorf("another server: %v", err)
	}
	down.Close()
	if _, err := NewControl(down.URL, client).State(t.Context()); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("no server: %v", err)
	}
	html := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer html.Close()
	if _, err := NewControl(html.URL, client).State(t.Context()); err == nil || !strings.Contains(err.Error(), "something else answers there") {
		t.Errorf("a web server: %v", err)
	}
	nowhere := NewControl(down.URL, client) // nothing is sent
	if _, err := nowhere.AdvanceOrder(t.Context(), "", "placed"); err == nil || !strings.Contains(err.Error(), "the order number is empty") {
		t.Errorf("advance no order: %v", err)
	}
	if _, err := nowhere.CancelOrder(t.Context(), "", ""); err == nil || !strings.Contains(err.Error(), "the order number is empty") {
		t.Errorf("cancel no order: %v", err)
	}
	if err := nowhere.SettlePayment(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "the transaction id is empty") {
		t.Errorf("settle no payment: %v", err)
	}
	if _, err := NewControl("::", client).State(t.Context()); err == nil {
		t.Error("a bad url is no error")
	}
}

// TestSwitchedProtocolIsNoSandbox has something else at the sandbox's address, which
// answers 101 and keeps the connection open.
func TestSwitchedProtocolIsNoSandbox(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "upgrade")
		w.Header().Set("Upgrade", "x")
		w.WriteHeader(http.StatusSwitchingProtocols)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	_, err := NewControl(server.URL, client).Info(t.Context())
	var none *NotRunningError
	if !errors.As(err, &none) || !strings.Contains(err.Error(), "101") {
		t.Errorf("info: %v", err)
	}
	_, err = Merchant{Transport: client.Transport}.Consent(t.Context(), server.URL+"/oauth2/login", true)
	if err == nil || !strings.Contains(err.Error(), "101") {
		t.Errorf("consent: %v", err)
	}
}
