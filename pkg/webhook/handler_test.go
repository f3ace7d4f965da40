package webhook_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// delivery is one request of GoBiz.
type delivery struct{ body, key, signature string }

func orderDelivery(id, key, number string, status webhook.Status) delivery {
	body := fmt.Sprintf(`{"header":{"event_name":"gofood.order.%s","event_id":%q},"body":{"order":{"order_number":%q,"status":%q}}}`,
		strings.ToLower(string(status)), id, number, status)
	return delivery{body, key, webhook.Sign(relaySecret, []byte(body))}
}

func (d delivery) to(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/gofood", strings.NewReader(d.body))
	r.Header.Set(webhook.SignatureHeader, d.signature)
	if d.key != "" {
		r.Header.Set(webhook.IdempotencyKeyHeader, d.key)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func withKey(d delivery) delivery { d.key = "made-up"; return d }

func withSecret(d delivery, secret string) delivery {
	d.signature = webhook.Sign(secret, []byte(d.body))
	return d
}

func newHandler(t *testing.T, o webhook.Options) *webhook.Handler {
	t.Helper()
	if o.Secrets == nil {
		o.Secrets = []string{relaySecret}
	}
	h, err := webhook.NewHandler(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHandlerReceives(t *testing.T) {
	var got []*webhook.Notification
	var bodies []string
	var outcomes []webhook.Outcome
	h := newHandler(t, webhook.Options{
		Secrets: []string{"the-next-one", relaySecret}, MaxBody: 500,
		Receive: func(_ context.Context, n *webhook.Notification, body []byte) error {
			got, bodies = append(got, n), append(bodies, string(body))
			return nil
		},
		Observe: func(o webhook.Outcome) { outcomes = append(outcomes, o) },
	})
	good := orderDelivery("e1", "k1", "F-1", webhook.StatusPlaced)
	if w := good.to(h); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("answer %d %q", w.Code, w.Body)
	}
	if len(got) != 1 || got[0].Order.Number != "F-1" || bodies[0] != good.body {
		t.Errorf("received %v %q", got, bodies)
	}
	next := orderDelivery("e2", "k2", "F-2", webhook.StatusPlaced)
	next.signature = webhook.Sign("the-next-one", []byte(next.body))
	if w := next.to(h); w.Code != http.StatusNoContent {
		t.Errorf("the next secret: answer %d", w.Code)
	}

	refused := map[string]struct {
		delivery
		status int
	}{
		"no signature":         {delivery{good.body, "k3", ""}, http.StatusUnauthorized},
		"wrong signature":      {delivery{good.body, "k4", webhook.Sign("x", []byte(good.body))}, http.StatusUnauthorized},
		"upper-case signature": {delivery{good.body, "k5", strings.ToUpper(good.signature)}, http.StatusUnauthorized},
		"too large":            {delivery{strings.Repeat(" ", 501), "k6", good.signature}, http.StatusRequestEntityTooLarge},
		"signed nonsense":      {delivery{"[]", "k7", webhook.Sign(relaySecret, []byte("[]"))}, http.StatusBadRequest},
	}
	for name, r := range refused {
		w := r.to(h)
		if w.Code != r.status || w.Body.Len() > 0 {
			t.Errorf("%s: answer %d %q, want %d", name, w.Code, w.Body, r.status)
		}
		if last := outcomes[len(outcomes)-1]; last.Status != r.status || last.Err == nil {
			t.Errorf("%s: outcome %+v", name, last)
		}
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil)); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d %v", w.Code, w.Header())
	}
	if len(got) != 2 {
		t.Errorf("%d notifications were received, 2 were signed", len(got))
	}
	want := webhook.Outcome{Status: 204, Event: webhook.OrderPlaced, EventID: "e1", OrderNumber: "F-1"}
	if diff := cmp.Diff(want, outcomes[0]); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}

// TestChunkedBodyIsBounded sends no length, as an attacker would.
func TestChunkedBodyIsBounded(t *testing.T) {
	h := newHandler(t, webhook.Options{MaxBody: 10, Receive: func(context.Context, *webhook.Notification, []byte) error { return nil }})
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", 1000)))
	r.ContentLength = -1
	r.Header.Set(webhook.SignatureHeader, rightSignature)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("answer %d", w.Code)
	}
}

