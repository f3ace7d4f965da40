package listener_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// told waits for a notice.
func (r *running) told(want listener.NoticeKind) {
	r.t.Helper()
	if n := <-r.notices; n.Kind != want {
		r.t.Errorf("told %+v, want %s", n, want)
	}
}

func ids(t *testing.T, path string) (out []string) {
	t.Helper()
	for _, r := range records(t, path) {
		out = append(out, webhook.Summarize(r.Body).EventID)
	}
	return out
}

// TestCaptureTakenAway deletes, replaces and deletes the capture and its folder while
// the listener runs: what was recorded is there again, and is forwarded.
func TestCaptureTakenAway(t *testing.T) {
	t.Parallel()
	replacement := capture.Record{Method: "POST", Body: []byte(order("gofood.order.placed", "theirs", "F-2", "PLACED"))}
	for name, tt := range map[string]struct {
		take func(l *running) error
		want []string
	}{
		"deleted": {func(l *running) error { return os.Remove(l.record) }, []string{"e-1", "e-2", "e-3"}},
		"moved":   {func(l *running) error { return os.Rename(l.record, l.record+".1") }, []string{"e-1", "e-2", "e-3"}},
		"folder":  {func(l *running) error { return os.RemoveAll(l.dir) }, []string{"e-1", "e-2", "e-3"}},
		"replaced": {func(l *running) error {
			if err := os.Remove(l.record); err != nil {
				return err
			}
			return os.WriteFile(l.record, replacement.Append(nil), 0o600)
		}, []string{"theirs", "e-1", "e-2", "e-3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hang := make(chan struct{})
			to := target(t, func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if <-hang; webhook.Summarize(body).EventID == "e-2" {
					panic(http.ErrAbortHandler) // is missed
				}
			})
			l := start(t, func(o *listener.Options) { o.Forward = to })
			l.post(order("gofood.order.placed", "e-1", "F-1", "PLACED"))
			l.post(order("gofood.order.placed", "e-2", "F-1", "PLACED")) // waits in the capture
			if err := tt.take(l); err != nil {
				t.Fatal(err)
			}
			l.told(listener.CaptureRestored)
			l.post(order("gofood.order.placed", "e-3", "F-1", "PLACED"))
			close(hang)
			if _, s := l.events(); s.Forwarded != 2 || s.Missed != 1 || s.Kept != 1 {
				t.Errorf("%+v", s)
			}
			if got := ids(t, l.record); !slices.Equal(got, tt.want) {
				t.Errorf("recorded %q, want %q", got, tt.want)
			}
			if got := ids(t, l.missed); !slices.Equal(got, []string{"e-2"}) {
				t.Errorf("missed %q", got)
			}
		})
	}
}

// TestCaptureTakenAtTheEnd deletes the capture right before the end.
func TestCaptureTakenAtTheEnd(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	l.post(order("gofood.order.placed", "e-1", "F-1", "PLACED"))
	if err := os.Remove(l.record); err != nil {
		t.Fatal(err)
	}
	l.stop()
	if got := ids(t, l.record); !slices.Equal(got, []string{"e-1"}) {
		t.Errorf("recorded %q", got)
	}
}

// TestCaptureCannotBeRestored has a folder where the capture was: that is told of, is
// an error at the end, and the folder is left alone.
func TestCaptureCannotBeRestored(t *testing.T) {
	t.Parallel()
	l := start(t, nil)
	if err := errors.Join(os.Remove(l.record), os.Mkdir(l.record, 0o700)); err != nil {
		t.Fatal(err)
	}
	l.told(listener.CaptureLost)
	_, err := l.Stop(t.Context())
	l.stop = func() listener.Summary { return listener.Summary{} } // it was
	if err == nil || !strings.Contains(err.Error(), "restore the capture: ") {
		t.Errorf("error %v", err)
	}
	if info, err := os.Stat(l.record); err != nil || !info.IsDir() {
		t.Errorf("%v, %v", info, err)
	}
}

// TestCaptureCut cuts the capture, also in the middle of a line, while two of it wait
// for the target: they are missed, and nothing that comes later is taken for them.
func TestCaptureCut(t *testing.T) {
	t.Parallel()
	for _, left := range []int64{0, 10} {
		came, hang := make(chan struct{}, 9), make(chan struct{})
		var mu sync.Mutex
		var arrived []string
		to := target(t, func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			came <- struct{}{}
			<-hang
			mu.Lock()
			defer mu.Unlock()
			arrived = append(arrived, webhook.Summarize(body).EventID)
		})
		l := start(t, func(o *listener.Options) { o.Forward = to })
		for i := range 3 { // the first one is read from the capture, the others wait in it
			l.post(order("gofood.order.placed", fmt.Sprint("e-", i), "F-1", "PLACED"))
		}
		<-came
		if err := os.Truncate(l.record, left); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			l.post(order("gofood.order.placed", fmt.Sprint("e-", i+3), "F-1", "PLACED"))
		}
		l.told(listener.CaptureCut)
		close(hang)
		_, s := l.events()
		if want := []string{"e-0", "e-3", "e-4"}; !slices.Equal(arrived, want) {
			t.Errorf("cut to %d: arrived %q, want %q", left, arrived, want)
		}
		text, err := os.ReadFile(l.record)
		if err != nil {
			t.Fatal(err)
		}
		if in, err := capture.Load(text); err != nil || len(in.Records) != 2 || webhook.Summarize(in.Records[0].Body).EventID != "e-3" {
			t.Errorf("cut to %d: recorded %q, %v", left, text, err)
		}
		if s.Forwarded != 3 || s.Missed != 2 || s.Kept != 0 || s.LastMissed != 0 {
			t.Errorf("cut to %d: %+v", left, s)
		}
	}
}
