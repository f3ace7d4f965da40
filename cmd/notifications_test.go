package cmd_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// anAnswer plays an API that gives the same answer to every call, for a user
// with a token and a relay secret in the environment.
func anAnswer(t *testing.T, answer string) map[string]string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return map[string]string{
		"HOME": t.TempDir(), "GOBIZ_ENV": "custom", "GOBIZ_API_URL": server.URL, "GOBIZ_OAUTH_URL": server.URL,
		"GOBIZ_ACCESS_TOKEN": "made-up", "GOBIZ_NOTIFICATION_SECRET": "other-secret, relay-secret",
	}
}

// The answers are the documentation's sample ("Troubleshooting") with another
// payload, and others as an API might give them.
func TestNotificationsList(t *testing.T) {
	t.Parallel()
	const payload = `{"header":{"event_name":"gofood.order.merchant_accepted"},"body":{"note":"pedas — \u001b[31m"}}`
	signature := webhook.Sign("relay-secret", []byte(payload))
	quoted, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	answer := fmt.Sprintf(`{"success":true,"data":{"notifications":[
		{"entity_id":"F-100200300","created_at":"2026-01-05T05:29:58Z","partner_id":"p-made-up","event_type":"gofood.order.merchant_accepted",
		 "delivery_status":"dead","endpoint":"https://pos.example.test/gofood",
		 "headers":{"X-Go-Signature":%q,"X-Go-Idempotency-Key":"k-1","Content-Type":"application/json"},"payload":%s,
		 "history":[{"time":"2026-01-05T05:30:03Z","exception_message":"connect timed out","delivered":false},
		            {"time":"2026-01-05T05:34:03Z","exception_message":"read\u001b[2J timed out","delivered":false},
		            {"time":"2026-01-05T05:34:03Z","exception_message":"Failed after automatic attempts.","delivered":false}]},
		{"entity_id":"F-100200300","created_at":null,"event_type":"gofood.order.placed","delivery_status":"delivered","endpoint":"https://pos.example.test/gofood",
		 "headers":{"x-go-signature":["00"]},"payload":"{}","shard":7,
		 "history":[{"time":"2026-01-05T05:30:03Z","exception_message":"connect timed out","delivered":false},{"time":"2026-01-05T05:32:03Z","exception_message":null,"delivered":true}]},
		{"entity_id":"F-100200300","event_type":"gofood.order.created","delivery_status":"pending","headers":null,"payload":null,"history":null}
	]}}`, signature, quoted)
	env := anAnswer(t, answer)

	o := run(env, "notifications", "list", "--entity", "F-100200300")
	want := `created_at            event                           status     attempts  cause           endpoint                         signature
2026-01-05T05:29:58Z  gofood.order.merchant_accepted  dead              2  read timed out  https://pos.example.test/gofood  valid
                      gofood.order.placed             delivered         2                  https://pos.example.test/gofood  invalid
                      gofood.order.created            pending           0                                                   invalid
`
	if diff := cmp.Diff(want, o.stdout); diff != "" || o.code != 0 || o.stderr != "" {
		t.Errorf("exit code %d, stderr %q, -want +got\n%s", o.code, o.stderr, diff)
	}

	o = run(env, "notifications", "list", "--entity", "F-100200300", "-o", "json")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(o.stdout), &rows); err != nil || len(rows) != 3 {
		t.Fatalf("%v: %s", err, o.stdout)
	}
	if rows[0]["payload"] != payload || rows[0]["signature_valid"] != true || rows[1]["signature_valid"] != false {
		t.Errorf("%v", rows)
	}
	if rows[1]["shard"] != float64(7) || rows[1]["created_at"] != nil {
		t.Errorf("an unknown key or a null is lost: %v", rows[1])
	}
	if diff := cmp.Diff([]any{}, rows[2]["history"]); diff != "" {
		t.Error(diff)
	}
	if last := rows[1]["history"].([]any)[1].(map[string]any); last["exception_message"] != nil || last["delivered"] != true {
		t.Errorf("%v", last)
	}
	if strings.ContainsRune(o.stdout, 0x1b) {
		t.Errorf("an escape sequence is in the output:\n%s", o.stdout)
	}
}

// A replay sends what was recorded, and of the headers nothing else.
func TestNotificationsReplay(t *testing.T) {
	t.Parallel()
	type request struct {
		url, body string
		header    http.Header
	}
	var got []request
	answers := []int{http.StatusNoContent, http.StatusServiceUnavailable}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, request{r.URL.String(), string(body), r.Header})
		w.WriteHeader(answers[len(got)-1])
	}))
	defer receiver.Close()
	env := anAnswer(t, `{"success":true,"data":{"notifications":[
		{"entity_id":"F-1","event_type":"gofood.order.placed","delivery_status":"dead","endpoint":"https://pos.example.test/gofood?shop=1","payload":"{\"a\": 1}\r\n",
		 "headers":{"X-Go-Signature":"abc","x-go-idempotency-key":"k-1","Content-Type":"application/json","Content-Length":"999","Host":"pos.example.test","Connection":"close"}},
		{"entity_id":"F-1","event_type":"gofood.order.completed","delivery_status":"dead","endpoint":"https://pos.example.test/gofood","payload":"{}","headers":{"X-Go-Signature":"def"}}
	]}}`)
	o := run(env, "notifications", "list", "--entity", "F-1", "--replay-to", receiver.URL+"/hook", "--jq", "[.[].replay] | tostring")
	if want := `[{"error":null,"status":204},{"error":"receiver answered 503","status":503}]` + "\n"; o.stdout != want || o.code != 7 {
		t.Errorf("exit code %d, stdout %s", o.code, o.stdout)
	}
	if !strings.Contains(o.stderr, "the receiver did not take 1 of 2 notifications; the first: receiver answered 503") {
		t.Errorf("stderr %s", o.stderr)
	}
	want := []request{
		{"/hook?shop=1", "{\"a\": 1}\r\n", http.Header{
			"X-Go-Signature": {"abc"}, "X-Go-Idempotency-Key": {"k-1"}, "Content-Type": {"application/json"}, "Content-Length": {"10"},
		}},
		{"/hook", "{}", http.Header{"X-Go-Signature": {"def"}, "Content-Length": {"2"}}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(request{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
