package sandbox_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// A test of a program that talks to GoBiz: it gets a GoBiz of its own, on a free
// port and in memory, and plays the customer and the driver itself.
func Example() {
	ctx := context.Background()
	server, err := sandbox.Start(ctx, sandbox.Options{CatalogDelay: -1, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	// The program under test would be pointed at these.
	info := server.Info()
	_ = []string{info.APIURL, info.OAuthURL, info.ClientID, info.ClientSecret}

	control := sandbox.NewControl(info.ControlURL, nil)
	order, err := control.CreateOrder(ctx, sandbox.OrderRequest{
		OutletID: "G100000001",
		Items:    []sandbox.OrderRequestItem{{ExternalID: "MI-001", Quantity: 2}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.Number, order.Status, order.Items[0].Name)

	if order, err = control.AdvanceOrder(ctx, order.Number, "completed"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.Number, order.Status)
	// Output:
	// F-100200301 MERCHANT_ACCEPTED Bakmi Ayam
	// F-100200301 COMPLETED
}

// Faults show what a client does when GoBiz does not answer as it should. A
// rule is a text, and the sandbox counts what it was asked for.
func ExampleParseFault() {
	fault, err := sandbox.ParseFault("PUT */catalog status=503 retry-after=1 times=2")
	if err != nil {
		log.Fatal(err)
	}
	server, err := sandbox.Start(context.Background(), sandbox.Options{Faults: []sandbox.Fault{fault}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	for range 3 {
		answer := httptest.NewRecorder()
		server.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodPut, "http://localhost/integrations/gofood/outlets/G100000001/v1/catalog", nil))
		fmt.Println(answer.Code)
	}
	// Output:
	// 503
	// 503
	// 401
}