func TestHandlerKnowsDuplicates(t *testing.T) {
	legacy := delivery{body: `{"order_number":"F-9","status":"DRIVER_ARRIVED"}`}
	legacy.signature = webhook.Sign(relaySecret, []byte(legacy.body))
	first := orderDelivery("e1", "k1", "F-1", webhook.StatusPlaced)
	replayed, noKey := first, first
	replayed.key, noKey.key = "made-up", ""
	reworded := delivery{body: first.body + "\n", key: "k9"}
	reworded = withSecret(reworded, relaySecret)
	var calls int
	failing := errors.New("database down")
	var fail error
	var last webhook.Outcome
	h := newHandler(t, webhook.Options{
		Secrets: []string{relaySecret, "the-next-one"},
		Receive: func(context.Context, *webhook.Notification, []byte) error { calls++; return fail },
		Observe: func(o webhook.Outcome) { last = o },
	})
	steps := []struct {
		name   string
		send   delivery
		fail   error
		status int
		calls  int
	}{
		{"fails", first, failing, 503, 1},
		{"fails again", first, failing, 503, 2},
		{"repeated", first, nil, 204, 3},
		{"sent twice", first, nil, 204, 3},
		{"replayed with another key", replayed, nil, 204, 3},
		{"that key again", replayed, nil, 204, 3},
		{"without a key", noKey, nil, 204, 3},
		{"another event", orderDelivery("e2", "k2", "F-1", webhook.StatusCompleted), nil, 204, 4},
		{"a key again for another event", orderDelivery("e3", "k2", "F-2", webhook.StatusPlaced), nil, 204, 5},
		{"the event in another body", reworded, nil, 204, 5},
		{"legacy", legacy, nil, 204, 6},
		{"legacy again", legacy, nil, 204, 6},
		{"legacy with a made-up key", withKey(legacy), nil, 204, 6},
		{"legacy by the next secret", withSecret(legacy, "the-next-one"), nil, 204, 6},
	}
	for _, s := range steps {
		fail = s.fail
		if w := s.send.to(h); w.Code != s.status || calls != s.calls {
			t.Errorf("%s: answer %d after %d calls, want %d after %d", s.name, w.Code, calls, s.status, s.calls)
		}
		if s.fail != nil && !errors.Is(last.Err, failing) {
			t.Errorf("%s: the outcome does not tell the error: %v", s.name, last.Err)
		}
	}
	if !last.Duplicate {
		t.Error("the outcome does not tell the duplicate")
	}
}

// TestHandlerAnswersInTime has a Receive that minds its context: the repetition is
// worked on.
func TestHandlerAnswersInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		h := newHandler(t, webhook.Options{Receive: func(ctx context.Context, _ *webhook.Notification, _ []byte) error {
			if calls.Add(1) == 1 {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}})
		d := orderDelivery("e1", "k1", "F-1", webhook.StatusPlaced)
		start := time.Now()
		if w := d.to(h); w.Code != 503 || time.Since(start) != webhook.DefaultDeadline {
			t.Errorf("answer %d after %v", w.Code, time.Since(start))
		}
		synctest.Wait()
		if w := d.to(h); w.Code != 204 || calls.Load() != 2 {
			t.Errorf("repeated: answer %d, %d calls", w.Code, calls.Load())
		}
	})
}

