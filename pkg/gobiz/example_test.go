package gobiz_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "r-1")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"success":false,"errors":[{"message_title":"Not found","message":"Outlet with id: G1 is not found"}]}`)
	}))
	defer server.Close()

	client, err := gobiz.New(gobiz.Options{BaseURL: server.URL, UserAgent: "my-pos/1.0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Outlet(context.Background(), "G1")
	fmt.Println(errors.Is(err, gobiz.ErrNotFound))
	fmt.Println(err)
	// Output:
	// true
	// GET /integrations/partner/outlets/G1/v1: 404 Not found: Outlet with id: G1 is not found (request id r-1)
}

// One menu goes to many outlets; each write has its own request id.
func ExampleClient_PutCatalog() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"success":true,"data":{"request_id":null}}`)
	}))
	defer server.Close()
	client, err := gobiz.New(gobiz.Options{BaseURL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}

	menu, err := gobiz.NewCatalogBody((&catalog.Payload{Menus: []catalog.PayloadMenu{{Name: "Mi"}}}).Encode().Menu)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, outlet := range []string{"G100000001", "G100000002"} {
		receipt, err := client.PutCatalog(context.Background(), outlet, menu, "")
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(outlet, receipt.Attempts, receipt.RequestID != "")
	}
	// Output:
	// G100000001 1 true
	// G100000002 1 true
}

// A live menu is read into the type of pkg/catalog in one pass, or into one of
// the caller's own.
func ExampleClient_Catalog() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"success":true,"data":{"menus":[{"name":"Mi","menu_items":[{"id":"1","external_id":"MI-001","name":"Bakmi","price":27000}]}]}}`)
	}))
	defer server.Close()
	client, err := gobiz.New(gobiz.Options{BaseURL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}

	var live catalog.Live
	if _, err := client.Catalog(context.Background(), "G100000001", &live); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(live.Menus[0].Items[0].Name, live.Menus[0].Items[0].Price)
	// Output:
	// Bakmi 27000
}
