package bench

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const relaySecret = "relay-secret-for-benchmarks"

// BenchmarkListen posts signed events of 1.2 KB over 32 connections that stay
// open, each waiting for its answer, to three processes in turn: a handler of
// net/http that reads the body, compares its HMAC and does nothing else, which no
// listener can beat, and `webhook listen` that records each event and prints it,
// as ndjson and as a table. A turn of a listener ends when every event is printed
// as well. events/s is that of the best turn; the shares compare turns that follow
// each other, and are the medians.
func BenchmarkListen(b *testing.B) {
	const connections, turn = 32, 10_000
	requests := make([][]byte, 512)
	for i := range requests {
		requests[i] = signedRequest(i)
	}
	gobiz := build(b, "gobiz", "..")
	receivers := []*receiver{
		{name: "bare", argv: []string{build(b, "barehandler", "barehandler")}},
		{name: "ndjson", argv: []string{gobiz, "webhook", "listen", "--port", "0", "-o", "ndjson"}, prints: true},
		{name: "table", argv: []string{gobiz, "webhook", "listen", "--port", "0"}, prints: true},
	}
	var loads []*load
	for _, r := range receivers {
		r.start(b)
		loads = append(loads, dial(b, r.url, connections))
	}
	var spent [3][]time.Duration
	for b.Loop() {
		for i, r := range receivers {
			start := time.Now()
			loads[i].send(b, turn, func(n int) []byte { return requests[n%len(requests)] })
			r.awaitPrinted(b, turn)
			spent[i] = append(spent[i], time.Since(start))
		}
	}
	for i, r := range receivers {
		loads[i].close()
		b.ReportMetric(turn/slices.Min(spent[i]).Seconds(), r.name+"-events/s")
		process := r.end()
		b.ReportMetric(float64((process.UserTime()+process.SystemTime()).Microseconds())/float64(turn*len(spent[i])), r.name+"-cpu-µs/event")
		if i == 0 {
			continue
		}
		var shares []float64
		for n := range spent[i] {
			shares = append(shares, float64(spent[0][n])/float64(spent[i][n]))
		}
		slices.Sort(shares)
		b.ReportMetric(100*shares[len(shares)/2], r.name+"-share-of-bare-%")
	}
}

// A receiver is a process that receives notifications.
type receiver struct {
	name   string
	argv   []string
	prints bool

	url     string
	printed chan int                // numbers of lines, as they come
	end     func() *os.ProcessState // once
}

// start starts the process and waits until it listens. It ends with the test.
func (r *receiver) start(b *testing.B) {
	b.Helper()
	home := b.TempDir()
	command := exec.CommandContext(b.Context(), r.argv[0], r.argv[1:]...)
	command.Env = []string{"HOME=" + home, "USERPROFILE=" + home, "PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot"), "GOBIZ_NOTIFICATION_SECRET=" + relaySecret}
	stdout, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	stderr, err := command.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	var reading sync.WaitGroup
	r.end = sync.OnceValue(func() *os.ProcessState {
		_ = command.Process.Kill()
		reading.Wait()
		_ = command.Wait()
		return command.ProcessState
	})
	b.Cleanup(func() { r.end() })
	r.printed = make(chan int, 1<<16)
	reading.Go(func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := stdout.Read(buffer)
			r.printed <- bytes.Count(buffer[:n], []byte{'\n'})
			if err != nil {
				return
			}
		}
	})
	lines := bufio.NewScanner(stderr)
	for r.url == "" && lines.Scan() {
		r.url, _ = strings.CutPrefix(lines.Text(), "listening on ")
	}
	if !strings.HasPrefix(r.url, "http://") {
		b.Fatalf("%s does not listen: %s", r.name, lines.Text())
	}
	reading.Go(func() { _, _ = io.Copy(io.Discard, stderr) })
	r.awaitPrinted(b, 1) // the ready line, the header
}

// awaitPrinted waits until so many lines more are printed.
func (r *receiver) awaitPrinted(b *testing.B, lines int) {
	b.Helper()
	for r.prints && lines > 0 {
		lines -= <-r.printed
	}
	if lines < 0 {
		b.Fatalf("%s: %d lines too many are printed", r.name, -lines)
	}
}

var (
	listenFor  = flag.Duration("listen.for", 2*time.Second, "how long TestListenKeepsUp sends")
	listenRate = flag.Int("listen.rate", 2_000, "events a second in TestListenKeepsUp")
)

