package listener_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A target that hangs holds up no answer and no capture, and what waits for it
// beyond memory comes out of the file: nothing is lost, and orders keep their
// order.
func TestSlowTarget(t *testing.T) {
	t.Parallel()
	const orders, each = 20, 30
	hang := make(chan struct{})
	var mu sync.Mutex
	arrived := map[string][]string{}
	to := target(t, func(_ http.ResponseWriter, r *http.Request) {
		<-hang
		body, _ := io.ReadAll(r.Body)
		if webhook.Verify(body, r.Header.Get(webhook.SignatureHeader), secret) < 0 {
			t.Error("does not verify")
		}
		s := webhook.Summarize(body)
		mu.Lock()
		defer mu.Unlock()
		arrived[s.OrderNumber] = append(arrived[s.OrderNumber], s.EventID)
	})
	l := start(t, func(o *listener.Options) { o.Forward = to })
	for i := range orders * each {
		body := order("gofood.order.placed", fmt.Sprint(i/orders), fmt.Sprintf("F-%d", i%orders), "PLACED") + strings.Repeat(" ", 5000)
		if status := l.post(body, header("X-Odd", "\xff")); status != 200 {
			t.Fatalf("answer %d", status)
		}
	}
	for l.Waiting() < orders*each {
		runtime.Gosched() // all of them get to wait
	}
	close(hang)
	events, summary := l.events()
	if len(events) != orders*each || summary.Forwarded != orders*each || summary.Missed != 0 || l.Waiting() != 0 {
		t.Errorf("%d events, %+v", len(events), summary)
	}
	var want []string
	for i := range each {
		want = append(want, fmt.Sprint(i))
	}
	for number, ids := range arrived {
		if !slices.Equal(ids, want) {
			t.Errorf("%s arrived as %v", number, ids)
		}
	}
	if len(arrived) != orders {
		t.Errorf("%d orders", len(arrived))
	}
	if left, _ := os.ReadDir(l.dir); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}

// Nobody takes the events until the end: they wait in a file.
func TestNobodyTakesEvents(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	conn := l.dial()
	body := order("gofood.order.placed", "", "F-1", "PLACED")
	request := fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s", webhook.SignatureHeader, webhook.Sign(secret, []byte(body)), len(body), body)
	const n = 6000 // more than fit into memory
	answers := make(chan error, 1)
	go func() {
		_, err := io.CopyN(io.Discard, conn, int64(n*len("HTTP/1.1 200 OK\r\nDate: Mon, 05 Jan 2026 05:30:00 GMT\r\nContent-Length: 0\r\n\r\n")))
		answers <- err
	}()
	for range n {
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-answers; err != nil {
		t.Fatal(err)
	}
	events, summary := l.events()
	if len(events) != n || summary.Received != n {
		t.Fatalf("%d events, %+v", len(events), summary)
	}
	for i := 1; i < n; i++ {
		if events[i].ReceivedAt.Before(events[i-1].ReceivedAt) {
			t.Fatalf("event %d is older than the one before", i)
		}
	}
}

// What nobody takes is told and kept to be replayed.
func TestDeadTarget(t *testing.T) {
	t.Parallel()
	l := start(t, func(o *listener.Options) { o.Forward = parse(t, "http://127.0.0.1:9/gofood") })
	if n := <-l.notices; n != (listener.Notice{Kind: listener.TargetDown, Detail: "connection refused"}) {
		t.Errorf("told %+v", n)
	}
	bodies := []string{order("gofood.order.placed", "e-1", "F-1", "PLACED"), order("gofood.order.completed", "e-2", "F-1", "COMPLETED") + "\n"}
	for _, body := range bodies {
		if status := l.post(body); status != 200 {
			t.Errorf("answer %d", status)
		}
	}
	events, summary := l.events()
	for _, e := range events {
		if !e.Forwarded || e.ForwardStatus != 0 || e.ForwardError != "connection refused" {
			t.Errorf("%+v", e)
		}
	}
	if want := (listener.Summary{Received: 2, Missed: 2, Kept: 2, FirstMissed: 1, LastMissed: 2}); summary != want || len(events) != 2 {
		t.Errorf("%d events, %+v, want %+v", len(events), summary, want)
	}
	var missed []string
	for _, record := range records(t, l.missed) {
		missed = append(missed, string(record.Body))
		if !record.Valid || record.Path != "/gofood" {
			t.Errorf("%+v", record)
		}
	}
	if !slices.Equal(missed, bodies) {
		t.Errorf("missed %q", missed)
	}
	if info, err := os.Stat(l.missed); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// A target that dies in the middle of a session is noticed: the first event that
// it does not take says so, and the events before it were taken.
func TestTargetDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	l := start(t, func(o *listener.Options) { o.Forward = parse(t, server.URL) })
	next := func(id string) (last listener.Event) {
		l.post(order("gofood.order.placed", id, "F-1", "PLACED"))
		for last = range l.Events() {
			break
		}
		return last
	}
	for _, id := range []string{"e-1", "e-2"} {
		if e := next(id); e.EventID != id || e.ForwardStatus != 200 {
			t.Errorf("%+v", e)
		}
	}
	select {
	case n := <-l.notices:
		t.Errorf("told %+v of a target that is there", n)
	default:
	}
	server.Close()
	// "connection refused", or the end of a kept connection that was not noticed yet.
	if e := next("e-3"); e.EventID != "e-3" || e.ForwardStatus != 0 || !strings.HasPrefix(e.ForwardError, "connection ") {
		t.Errorf("%+v", e)
	}
	if n := <-l.notices; n != (listener.Notice{Kind: listener.TargetDown, Detail: "connection refused"}) {
		t.Errorf("told %+v", n)
	}
	if s := l.stop(); s.Forwarded != 2 || s.Missed != 1 || s.Kept != 1 || s.FirstMissed != 3 || s.LastMissed != 3 {
		t.Errorf("%+v", s)
	}
}

// Events that are about no order and have no id do not wait for each other.
func TestEventsWithoutOrderAreSpread(t *testing.T) {
	t.Parallel()
	const together = 16
	arrived := make(chan struct{}, together)
	hang := make(chan struct{})
	to := target(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-hang
	})
	l := start(t, func(o *listener.Options) { o.Forward = to })
	for range together {
		l.post("{}")
	}
	for range together {
		<-arrived // all of them, while none is answered
	}
	close(hang)
	if s := l.stop(); s.Forwarded != together {
		t.Errorf("%+v", s)
	}
}

