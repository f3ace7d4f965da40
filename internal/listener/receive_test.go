package listener_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func TestVerifiesRecordsAndAnswers(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	body := order("gofood.order.placed", "e-1", "F-1", "PLACED") + "\r\n"
	if status, text := l.do(body, func(r *http.Request) { r.URL.RawQuery = "a=1&a=%2f" }); status != 200 || text != "" {
		t.Errorf("answer %d %q", status, text)
	}
	for _, tt := range []struct{ signature, want string }{
		{"", "no X-Go-Signature"},
		{strings.ToUpper(webhook.Sign(secret, []byte(body))), "X-Go-Signature is not 64 lower-case hex characters"},
		{webhook.Sign("somebody else's", []byte(body)), "the signature does not verify"},
	} {
		if status, text := l.do(body, header(webhook.SignatureHeader, tt.signature)); status != 401 || text != tt.want+"\n" {
			t.Errorf("answer %d %q, want %q", status, text, tt.want)
		}
	}
	events, summary := l.events()
	if want := (listener.Summary{Received: 4, Invalid: 3}); summary != want {
		t.Errorf("%+v, want %+v", summary, want)
	}
	if len(events) != 4 {
		t.Fatalf("%d events", len(events))
	}
	want := webhook.Summary{Event: "gofood.order.placed", EventID: "e-1", OutletID: "G100000001", OrderNumber: "F-1", Status: "PLACED"}
	if e := events[0]; e.Summary != want || e.Verdict != listener.Valid || e.Duplicate || e.Forwarded {
		t.Errorf("first event %+v", e)
	}
	for i, reason := range []string{"no X-Go-Signature", "X-Go-Signature is not 64 lower-case hex characters", "the signature does not verify"} {
		if e := events[i+1]; e.Verdict != listener.Invalid || e.Reason != reason || e.Duplicate {
			t.Errorf("event %d: %+v", i+1, e)
		}
	}
	lines := records(t, l.record)
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	if r := lines[0]; r.Method != "POST" || r.Path != "/gofood" || r.Query != "a=1&a=%2f" || string(r.Body) != body || !r.Valid || !r.ReceivedAt.Equal(events[0].ReceivedAt) {
		t.Errorf("first line %+v", r)
	}
	if lines[1].Valid || string(lines[1].Body) != body {
		t.Errorf("second line %+v", lines[1])
	}
	if info, err := os.Stat(l.record); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("capture %v, %v", info.Mode(), err)
	}
}

func TestAcceptsUnsignedOnDemand(t *testing.T) {
	t.Parallel()
	l := start(t, func(o *listener.Options) { o.Secrets, o.Unverified = nil, true })
	if status := l.post("{}", header(webhook.SignatureHeader, "")); status != 200 {
		t.Errorf("answer %d", status)
	}
	events, _ := l.events()
	if len(events) != 1 || events[0].Verdict != listener.Unchecked || records(t, l.record)[0].Valid {
		t.Errorf("%+v", events)
	}
}

