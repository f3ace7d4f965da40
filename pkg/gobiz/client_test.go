package gobiz_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestBaseURL(t *testing.T) {
	good := map[string]string{
		"https://api.gobiz.co.id/":      "https://api.gobiz.co.id",
		"https://api.gobiz.co.id":       "https://api.gobiz.co.id",
		"https://proxy.example/gobiz//": "https://proxy.example/gobiz",
		"http://127.0.0.1:8765":         "http://127.0.0.1:8765",
		"http://localhost:8765/":        "http://localhost:8765",
		"http://[::1]:8765":             "http://[::1]:8765",
	}
	for given, want := range good {
		c, err := gobiz.New(gobiz.Options{BaseURL: given})
		if err != nil || c.BaseURL() != want {
			t.Errorf("%s: %v, %v", given, c, err)
		}
	}
	bad := map[string]string{
		"":                               "is empty",
		"http://api.gobiz.co.id":         "uses plain http for api.gobiz.co.id",
		"http://127.0.0.1.example.test":  "uses plain http",
		"ftp://api.gobiz.co.id":          "must begin with https://",
		"api.gobiz.co.id":                "has no host",
		"https://":                       "has no host",
		"https://:443":                   "has no host",
		"https://u:hunter2@host.example": "must not carry a user",
		"https://host.example/?a=b":      "must not have a query",
		"https://host.example/#x":        "must not have a query or a fragment",
		"https://ho st/":                 "is not a URL",
	}
	for given, want := range bad {
		_, err := gobiz.New(gobiz.Options{BaseURL: given})
		if !errors.Is(err, gobiz.ErrArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", given, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is shown: %v", err)
		}
	}
}

func TestRequestHeaders(t *testing.T) {
	s := serve(t, json200(done))
	client := newClient(t, s.URL+"/", func(o *gobiz.Options) { o.UserAgent = "gobiz/1.2.3" })
	for range 2 {
		if _, err := client.LinkedOutlets(t.Context(), gobiz.Page{}); err != nil {
			t.Fatal(err)
		}
	}
	first, second := s.requests()[0], s.requests()[1]
	if first.Path != "/integrations/partner/v1/linked-outlets" || first.Query != "" {
		t.Errorf("path %q, query %q", first.Path, first.Query)
	}
	for name, want := range map[string]string{
		"User-Agent": "gobiz/1.2.3", "Accept": "application/json", "Content-Type": "application/json", "Authorization": "Bearer token-0",
	} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	a, b := first.Header.Get("X-Request-Id"), second.Header.Get("X-Request-Id")
	if !uuid.MatchString(a) || a == b {
		t.Errorf("request ids %q and %q", a, b)
	}
}

func TestPathParameters(t *testing.T) {
	s := serve(t, json200(done))
	client := newClient(t, s.URL)
	for _, bad := range []string{"", " ", ".", ".."} {
		if _, err := client.Outlet(t.Context(), bad); !errors.Is(err, gobiz.ErrArgument) || !strings.Contains(err.Error(), "outlet id") {
			t.Errorf("%q: %v", bad, err)
		}
		if err := client.Subscriptions(gobiz.ForOutlet(bad)).Delete(t.Context(), "x"); !errors.Is(err, gobiz.ErrArgument) {
			t.Errorf("outlet %q: %v", bad, err)
		}
		if err := client.Subscriptions(gobiz.AllOutlets).Delete(t.Context(), bad); !errors.Is(err, gobiz.ErrArgument) {
			t.Errorf("subscription %q: %v", bad, err)
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Fatalf("%d requests were sent", n)
	}
	for id, want := range map[string]string{
		"G1898453S":    "G1898453S",
		"G1/../../x":   "G1%2F..%2F..%2Fx",
		"G1?a=b#c":     "G1%3Fa=b%23c",
		"G 1%2e":       "G%201%252e",
		"warung\nbaru": "warung%0Abaru",
	} {
		_, _ = client.Outlet(t.Context(), id)
		requests := s.requests()
		if got := requests[len(requests)-1]; got.Path != "/integrations/partner/outlets/"+want+"/v1" || got.Query != "" {
			t.Errorf("%q was sent as %s?%s", id, got.Path, got.Query)
		}
	}
}

func TestArgumentsAreCheckedBeforeTheCall(t *testing.T) {
	s := serve(t, json200(done))
	c, ctx := newClient(t, s.URL), t.Context()
	order := gobiz.OrderRef{OutletID: "G1", Type: gobiz.OrderDelivery, Number: "F-1"}
	_, promo := c.CreatePromo(ctx, "G1", gobiz.PromoRequest{IdempotencyKey: uuid1})
	_, payment := c.CreateTransaction(ctx, "G1", gobiz.PaymentRequest{Details: gobiz.TransactionDetails{OrderID: "INV 1"}})
	_, primary := c.LinkPrimaryOutlet(ctx, "")
	_, notifications := c.Notifications(ctx, " ")
	for want, err := range map[string]error{
		`is longer than 32 characters; a UUID fits without its dashes`: promo,
		`order id "INV 1" may have letters, digits and - _ ~ . only`:   payment,
		`external outlet id is empty`:                                  primary,
		`entity id is empty`:                                           notifications,
		`stock update has no entries`:                                  c.UpdateMenuItemStocks(ctx, "G1", nil),
		`either an id or an external id`:                               c.UpdateVariantStocks(ctx, "G1", []gobiz.StockUpdate{{ID: "a", ExternalID: "b"}}),
		`cancel reason code "TIRED" is none of`:                        c.CancelOrder(ctx, order, "TIRED", "very tired"),
		`needs at least 3 characters`:                                  c.CancelOrder(ctx, order, gobiz.ReasonOthers, "no"),
		`order type "gofood" is neither delivery nor pickup`:           c.AcceptOrder(ctx, gobiz.OrderRef{OutletID: "G1", Type: "gofood", Number: "F-1"}),
	} {
		if !errors.Is(err, gobiz.ErrArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestIdempotencyKeys(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "promo") {
			json200(`{"success":true,"data":{"success":{"id":"p-1"},"failure":null}}`)(w, r)
			return
		}
		json200(paymentAnswer)(w, r)
	})
	c, ctx := newClient(t, s.URL), t.Context()
	pay := gobiz.PaymentRequest{Details: gobiz.TransactionDetails{OrderID: "INV-1"}}
	_, err1 := c.CreatePromo(ctx, "G1", gobiz.PromoRequest{})
	_, err2 := c.CreateTransaction(ctx, "G1", pay)
	pay.IdempotencyKey = "my-own-key"
	_, err3 := c.CreateTransaction(ctx, "G1", pay)
	resp, err4 := c.Do(ctx, gobiz.Request{Method: "post", Path: "/integrations/promo/outlets/G1/v1/food-promos", Body: []byte("{}")})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	fresh := regexp.MustCompile(`^[0-9a-f]{32}$`)
	got := s.requests()
	if key := got[0].Header.Get("X-Idempotency-Key"); !fresh.MatchString(key) {
		t.Errorf("promo key %q", key)
	}
	if key := got[1].Header.Get("Idempotency-Key"); !fresh.MatchString(key) {
		t.Errorf("payment key %q", key)
	}
	if key := got[2].Header.Get("Idempotency-Key"); key != "my-own-key" {
		t.Errorf("own key %q", key)
	}
	if key := got[3].Header.Get("X-Idempotency-Key"); !fresh.MatchString(key) {
		t.Errorf("key of a raw call %q", key)
	}
}