// What is forwarded is what stands in the capture: nothing, once that is gone.
func TestCaptureThatIsCutOff(t *testing.T) {
	t.Parallel()
	hang, under := make(chan struct{}), make(chan struct{}, 10)
	to := target(t, func(http.ResponseWriter, *http.Request) {
		under <- struct{}{}
		<-hang
	})
	l := start(t, func(o *listener.Options) { o.Forward = to })
	for i := range 3 {
		l.post(order("gofood.order.placed", fmt.Sprint(i), "F-1", "PLACED"))
	}
	<-under
	if err := os.Truncate(l.record, 10); err != nil {
		t.Fatal(err)
	}
	close(hang)
	events, summary := l.events()
	for i, e := range events {
		if want := []string{"", "not read from the capture: the file was changed since", "not read from the capture: the file was changed since"}[i]; e.ForwardError != want {
			t.Errorf("%d: %q, want %q", i, e.ForwardError, want)
		}
	}
	if summary.Forwarded != 1 || summary.Missed != 2 {
		t.Errorf("%+v", summary)
	}
}

// When there is no more time, what waits is told and kept, whether it is under way
// or in the file.
func TestStopsWhileTheTargetHangs(t *testing.T) {
	t.Parallel()
	under := make(chan struct{}, 1000)
	to := target(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		under <- struct{}{}
		<-r.Context().Done()
	})
	l := start(t, func(o *listener.Options) { o.Forward = to })
	const n = 50
	for i := range n {
		l.post(order("gofood.order.placed", fmt.Sprint(i), "F-1", "PLACED"))
	}
	<-under
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l.stop = sync.OnceValue(func() listener.Summary { return l.stopIn(ctx) })
	events, summary := l.events()
	if want := (listener.Summary{Received: n, Missed: n, Kept: n, FirstMissed: 1, LastMissed: n}); summary != want {
		t.Errorf("%+v, want %+v", summary, want)
	}
	for i, e := range events {
		if e.EventID != fmt.Sprint(i) || e.ForwardError != "the listener has stopped" {
			t.Errorf("%+v", e)
		}
	}
	if lines := records(t, l.missed); len(events) != n || len(lines) != n {
		t.Errorf("%d events, %d lines", len(events), len(lines))
	}
}

func TestAnswersOfTheTarget(t *testing.T) {
	t.Parallel()
	called := make(chan string, 10)
	to := target(t, func(w http.ResponseWriter, r *http.Request) {
		called <- r.URL.Path
		switch r.URL.Path {
		case "/redirect":
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(307)
		case "/error":
			w.WriteHeader(500)
		case "/cut":
			panic(http.ErrAbortHandler)
		}
	})
	l := start(t, func(o *listener.Options) { o.Forward = to })
	paths := []string{"/redirect", "/error", "/cut", "/fine"}
	want := []string{"307 ", "500 ", "0 connection closed before an answer", "200 "}
	for _, path := range paths {
		// The same order, so that they go one after the other.
		l.post(order("gofood.order.placed", path, "F-1", "PLACED"), func(r *http.Request) { r.URL.Path = path })
	}
	events, summary := l.events()
	for i, e := range events {
		if got := fmt.Sprintf("%d %s", e.ForwardStatus, e.ForwardError); got != want[i] {
			t.Errorf("%s: %s, want %s", paths[i], got, want[i])
		}
	}
	if summary.Forwarded != 3 || summary.Errors != 2 || summary.Missed != 1 {
		t.Errorf("%+v", summary)
	}
	close(called)
	if got := slices.Collect(channel(called)); !slices.Equal(got, paths) {
		t.Errorf("called %v", got)
	}
}

