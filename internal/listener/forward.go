package listener

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"hash/maphash"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// workers is how many requests are forwarded at a time.
const workers = 16

// A forwarder sends requests to the target. Each worker has a queue of its own.
// All requests about one order are in the same queue, so that they arrive in
// their order; an order that is slow holds up one worker.
type forwarder struct {
	recorder  *recorder
	target    *url.URL
	name      string // see sender.ForwardedBy
	timeout   time.Duration
	verdict   Verdict // of what is forwarded
	transport *sender.Transport
	counts    *counts
	notices   *notices
	health    *health
	missed    *missed
	pending   *pending

	ctx      context.Context // of the requests; ends when there is no more time for them
	cancel   context.CancelCauseFunc
	seed     maphash.Seed
	next     int // the queue for the next request that need not be in order
	queues   [workers]*queue[job]
	working  sync.WaitGroup
	watching sync.WaitGroup

	mu                      sync.Mutex
	firstMissed, lastMissed int64 // offsets in the capture
	anyMissed               bool
}

// A job is a request that waits for the target.
type job struct {
	offset    int64
	length    int32
	duplicate bool
}

func (j job) ref() capture.Ref { return capture.Ref{Offset: j.offset, Length: int(j.length)} }

func newForwarder(o Options, r *recorder, counts *counts, report func(Event), n *notices) *forwarder {
	f := &forwarder{
		recorder: r, target: o.Forward, name: rand.Text(), timeout: o.ForwardTimeout, verdict: Valid, counts: counts, notices: n,
		transport: sender.NewTransport(workers, false, publichost.Loopback), missed: &missed{path: o.Missed, capture: o.Record}, seed: maphash.MakeSeed(),
		health: newHealth(targetAddr(o.Forward), n.notify), pending: newPending(o.Patience, report),
	}
	if o.Unverified {
		f.verdict = Unchecked
	}
	f.ctx, f.cancel = context.WithCancelCause(context.Background())
	f.missed.check(n)
	for i := range f.queues {
		f.queues[i] = newQueue[job]()
		f.working.Go(func() { f.work(f.queues[i]) })
	}
	f.watching.Go(func() { f.health.watch(f.ctx) })
	f.watching.Go(func() { f.pending.watch(f.ctx.Done()) })
	return f
}

// put adds a recorded request behind those of its order. It is not called by
// several goroutines at once.
func (f *forwarder) put(r *request) {
	j := job{offset: r.ref.Offset, length: int32(r.ref.Length), duplicate: r.event.Duplicate}
	f.pending.add(r.ref, r.event)
	if !f.queueOf(r.event.Summary).put(j) {
		f.notices.notifyOnce(QueueFull, "")
		f.done(r.ref, r.event, 0, "too many wait for the target")
	}
}

// queueOf chooses the queue for a request: one for each order and event, and any
// for what is about neither.
func (f *forwarder) queueOf(s webhook.Summary) *queue[job] {
	key := s.OrderNumber
	if key == "" {
		key = s.EventID
	}
	if key == "" {
		f.next++
		return f.queues[f.next%workers]
	}
	return f.queues[maphash.String(f.seed, key)%workers]
}

// work forwards what is in a queue until it is closed and empty.
func (f *forwarder) work(q *queue[job]) {
	for {
		j, ok := q.front()
		if !ok {
			return
		}
		f.forward(j)
		q.remove()
	}
}

// forward reads a request from the capture and makes the one attempt to send it.
func (f *forwarder) forward(j job) {
	e := Event{Verdict: f.verdict, Duplicate: j.duplicate}
	record, err := capture.ReadAt(f.recorder, j.ref())
	if err != nil {
		f.done(j.ref(), e, 0, "not read from the capture: "+fileReason(err))
		return
	}
	e.ReceivedAt, e.Summary = record.ReceivedAt, webhook.Summarize(record.Body)
	start := time.Now()
	status, reason := f.send(record)
	e.ForwardTime = time.Since(start)
	f.done(j.ref(), e, status, reason)
}

// errStopped is why a request was not forwarded to its end.
var errStopped = errors.New("the listener has stopped")