// TestLateWorkCounts has a Receive that does not mind its context and is done
// after the answer: the repetition is a duplicate.
func TestLateWorkCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		h := newHandler(t, webhook.Options{
			Deliveries: &brokenDeliveries{MemoryDeliveries: webhook.NewMemoryDeliveries(10, time.Hour)}, // minds its context
			Receive: func(context.Context, *webhook.Notification, []byte) error {
				calls.Add(1)
				time.Sleep(13 * time.Second)
				return nil
			},
		})
		d := orderDelivery("e1", "k1", "F-1", webhook.StatusPlaced)
		start := time.Now()
		if w := d.to(h); w.Code != 503 || time.Since(start) != webhook.DefaultDeadline {
			t.Errorf("answer %d after %v", w.Code, time.Since(start))
		}
		if w := d.to(h); w.Code != 503 || time.Since(start) != webhook.DefaultDeadline {
			t.Errorf("while it is worked on: answer %d after %v", w.Code, time.Since(start))
		}
		time.Sleep(2 * time.Minute)
		if w := d.to(h); w.Code != 204 || calls.Load() != 1 {
			t.Errorf("repeated: answer %d, %d calls", w.Code, calls.Load())
		}
		if w := orderDelivery("e0", "k0", "F-1", webhook.StatusCreated).to(h); w.Code != 204 || calls.Load() != 1 {
			t.Errorf("an older status: answer %d, %d calls", w.Code, calls.Load())
		}
	})
}

// TestBusyHandler has more notifications than it works on at once.
func TestBusyHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, webhook.Options{Concurrency: 2, Receive: func(ctx context.Context, _ *webhook.Notification, _ []byte) error {
			time.Sleep(6 * time.Second)
			return ctx.Err()
		}})
		var wait sync.WaitGroup
		var mu sync.Mutex
		answers := map[int]int{}
		for i := range 6 {
			wait.Go(func() {
				code := orderDelivery(fmt.Sprint("e", i), "", fmt.Sprint("F-", i), webhook.StatusPlaced).to(h).Code
				mu.Lock()
				defer mu.Unlock()
				answers[code]++
			})
		}
		wait.Wait()
		if diff := cmp.Diff(map[int]int{204: 2, 503: 4}, answers); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
	})
}

// TestOrdersNeverGoBack delivers the events of many orders at once, in any order
// and each three times, with a Receive that fails now and then.
func TestOrdersNeverGoBack(t *testing.T) {
	for _, pass := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { ordersNeverGoBack(t, pass) })
	}
}

func ordersNeverGoBack(t *testing.T, passStale bool) {
	random := rand.New(rand.NewPCG(1, 2))
	life := []webhook.Status{
		webhook.StatusCreated, webhook.StatusMerchantAccepted, webhook.StatusDriverOnTheWay, webhook.StatusDriverArrived, webhook.StatusPlaced, webhook.StatusCompleted,
	}
	var deliveries []delivery
	for order := range 30 {
		for i, status := range life {
			d := orderDelivery(fmt.Sprintf("e-%d-%d", order, i), fmt.Sprintf("k-%d-%d", order, i), fmt.Sprintf("F-%d", order), status)
			deliveries = append(deliveries, d, d, d)
		}
	}
	random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })

	var mu sync.Mutex
	seen := map[string][]webhook.Status{}
	busy := map[string]bool{}
	failures, staleSeen := 0, 0
	h := newHandler(t, webhook.Options{
		PassStale: passStale, Concurrency: 8,
		Receive: func(_ context.Context, n *webhook.Notification, _ []byte) error {
			mu.Lock()
			number := n.Order.Number
			if busy[number] {
				t.Errorf("two notifications of %s at once", number)
			}
			busy[number] = true
			fail := random.IntN(5) == 0
			pause := time.Duration(random.IntN(50)) * time.Millisecond
			mu.Unlock()
			time.Sleep(pause)
			mu.Lock()
			defer mu.Unlock()
			busy[number] = false
			switch {
			case fail:
				failures++
				return errors.New("now and then")
			case n.Stale:
				staleSeen++
			default:
				seen[number] = append(seen[number], n.Order.Status)
			}
			return nil
		},
	})
	var wait sync.WaitGroup
	for _, d := range deliveries {
		wait.Go(func() {
			for range 5 { // GoBiz's repetitions
				if d.to(h).Code == http.StatusNoContent {
					return
				}
				time.Sleep(2 * time.Minute)
			}
		})
	}
	wait.Wait()
	if len(seen) != 30 || failures == 0 || (staleSeen > 0) != passStale {
		t.Errorf("%d orders, %d failures, %d stale ones passed", len(seen), failures, staleSeen)
	}
	for number, statuses := range seen {
		if !slices.IsSortedFunc(statuses, func(a, b webhook.Status) int { return a.Rank() - b.Rank() }) {
			t.Errorf("%s went back: %v", number, statuses)
		}
		if len(slices.Compact(slices.Clone(statuses))) != len(statuses) || statuses[len(statuses)-1] != webhook.StatusCompleted {
			t.Errorf("%s: %v", number, statuses)
		}
	}
}

