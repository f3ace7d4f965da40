package listener

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"hash/maphash"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

// lanes is how many requests are forwarded at a time.
const lanes = 16

// A forwarder sends requests to the target. All requests about one order go
// through one lane, so that they arrive in their order; an order that is slow
// holds up one lane.
type forwarder struct {
	target    *url.URL
	timeout   time.Duration
	transport *http.Transport
	counts    *counts
	events    *backlog[Event]
	notices   *notices
	health    *health
	missed    *missed
	undecided *undecided
	span      span

	ctx      context.Context // of the requests; ends when there is no more time for them
	cancel   context.CancelCauseFunc
	seed     maphash.Seed
	lanes    [lanes]*backlog[*delivery]
	working  sync.WaitGroup
	watching sync.WaitGroup
}

func newForwarder(o Options, counts *counts, events *backlog[Event], n *notices) *forwarder {
	f := &forwarder{
		target: o.Forward, timeout: o.ForwardTimeout, counts: counts, events: events, notices: n,
		transport: newTransport(o.Forward), missed: &missed{path: o.Missed}, seed: maphash.MakeSeed(),
		health: newHealth(targetAddr(o.Forward), n.tell),
	}
	f.ctx, f.cancel = context.WithCancelCause(context.Background())
	f.undecided = newUndecided(o.Patience, f.give)
	f.missed.check(n)
	for i := range f.lanes {
		f.lanes[i] = newDeliveryQueue(o.Dir, o.QueueMemory/lanes, func(err error) { n.tellOnce(QueueFailed, fileReason(err)) })
		f.working.Go(func() { f.work(i) })
	}
	f.watching.Go(func() { f.health.watch(f.ctx) })
	f.watching.Go(func() { f.undecided.watch(f.ctx.Done()) })
	return f
}

// newTransport connects to the target: directly, one request at a time on a
// connection, with nothing added to it.
func newTransport(target *url.URL) *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: DefaultForwardTimeout}).DialContext,
		MaxIdleConnsPerHost: lanes,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true, // it would add Accept-Encoding

		MaxResponseHeaderBytes: maxHeaders,
		// Certificates on this machine are made by whoever develops on it.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: isLoopback(target.Hostname())},
	}
}

// put adds a request behind those of its order.
func (f *forwarder) put(d *delivery) {
	key := d.event.OrderNumber
	if key == "" {
		key = d.event.EventID // there is no order to keep
	}
	f.counts.waiting.Add(1)
	lane := int(maphash.String(f.seed, key) % lanes)
	f.undecided.add(d.line, d.event)
	f.span.put(lane, d.line)
	if err := f.lanes[lane].put(d); err != nil {
		f.notices.tellOnce(QueueFailed, fileReason(err))
		f.done(lane, d, 0, "not queued: "+fileReason(err))
	}
}

func (f *forwarder) work(lane int) {
	for {
		d, ok := f.lanes[lane].take()
		if !ok {
			return
		}
		f.span.take(lane, d.line)
		start := time.Now()
		status, reason := f.send(d)
		d.event.ForwardTime = time.Since(start)
		f.done(lane, d, status, reason)
	}
}

// done says what became of a request.
func (f *forwarder) done(lane int, d *delivery, status int, reason string) {
	defer f.counts.waiting.Add(-1) // behind the others: it is missed or forwarded then
	f.span.done(lane, d.line, status != 0)
	e := &d.event
	e.Forwarded, e.ForwardStatus, e.ForwardError = true, status, reason
	if status == 0 {
		f.counts.missed.Add(1)
		if err := f.missed.add(d); err != nil {
			f.notices.tellOnce(MissedFailed, fileReason(err))
		} else {
			f.counts.kept.Add(1)
		}
	} else {
		f.counts.forwarded.Add(1)
		if status < 200 || status > 299 {
			f.counts.errors.Add(1)
		}
	}
	f.undecided.decide(d.line, *e, reason == errStopped.Error())
}

// give hands an event to the caller.
func (f *forwarder) give(e Event) {
	if err := f.events.put(e); err != nil {
		f.notices.tellOnce(QueueFailed, fileReason(err))
	}
}

// errStopped is why a request was not forwarded to its end.
var errStopped = errors.New("the listener has stopped")

// send makes the one attempt, and gives the target's status or why there is none.
func (f *forwarder) send(d *delivery) (status int, reason string) {
	if f.ctx.Err() != nil {
		return 0, errStopped.Error()
	}
	ctx, cancel := context.WithTimeout(f.ctx, f.timeout)
	defer cancel()
	answer, err := f.transport.RoundTrip(newRequest(ctx, f.target, d))
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
func newRequest(ctx context.Context, target *url.URL, d *delivery) *http.Request {
	r := &http.Request{
		Method: d.Method, URL: targetURL(target, d.uri), Host: target.Host, Header: forwardHeader(d.Header),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		ContentLength: int64(len(d.Body)), Body: http.NoBody,
	}
	if len(d.Body) > 0 {
		// The transport repeats a request of which nothing was written yet.
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(d.Body)), nil }
		r.Body, _ = r.GetBody()
	}
	return r.WithContext(ctx)
}

// stop forwards what waits until ctx ends; the rest counts as missed.
func (f *forwarder) stop(ctx context.Context) error {
	for _, lane := range f.lanes {
		lane.close()
	}
	stopEarly := context.AfterFunc(ctx, func() { f.cancel(errStopped) })
	f.working.Wait()
	stopEarly()
	f.cancel(errStopped)
	f.watching.Wait()
	f.transport.CloseIdleConnections()
	return f.missed.close()
}

// forwardReason says why there was no answer, in few words and without the
// target's address.
func forwardReason(err error) string {
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	dialing := errors.As(err, &op) && op.Op == "dial"
	switch {
	case errors.Is(err, context.DeadlineExceeded) && !dialing:
		return "no answer in time"
	case errors.As(err, &certificate):
		return "certificate not trusted: " + certificate.Err.Error()
	}
	return sender.Reason(err)
}