// send returns the target's status, or why there is none.
func (f *forwarder) send(record capture.Record) (status int, reason string) {
	if f.ctx.Err() != nil {
		return 0, errStopped.Error()
	}
	ctx, cancel := context.WithTimeout(f.ctx, f.timeout)
	defer cancel()
	answer, err := f.transport.RoundTrip(f.newRequest(ctx, record))
	if err != nil {
		if errors.Is(context.Cause(ctx), errStopped) {
			return 0, errStopped.Error()
		}
		f.health.suspect()
		return 0, forwardReason(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // keeps the connection
	return answer.StatusCode, ""
}

// newRequest is the request as it came, for the target.
func (f *forwarder) newRequest(ctx context.Context, record capture.Record) *http.Request {
	header := sender.ResendHeader(record.Header)
	header[sender.ForwardedBy] = append(header[sender.ForwardedBy], f.name)
	to := sender.ResendURL(f.target, record.Path, record.Query)
	if !strings.HasPrefix(to.RawPath, "//") { // which would be taken for a host
		to.Opaque = to.RawPath // sent as it is
	}
	r := &http.Request{
		Method: record.Method, URL: to, Host: f.target.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		ContentLength: int64(len(record.Body)), Body: http.NoBody,
	}
	if len(record.Body) > 0 {
		// The transport repeats a request of which nothing was written yet.
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(record.Body)), nil }
		r.Body, _ = r.GetBody()
	}
	return r.WithContext(ctx)
}

// done counts and reports what became of a request.
func (f *forwarder) done(ref capture.Ref, e Event, status int, reason string) {
	e.Forwarded, e.ForwardStatus, e.ForwardError = true, status, reason
	kept := false
	if status == 0 {
		f.noteMissed(ref.Offset)
		at, err := f.recorder.at.Load().locate(ref.Offset)
		if err == nil {
			err = f.missed.add(capture.Ref{Offset: at, Length: ref.Length})
		}
		if kept = err == nil; !kept {
			f.notices.notifyOnce(MissedFailed, fileReason(err))
		}
	}
	f.counts.update(func(s *Summary) {
		switch {
		case status == 0:
			s.Missed++
			if kept {
				s.Kept++
			}
		case status < 200 || status > 299:
			s.Errors++
			fallthrough
		default:
			s.Forwarded++
		}
	})
	f.pending.settle(ref, e, reason == errStopped.Error())
}

func (f *forwarder) noteMissed(offset int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.anyMissed {
		f.firstMissed, f.anyMissed = offset, true
	}
	f.firstMissed, f.lastMissed = min(f.firstMissed, offset), max(f.lastMissed, offset)
}

// unanswered returns the first and the last offset of what the target has not
// answered, or not yet.
func (f *forwarder) unanswered() (first, last int64, some bool) {
	f.mu.Lock()
	first, last, some = f.firstMissed, f.lastMissed, f.anyMissed
	f.mu.Unlock()
	for _, q := range f.queues {
		oldest, newest, n := q.ends()
		if n == 0 {
			continue
		}
		if !some {
			first, some = oldest.offset, true
		}
		first, last = min(first, oldest.offset), max(last, newest.offset)
	}
	return first, last, some
}

// waiting counts the requests that were not forwarded to their end.
func (f *forwarder) waiting() (n int) {
	for _, q := range f.queues {
		_, _, waits := q.ends()
		n += waits
	}
	return n
}

// stop forwards what waits until ctx ends; the rest counts as missed.
func (f *forwarder) stop(ctx context.Context) {
	for _, q := range f.queues {
		q.close()
	}
	stopEarly := context.AfterFunc(ctx, func() { f.cancel(errStopped) })
	f.working.Wait()
	stopEarly()
	f.cancel(errStopped)
	f.watching.Wait()
	f.transport.CloseIdleConnections()
}

// forwardReason says why there was no answer, in few words and without the
// target's address.
func forwardReason(err error) string {
	var op *net.OpError
	if dialing := errors.As(err, &op) && op.Op == "dial"; !dialing && errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return sender.Reason(err)
}
