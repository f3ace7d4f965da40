package sandbox

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// Ids are name-based (version 3), and the troubleshooting call writes times with
// milliseconds.
func TestIDsAndTimesOfNotifications(t *testing.T) {
	d := newHarness(t, Options{})
	first, second := newReceiver(t), newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(first, eventOrderCreated, eventOrderAccepted)
	client.subscribe(second, eventOrderCreated)
	o := d.order(nil)
	keys, ids := map[string]bool{}, map[string]bool{}
	for _, e := range []eventView{d.event(first, facilitatorID, eventOrderCreated), d.event(first, facilitatorID, eventOrderAccepted), d.event(second, facilitatorID, eventOrderCreated)} {
		key := e.header.Get(webhook.IdempotencyKeyHeader)
		for _, id := range []string{key, e.Header.ID} {
			if u, err := uuid.Parse(id); err != nil || u.Version() != 3 {
				t.Errorf("%q is no UUID of version 3", id)
			}
		}
		keys[key], ids[e.Header.ID] = true, true
	}
	if len(keys) != 3 || len(ids) != 2 {
		t.Errorf("keys %v, ids %v; want a key for each notification and an id for each event", keys, ids)
	}
	d.awaitAttempts("/hook", 3)
	a := client.call(http.MethodGet, "/integrations/partner/notifications?entity_id="+o.Number, nil)
	for _, want := range []string{`"created_at":"2026-01-05T05:00:00.000+00:00"`, `"time":"2026-01-05T05:00:00.000+00:00"`} {
		if strings.Count(string(a.body), want) != 3 {
			t.Errorf("not three times %s: %s", want, a.body)
		}
	}
}

// A receiver that answers 101 and keeps the connection has not taken the
// notification, and holds up neither the next attempt nor the end.
func TestSwitchedProtocolIsNoDelivery(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	hook.answers(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "upgrade")
		w.Header().Set("Upgrade", "x")
		w.WriteHeader(http.StatusSwitchingProtocols)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderAccepted)
	o := d.order(nil)
	if n := d.delivery(client, o.Number, 1); n.Status != "retrying" || !strings.Contains(*n.History[0].ExceptionMessage, "another protocol") {
		t.Errorf("notification %+v", n)
	}
	d.advance("2m")
	if n := d.delivery(client, o.Number, 2); n.Status != "retrying" {
		t.Errorf("after the second attempt %+v", n)
	}
}

func TestDeliveryIsRepeated(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	hook.answersStatus(http.StatusBadGateway)

	o := d.order(nil)
	first := hook.next()
	n := d.delivery(client, o.Number, 1)
	if n.Status != "retrying" || n.PartnerID != "7d2f0a54-1b3c-4d5e-8f60-100000000001" || n.EventType != eventOrderCreated || n.Endpoint != hook.url {
		t.Errorf("notification %+v", n)
	}
	if n.Payload != string(first.body) || n.Headers[webhook.SignatureHeader] != first.header.Get(webhook.SignatureHeader) {
		t.Error("the notification's payload and signature are not those that were sent")
	}
	// Each wait counts from the attempt before it.
	due := time.Duration(0)
	for i, wait := range []time.Duration{2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 90 * time.Minute, 210 * time.Minute} {
		d.advance((wait - time.Second).String())
		hook.nothing()
		d.advance("1s")
		again := hook.next()
		due += wait
		if string(again.body) != string(first.body) {
			t.Errorf("attempt %d has another body", i+2)
		}
		for _, name := range []string{webhook.SignatureHeader, webhook.IdempotencyKeyHeader} {
			if again.header.Get(name) != first.header.Get(name) {
				t.Errorf("attempt %d has another %s", i+2, name)
			}
		}
		client = d.as(facilitatorID) // tokens end with the time
		n = d.delivery(client, o.Number, i+2)
		if got := n.History[i+1].Time.Sub(noon); got != due {
			t.Errorf("attempt %d after %s, want %s", i+2, got, due)
		}
	}
	if n.Status != "dead" || len(n.History) != 7 {
		t.Fatalf("after the last attempt: %s, history %+v", n.Status, n.History)
	}
	if text := n.History[0].ExceptionMessage; text == nil || *text != "receiver answered 502" {
		t.Errorf("first attempt: %v", text)
	}
	if text := n.History[6].ExceptionMessage; text == nil || *text != "Failed after automatic attempts." {
		t.Errorf("last entry: %v", text)
	}
}

