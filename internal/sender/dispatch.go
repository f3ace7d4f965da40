package sender

import (
	"cmp"
	"container/heap"
	"context"
	"iter"
	"net/http"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A Delivery is one notification on its way to one URL. Every attempt sends the
// same bytes.
type Delivery struct {
	URL     string
	Header  http.Header
	Body    []byte
	Summary webhook.Summary // of the body, for reports
}

// A Batch is what a Dispatcher delivers. Its notifications are made when they
// leave and forgotten after, so that a large one needs little memory.
type Batch struct {
	Len int
	// At is when the n-th leaves, since the start; it must not go down.
	At func(n int) time.Duration
	// Make returns the n-th, the same at every call. Several goroutines call it.
	Make func(n int) (Delivery, error)
}

// A Dispatcher makes the attempts to deliver a batch.
type Dispatcher struct {
	Client      *http.Client // see NewClient
	Concurrency int          // how many requests are under way at once, at least 1
	Retry       bool         // repeats what was not delivered, by GoBiz's table; else there is one attempt
	TimeScale   float64      // divides the waits between attempts; 1 when it is 0

	// LoseAnswers makes every answer count as none, as far as there are retries.
	LoseAnswers bool

	Now   func() time.Time                     // default time.Now
	After func(time.Duration) <-chan time.Time // default time.After
}

// An Attempt is one request and what became of it.
type Attempt struct {
	Delivery
	Answer
	N       int // which of the batch, from 0
	Attempt int // of this delivery, from 1
	Lost    bool
	Sent    time.Time
	Took    time.Duration
	Again   bool          // another attempt follows
	Wait    time.Duration // until then, in GoBiz's time
}

// Succeeded reports whether the delivery has come to its good end.
func (a Attempt) Succeeded() bool { return a.Delivered() && !a.Lost }

// Attempts delivers a batch and returns each attempt as it ends, so not in the
// order of the batch. Later notifications do not wait for the retries of earlier
// ones. Each wait counts from the end of the attempt before it.
//
// It ends when everything was delivered or given up, or early with ctx or with
// the loop: attempts under way are broken off then, and not returned.
func (d *Dispatcher) Attempts(ctx context.Context, b Batch) iter.Seq[Attempt] {
	return func(yield func(Attempt) bool) {
		r := run{Dispatcher: *d, batch: b, results: make(chan Attempt, max(d.Concurrency, 1))}
		if r.Now == nil {
			r.Now = time.Now
		}
		if r.After == nil {
			r.After = time.After
		}
		r.start = r.Now()
		ctx, stop := context.WithCancel(ctx)
		defer r.senders.Wait()
		defer stop()
		r.deliver(ctx, yield)
	}
}

// A run is the delivery of one batch.
type run struct {
	Dispatcher
	batch    Batch
	start    time.Time
	sent     int          // notifications of the batch that have left
	retries  schedule     // attempts to be made again
	inFlight int          // attempts under way
	results  chan Attempt // has room for every attempt under way, so that none waits for a reader
	senders  sync.WaitGroup
}

func (r *run) deliver(ctx context.Context, yield func(Attempt) bool) {
	for ctx.Err() == nil {
		next, ok := r.next()
		if !ok && r.inFlight == 0 {
			return
		}
		var timer <-chan time.Time
		if ok && r.inFlight < cap(r.results) {
			wait := next.due.Sub(r.Now())
			if wait <= 0 {
				r.send(ctx, next)
				continue
			}
			timer = r.After(wait)
		}
		select {
		case <-ctx.Done():
		case <-timer:
		case a := <-r.results:
			r.inFlight--
			if ctx.Err() != nil && !a.Delivered() {
				continue // broken off
			}
			r.scheduleRetry(&a)
			if !yield(a) {
				return
			}
		}
	}
	r.senders.Wait()
	for ; r.inFlight > 0; r.inFlight-- {
		if a := <-r.results; a.Delivered() && !yield(a) { // before the end
			return
		}
	}
}

// next is the attempt that is due first, if there is one left.
func (r *run) next() (next scheduled, ok bool) {
	if r.sent < r.batch.Len {
		next, ok = scheduled{due: r.start.Add(r.batch.At(r.sent)), n: r.sent, attempt: 1}, true
	}
	if len(r.retries) > 0 && (!ok || r.retries[0].due.Before(next.due)) {
		next, ok = r.retries[0], true
	}
	return next, ok
}

// send makes the next attempt.
func (r *run) send(ctx context.Context, next scheduled) {
	if next.attempt == 1 {
		r.sent++
	} else {
		heap.Pop(&r.retries)
	}
	r.inFlight++
	r.senders.Go(func() { r.results <- r.attempt(ctx, next) })
}

func (r *run) attempt(ctx context.Context, s scheduled) Attempt {
	a := Attempt{N: s.n, Attempt: s.attempt, Sent: r.Now()}
	var err error
	if a.Delivery, err = r.batch.Make(s.n); err != nil {
		a.Error = err.Error()
		return a
	}
	a.Answer = Post(ctx, r.Client, a.URL, a.Header, a.Body)
	a.Took = r.Now().Sub(a.Sent)
	return a
}

// scheduleRetry decides whether another attempt follows, and when.
func (r *run) scheduleRetry(a *Attempt) {
	if !r.Retry || a.URL == "" { // or it could not be made
		return
	}
	status := a.Status
	if r.LoseAnswers {
		status = 0
	}
	if a.Wait, a.Again = RetryWait(a.Attempt, status); !a.Again {
		return
	}
	if r.LoseAnswers && a.Delivered() {
		a.Lost, a.Error = true, "answer lost on purpose"
	}
	due := a.Sent.Add(a.Took + scaled(a.Wait, cmp.Or(r.TimeScale, 1)))
	heap.Push(&r.retries, scheduled{n: a.N, attempt: a.Attempt + 1, due: due})
}

// scheduled is an attempt that is still to be made.
type scheduled struct {
	due        time.Time
	n, attempt int
}

// A schedule is a heap of attempts by time.
type schedule []scheduled

func (s schedule) Len() int           { return len(s) }
func (s schedule) Less(i, j int) bool { return s[i].due.Before(s[j].due) }
func (s schedule) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *schedule) Push(x any)        { *s = append(*s, x.(scheduled)) }

