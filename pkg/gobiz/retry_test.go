package gobiz_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// script is a transport that answers with its steps, the last one for ever.
type script struct {
	steps  []func(*http.Request) (*http.Response, error)
	bodies []string
	ids    []string
	auth   []string
	times  []time.Time
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		data, _ := io.ReadAll(req.Body)
		req.Body.Close()
		body = string(data)
	}
	s.bodies = append(s.bodies, body)
	s.ids = append(s.ids, req.Header.Get("X-Request-Id"))
	s.auth = append(s.auth, req.Header.Get("Authorization"))
	s.times = append(s.times, time.Now())
	step := s.steps[min(len(s.bodies), len(s.steps))-1]
	resp, err := step(req)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

func reply(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
	}
}

func broken(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// cutOff announces more than it sends.
func cutOff(*http.Request) (*http.Response, error) {
	body := io.NopCloser(io.MultiReader(strings.NewReader(`{"success":true,"da`), errReader{}))
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, ContentLength: -1}, nil
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

const done = `{"success":true,"data":{"request_id":null,"outlets":[],"promotions":[],"total_count":0,"limit":0,"page":0}}`

func scripted(t *testing.T, s *script, change ...func(*gobiz.Options)) *gobiz.Client {
	t.Helper()
	return newClient(t, "https://api.example.test/", append([]func(*gobiz.Options){func(o *gobiz.Options) {
		o.Transport = s
		o.MaxAttempts = 0 // the default
	}}, change...)...)
}

func TestRetryMatrix(t *testing.T) {
	failure := func(status int) func(*http.Request) (*http.Response, error) {
		return reply(status, `{"success":false,"errors":[{"message_title":"T","message":"m"}]}`)
	}
	order := gobiz.OrderRef{OutletID: "G1", Type: gobiz.OrderDelivery, Number: "F-1"}
	calls := []struct {
		name   string
		repeat bool
		call   func(context.Context, *gobiz.Client) error
	}{
		{"GET", true, func(ctx context.Context, c *gobiz.Client) error {
			_, err := c.Promos(ctx, "G1", gobiz.Page{})
			return err
		}},
		{"PUT", true, func(ctx context.Context, c *gobiz.Client) error { return c.AcceptOrder(ctx, order) }},
		{"DELETE", true, func(ctx context.Context, c *gobiz.Client) error {
			return c.UnlinkOutlet(ctx, "G1", gobiz.ProductGoFood)
		}},
		{"PATCH stock", true, func(ctx context.Context, c *gobiz.Client) error {
			return c.UpdateVariantStocks(ctx, "G1", []gobiz.StockUpdate{{ID: "x"}})
		}},
		{"POST with a key", true, func(ctx context.Context, c *gobiz.Client) error {
			_, err := c.CreatePromo(ctx, "G1", gobiz.PromoRequest{})
			return err
		}},
		{"POST", false, func(ctx context.Context, c *gobiz.Client) error {
			_, err := c.Subscriptions(gobiz.AllOutlets).Create(ctx, gobiz.SubscriptionRequest{Event: "e", URL: "u"})
			return err
		}},
		{"PATCH of an unknown path", false, func(ctx context.Context, c *gobiz.Client) error {
			resp, err := c.Do(ctx, gobiz.Request{Method: "PATCH", Path: "/new", Body: []byte("{}")})
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			return resp.Failure(nil)
		}},
	}
	answers := []struct {
		name   string
		repeat bool
		step   func(*http.Request) (*http.Response, error)
	}{
		{"400", false, failure(400)}, {"403", false, failure(403)}, {"404", false, failure(404)}, {"409", false, failure(409)}, {"422", false, failure(422)},
		{"501", false, failure(501)},
		{"429", true, failure(429)}, {"500", true, failure(500)}, {"502", true, failure(502)}, {"503", true, failure(503)}, {"504", true, failure(504)},
		{"reset", true, broken(errors.New("connection reset by peer"))},
		{"EOF", true, broken(io.ErrUnexpectedEOF)},
	}
	for _, call := range calls {
		for _, answer := range answers {
			t.Run(call.name+"/"+answer.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &script{steps: []func(*http.Request) (*http.Response, error){answer.step}}
					err := call.call(t.Context(), scripted(t, s))
					want := 1
					if call.repeat && answer.repeat {
						want = gobiz.DefaultMaxAttempts
					}
					if len(s.bodies) != want {
						t.Fatalf("%d requests, want %d", len(s.bodies), want)
					}
					var failed *gobiz.Error
					if !errors.As(err, &failed) || failed.Attempts != want {
						t.Fatalf("error %v does not tell of %d attempts", err, want)
					}
					if failed.Retryable != answer.repeat {
						t.Errorf("Retryable = %v", failed.Retryable)
					}
					for i := range s.bodies {
						if s.bodies[i] != s.bodies[0] || s.ids[i] != s.ids[0] || s.ids[i] == "" {
							t.Errorf("request %d has body %q and id %q, the first %q and %q", i+1, s.bodies[i], s.ids[i], s.bodies[0], s.ids[0])
						}
					}
				})
			})
		}
	}
}

func TestRetrySucceedsAfterCutOffBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []func(*http.Request) (*http.Response, error){cutOff, reply(503, "busy"), reply(200, done)}}
		var attempts []gobiz.Attempt
		client := scripted(t, s, func(o *gobiz.Options) { o.OnAttempt = func(a gobiz.Attempt) { attempts = append(attempts, a) } })
		if _, err := client.PutCatalog(t.Context(), "G1", sampleMenu(t), ""); err != nil {
			t.Fatal(err)
		}
		if last := attempts[len(attempts)-1]; last.Number != 3 || last.Status != 200 || last.Operation != "putCatalog" || last.RequestID != s.ids[0] {
			t.Errorf("last attempt %+v", last)
		}
		if s.bodies[0] != s.bodies[2] || !strings.Contains(s.bodies[2], "MI-001") {
			t.Errorf("last body %q", s.bodies[2])
		}
		type row struct {
			Number, Status int
			Failed, Again  bool
		}
		var got []row
		for i, a := range attempts {
			got = append(got, row{a.Number, a.Status, a.Err != nil, a.Again})
			if a.Again && s.times[i+1].Sub(s.times[i]) != a.Wait {
				t.Errorf("attempt %d: waited %v, announced %v", a.Number, s.times[i+1].Sub(s.times[i]), a.Wait)
			}
		}
		want := []row{{1, 0, true, true}, {2, 503, false, true}, {3, 200, false, false}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRetryKeepsTheLastAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []func(*http.Request) (*http.Response, error){
			broken(io.EOF), reply(503, "first"),
			reply(503, `{"success":false,"errors":[{"message_title":"Busy","message":"come back later"}]}`, "X-Request-Id", "srv-1"),
		}}
		_, err := scripted(t, s, func(o *gobiz.Options) { o.MaxAttempts = 3 }).Outlet(t.Context(), "G1")
		var failed *gobiz.Error
		if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		want := "GET /integrations/partner/outlets/G1/v1: 503 Busy: come back later (3 attempts, request id srv-1)"
		if failed.Error() != want {
			t.Errorf("got  %s\nwant %s", failed, want)
		}
	})
}

func TestBackoffGrowsAndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		longest := make([]time.Duration, 5)
		different := map[time.Duration]bool{}
		for range 200 {
			s := &script{steps: []func(*http.Request) (*http.Response, error){reply(503, "")}}
			client := scripted(t, s, func(o *gobiz.Options) { o.MaxAttempts = 6 })
			_, _ = client.Promos(t.Context(), "G1", gobiz.Page{})
			for i := range longest {
				wait := s.times[i+1].Sub(s.times[i])
				longest[i] = max(longest[i], wait)
				different[wait] = true
			}
		}
		for i, got := range longest {
			most := 500 * time.Millisecond << i
			if got > most || got < most/2 {
				t.Errorf("wait %d: longest of 200 is %v, want between %v and %v", i+1, got, most/2, most)
			}
		}
		if len(different) < 100 {
			t.Errorf("only %d different waits: no jitter", len(different))
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 5, 3, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		header []string
		least  time.Duration // of the wait before the second request
		most   time.Duration
		calls  int
		told   time.Duration // Error.RetryAfter at the end
	}{
		{"seconds", []string{"Retry-After", "7"}, 7 * time.Second, 7 * time.Second, 2, 7 * time.Second},
		{"zero", []string{"Retry-After", "0"}, 0, 500 * time.Millisecond, 2, 0},
		{"negative", []string{"Retry-After", "-5"}, 0, 500 * time.Millisecond, 2, 0},
		{"date, against the server's clock", []string{"Date", now.Format(http.TimeFormat), "Retry-After", now.Add(9 * time.Second).Format(http.TimeFormat)},
			9 * time.Second, 9 * time.Second, 2, 9 * time.Second},
		{"date that has passed", []string{"Date", now.Format(http.TimeFormat), "Retry-After", now.Add(-time.Hour).Format(http.TimeFormat)}, 0, 500 * time.Millisecond, 2, 0},
		{"nonsense", []string{"Retry-After", "soon"}, 0, 500 * time.Millisecond, 2, 0},
		{"longer than we wait", []string{"Retry-After", "3600"}, 0, 0, 1, time.Hour},
		{"absurd", []string{"Retry-After", "9223372036854775807"}, 0, 0, 1, 365 * 24 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []func(*http.Request) (*http.Response, error){reply(429, "", tt.header...)}}
				_, err := scripted(t, s, func(o *gobiz.Options) { o.MaxAttempts = 2 }).Promos(t.Context(), "G1", gobiz.Page{})
				if !errors.Is(err, gobiz.ErrRateLimited) {
					t.Fatal(err)
				}
				if len(s.times) != tt.calls {
					t.Fatalf("%d requests, want %d", len(s.times), tt.calls)
				}
				if tt.calls == 2 {
					if wait := s.times[1].Sub(s.times[0]); wait < tt.least || wait > tt.most {
						t.Errorf("waited %v, want %v to %v", wait, tt.least, tt.most)
					}
				}
				var failed *gobiz.Error
				if errors.As(err, &failed) && failed.RetryAfter != tt.told {
					t.Errorf("RetryAfter = %v, want %v", failed.RetryAfter, tt.told)
				}
			})
		})
	}
}

func TestRetryEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []func(*http.Request) (*http.Response, error){reply(503, "", "Retry-After", "30")}}
		client := scripted(t, s)

		// A wait beyond the deadline is not begun: the answer is worth more.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := client.Promos(ctx, "G1", gobiz.Page{}); !errors.Is(err, gobiz.ErrServer) || time.Since(start) != 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}

		// Cancelling ends the wait.
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, stop)
		start = time.Now()
		_, err := client.Promos(ctx, "G1", gobiz.Page{})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, gobiz.ErrCancelled) || time.Since(start) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// TestTimeoutPerAttempt: each attempt has its own time, the catalog write more.
func TestTimeoutPerAttempt(t *testing.T) {
	hang := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	slowBody := func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: &hangingBody{req.Context()}, ContentLength: -1}, nil
	}
	for name, step := range map[string]func(*http.Request) (*http.Response, error){"no answer": hang, "no body": slowBody} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []func(*http.Request) (*http.Response, error){step, reply(200, done)}}
				client := scripted(t, s)
				start := time.Now()
				if _, err := client.Promos(t.Context(), "G1", gobiz.Page{}); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < 30*time.Second || took > 31*time.Second {
					t.Errorf("read took %v", took)
				}
				s.bodies = nil
				start = time.Now()
				if _, err := client.PutCatalog(t.Context(), "G1", sampleMenu(t), ""); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < 90*time.Second || took > 91*time.Second {
					t.Errorf("catalog write took %v", took)
				}
			})
		})
	}
	t.Run("message", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []func(*http.Request) (*http.Response, error){hang}}
			_, err := scripted(t, s, func(o *gobiz.Options) { o.Timeout, o.MaxAttempts = 2*time.Second, 1 }).PutCatalog(t.Context(), "G1", sampleMenu(t), "")
			var timeout *gobiz.TimeoutError
			if !errors.As(err, &timeout) || timeout.After != 2*time.Second || !errors.Is(err, gobiz.ErrNetwork) {
				t.Fatal(err)
			}
			if !strings.Contains(err.Error(), "no answer from api.example.test: timed out after 2s") {
				t.Error(err)
			}
		})
	})
}

type hangingBody struct{ ctx context.Context }

func (b *hangingBody) Read([]byte) (int, error) { <-b.ctx.Done(); return 0, b.ctx.Err() }
func (b *hangingBody) Close() error             { return nil }

// TestStreamTimeout: a streamed answer may take longer than one time-out in
// all, but not between two pieces.
func TestStreamTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		step := func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: &drip{ctx: req.Context(), pieces: 5, every: 20 * time.Second}, ContentLength: -1}, nil
		}
		resp, err := scripted(t, &script{steps: []func(*http.Request) (*http.Response, error){step}}).Do(t.Context(), gobiz.Request{Path: "/x"})
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		var timeout *gobiz.TimeoutError
		if string(data) != "....." || !errors.As(err, &timeout) {
			t.Errorf("read %q, then %v", data, err)
		}
	})
}

// drip gives some pieces, then hangs.
type drip struct {
	ctx    context.Context
	pieces int
	every  time.Duration
}

func (d *drip) Read(p []byte) (int, error) {
	if d.pieces == 0 {
		<-d.ctx.Done()
		return 0, d.ctx.Err()
	}
	d.pieces--
	time.Sleep(d.every)
	p[0] = '.'
	return 1, nil
}

func (d *drip) Close() error { return nil }

func TestLimiterIsAskedForEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []func(*http.Request) (*http.Response, error){reply(503, ""), reply(200, done)}}
		limiter := &countingLimiter{}
		client := scripted(t, s, func(o *gobiz.Options) { o.Limiter = limiter })
		if _, err := client.Promos(t.Context(), "G1", gobiz.Page{}); err != nil || limiter.n != 2 {
			t.Errorf("asked %d times, %v", limiter.n, err)
		}
		limiter.err = errors.New("the rate does not allow it")
		if _, err := client.Promos(t.Context(), "G1", gobiz.Page{}); err == nil || err.Error() != "the rate does not allow it" || limiter.n != 3 {
			t.Errorf("asked %d times, %v", limiter.n, err)
		}
	})
}

type countingLimiter struct {
	n   int
	err error
}

func (l *countingLimiter) Wait(context.Context) error { l.n++; return l.err }