func TestDeliverySucceedsLater(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	hook.answersStatus(http.StatusInternalServerError)
	o := d.order(nil)
	hook.next()
	d.delivery(client, o.Number, 1)
	hook.answersStatus(http.StatusNoContent)
	d.advance("2m")
	hook.next()
	n := d.delivery(client, o.Number, 2)
	if n.Status != "delivered" || !n.History[1].Delivered || n.History[0].Delivered {
		t.Errorf("notification %+v", n)
	}
}

func TestDeliveryWithoutReceiver(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	hook.answers(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	o := d.order(nil)
	n := d.delivery(client, o.Number, 1)
	if text := n.History[0].ExceptionMessage; text == nil || *text != "connection closed before an answer" || n.Status != "retrying" {
		t.Errorf("%s, history %+v", n.Status, n.History)
	}
}

func TestDeliveryOnTheTimeScale(t *testing.T) {
	d := newHarness(t, Options{TimeScale: 60})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	hook.answersStatus(http.StatusServiceUnavailable)
	o := d.order(nil)
	hook.next()
	d.delivery(client, o.Number, 1)
	d.advance("2s") // two minutes
	hook.next()
}

func TestDeliveryWhoseReceiverIsDown(t *testing.T) {
	d := newHarness(t, Options{})
	server := httptest.NewServer(nil)
	server.Close()
	client := d.as(facilitatorID)
	client.subscribe(&receiver{url: server.URL}, eventOrderCreated)
	n := d.delivery(client, d.order(nil).Number, 1)
	if text := n.History[0].ExceptionMessage; text == nil || *text != "connection refused" || n.Status != "retrying" {
		t.Errorf("%s, history %+v", n.Status, n.History)
	}
}

func TestDeliveryIsNotRedirectedAnywhere(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	hook.answers(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://pos.example.test:8080/", http.StatusTemporaryRedirect)
	})
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	n := d.delivery(client, d.order(nil).Number, 1)
	if text := n.History[0].ExceptionMessage; text == nil || *text != "redirect not followed: url must have port 80 or 443" {
		t.Errorf("history %+v", n.History)
	}
}

func TestDeliveryTimesOut(t *testing.T) {
	d := newHarness(t, Options{})
	if d.s.dispatcher.client.Timeout != 15*time.Second {
		t.Errorf("receivers may take %s, want 15 s", d.s.dispatcher.client.Timeout)
	}
	d.s.dispatcher.client.Timeout = 10 * time.Millisecond
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	hook.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	n := d.delivery(client, d.order(nil).Number, 1)
	if text := n.History[0].ExceptionMessage; text == nil || *text != "read timed out" || n.Status != "retrying" {
		t.Errorf("%s, history %+v", n.Status, n.History)
	}
}