func TestAnswerOfChoice(t *testing.T) {
	t.Parallel()
	for _, answer := range []int{204, 302, 404, 503} {
		l := start(t, func(o *listener.Options) { o.Answer = answer })
		request, err := http.NewRequest(http.MethodPost, l.URL(), strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(webhook.SignatureHeader, webhook.Sign(secret, []byte("{}")))
		got, err := http.DefaultTransport.RoundTrip(request) // which follows nothing
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != answer {
			t.Errorf("answer %d, want %d", got.StatusCode, answer)
		}
		if status := l.post("{}", header(webhook.SignatureHeader, "no")); status != 401 {
			t.Errorf("answer to what does not verify: %d", status)
		}
	}
}

// A delayed answer does not wait any longer when the listener stops. Its event is
// there before it.
func TestAnswerDelay(t *testing.T) {
	t.Parallel()
	l := start(t, func(o *listener.Options) { o.AnswerDelay, o.ReadTimeout = time.Hour, 50*time.Millisecond })
	answered := make(chan int)
	go func() { answered <- l.post("{}") }()
	for range l.Events() {
		break
	}
	l.stop()
	if status := <-answered; status != 200 {
		t.Errorf("answer %d", status)
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	key := func(k string) func(*http.Request) { return header(webhook.IdempotencyKeyHeader, k) }
	placed := order("gofood.order.placed", "e-1", "F-1", "PLACED")
	l.post(placed, key("k-1"), header(webhook.SignatureHeader, "forged")) // says nothing about the true one
	l.post(placed, key("k-1"))
	l.post(placed, key("k-1"))
	l.post(placed, key("k-2"))                                                  // to another subscription
	l.post(order("gofood.order.completed", "e-2", "F-1", "COMPLETED"), key("")) // another event
	l.post("{}")
	l.post("{}") // without key and id nothing is known
	events, summary := l.events()
	var got []bool
	for _, e := range events {
		got = append(got, e.Duplicate)
	}
	if want := []bool{false, false, true, true, false, false, false}; !slices.Equal(got, want) || summary.Duplicates != 2 {
		t.Errorf("duplicates %v, want %v; %+v", got, want, summary)
	}
}

func TestFilterChoosesWhatIsShown(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var arrived []string
	to := target(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		arrived = append(arrived, webhook.Summarize(body).EventID)
	})
	l := start(t, func(o *listener.Options) {
		o.Forward = to
		o.Filter = listener.Filter{Events: []string{"gofood.order.*"}, Outlets: []string{"G100000001", "G2"}, Statuses: []string{"cancelled", "PLACED"}}
	})
	l.post(order("gofood.order.placed", "yes-1", "F-1", "PLACED"))
	l.post(order("gofood.order.completed", "status", "F-1", "COMPLETED"))
	l.post(order("gofood.catalog.menu_mapping_updated", "event", "F-1", "PLACED"))
	l.post(strings.ReplaceAll(order("gofood.order.placed", "outlet", "F-1", "PLACED"), "G100000001", "G3"))
	l.post(order("gofood.order.cancelled", "yes-2", "F-1", "CANCELLED"))
	events, summary := l.events()
	if len(events) != 2 || events[0].EventID != "yes-1" || events[1].EventID != "yes-2" || !slices.Equal(arrived, []string{"yes-1", "yes-2"}) {
		t.Errorf("events %+v, arrived %v", events, arrived)
	}
	if summary.Received != 5 || len(records(t, l.record)) != 5 {
		t.Errorf("recorded: %+v", summary)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	l := start(t, func(o *listener.Options) { o.MaxBody = 1000 })
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		answer := send(t, method, l.URL()+"/", nil)
		if answer.StatusCode != 200 {
			t.Errorf("%s /: %d", method, answer.StatusCode)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodOptions} {
		answer := send(t, method, l.URL()+"/gofood", nil)
		if answer.StatusCode != 405 || answer.Header.Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", method, answer.StatusCode, answer.Header.Get("Allow"))
		}
	}
	if status := l.post(strings.Repeat("x", 1000)); status != 200 {
		t.Errorf("1000 bytes: %d", status)
	}
	if status, text := l.do(strings.Repeat("x", 1001)); status != 413 || text != "body larger than 1000 bytes\n" {
		t.Errorf("1001 bytes: %d %q", status, text)
	}
	// Of unknown length, and of 50 MB that are never sent.
	if answer := send(t, http.MethodPost, l.URL(), io.LimitReader(zeros{}, 1001)); answer.StatusCode != 413 {
		t.Errorf("1001 bytes in chunks: %d", answer.StatusCode)
	}
	conn := l.dial()
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 50<<20)
	if answer, err := io.ReadAll(conn); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 413 ")) {
		t.Errorf("50 MB: %q, %v", answer, err)
	}
	_, summary := l.events()
	if want := (listener.Summary{Received: 1, Invalid: 0, Refused: 6}); summary != want {
		t.Errorf("%+v, want %+v", summary, want)
	}
	close(l.notices)
	var told []listener.NoticeKind
	for n := range l.notices {
		told = append(told, n.Kind)
	}
	if want := []listener.NoticeKind{listener.RefusedMethod, listener.RefusedSize}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func send(t *testing.T, method, url string, body io.Reader) *http.Response {
	t.Helper()
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

func (r *running) dial() net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.URL(), "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	return conn
}

// Whoever does not go on sending loses the connection: in the body, in the
// headers, and before.
func TestSlowSenders(t *testing.T) {
	t.Parallel()
	l := start(t, func(o *listener.Options) { o.ReadTimeout = 50 * time.Millisecond })
	for sent, want := range map[string]string{
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{": "HTTP/1.1 408 ",
		"POST / HTTP/1.1\r\nHost: x\r\nX-":                         "HTTP/1.1 400 ",
	} {
		conn := l.dial()
		if _, err := io.WriteString(conn, sent); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn) // ends since the listener closes it
		if err != nil || !strings.HasPrefix(string(answer), want) {
			t.Errorf("%q: answer %q, %v", sent, answer, err)
		}
	}
	if _, summary := l.events(); summary.Received != 0 || summary.Refused != 1 {
		t.Errorf("%+v", summary)
	}
}

