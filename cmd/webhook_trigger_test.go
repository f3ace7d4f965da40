package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const testRelaySecret = "relay-secret-for-tests-001"

// hook is a receiver that keeps what arrives.
type hook struct {
	url string

	mu     sync.Mutex
	came   []hooked
	answer func(n int) int // status of the n-th answer, from 0
}

type hooked struct {
	header http.Header
	uri    string
	body   []byte
}

func newHook(t *testing.T, answer func(n int) int) *hook {
	t.Helper()
	h := &hook{answer: answer}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.came = append(h.came, hooked{r.Header, r.RequestURI, body})
		status := 204
		if h.answer != nil {
			status = h.answer(len(h.came) - 1)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	h.url = server.URL + "/gofood"
	return h
}

func (h *hook) received() []hooked {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.came)
}

// trigger runs `webhook trigger` without a config, a login or a GoBiz.
func trigger(t *testing.T, args ...string) outcome {
	t.Helper()
	return run(map[string]string{"HOME": t.TempDir(), "GOBIZ_NOTIFICATION_SECRET": testRelaySecret}, append([]string{"webhook", "trigger"}, args...)...)
}

// sentRows reads the rows of -o ndjson.
type sentRow struct {
	Event     string `json:"event"`
	EventID   string `json:"event_id"`
	Order     string `json:"order_number"`
	Attempt   int
	Status    *int
	Delivered bool
	Error     *string
	RetryIn   *int `json:"retry_in_seconds"`
}

func sentRows(t *testing.T, o outcome) (rows []sentRow) {
	t.Helper()
	for line := range strings.Lines(o.stdout) {
		var row sentRow
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		rows = append(rows, row)
	}
	return rows
}

// TestTriggerEveryEvent sends each event for real and judges what arrives as a
// receiver does.
func TestTriggerEveryEvent(t *testing.T) {
	t.Parallel()
	for _, event := range webhook.Events() {
		for _, form := range []string{"--plain", "--plain=false"} {
			h := newHook(t, nil)
			o := trigger(t, string(event.Name), "--to", h.url, form, "--repeat", "3", "-o", "ndjson", "-q")
			came := h.received()
			if o.code != 0 || o.stderr != "" || len(came) != 3 {
				t.Fatalf("%s: %+v, %d arrived", event.Name, o, len(came))
			}
			for i, row := range sentRows(t, o) {
				got := came[i]
				if webhook.Verify(got.body, got.header.Get("X-Go-Signature"), testRelaySecret) != 0 {
					t.Errorf("%s does not verify", event.Name)
				}
				if s := webhook.Summarize(got.body); row.EventID != s.EventID || row.Order != s.OrderNumber || row.Event != string(event.Name) {
					t.Errorf("row %+v of %s", row, got.body)
				}
			}
		}
	}
}

// TestTriggerRetries counts the requests of one event and looks at the waits, as
// the command tells them.
func TestTriggerRetries(t *testing.T) {
	t.Parallel()
	always := func(status int) func(int) int { return func(int) int { return status } }
	for name, tt := range map[string]struct {
		answer func(int) int
		waits  []int // seconds
		code   int
	}{
		"200":           {always(200), nil, 0},
		"302":           {always(302), nil, 1},
		"400":           {always(400), []int{120, 600}, 1},
		"404":           {always(404), []int{120, 600}, 1},
		"500":           {always(500), []int{120}, 1},
		"503":           {always(503), []int{120, 600, 1800, 5400}, 1},
		"418":           {always(418), []int{120, 600, 1800, 5400, 12600}, 1},
		"503, then 204": {func(n int) int { return []int{503, 503, 204}[n%3] }, []int{120, 600}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHook(t, tt.answer)
			o := trigger(t, "gofood.order.placed", "--to", h.url, "--retry", "--time-scale", "1e7", "-o", "ndjson")
			rows, came := sentRows(t, o), h.received()
			if o.code != tt.code || len(rows) != len(tt.waits)+1 || len(came) != len(rows) {
				t.Fatalf("exit code %d, %d requests: %s", o.code, len(came), o.stdout)
			}
			for i, row := range rows {
				last := i == len(tt.waits)
				if row.Attempt != i+1 || (row.RetryIn == nil) != last || !last && *row.RetryIn != tt.waits[i] || row.Delivered != (last && tt.code == 0) {
					t.Errorf("attempt %d: %s", i+1, o.stdout)
				}
				if !bytes.Equal(came[i].body, came[0].body) || came[i].header.Get("X-Go-Idempotency-Key") != came[0].header.Get("X-Go-Idempotency-Key") {
					t.Errorf("attempt %d is not the one before it", i+1)
				}
			}
			one := trigger(t, "gofood.order.placed", "--to", h.url, "-o", "ndjson", "-q")
			if n := len(sentRows(t, one)); n != 1 {
				t.Errorf("%d requests without --retry", n)
			}
		})
	}
}