func TestDeliveryNeedsAValidCertificate(t *testing.T) {
	d := newHarness(t, Options{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the receiver was reached") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	client := d.as(facilitatorID)
	client.subscribe(&receiver{url: server.URL}, eventOrderCreated)
	n := d.delivery(client, d.order(nil).Number, 1)
	if text := n.History[0].ExceptionMessage; text == nil || !strings.Contains(*text, "certificate") || strings.Contains(*text, server.URL) {
		t.Errorf("history %+v", n.History)
	}
}

func TestDeliveryFollowsRedirects(t *testing.T) {
	tests := []struct {
		name      string
		status    int
		redirects int
		want      string
		history   string
	}{
		{"307", http.StatusTemporaryRedirect, 1, "delivered", ""},
		{"308, five times", http.StatusPermanentRedirect, 5, "delivered", ""},
		{"307, six times", http.StatusTemporaryRedirect, 6, "retrying", "receiver answered 307"},
		{"301", http.StatusMovedPermanently, 1, "dead", "receiver answered 301"},
		{"302", http.StatusFound, 1, "dead", "receiver answered 302"},
		{"303", http.StatusSeeOther, 1, "dead", "receiver answered 303"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newHarness(t, Options{})
			hook := newReceiver(t)
			client := d.as(facilitatorID)
			client.subscribe(hook, eventOrderCreated)
			hook.answers(func(w http.ResponseWriter, r *http.Request) {
				hop := 0
				_, _ = fmt.Sscanf(r.URL.Path, "/hop/%d", &hop)
				if hop < test.redirects {
					http.Redirect(w, r, fmt.Sprintf("/hop/%d", hop+1), test.status)
				}
			})
			o := d.order(nil)
			n := d.delivery(client, o.Number, 1)
			if n.Status != test.want {
				t.Errorf("status %s, want %s: %+v", n.Status, test.want, n.History)
			}
			if text := n.History[0].ExceptionMessage; (text == nil) != (test.history == "") || text != nil && *text != test.history {
				t.Errorf("history %v, want %q", text, test.history)
			}
			first := hook.next()
			if test.want != "delivered" {
				return
			}
			for hop := range test.redirects {
				next := hook.next()
				if next.path != fmt.Sprintf("POST /hop/%d", hop+1) || string(next.body) != string(first.body) ||
					next.header.Get(webhook.SignatureHeader) != first.header.Get(webhook.SignatureHeader) {
					t.Errorf("redirected to %s with %s", next.path, next.body)
				}
			}
		})
	}
}

func TestDeliveryAndOrderSurviveRestart(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	hook := newReceiver(t)
	hook.answersStatus(http.StatusServiceUnavailable)
	var number string
	var first received
	t.Run("before", func(t *testing.T) {
		d := newHarness(t, Options{StateFile: state})
		d.setAcceptance(linkedOutletID, acceptAutoOnTimeout)
		client := d.as(facilitatorID)
		client.subscribe(hook, eventOrderAwaiting, eventOrderAccepted)
		number = d.order(nil).Number
		first = hook.next()
		d.delivery(client, number, 1)
	})
	hook.answersStatus(http.StatusOK)
	d := newHarness(t, Options{StateFile: state, Seed: 2})
	d.advance("1m")
	d.event(hook, facilitatorID, eventOrderAccepted)
	if status := d.OrderStatus(number); status != "MERCHANT_ACCEPTED" {
		t.Errorf("status after the restart is %s", status)
	}
	d.advance("1m")
	if again := hook.next(); string(again.body) != string(first.body) {
		t.Errorf("the retry after the restart has another body: %s", again.body)
	}
}

// A receiver that does not answer on one path holds up nothing on another, and
// no retry, not even its own.
func TestSlowReceiverHoldsUpOnlyItself(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	release := make(chan struct{})
	var repeated atomic.Bool
	hook.answers(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/busy":
			if !repeated.Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		case "/slow":
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
	})
	base := strings.TrimSuffix(hook.url, "/hook")
	client := d.as(facilitatorID)
	client.subscribe(&receiver{url: base + "/slow"}, eventOrderCreated, eventOrderArrived)
	client.subscribe(&receiver{url: base + "/busy"}, eventOrderCreated)

	// More orders than attempts may be under way.
	var numbers []string
	for range maxConcurrent + 4 {
		numbers = append(numbers, d.order(nil).Number)
	}
	d.done(d.control(http.MethodPost, "orders/"+numbers[0]+"/advance", map[string]any{"to": "driver_arrived"}))
	counts := map[string]int{}
	for counts["POST /slow"] < maxConcurrent || counts["POST /busy"] < len(numbers) {
		counts[hook.next().path]++
	}
	hook.nothing()
	d.awaitAttempts("/busy", len(numbers))

	// All of the second path are repeated two minutes later, and no earlier.
	repeated.Store(true)
	d.advance("119s")
	hook.nothing()
	d.advance("1s")
	for range numbers {
		if got := hook.next(); got.path != "POST /busy" {
			t.Errorf("%s, want a repeated attempt", got.path)
		}
	}
	d.awaitAttempts("/busy", 2*len(numbers))
	d.s.store.view(func() {
		for _, row := range d.s.store.deliveries.all() {
			if strings.HasSuffix(row.URL, "/busy") && (row.Status != DeliveryDelivered || row.Attempts[1].Time.Sub(row.Attempts[0].Time) != 2*time.Minute) {
				t.Errorf("delivery %s: %+v", row.Status, row.Attempts)
			}
		}
	})

	// The first order's second event waited for its first one.
	close(release)
	for counts["POST /slow"] < len(numbers)+1 {
		counts[hook.next().path]++
	}
	d.awaitAttempts("/slow", len(numbers)+1)
}

