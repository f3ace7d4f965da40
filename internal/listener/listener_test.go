package listener_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const secret = "relay-secret-for-tests-001"

// running is a listener under test, and what it said.
type running struct {
	*listener.Listener
	t       *testing.T
	dir     string
	record  string
	missed  string
	notices chan listener.Notice
	stop    func() listener.Summary // once
}

// start starts a listener on a free port of this machine.
func start(t *testing.T, change func(*listener.Options)) *running {
	t.Helper()
	dir := t.TempDir()
	r := &running{
		t: t, dir: dir, record: filepath.Join(dir, "capture.jsonl"), missed: filepath.Join(dir, "missed.jsonl"),
		notices: make(chan listener.Notice, 64),
	}
	o := listener.Options{
		Addr: "127.0.0.1:0", Secrets: []string{"another", secret}, Record: r.record, Missed: r.missed,
		Notify:   func(n listener.Notice) { r.notices <- n },
		Patience: time.Hour, // each event comes once, however slow this machine is
	}
	if change != nil {
		change(&o)
	}
	l, err := listener.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Listener = l
	r.stop = sync.OnceValue(func() listener.Summary { return r.stopIn(context.Background()) })
	t.Cleanup(func() { r.stop() })
	return r
}

// stopIn stops with a context for what waits.
func (r *running) stopIn(ctx context.Context) listener.Summary {
	r.t.Helper()
	s, err := r.Stop(ctx)
	if err != nil {
		r.t.Error(err)
	}
	return s
}

// events are all events of a listener that stops now.
func (r *running) events() (all []listener.Event, s listener.Summary) {
	s = r.stop()
	for e := range r.Events() {
		all = append(all, e)
	}
	return all, s
}

// post sends a signed body and gives the status of the answer.
func (r *running) post(body string, change ...func(*http.Request)) int {
	r.t.Helper()
	status, _ := r.do(body, change...)
	return status
}

func (r *running) do(body string, change ...func(*http.Request)) (int, string) {
	r.t.Helper()
	request, err := http.NewRequest(http.MethodPost, r.URL()+"/gofood", bytes.NewReader([]byte(body)))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set(webhook.SignatureHeader, webhook.Sign(secret, []byte(body)))
	for _, c := range change {
		c(request)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// records are what the lines of a capture, or of a list of missed ones, stand for.
func records(t *testing.T, path string) []capture.Record {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := capture.LoadFile(text, os.DirFS(filepath.Dir(path)))
	if err != nil || in.Kind != capture.Capture || len(in.Broken) > 0 {
		t.Fatalf("%v, %v, %v", in.Kind, in.Broken, err)
	}
	return in.Records
}

// target is a server that requests are forwarded to.
func target(t *testing.T, handle http.HandlerFunc) *url.URL {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return parse(t, server.URL)
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// order is the body of an order's event.
func order(event, id, number, status string) string {
	return `{"header":{"event_name":"` + event + `","event_id":"` + id + `"},"body":{"outlet":{"id":"G100000001"},"order":{"status":"` + status + `","order_number":"` + number + `"}}}`
}