// TestListenKeepsUp sends events at a steady rate and forwards them to a target
// that hangs for the first quarter of the time. Each event must be recorded once
// and forwarded once, and memory must not grow with their number.
//
//	go test ./bench -run ListenKeepsUp -v -listen.for 1m -listen.rate 5000
func TestListenKeepsUp(t *testing.T) {
	const connections = 32
	var arrived sync.Map // order numbers
	var forwarded, twice atomic.Int64
	hang := make(chan struct{})
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-hang
		_, _ = io.Copy(io.Discard, r.Body)
		forwarded.Add(1)
		n, _ := strconv.Atoi(r.Header.Get("X-Number"))
		word, bit := n/64, uint64(1)<<(n%64)
		slot, _ := arrived.LoadOrStore(word, new(atomic.Uint64))
		if slot.(*atomic.Uint64).Or(bit)&bit != 0 {
			twice.Add(1)
		}
	}))
	defer target.Close()
	to, err := url.Parse(target.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := startListener(t, to)
	taken := make(chan int)
	go func() { taken <- take(l) }()

	total := int(listenFor.Seconds() * float64(*listenRate))
	sender := dial(t, l.URL(), connections)
	defer sender.close()
	var peak uint64
	const steps = 40
	start, pace := time.Now(), time.NewTicker(*listenFor/steps)
	defer pace.Stop()
	for i := range steps {
		from, until := total*i/steps, total*(i+1)/steps
		sender.send(t, until-from, func(n int) []byte { return signedRequest(from + n) })
		if i == steps/4 {
			close(hang)
		}
		peak = max(peak, heapInUse())
		<-pace.C // where the machine is the limit, it has ticked already
	}
	sent := time.Since(start)
	summary, err := l.Stop(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := <-taken; got != total || summary.Received != total || summary.Forwarded != total || summary.Missed > 0 || summary.Duplicates > 0 || summary.Invalid > 0 {
		t.Errorf("%d sent, %d events taken, %+v", total, got, summary)
	}
	if int(forwarded.Load()) != total || twice.Load() > 0 {
		t.Errorf("%d sent, %d arrived, %d of them twice", total, forwarded.Load(), twice.Load())
	}
	if lines := countLines(t, l.record); lines != total {
		t.Errorf("%d sent, %d recorded", total, lines)
	}
	t.Logf("%d events in %v: %.0f a second, at most %d MB of heap in use",
		total, sent.Round(time.Millisecond), float64(total)/sent.Seconds(), peak>>20)
	// The queue has 32 MB; twice that between collections, and what finds duplicates.
	if peak > 160<<20 {
		t.Errorf("%d MB of heap in use", peak>>20)
	}
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// benchListener is a listener with its capture.
type benchListener struct {
	*listener.Listener
	record string
}

func startListener(tb testing.TB, forward *url.URL) benchListener {
	tb.Helper()
	dir := tb.TempDir()
	record := filepath.Join(dir, "capture.jsonl")
	l, err := listener.Start(listener.Options{
		Addr: "127.0.0.1:0", Secrets: []string{relaySecret}, Record: record, Missed: filepath.Join(dir, "missed.jsonl"),
		Forward: forward, ForwardTimeout: time.Hour, // a target that hangs has its time
	})
	if err != nil {
		tb.Fatal(err)
	}
	return benchListener{l, record}
}

// take counts the events until the listener ends.
func take(l benchListener) (n int) {
	for e := range l.Events() {
		if !e.Late { // told a second time
			n++
		}
	}
	return n
}

func countLines(t *testing.T, path string) (n int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for line, err := range new(capture.Reader).Lines(file) {
		if err != nil || line.Err != nil || !line.Valid || webhook.Verify(line.Body, line.Signature, relaySecret) != 0 {
			t.Fatalf("line %d: %v, %v, valid %t", line.Number, err, line.Err, line.Valid)
		}
		n++
	}
	return n
}

// signedRequest is the bytes of a notification.
func signedRequest(n int) []byte {
	body := fmt.Appendf(nil, `{"header":{"version":1,"timestamp":"2026-01-05T12:30:00.123+07:00","event_name":"gofood.order.merchant_accepted","event_id":"6f1c9b7e-4a53-3c1b-9f7e-%012d"},`+
		`"body":{"customer":{"id":"0123456789ABCDEF0123456789ABCDEF","name":"Budi"},"driver":null,"service_type":"gofood","outlet":{"id":"G100000001","external_outlet_id":"POS-TEBET"},`+
		`"order":{"status":"MERCHANT_ACCEPTED","pin":"4821","order_total":58000,"currency":"IDR","order_items":[%s],"order_number":"F-%d",`+
		`"cutlery_requested":false,"takeaway_charges":2000,"created_at":"2026-01-05T12:29:58.000+07:00","applied_promotions":[],"cancellation_detail":null,"scheduled_flag":null}}}`,
		n, strings.TrimSuffix(strings.Repeat(`{"id":"9f8e7d6c-1234-4567-89ab-0123456789ab","external_id":"MI-001","name":"Bakmi Ayam","quantity":2,"price":28000,"notes":"tanpa bawang","variants":[]},`, 4), ","), n)
	return fmt.Appendf(nil, "POST /gofood HTTP/1.1\r\nHost: pos.example.test\r\nUser-Agent: okhttp/4.9\r\nContent-Type: application/json\r\nAccept: application/json\r\n"+
		"X-Number: %d\r\nX-Go-Idempotency-Key: 0a1b2c3d-0000-4000-8000-%012d\r\nX-Go-Signature: %s\r\nContent-Length: %d\r\n\r\n%s",
		n, n, webhook.Sign(relaySecret, body), len(body), body)
}

// A load is a number of connections that send requests and wait for answers,
// with as little work of their own as can be.
type load struct{ conns []net.Conn }

func dial(tb testing.TB, base string, n int) *load {
	tb.Helper()
	l := &load{}
	for range n {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err != nil {
			tb.Fatal(err)
		}
		l.conns = append(l.conns, conn)
	}
	return l
}

func (l *load) close() {
	for _, conn := range l.conns {
		conn.Close()
	}
}

// send sends requests 0 to n-1, each once and each when its connection has the
// answer to the one before.
func (l *load) send(tb testing.TB, n int, request func(int) []byte) {
	tb.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	for _, conn := range l.conns {
		group.Go(func() {
			answers := bufio.NewReaderSize(conn, 1<<10)
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if _, err := conn.Write(request(i)); err != nil {
					tb.Error(err)
					return
				}
				if err := readOK(answers); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if tb.Failed() {
		tb.FailNow()
	}
}

// readOK reads an answer without a body.
func readOK(answers *bufio.Reader) error {
	for first := true; ; first = false {
		line, err := answers.ReadSlice('\n')
		switch {
		case err != nil:
			return err
		case first && !strings.HasPrefix(string(line), "HTTP/1.1 200 "):
			return fmt.Errorf("answer %q", line)
		case len(line) == 2:
			return nil
		}
	}
}
