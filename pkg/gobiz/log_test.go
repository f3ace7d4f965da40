package gobiz_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/go-json-experiment/json"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestLogIsMasked(t *testing.T) {
	secrets := []string{"hunter2", "rahasia", "budi@example.test", "+62 812-3456-7890", "081234567890", "6281234567891", "Budi Santoso", "Pak Driver", "Jl. Contoh 1", "eyJhbGciOi.eyJzdWIi.c2ln", "tanpa bawang", "000201QR", "cookie-value", "INV-KEY-1"}
	body := `{"success":true,"data":{"outlet":{"id":"pop"},"access_token":"hunter2","client-secret":"rahasia","transaction":{"id":"tx-1","status":"pending","qris_string":"000201QR"},
		"customer":{"name":"Budi Santoso","tags":["rahasia",5]},"driver":{"name":"Pak Driver"},"address":"Jl. Contoh 1",
		"text":"mail budi@example.test or call +62 812-3456-7890, 081234567890","jwt":"eyJhbGciOi.eyJzdWIi.c2ln","number":6281234567891,"notes":"tanpa bawang",
		"payload":"{\"customer\":{\"name\":\"Budi Santoso\"}}","price":27000}}`
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "cookie-value")
		w.Header().Set("Retry-After", "3")
		json200(body)(w, r)
	})
	var out bytes.Buffer
	client := newClient(t, s.URL, func(o *gobiz.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := client.CreateTransaction(t.Context(), "G1", gobiz.PaymentRequest{
		Details:        gobiz.TransactionDetails{OrderID: "INV-1", GrossAmount: 27000},
		Customer:       &gobiz.PaymentCustomer{FirstName: "Budi Santoso", Email: "budi@example.test", Phone: "081234567890"},
		Metadata:       map[string]any{"password": "hunter2"},
		IdempotencyKey: "INV-KEY-1",
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(t.Context(), gobiz.Request{Path: "/x?token=hunter2&page=2", Header: map[string][]string{"Authorization": {"Bearer rahasia"}}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	log := out.String()
	for _, secret := range append(secrets, "token-0") {
		if strings.Contains(log, secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
	for _, useful := range []string{"createTransaction", "POST", "/integrations/payment/outlets/G1/v2/transactions", "status=200", "X-Request-Id: ", "Retry-After: 3", "Authorization: ***",
		"27000", "INV-1", "tx-1", "page=2"} {
		if !strings.Contains(log, useful) {
			t.Errorf("the log lacks %q:\n%s", useful, log)
		}
	}
}

func TestLogOfLargeAndForeignBodies(t *testing.T) {
	for name, body := range map[string]string{
		"large":        `{"success":true,"data":{"a":[` + strings.Repeat(`{"name":"Bakmi"},`, 100_000) + `{}]}}`,
		"escape codes": "{\"success\":true,\"data\":{\"a\":\"\\u001b[2J\"}}",
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, json200(body))
			var out bytes.Buffer
			client := newClient(t, s.URL, func(o *gobiz.Options) {
				o.Logger = slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			if err := client.UnlinkPrimaryOutlet(t.Context()); err != nil {
				t.Fatal(err)
			}
			var record struct {
				Body string `json:"response_body"`
			}
			if err := json.Unmarshal(out.Bytes(), &record); err != nil {
				t.Fatal(err)
			}
			if out.Len() > 16<<10 || len(record.Body) < 20 || strings.ContainsFunc(record.Body, unicode.IsControl) {
				t.Errorf("record of %d bytes: %.300q", out.Len(), record.Body)
			}
		})
	}
}

func TestNoLogBelowDebug(t *testing.T) {
	s := serve(t, json200(done))
	var out bytes.Buffer
	client := newClient(t, s.URL, func(o *gobiz.Options) { o.Logger = slog.New(slog.NewTextHandler(&out, nil)) })
	if err := client.UnlinkPrimaryOutlet(t.Context()); err != nil || out.Len() > 0 {
		t.Errorf("%v, %s", err, out.String())
	}
}