// TestHandlerSurvivesPanics has a Receive that does not return: the repetition is
// worked on, and the answer does not wait for the deadline.
func TestHandlerSurvivesPanics(t *testing.T) {
	for want, end := range map[string]func(){
		"panic: nil map":            func() { panic("nil map") },
		"runtime.Goexit was called": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			var last webhook.Outcome
			calls := 0
			h := newHandler(t, webhook.Options{
				Receive: func(context.Context, *webhook.Notification, []byte) error {
					if calls++; calls < 3 {
						end()
					}
					return nil
				},
				Observe: func(o webhook.Outcome) { last = o }, RetryStatus: http.StatusBadGateway,
			})
			d := orderDelivery("e1", "k1", "F-1", webhook.StatusPlaced)
			start := time.Now()
			for range 2 {
				if w := d.to(h); w.Code != http.StatusBadGateway || !strings.Contains(fmt.Sprint(last.Err), want) || last.Duplicate {
					t.Errorf("%s: answer %d, outcome %+v", want, w.Code, last)
				}
			}
			if w := d.to(h); w.Code != http.StatusNoContent || calls != 3 || time.Since(start) > 0 {
				t.Errorf("%s: answer %d after %d calls and %v", want, w.Code, calls, time.Since(start))
			}
		})
	}
}

// brokenDeliveries fail where they are told to.
type brokenDeliveries struct {
	*webhook.MemoryDeliveries
	claim, complete error
}

func (b *brokenDeliveries) Claim(ctx context.Context, key string) (webhook.Claim, error) {
	if b.claim != nil {
		return 0, b.claim
	}
	return b.MemoryDeliveries.Claim(ctx, key)
}

func (b *brokenDeliveries) Complete(ctx context.Context, key string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(b.complete, b.MemoryDeliveries.Complete(ctx, key))
}