// The repeated attempt of a receiver leaves while as many first attempts as may
// be under way are waiting for it.
func TestRetryDoesNotWaitForFirstAttempts(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	hook.answersStatus(http.StatusServiceUnavailable)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated, eventOrderArrived)
	o := d.order(nil)
	first := hook.next()
	d.delivery(client, o.Number, 1)
	hook.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "driver_arrived"})) // in the same queue
	hook.next()
	for range maxConcurrent - 1 {
		d.order(nil)
		hook.next()
	}
	d.advance("2m")
	if again := hook.next(); string(again.body) != string(first.body) {
		t.Errorf("another attempt came: %s", again.body)
	}
}

func TestFirstAttemptsOfAnOrderStayInOrder(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	release := make(chan struct{})
	hook.answers(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated, eventOrderDriverOTW, eventOrderArrived, eventOrderPlaced)
	o := d.order(nil)
	d.event(hook, facilitatorID, eventOrderCreated)
	d.done(d.control(http.MethodPost, "orders/"+o.Number+"/advance", map[string]any{"to": "placed"}))
	hook.nothing()
	close(release)
	for _, event := range []string{eventOrderDriverOTW, eventOrderArrived, eventOrderPlaced} {
		d.event(hook, facilitatorID, event)
	}
}

func TestCloseBreaksOffDeliveries(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	hook := newReceiver(t)
	hook.answers(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	var first received
	t.Run("before", func(t *testing.T) {
		d := newHarness(t, Options{StateFile: state})
		d.as(facilitatorID).subscribe(hook, eventOrderCreated)
		d.order(nil)
		first = hook.next() // and closes while the receiver thinks
	})
	hook.answersStatus(http.StatusOK)
	newHarness(t, Options{StateFile: state})
	if again := hook.next(); string(again.body) != string(first.body) {
		t.Errorf("the attempt after the restart has another body: %s", again.body)
	}
}

func TestResetForgetsDeliveries(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	hook.answersStatus(http.StatusServiceUnavailable)
	o := d.order(nil)
	hook.next()
	d.delivery(client, o.Number, 1)
	d.done(d.control(http.MethodPost, "reset", nil))
	d.advance("24h")
	var v struct{ Deliveries []Delivery }
	d.decode(d.control(http.MethodGet, "deliveries", nil), &v)
	if len(v.Deliveries) != 0 {
		t.Errorf("deliveries after a reset: %+v", v.Deliveries)
	}
	if again := d.order(nil); again.Number != o.Number {
		t.Errorf("the first order after a reset is %s, want %s", again.Number, o.Number)
	}
	hook.nothing()
}

func TestResetDuringADelivery(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	reset := make(chan struct{})
	hook.answers(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-reset:
			w.WriteHeader(http.StatusServiceUnavailable)
		case <-r.Context().Done():
		}
	})
	d.as(facilitatorID).subscribe(hook, eventOrderCreated)
	before := d.order(nil)
	hook.next()
	d.done(d.control(http.MethodPost, "reset", nil))

	// The next delivery has the same id. What comes back from the earlier one
	// must not count for it.
	later := newReceiver(t)
	answered := make(chan struct{})
	later.answers(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-answered:
		case <-r.Context().Done():
		}
	})
	client := d.as(facilitatorID)
	client.subscribe(later, eventOrderCreated)
	after := d.order(nil)
	if after.Number != before.Number {
		t.Fatalf("order %s, want %s again", after.Number, before.Number)
	}
	later.next()
	close(reset)
	d.await("the earlier attempt ends", func() bool {
		d.s.dispatcher.mu.Lock()
		defer d.s.dispatcher.mu.Unlock()
		return len(d.s.dispatcher.queues) == 1
	})
	if n := d.delivery(client, after.Number, 0); n.Status != "pending" || len(n.History) != 0 {
		t.Errorf("%s, history %+v", n.Status, n.History)
	}
	close(answered)
	if n := d.delivery(client, after.Number, 1); n.Status != "delivered" || len(n.History) != 1 {
		t.Errorf("%s, history %+v", n.Status, n.History)
	}
}