func channel[T any](c <-chan T) func(func(T) bool) {
	return func(yield func(T) bool) {
		for v := range c {
			if !yield(v) {
				return
			}
		}
	}
}

// A developer's own certificate is good enough on this machine.
func TestForwardsOverTLSOnThisMachine(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	l := start(t, func(o *listener.Options) { o.Forward = parse(t, server.URL) })
	l.post("{}")
	if events, _ := l.events(); len(events) != 1 || events[0].ForwardStatus != 200 {
		t.Errorf("%+v", events)
	}
}

func TestDoesNotForwardToItself(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"http://127.0.0.1:4242/x", "http://localhost:4242", "https://[::1]:4242", "http://0.0.0.0:4242"} {
		o := listener.Options{Addr: "127.0.0.1:4242", Forward: parse(t, target)}
		if _, err := listener.Start(o); !errors.Is(err, listener.ErrForwardsToItself) {
			t.Errorf("%s: %v", target, err)
		}
	}
}

// rawTarget is a target made of bytes: serve gets each request of a connection, and
// answers it or returns false, which closes the connection.
func rawTarget(t *testing.T, serve func(conn net.Conn, n int, r *http.Request) bool) *url.URL {
	t.Helper()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				for n := 1; ; n++ {
					r, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					if _, err := io.Copy(io.Discard, r.Body); err != nil || !serve(conn, n, r) {
						return
					}
				}
			}()
		}
	}()
	return parse(t, "http://"+server.Addr().String())
}

// TestSendsNothingTwice has a target that reads the second request on a connection
// and closes it, and a header by which net/http would send it again.
func TestSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		var mu sync.Mutex
		var came []string
		to := rawTarget(t, func(conn net.Conn, n int, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			if came = append(came, r.Header.Get(name)); n == 2 {
				return false
			}
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			return err == nil
		})
		l := start(t, func(o *listener.Options) { o.Forward = to })
		for i := range 2 {
			l.post(order("gofood.order.placed", fmt.Sprint(i), "F-1", "PLACED"), header(name, "abc"))
			for l.Waiting() > 0 {
				runtime.Gosched() // one after the other, on the same connection
			}
		}
		_, summary := l.events()
		mu.Lock()
		defer mu.Unlock()
		if summary.Forwarded != 1 || summary.Missed != 1 || !slices.Equal(came, []string{"abc", "abc"}) {
			t.Errorf("%s: arrived with %q, %+v", name, came, summary)
		}
	}
}

// TestTargetSwitchesProtocol has a target that answers 101 and keeps the connection.
func TestTargetSwitchesProtocol(t *testing.T) {
	t.Parallel()
	to := rawTarget(t, func(conn net.Conn, _ int, _ *http.Request) bool {
		_, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
		return err == nil
	})
	l := start(t, func(o *listener.Options) { o.Forward = to })
	l.post(order("gofood.order.placed", "e-1", "F-1", "PLACED"))
	events, summary := l.events()
	if len(events) != 1 || summary.Missed != 1 || !strings.Contains(events[0].ForwardError, "another protocol") {
		t.Errorf("%+v, %+v", events, summary)
	}
}

// TestForwardsNothingThatComesBack forwards in a circle: through a tunnel, and over
// another listener. What was only marked by somebody else goes on.
func TestForwardsNothingThatComesBack(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]bool{"tunnel": false, "another listener": true} {
		var back *url.URL
		var mu sync.Mutex
		tunnel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			to := back
			mu.Unlock()
			httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, r)
		}))
		defer tunnel.Close()
		l := start(t, func(o *listener.Options) { o.Forward = parse(t, tunnel.URL+"/x") })
		next := l.URL()
		var other *running
		if over {
			other = start(t, func(o *listener.Options) { o.Forward = parse(t, l.URL()) })
			next = other.URL()
		}
		mu.Lock()
		back = parse(t, next)
		mu.Unlock()
		body := order("gofood.order.placed", "e-1", "F-1", "PLACED")
		if status := l.post(body, header("Gobiz-Forwarded-By", "somebody else")); status != 200 {
			t.Errorf("%s: answer %d", name, status)
		}
		for l.Waiting() > 0 || over && other.Waiting() > 0 {
			runtime.Gosched()
		}
		if over {
			other.stop()
		}
		events, summary := l.events()
		if len(events) != 2 || summary.Received != 2 || summary.Forwarded != 1 || summary.Missed != 0 {
			t.Fatalf("%s: %+v, %+v", name, events, summary)
		}
		for _, e := range events { // they end in any order
			if e.Forwarded == (e.ForwardError != "") {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if n := <-l.notices; n.Kind != listener.CameBack {
			t.Errorf("%s: said %+v", name, n)
		}
		lines := records(t, l.record)
		if len(lines) != 2 || string(lines[1].Body) != body || !lines[1].Valid {
			t.Errorf("%s: recorded %+v", name, lines)
		}
	}
}
