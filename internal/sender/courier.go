package sender

import (
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

// A Batch is what a Courier delivers. Its notifications are made when they
// leave and forgotten after, so that a large one needs little memory.
type Batch struct {
	Len int
	// At is when the n-th leaves, since the start; it must not go down.
	At func(n int) time.Duration
	// Make gives the n-th, the same at every call. Several goroutines call it.
	Make func(n int) (Delivery, error)
}

// A Courier makes the attempts to deliver a batch.
type Courier struct {
	Client    *http.Client // see NewClient
	Flights   int          // how many attempts are under way at once, at least 1
	Retry     bool         // repeats what was not taken, by GoBiz's table; else there is one attempt
	TimeScale float64      // divides the waits between attempts; 1 when it is 0

	// LoseAnswers makes every answer count as none, as far as there are repeats.
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

// Taken tells whether the delivery has come to its good end.
func (a Attempt) Taken() bool { return a.Delivered() && !a.Lost }

// Attempts delivers a batch and gives each attempt as it ends, so not in the
// order of the batch. Later notifications do not wait for the repeats of
// earlier ones. Each wait counts from the end of the attempt before it.
//
// It ends when everything was taken or given up, or early with ctx or with the
// loop: attempts under way are broken off then, and not given.
func (c *Courier) Attempts(ctx context.Context, b Batch) iter.Seq[Attempt] {
	return func(yield func(Attempt) bool) {
		ctx, stop := context.WithCancel(ctx)
		r := round{c: c, b: b, start: c.now(), landed: make(chan Attempt, max(c.Flights, 1))}
		defer func() {
			stop()
			r.flying.Wait()
		}()
		r.deliver(ctx, yield)
	}
}

// A round is the delivery of one batch.
type round struct {
	c       *Courier
	b       Batch
	start   time.Time
	next    int     // the first notification that has not left yet
	repeats repeats // what is to be sent again
	under   int     // attempts under way
	flying  sync.WaitGroup
	landed  chan Attempt // holds every attempt under way, so that none waits for a reader
}

func (r *round) deliver(ctx context.Context, yield func(Attempt) bool) {
	for ctx.Err() == nil {
		due, pending := r.due()
		if !pending && r.under == 0 {
			return
		}
		var timer <-chan time.Time
		if pending && r.under < cap(r.landed) {
			wait := due.Sub(r.c.now())
			if wait <= 0 {
				r.send(ctx)
				continue
			}
			timer = r.c.after(wait)
		}
		select {
		case <-ctx.Done():
		case <-timer:
		case a := <-r.landed:
			r.under--
			if ctx.Err() != nil && !a.Delivered() {
				continue // broken off
			}
			r.judge(&a)
			if !yield(a) {
				return
			}
		}
	}
	r.flying.Wait()
	for r.under > 0 {
		a := <-r.landed
		r.under--
		if a.Delivered() && !yield(a) { // taken before the end
			return
		}
	}
}

// due is when the next attempt leaves, if there is one left.
func (r *round) due() (at time.Time, pending bool) {
	if r.next < r.b.Len {
		at, pending = r.start.Add(r.b.At(r.next)), true
	}
	if len(r.repeats) > 0 && (!pending || r.repeats[0].due.Before(at)) {
		at, pending = r.repeats[0].due, true
	}
	return at, pending
}

// send lets the attempt leave that is due first.
func (r *round) send(ctx context.Context) {
	one := repeat{n: r.next, attempt: 1}
	if r.next >= r.b.Len || len(r.repeats) > 0 && r.repeats[0].due.Before(r.start.Add(r.b.At(r.next))) {
		one = heap.Pop(&r.repeats).(repeat)
	} else {
		r.next++
	}
	r.under++
	r.flying.Go(func() { r.landed <- r.c.attempt(ctx, r.b, one) })
}

func (c *Courier) attempt(ctx context.Context, b Batch, one repeat) Attempt {
	a := Attempt{N: one.n, Attempt: one.attempt, Sent: c.now()}
	var err error
	if a.Delivery, err = b.Make(one.n); err != nil {
		a.Error = err.Error()
		return a
	}
	a.Answer = Post(ctx, c.Client, a.URL, a.Header, a.Body)
	a.Took = c.now().Sub(a.Sent)
	return a
}

// judge decides whether another attempt follows.
func (r *round) judge(a *Attempt) {
	if !r.c.Retry || a.URL == "" { // or it could not be made
		return
	}
	status := a.Status
	if r.c.LoseAnswers {
		status = 0
	}
	if a.Wait, a.Again = RetryWait(a.Attempt, status); !a.Again {
		return
	}
	if r.c.LoseAnswers && a.Delivered() {
		a.Lost, a.Error = true, "answer lost on purpose"
	}
	heap.Push(&r.repeats, repeat{n: a.N, attempt: a.Attempt + 1, due: a.Sent.Add(a.Took + scaled(a.Wait, r.c.scale()))})
}

func (c *Courier) scale() float64 {
	if c.TimeScale == 0 {
		return 1
	}
	return c.TimeScale
}

func (c *Courier) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

func (c *Courier) after(d time.Duration) <-chan time.Time {
	if c.After == nil {
		return time.After(d)
	}
	return c.After(d)
}

// A repeat is an attempt that is still to be made.
type repeat struct {
	due        time.Time
	n, attempt int
}

// repeats are a heap by time.
type repeats []repeat

func (r repeats) Len() int           { return len(r) }
func (r repeats) Less(i, j int) bool { return r[i].due.Before(r[j].due) }
func (r repeats) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *repeats) Push(x any)        { *r = append(*r, x.(repeat)) }

func (r *repeats) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	*r = (*r)[:last]
	return x
}