func TestNotificationsAreThePartnersOwn(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	client := d.as(facilitatorID)
	client.subscribe(hook, eventOrderCreated)
	o := d.order(nil)
	d.event(hook, facilitatorID, eventOrderCreated)
	if n := d.delivery(client, o.Number, 1); n.Status != "delivered" {
		t.Errorf("status %s", n.Status)
	}
	var v struct{ Notifications []notificationView }
	d.decode(d.as(directID).call(http.MethodGet, "/integrations/partner/notifications?entity_id="+o.Number, nil), &v)
	if len(v.Notifications) != 0 {
		t.Errorf("another partner sees %+v", v.Notifications)
	}
	d.refused(client.call(http.MethodGet, "/integrations/partner/notifications", nil), 400, "entity_id: missing")

	var all struct{ Deliveries []Delivery }
	d.decode(d.control(http.MethodGet, "deliveries?entity_id="+o.Number+"&event="+eventOrderCreated+"&status=delivered", nil), &all)
	if len(all.Deliveries) != 1 || len(all.Deliveries[0].Attempts) != 1 {
		t.Errorf("deliveries %+v", all.Deliveries)
	}
	d.decode(d.control(http.MethodGet, "deliveries?status=dead", nil), &all)
	if len(all.Deliveries) != 0 {
		t.Errorf("dead deliveries %+v", all.Deliveries)
	}
}

func TestOldDeliveriesAreForgotten(t *testing.T) {
	d := newHarness(t, Options{})
	err := d.s.store.update(func() error {
		for n := 1; n <= maxDeliveries+2; n++ {
			row := Delivery{ID: deliveryID(n), Status: DeliveryDelivered}
			if n == 1 {
				row.Status = DeliveryRetrying
			}
			d.s.store.deliveries.put(row.ID, row)
			d.s.forgetDelivery(n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.s.store.view(func() {
		if _, ok := d.s.store.deliveries.get(deliveryID(1)); !ok {
			t.Error("an open delivery is forgotten")
		}
		if _, ok := d.s.store.deliveries.get(deliveryID(2)); ok {
			t.Error("the oldest delivery is not forgotten")
		}
		if n := len(d.s.store.deliveries.rows); n != maxDeliveries+1 {
			t.Errorf("%d deliveries", n)
		}
	})
}

// A delivery that was open when its turn to be forgotten came is forgotten when
// it ends.
func TestOldDeliveryIsForgottenAtItsEnd(t *testing.T) {
	d := newHarness(t, Options{})
	hook := newReceiver(t)
	d.as(facilitatorID).subscribe(hook, eventOrderCreated)
	release := make(chan struct{})
	hook.answers(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	d.order(nil)
	hook.next()
	err := d.s.store.update(func() error {
		for range maxDeliveries {
			d.s.store.next("deliveries")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	close(release)
	d.await("it is forgotten", func() (gone bool) {
		d.s.store.view(func() { gone = len(d.s.store.deliveries.rows) == 0 })
		return gone
	})
}
