package listener_test

import (
	"context"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/listener"
)

// hanging is a target that answers when it is told to.
func hanging(t *testing.T) (change func(*listener.Options), answer func()) {
	t.Helper()
	hang := make(chan struct{})
	answer = sync.OnceFunc(func() { close(hang) })
	to := target(t, func(http.ResponseWriter, *http.Request) { <-hang })
	t.Cleanup(answer) // before the target is closed
	return func(o *listener.Options) { o.Forward, o.Patience = to, time.Millisecond }, answer
}

// A target that hangs hides no event, nor those behind it in their order; they
// come again with its answer.
func TestHangingTargetHidesNothing(t *testing.T) {
	t.Parallel()
	change, answer := hanging(t)
	l := start(t, change)
	const n = 40
	for range n {
		l.post(order("gofood.order.placed", "", "F-1", "PLACED"))
	}
	seen := 0
	for e := range l.Events() {
		if !e.Forwarded || !e.Pending || e.Late || e.ForwardStatus != 0 || e.ForwardError != "" {
			t.Errorf("%+v", e)
		}
		if seen++; seen == n {
			break
		}
	}
	answer()
	events, summary := l.events()
	for _, e := range events {
		if !e.Late || e.Pending || e.ForwardStatus != 200 {
			t.Errorf("%+v", e)
		}
	}
	if want := (listener.Summary{Received: n, Forwarded: n}); summary != want || len(events) != n {
		t.Errorf("%d events, %+v, want %+v", len(events), summary, want)
	}
}

// What was shown without an answer is not repeated when the listener gives up;
// without a file for it, the lines of the capture are known.
func TestGivesUpWithoutAFile(t *testing.T) {
	t.Parallel()
	change, _ := hanging(t)
	l := start(t, func(o *listener.Options) {
		change(o)
		o.Missed = filepath.Join(filepath.Dir(o.Missed), "none", "missed.jsonl")
	})
	if n := <-l.notices; n.Kind != listener.MissedFailed || n.Detail != "no such file or directory" {
		t.Errorf("told %+v", n)
	}
	l.post("{}", header("X-Go-Signature", "forged"))
	l.post(order("gofood.order.placed", "1", "F-1", "PLACED"))
	l.post(order("gofood.order.placed", "2", "F-1", "PLACED"))
	shown := 0
	for range l.Events() {
		if shown++; shown == 3 {
			break
		}
	}
	if s := l.Summary(); s.Waiting != 2 || s.FirstMissed != 2 || s.LastMissed != 3 {
		t.Errorf("on its way: %+v", s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l.stop = sync.OnceValue(func() listener.Summary { return l.stopIn(ctx) })
	events, summary := l.events()
	if want := (listener.Summary{Received: 3, Invalid: 1, Missed: 2, FirstMissed: 2, LastMissed: 3}); summary != want || len(events) != 0 {
		t.Errorf("%+v, %+v, want %+v", events, summary, want)
	}
}

func TestRefusesDotSegments(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	for path, want := range map[string]int{
		"/..": 400, "/a/../b": 400, "/.": 400, "/%2e%2E/x": 400, "/a%2f..%2fb": 400, `/a%5c..`: 400,
		"/...": 200, "/a.b": 200, "/.a/b..": 200, "/a?x=/../": 200,
	} {
		if status := l.post("{}", func(r *http.Request) { r.URL.Opaque = path }); status != want {
			t.Errorf("%s: answer %d, want %d", path, status, want)
		}
	}
	if summary := l.stop(); summary.Received != 4 || summary.Refused != 6 {
		t.Errorf("%+v", summary)
	}
}