func TestHandlerWithoutMemory(t *testing.T) {
	down := errors.New("connection refused")
	store := &brokenDeliveries{MemoryDeliveries: webhook.NewMemoryDeliveries(10, time.Hour), claim: down}
	var calls atomic.Int32
	var last webhook.Outcome
	h := newHandler(t, webhook.Options{
		Deliveries: store, Observe: func(o webhook.Outcome) { last = o },
		Receive: func(context.Context, *webhook.Notification, []byte) error { calls.Add(1); return nil },
	})
	d := orderDelivery("e1", "k1", "F-1", webhook.StatusPlaced)
	if w := d.to(h); w.Code != 503 || calls.Load() != 0 || !errors.Is(last.Err, down) {
		t.Errorf("cannot claim: answer %d after %d calls, %v", w.Code, calls.Load(), last.Err)
	}
	store.claim, store.complete = nil, down
	if w := d.to(h); w.Code != 204 || calls.Load() != 1 || !errors.Is(last.Err, down) {
		t.Errorf("cannot complete: answer %d after %d calls, %v", w.Code, calls.Load(), last.Err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		d := webhook.NewMemoryDeliveries(3, time.Hour)
		for _, key := range []string{"a", "b", "c", "d"} {
			if got, _ := d.Claim(ctx, key); got != webhook.Claimed {
				t.Errorf("%s: %v", key, got)
			}
			if got, _ := d.Claim(ctx, key); got != webhook.InFlight {
				t.Errorf("%s while it is worked on: %v", key, got)
			}
			_ = d.Complete(ctx, key)
		}
		claims := func() (out []webhook.Claim) {
			for _, key := range []string{"a", "b", "d"} {
				got, _ := d.Claim(ctx, key)
				out = append(out, got)
				_ = d.Release(ctx, key)
			}
			return out
		}
		if diff := cmp.Diff([]webhook.Claim{webhook.Claimed, webhook.Completed, webhook.Completed}, claims()); diff != "" {
			t.Errorf("the oldest of four in three places (-want +got):\n%s", diff)
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]webhook.Claim{webhook.Claimed, webhook.Claimed, webhook.Claimed}, claims()); diff != "" {
			t.Errorf("an hour later (-want +got):\n%s", diff)
		}

		o := webhook.NewMemoryOrders(2, time.Hour)
		_ = o.Advance(ctx, "F-1", webhook.StatusPlaced)
		_ = o.Advance(ctx, "F-1", webhook.StatusCreated)
		_ = o.Advance(ctx, "F-2", webhook.StatusCreated)
		if got, _ := o.Status(ctx, "F-1"); got != webhook.StatusPlaced {
			t.Errorf("F-1 is %q", got)
		}
		_ = o.Advance(ctx, "F-3", webhook.StatusCreated)
		if got, _ := o.Status(ctx, "F-1"); got != "" {
			t.Errorf("the oldest of three orders in two places is %q", got)
		}
	})
}

func TestHandlerNeedsItsOptions(t *testing.T) {
	receive := func(context.Context, *webhook.Notification, []byte) error { return nil }
	for name, o := range map[string]webhook.Options{
		"no secret":       {Receive: receive},
		"an empty secret": {Receive: receive, Secrets: []string{"a", ""}},
		"an echoed one":   {Receive: receive, Secrets: []string{"a\n"}},
		"no receiver":     {Secrets: []string{"a"}},
	} {
		if _, err := webhook.NewHandler(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestSlowClients do not hold their place: one that sends a byte of the body a
// second, and one that never ends its headers.
func TestSlowClients(t *testing.T) {
	headers := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-Go-Signature: " + rightSignature + "\r\n"
	for name, tt := range map[string]struct {
		head   string
		within time.Duration
		answer string
	}{
		"body":                     {headers + "\r\n", webhook.DefaultDeadline + time.Second, "408"},
		"headers":                  {headers, 6 * time.Second, "400"},
		"a body without signature": {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", webhook.DefaultDeadline + time.Second, "401"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				h := newHandler(t, webhook.Options{Receive: func(context.Context, *webhook.Notification, []byte) error { return nil }})
				server := webhook.NewServer("", h)
				go server.Serve(&oneListener{conn: theirs, closed: make(chan struct{})})
				start := time.Now()
				gone := make(chan struct{})
				go func() {
					defer close(gone)
					if _, err := ours.Write([]byte(tt.head)); err != nil {
						return
					}
					for {
						time.Sleep(time.Second)
						if _, err := ours.Write([]byte("x")); err != nil {
							return
						}
					}
				}()
				line, _ := bufio.NewReader(ours).ReadString('\n')
				if !strings.Contains(line, tt.answer) {
					t.Errorf("answer %q, want %s", line, tt.answer)
				}
				if took := time.Since(start); took > tt.within {
					t.Errorf("it held its place for %v", took)
				}
				ours.Close()
				<-gone
				server.Close()
			})
		})
	}
}

// oneListener accepts one connection.
type oneListener struct {
	conn   net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *oneListener) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *oneListener) Addr() net.Addr { return &net.TCPAddr{} }
