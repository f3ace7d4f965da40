package webhook_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A receiver reads the body as bytes, verifies it, keeps the event and answers
// at once. It works on the event later: GoBiz waits 15 seconds, and sends an
// event again that was not answered with 2xx.
func Example() {
	secrets := []string{"relay-secret"} // both while one is being rotated
	seen := map[string]bool{}           // a database in real life
	queue := func(event webhook.EventName, id string, body []byte) error {
		if id != "" && seen[id] { // the legacy API sends no id
			fmt.Println("again:", event)
			return nil
		}
		seen[id] = true
		fmt.Println("kept:", event, len(body), "bytes")
		return nil
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /gofood", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)) // the bytes as they came, before any parsing
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		if webhook.Verify(body, r.Header.Get(webhook.SignatureHeader), secrets...) < 0 {
			http.Error(w, "not signed by GoBiz", http.StatusUnauthorized)
			return
		}
		summary := webhook.Summarize(body)
		if err := queue(summary.Event, summary.EventID, body); err != nil { // keep it; work on it later
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	receiver := httptest.NewServer(mux)
	defer receiver.Close()

	// What GoBiz does: an event, the same once more, and somebody else's.
	const body = `{"header":{"event_name":"gofood.order.merchant_accepted","event_id":"6b17d518-1835-3699-a12c-a139b0454228"},"body":{}}`
	for _, secret := range []string{"relay-secret", "relay-secret", "another"} {
		request, err := http.NewRequest(http.MethodPost, receiver.URL+"/gofood", strings.NewReader(body))
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set(webhook.SignatureHeader, webhook.Sign(secret, []byte(body)))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		response.Body.Close()
		fmt.Println(response.Status)
	}
	// Output:
	// kept: gofood.order.merchant_accepted 118 bytes
	// 204 No Content
	// again: gofood.order.merchant_accepted
	// 204 No Content
	// 401 Unauthorized
}

// A Handler does what a receiver must: it verifies, knows duplicates, and keeps
// the notifications of one order in their order.
func ExampleHandler() {
	handler, err := webhook.NewHandler(webhook.Options{
		Secrets: []string{"relay-secret"},
		Receive: func(_ context.Context, n *webhook.Notification, _ []byte) error {
			fmt.Println(n.Order.Number, n.Order.Status, n.Order.Total)
			return nil // stored: GoBiz need not send it again
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, status := range []string{"PLACED", "PLACED", "MERCHANT_ACCEPTED"} { // sent twice, and one that comes late
		body := `{"header":{"event_name":"gofood.order.` + strings.ToLower(status) + `","event_id":"id-of-` + status + `"},` +
			`"body":{"order":{"order_number":"F-1","status":"` + status + `","order_total":58000}}}`
		request := httptest.NewRequest(http.MethodPost, "/gofood", strings.NewReader(body))
		request.Header.Set(webhook.SignatureHeader, webhook.Sign("relay-secret", []byte(body)))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		fmt.Println(answer.Code)
	}
	// Output:
	// F-1 PLACED 58000
	// 204
	// 204
	// 204
}