func TestHostileBodies(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	bodies := []string{
		"", "\x00", "\xff\xfe", "null", "[]", strings.Repeat("[", 100_000), strings.Repeat(`{"body":`, 50_000),
		`{"header":{"event_name":"\u001b[2Jgofood","event_id":"\u0000"}}`, `{"header":{"event_name":1,"event_name":"b"}}`, "\ufeff{}",
	}
	for _, body := range bodies {
		if status := l.post(body); status != 200 {
			t.Errorf("%.20q: %d", body, status)
		}
	}
	events, _ := l.events()
	lines := records(t, l.record)
	if len(events) != len(bodies) || len(lines) != len(bodies) {
		t.Fatalf("%d events, %d lines", len(events), len(lines))
	}
	for i, body := range bodies {
		if string(lines[i].Body) != body {
			t.Errorf("%.20q recorded as %.20q", body, lines[i].Body)
		}
	}
}

// Requests that share a write are all there, each once, and the events are in the
// order of the capture.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	const senders, each = 32, 40
	var group sync.WaitGroup
	for s := range senders {
		group.Go(func() {
			for i := range each {
				if status := l.post(order("gofood.order.placed", fmt.Sprintf("e-%d-%d", s, i), "F-1", "PLACED")); status != 200 {
					t.Errorf("answer %d", status)
				}
			}
		})
	}
	group.Wait()
	events, _ := l.events()
	lines := records(t, l.record)
	if len(events) != senders*each || len(lines) != senders*each {
		t.Fatalf("%d events, %d lines", len(events), len(lines))
	}
	last := map[string]int{}
	for i, line := range lines {
		id := webhook.Summarize(line.Body).EventID
		if events[i].EventID != id {
			t.Fatalf("event %d is %s, line %s", i, events[i].EventID, id)
		}
		var sender string
		var number int
		if _, err := fmt.Sscanf(strings.ReplaceAll(id, "-", " "), "e %s %d", &sender, &number); err != nil {
			t.Fatal(err)
		}
		if number != last[sender] {
			t.Errorf("%d of sender %s, want %d", number, sender, last[sender])
		}
		last[sender] = number + 1
	}
}

// What a kill has cut off stays alone, and what comes next is whole.
func TestGoesOnBehindACutLine(t *testing.T) {
	t.Parallel()
	first := start(t, nil)
	first.post("{}")
	first.stop()
	whole, err := os.ReadFile(first.record)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(first.record, append(whole, whole[:len(whole)/2]...), 0o600); err != nil {
		t.Fatal(err)
	}
	second := start(t, func(o *listener.Options) { o.Record = first.record })
	second.post("[]")
	second.stop()
	file, err := os.Open(first.record)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	want := []string{"{}", "broken", "[]"}
	n := 0
	for line, err := range new(capture.Reader).Lines(file) {
		if err != nil || want[n] == "broken" != (line.Err != nil) || line.Err == nil && string(line.Body) != want[n] {
			t.Errorf("line %d: %q, %v, %v", line.Number, line.Body, line.Err, err)
		}
		n++
	}
	if n != len(want) {
		t.Errorf("%d lines", n)
	}
}

func TestLeavesNoEmptyCapture(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	l.stop()
	if left, err := os.ReadDir(l.dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	_, err := listener.Start(listener.Options{Addr: strings.TrimPrefix(l.URL(), "http://"), Record: l.record})
	if _, ok := err.(*net.OpError); !ok {
		t.Errorf("error %v", err)
	}
}

// TestIdleConnectionsDoNotSilence opens more connections than there may be, and says
// nothing on them, or has had an answer: the latest are still there.
func TestIdleConnectionsDoNotSilence(t *testing.T) {
	t.Parallel()
	l := start(t, func(o *listener.Options) { o.ReadTimeout = time.Hour })
	body := order("gofood.order.placed", "e-1", "F-1", "PLACED")
	request := fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s", webhook.SignatureHeader, webhook.Sign(secret, []byte(body)), len(body), body)
	ask := func(conn net.Conn) error {
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		answer := make([]byte, len("HTTP/1.1 200 OK"))
		_, err := io.ReadFull(conn, answer)
		return err
	}
	var conns []net.Conn
	for i := range 1100 {
		conn := l.dial()
		conns = append(conns, conn)
		if i%2 == 0 {
			continue
		}
		if err := ask(conn); err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
	}
	if err := ask(conns[0]); err == nil {
		t.Error("the oldest connection is still there")
	}
	if err := ask(l.dial()); err != nil {
		t.Errorf("another connection: %v", err)
	}
}
