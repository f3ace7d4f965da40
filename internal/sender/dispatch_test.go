package sender

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// jumpingClock never waits: it jumps to the end of a wait.
type jumpingClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *jumpingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *jumpingClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	there := make(chan time.Time, 1)
	there <- c.now
	return there
}

func one(url string) Batch {
	return Batch{
		Len:  1,
		At:   func(int) time.Duration { return 0 },
		Make: func(int) (Delivery, error) { return Signed(url, "relay-secret", "key", []byte(`{"a":1}`)), nil },
	}
}

// TestRetryTable delivers to real servers: how often they are asked and what
// lies between, and that the bytes are the same each time.
func TestRetryTable(t *testing.T) {
	t.Parallel()
	const minutes = time.Minute
	all := []time.Duration{2 * minutes, 10 * minutes, 30 * minutes, 90 * minutes, 210 * minutes}
	tests := map[string]struct {
		answer func() http.HandlerFunc
		waits  []time.Duration
		taken  bool
	}{
		"200": {answers(200), nil, true},
		"204": {answers(204), nil, true},
		"301": {answers(301), nil, false},
		"302": {answers(302), nil, false},
		"303": {answers(303), nil, false},
		"400": {answers(400), all[:2], false},
		"404": {answers(404), all[:2], false},
		"500": {answers(500), all[:1], false},
		"503": {answers(503), all[:4], false},
		"401": {answers(401), all, false},
		"429": {answers(429), all, false},
		"502": {answers(502), all, false},
		"no answer": {func() http.HandlerFunc {
			return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, all, false},
		"503 then 200": {answers(503, 503, 200), all[:2], true},
		"500 then 503": {answers(500, 503, 200), all[:2], true},
	}
	for name, tt := range tests {
		for _, scale := range []float64{1, 60, 720} {
			t.Run(fmt.Sprint(name, " x", scale), func(t *testing.T) {
				t.Parallel()
				var asked []string
				var mu sync.Mutex
				answer := tt.answer()
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					mu.Lock()
					asked = append(asked, fmt.Sprint(r.Header["X-Go-Signature"], r.Header["X-Go-Idempotency-Key"], string(body)))
					mu.Unlock()
					answer(w, r)
				}))
				defer server.Close()
				clock := &jumpingClock{now: time.Date(2026, 1, 5, 12, 0, 0, 0, WIB)}
				c := Dispatcher{Client: NewClient(1, nil, nil), Concurrency: 1, Retry: true, TimeScale: scale, Now: clock.Now, After: clock.After}
				made := slices.Collect(c.Attempts(t.Context(), one(server.URL)))
				mu.Lock()
				defer mu.Unlock()
				if len(made) != len(tt.waits)+1 || len(asked) != len(made) {
					t.Fatalf("%d attempts, %d requests; want %d", len(made), len(asked), len(tt.waits)+1)
				}
				for i, a := range made {
					last := i == len(tt.waits)
					if a.Attempt != i+1 || a.Again == last || a.Succeeded() != (last && tt.taken) {
						t.Errorf("attempt %d: %+v", i+1, a)
					}
					if last {
						continue
					}
					want := time.Duration(float64(tt.waits[i]) / scale)
					if got := made[i+1].Sent.Sub(a.Sent); got != want || a.Wait != tt.waits[i] {
						t.Errorf("after attempt %d: %v, of GoBiz's %v; want %v and %v", i+1, got, a.Wait, want, tt.waits[i])
					}
					if asked[i] != asked[i+1] {
						t.Errorf("attempt %d sent %s, then %s", i+1, asked[i], asked[i+1])
					}
				}
			})
		}
	}
}

// answers gives receivers that answer with one status after the other, and then
// with the last.
func answers(codes ...int) func() http.HandlerFunc {
	return func() http.HandlerFunc {
		var mu sync.Mutex
		left := codes
		return func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if left[0] >= 300 && left[0] < 400 {
				w.Header().Set("Location", "/elsewhere")
			}
			w.WriteHeader(left[0])
			if len(left) > 1 {
				left = left[1:]
			}
		}
	}
}