// TestTriggerScenarios plays all of them against a receiver that refuses every
// fourth request: in the end each event has arrived.
func TestTriggerScenarios(t *testing.T) {
	t.Parallel()
	for name, events := range map[string]int{"delivery": 6, "pickup": 4, "cancelled": 3, "scheduled": 6, "mapping-error": 8, "retry-storm": 18} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHook(t, func(n int) int {
				if n%4 == 0 && name != "retry-storm" {
					return 503
				}
				return 204
			})
			o := trigger(t, "--scenario", name, "--to", h.url, "--time-scale", "1e6", "-o", "ndjson")
			if o.code != 0 || !strings.Contains(o.stderr, fmt.Sprintf("%d of %d delivered", events, events)) {
				t.Fatalf("%+v", o)
			}
			copies := map[string]int{}
			for _, got := range h.received() {
				if webhook.Verify(got.body, got.header.Get("X-Go-Signature"), testRelaySecret) != 0 {
					t.Error("does not verify")
				}
				copies[got.header.Get("X-Go-Idempotency-Key")+string(got.body)]++
			}
			delivered := 0
			for _, row := range sentRows(t, o) {
				if row.Delivered {
					delivered++
				}
			}
			if len(copies) != events || delivered != events {
				t.Errorf("%d events, %d delivered; want %d", len(copies), delivered, events)
			}
			for body, n := range copies {
				if name == "retry-storm" && n != 6 {
					t.Errorf("%d times: %s", n, body)
				}
			}
		})
	}
}

// TestTriggerDataArrives sends random bytes: what arrives is what was in the
// file, and signed.
func TestTriggerDataArrives(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	file := filepath.Join(t.TempDir(), "body")
	h := newHook(t, nil)
	for n := range 200 {
		body := make([]byte, random.IntN(1<<random.IntN(16)))
		for i := range body {
			body[i] = byte(random.Uint32())
		}
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
		if o := trigger(t, "--data", file, "--to", h.url, "-o", "json"); o.code != 0 {
			t.Fatalf("%+v", o)
		}
		got := h.received()[n]
		if !bytes.Equal(got.body, body) || webhook.Verify(body, got.header.Get("X-Go-Signature"), testRelaySecret) != 0 {
			t.Fatalf("%d bytes arrived of %d", len(got.body), len(body))
		}
	}
}

// TestTriggerDataRepeats: a repeat of one's own body is another delivery, a
// duplicate is the same one again.
func TestTriggerDataRepeats(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHook(t, nil)
	if o := trigger(t, "--data", file, "--to", h.url, "--repeat", "3", "--duplicate", "1", "-q"); o.code != 0 {
		t.Fatalf("%+v", o)
	}
	keys := map[string]int{}
	for _, got := range h.received() {
		keys[got.header.Get("X-Go-Idempotency-Key")]++
	}
	if len(keys) != 3 || keys[""] > 0 {
		t.Errorf("idempotency keys %v", keys)
	}
	for key, n := range keys {
		if n != 2 {
			t.Errorf("%s came %d times", key, n)
		}
	}
}

func TestTriggerLargeData(t *testing.T) {
	t.Parallel()
	const size = 50 << 20
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, bytes.Repeat([]byte("0123456789abcdef"), size/16), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHook(t, nil)
	o := trigger(t, "gofood.order.placed", "--data", file, "--to", h.url)
	if came := h.received(); o.code != 0 || len(came) != 1 || len(came[0].body) != size {
		t.Fatalf("%+v, %d arrived", o, len(came))
	}
}

