package enterprise_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
)

type token struct{}

func (token) Token(context.Context, string) (string, error) { return "t", nil }
func (token) Reject(context.Context, string)                {}

// serve answers every request alike and tells the last one.
func serve(t *testing.T, status int, body string) (*enterprise.Client, func() (*http.Request, string)) {
	t.Helper()
	var last *http.Request
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		last, sent = r, string(data)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	api, err := gobiz.New(gobiz.Options{BaseURL: server.URL, Tokens: token{}, MaxAttempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	return enterprise.New(api), func() (*http.Request, string) { return last, sent }
}

func catalogBody(t *testing.T, menu string) gobiz.CatalogBody {
	t.Helper()
	body, err := gobiz.NewCatalogBody([]byte(menu))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestPutCatalog(t *testing.T) {
	client, last := serve(t, 200, `{"success":true,"data":{"request_id":"r-1"}}`)
	const menu = `{"menus":[{"name":"Mains","menu_items":[{"name":"Zinger Meal","price":13200,"external_id":"m-1","in_stock":true,` +
		`"operational_hours":{"sunday":[],"monday":[],"tuesday":[{"start":"11:00","end":"23:59"}],"wednesday":[],"thursday":[],"friday":[],"saturday":[]}}]}]}`
	body := catalogBody(t, menu)
	receipt, err := client.PutCatalog(t.Context(), "M123456", body, "r-1")
	if err != nil || receipt.RequestID != "r-1" || receipt.Attempts != 1 {
		t.Fatalf("%+v, %v", receipt, err)
	}
	want := `{"request_id":"r-1",` + menu[1:]
	req, sent := last()
	if sent != want || req.Method != http.MethodPut || req.URL.Path != "/outlets/M123456/catalog" {
		t.Errorf("%s %s %s", req.Method, req.URL.Path, sent)
	}
	if req.Header.Get("Accept") != "application/vnd.eim.v1+json" || req.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", req.Header)
	}
	// Without a request id every write has its own.
	for range 2 {
		before := sent
		if _, err := client.PutCatalog(t.Context(), "M123456", body, ""); err != nil {
			t.Fatal(err)
		}
		if _, sent = last(); sent == before || !strings.HasPrefix(sent, `{"request_id":"`) {
			t.Errorf("sent %s", sent)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	const one = `{"id":"s-1","event":"gofood.order.driver_arrived","url":"https://chain.example.test/orders","active":true}`
	client, last := serve(t, 200, `{"success":true,"data":{"subscriptions":[`+one+`],"subscription":`+one+`}}`)
	list, err := client.Subscriptions(t.Context(), "e-1")
	if err != nil || len(list) != 1 || list[0].EnterpriseID == nil || *list[0].EnterpriseID != "e-1" || !list[0].Active {
		t.Errorf("%+v, %v", list, err)
	}
	// The page lists Authorization and Accept for this call, nothing else.
	if req, _ := last(); req.Header.Get("Content-Type") != "" || req.Header.Get("Accept") != "application/vnd.eim.v1+json" {
		t.Errorf("%v", req.Header)
	}
	made, err := client.CreateSubscription(t.Context(), "e-1", enterprise.EventDriverArrived, "https://chain.example.test/orders")
	if _, sent := last(); err != nil || made.ID != "s-1" || sent != `{"event":"gofood.order.driver_arrived","url":"https://chain.example.test/orders"}` {
		t.Errorf("%+v, %v, sent %s", made, err, sent)
	}
	if err := client.DeleteSubscription(t.Context(), "e-1", "s-1"); err != nil {
		t.Error(err)
	}
	if req, _ := last(); req.URL.Path != "/enterprises/e-1/notification-subscriptions/s-1" || req.Header.Get("Accept") != "" {
		t.Errorf("%s %v", req.URL.Path, req.Header)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		status int
		body   string
		kind   error
		title  string
	}{
		{401, `{"errors":[{"code":"HTTP_401","message":"Your session is expired. Please login again.","message_title":"Session Expired","message_severity":"error"}]}`, gobiz.ErrUnauthorized, "Session Expired"},
		{404, `{"success":false,"errors":[{"message_title":"Requested resource not found!","message":"no such store"}]}`, gobiz.ErrNotFound, "Requested resource not found!"},
		{422, `{"success":false,"errors":[{"message_title":"Bad Request","message":"menus: missing required field"}]}`, gobiz.ErrInvalid, "Bad Request"},
	}
	for _, tt := range tests {
		client, _ := serve(t, tt.status, tt.body)
		_, err := client.PutCatalog(t.Context(), "M1", gobiz.CatalogBody{}, "")
		var failed *gobiz.Error
		if !errors.Is(err, tt.kind) || !errors.As(err, &failed) || failed.Title != tt.title || failed.Operation != "putEnterpriseCatalog" {
			t.Errorf("%d: %v", tt.status, err)
		}
		if _, err := client.PutCatalog(t.Context(), "..", gobiz.CatalogBody{}, ""); !errors.Is(err, gobiz.ErrArgument) {
			t.Errorf("%v", err)
		}
	}
	client, _ := serve(t, 201, `{"success":true,"data":{}}`)
	if _, err := client.CreateSubscription(t.Context(), "e-1", "e", "u"); !errors.Is(err, gobiz.ErrMalformed) || !strings.Contains(err.Error(), "data.subscription") {
		t.Errorf("%v", err)
	}
}