// transport answers without a network, so that a test's clock is all there is.
type transport func(*http.Request) (int, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	status, err := f(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

// numbers is a batch whose n-th body is its number, one a second.
func numbers(n int) Batch {
	return Batch{
		Len: n,
		At:  func(n int) time.Duration { return time.Duration(n) * time.Second },
		Make: func(n int) (Delivery, error) {
			return Signed("http://pos.example.test", "s", "", fmt.Append(nil, n)), nil
		},
	}
}

// TestLaterOnesDoNotWait has the first of four refused twice: the others pass it,
// at exactly their times.
func TestLaterOnesDoNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		var asked []string
		c := Dispatcher{Concurrency: 4, Retry: true, TimeScale: 60, Client: &http.Client{Transport: transport(func(r *http.Request) (int, error) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, fmt.Sprintf("%s at %v", body, time.Since(start)))
			if string(body) == "0" {
				return 400, nil
			}
			return 200, nil
		})}}
		for range c.Attempts(t.Context(), numbers(4)) {
		}
		want := "0 at 0s, 1 at 1s, 0 at 2s, 2 at 2s, 3 at 3s, 0 at 12s"
		if got := strings.Join(asked, ", "); got != want && got != strings.Replace(want, "0 at 2s, 2 at 2s", "2 at 2s, 0 at 2s", 1) {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := Dispatcher{Concurrency: 2, Retry: true, LoseAnswers: true, TimeScale: 720, Client: &http.Client{Transport: transport(func(*http.Request) (int, error) {
			return 204, nil
		})}}
		count := map[int]int{}
		taken := 0
		for a := range c.Attempts(t.Context(), numbers(3)) {
			count[a.N]++
			if a.Succeeded() {
				taken++
			}
			if a.Status != 204 || a.Lost != (a.Attempt < 6) || (a.Error == "") == a.Lost {
				t.Errorf("%+v", a)
			}
		}
		if len(count) != 3 || count[0] != 6 || count[1] != 6 || count[2] != 6 || taken != 3 {
			t.Errorf("attempts %v, %d taken", count, taken)
		}
	})
}

// TestConcurrency has no attempt end before as many as allowed are under way, so it
// would hang with fewer; more are counted.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const concurrency, n = 3, 30
		var mu sync.Mutex
		under, most := 0, 0
		c := Dispatcher{Concurrency: concurrency, Client: &http.Client{Transport: transport(func(*http.Request) (int, error) {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			time.Sleep(time.Hour) // of the test's clock: until nobody else can begin
			mu.Lock()
			under--
			mu.Unlock()
			return 200, nil
		})}}
		b := numbers(n)
		b.At = func(int) time.Duration { return 0 }
		if got := len(slices.Collect(c.Attempts(t.Context(), b))); got != n || most != concurrency {
			t.Errorf("%d attempts, %d at once; want %d and %d", got, most, n, concurrency)
		}
	})
}

// TestBatchIsNotKept counts the notifications that have been made and not yet
// given: they are never more than those under way.
func TestBatchIsNotKept(t *testing.T) {
	t.Parallel()
	const concurrency, n = 4, 20_000
	var mu sync.Mutex
	made, given, most := 0, 0, 0
	c := Dispatcher{Concurrency: concurrency, Client: &http.Client{Transport: transport(func(*http.Request) (int, error) { return 200, nil })}}
	b := Batch{Len: n, At: func(int) time.Duration { return 0 }, Make: func(int) (Delivery, error) {
		mu.Lock()
		defer mu.Unlock()
		made++
		most = max(most, made-given)
		return Delivery{URL: "http://pos.example.test", Header: http.Header{}}, nil
	}}
	for range c.Attempts(t.Context(), b) {
		mu.Lock()
		given++
		mu.Unlock()
	}
	mu.Lock()
	defer mu.Unlock()
	if given != n || most > concurrency+1 {
		t.Errorf("%d of %d were given; up to %d existed at once", given, n, most)
	}
}

func TestAttemptsEndEarly(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	hang := transport(func(r *http.Request) (int, error) {
		if body, _ := io.ReadAll(r.Body); string(body) != "0" {
			<-r.Context().Done()
			return 0, r.Context().Err()
		}
		return 200, nil
	})
	b := numbers(10)
	b.At = func(int) time.Duration { return 0 }
	c := Dispatcher{Concurrency: 3, Client: &http.Client{Transport: hang}, Retry: true}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var given []int
	for a := range c.Attempts(ctx, b) {
		given = append(given, a.N)
		cancel()
	}
	if !slices.Equal(given, []int{0}) {
		t.Errorf("after the context ended: %v were given, want the one that was taken", given)
	}
	for range c.Attempts(t.Context(), b) {
		break
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	t.Parallel()
	b := one("http://pos.example.test")
	b.Make = func(int) (Delivery, error) { return Delivery{}, errors.New("line 7: gone") }
	c := Dispatcher{Concurrency: 1, Retry: true, Client: &http.Client{Transport: transport(func(*http.Request) (int, error) {
		t.Error("something was sent")
		return 200, nil
	})}}
	for a := range c.Attempts(t.Context(), b) {
		if a.Again || a.Succeeded() || a.Error != "line 7: gone" {
			t.Errorf("%+v", a)
		}
	}
}