// TestTriggerRefused: what some of many meet is exit code 7, and stdout is whole.
func TestTriggerRefused(t *testing.T) {
	t.Parallel()
	h := newHook(t, func(n int) int { return []int{204, 401, 204, 302}[n] })
	o := trigger(t, "gofood.order.placed", "--to", h.url, "--repeat", "4", "-o", "ndjson")
	if rows := sentRows(t, o); o.code != 7 || len(rows) != 4 || !strings.Contains(o.stderr, "2 of 4 notifications were not delivered; the first: receiver answered 401") {
		t.Errorf("%+v", o)
	}
	if err := checkErrorText(o.stderr, true); err != nil {
		t.Error(err)
	}
	// A receiver that sends its callers on to where --to may not go is not followed.
	elsewhere := httptest.NewServer(http.RedirectHandler("http://somebody@127.0.0.1:9/", http.StatusPermanentRedirect))
	defer elsewhere.Close()
	o = trigger(t, "gofood.order.placed", "--to", elsewhere.URL, "-o", "ndjson")
	if rows := sentRows(t, o); o.code != 1 || len(rows) != 1 || rows[0].Error == nil || !strings.Contains(*rows[0].Error, "redirect not followed") {
		t.Errorf("%+v", o)
	}
}

// TestTriggerUsage: what the command refuses before it sends anything, and in
// which words.
func TestTriggerUsage(t *testing.T) {
	t.Parallel()
	h := newHook(t, nil)
	for line, want := range map[string]string{
		"gofood.order.placed": "missing --to",
		"--to HOOK":           "missing EVENT",
		"gofood.order.placed --to https://receiver.invalid.gobiz.co.id/":  "GoBiz sends notifications and takes none",
		"gofood.order.placed --to https://user:hunter2@pos.example.test/": "user name or password",
		"gofood.order.placed --to pos.example.test":                       "is not an http or https URL",
		"order.placed --to HOOK":                                          "did you mean gofood.order.placed?",
		"gofood.order.eaten --to HOOK":                                    "unknown event",
		"gofood.order.placed gofood.order.created --to HOOK":              "unexpected argument",
		"gofood.order.placed --scenario pickup --to HOOK":                 "cannot be combined",
		"gofood.order.placed --to HOOK --time-scale 60":                   "--time-scale needs --scenario or --retry",
		"gofood.order.placed --to HOOK --repeat 0":                        "--repeat must be at least 1",
		"gofood.order.placed --to HOOK --duplicate -1":                    "--duplicate must not be negative",
		"gofood.order.placed --to HOOK --rate -1":                         "--rate must be",
		"gofood.order.placed --to HOOK --rate +Inf":                       "--rate must be",
		"gofood.order.placed --to HOOK --concurrency 5000":                "from 1 to 1000",
		"gofood.order.placed --to HOOK --repeat 5000000 --shuffle":        "too many",
		"gofood.order.placed --to HOOK --api eim":                         "one of partner, enterprise",
		"gofood.order.placed --to HOOK --api enterprise":                  "sends gofood.order.driver_arrived only",
		"gofood.order.placed --to HOOK -o xml":                            "xml",
		"--scenario storm --to HOOK":                                      "one of delivery, pickup, cancelled, scheduled, mapping-error, retry-storm",
		"--scenario cancelled --to HOOK --api enterprise":                 "sends gofood.order.driver_arrived only",
		"--scenario pickup --to HOOK --set a=1":                           "--set needs an EVENT",
		"--scenario pickup --to HOOK --time-scale 0":                      "--time-scale must be a number above 0",
		"--scenario pickup --to HOOK --time-scale NaN":                    "--time-scale must be a number above 0",
		"--data body.json --to HOOK --plain":                              "the body is sent as it is",
		"--data - --to HOOK --secret-stdin":                               "stdin cannot hold both",
		"gofood.order.placed --print --set body.order":                    "it has no =VALUE",
		"gofood.order.placed --print --set body.order.pin.x=1":            `there is no "x" below a value that is no object`,
		"gofood.order.placed --print --set body.order.order_items[9].n=1": "[9]",
	} {
		o := trigger(t, strings.Fields(strings.ReplaceAll(line, "HOOK", h.url))...)
		if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, want) || strings.Contains(o.stderr, "hunter2") {
			t.Errorf("%s: %+v\nwant %q", line, o, want)
		}
		if err := checkErrorText(o.stderr, false); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, line := range []string{"--data nosuch.json --to HOOK", "gofood.order.placed --print --order-items nosuch.yaml"} {
		if o := trigger(t, strings.Fields(strings.ReplaceAll(line, "HOOK", h.url))...); o.code != 1 || !strings.Contains(o.stderr, "read nosuch.") {
			t.Errorf("%s: %+v", line, o)
		}
	}
	if came := h.received(); len(came) > 0 {
		t.Errorf("%d requests", len(came))
	}
}