func (s *schedule) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	*s = (*s)[:last]
	return x
}

// retryWaits are the pauses before the second and later attempts; each counts
// from the attempt before it (developer documentation, "Best practices").
var retryWaits = []time.Duration{
	2 * time.Minute,
	10 * time.Minute,
	30 * time.Minute,
	90 * time.Minute,
	210 * time.Minute,
}

// retriesAfter is how often a delivery is repeated at most when a receiver
// answers with status, 0 for no answer at all (developer documentation, "Best
// practices"; that no answer counts as "everything else" is inferred).
func retriesAfter(status int) int {
	switch {
	case status >= 200 && status < 300:
		return 0
	case status == http.StatusInternalServerError:
		return 1
	case status == http.StatusServiceUnavailable:
		return 4
	case status == http.StatusBadRequest, status == http.StatusNotFound:
		return 2
	case status == http.StatusMovedPermanently, status == http.StatusFound, status == http.StatusSeeOther:
		return 0
	default:
		return len(retryWaits)
	}
}

// RetryWait is the pause after a delivery's latest attempt, the attempts-th one,
// and whether there is another attempt at all. When a receiver answers
// differently from time to time, its latest answer decides.
func RetryWait(attempts, status int) (time.Duration, bool) {
	retries := attempts - 1
	if retries >= min(retriesAfter(status), len(retryWaits)) {
		return 0, false
	}
	return retryWaits[retries], true
}
