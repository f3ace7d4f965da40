package webhook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// Defaults of [Options].
const (
	// DefaultMaxBody is the largest body a Handler reads, in bytes. Notifications
	// have a few thousand.
	DefaultMaxBody = 1 << 20
	// DefaultDeadline is when a Handler answers at the latest. GoBiz waits 15
	// seconds (developer documentation, "Best practices").
	DefaultDeadline = 10 * time.Second
	// DefaultConcurrency is how many notifications are worked on at once.
	DefaultConcurrency = 64
)

// Options say how a [Handler] works. Secrets and Receive are needed.
type Options struct {
	// Secrets are the relay secrets, several while one is being rotated.
	Secrets []string

	// Receive works on a notification that is verified, new and in order. Its
	// context ends at the deadline. body is the raw body, which it may keep.
	//
	// After nil GoBiz does not send the notification again. After an error it
	// does, and Receive gets it again. It may also get it again when this process
	// ends in between, so what it does should be safe to do twice.
	Receive func(ctx context.Context, n *Notification, body []byte) error

	MaxBody     int64         // bytes; DefaultMaxBody when 0
	Deadline    time.Duration // from a request's headers to its answer; DefaultDeadline when 0
	Concurrency int           // DefaultConcurrency when 0

	// Deliveries remember what was received. Nil is a [MemoryDeliveries], which one
	// process alone knows.
	Deliveries Deliveries
	// Orders remember how far each order is. Nil is a [MemoryOrders].
	Orders Orders
	// PassStale hands over notifications that would set an order back, with Stale
	// set. They are dropped otherwise.
	PassStale bool

	// RetryStatus answers what is to be sent again: Receive failed, was not done
	// in time, or works on the same notification at the moment. GoBiz repeats five
	// times within six hours after a status that it does not list (developer
	// documentation, "Best practices"), four times within two and a half after
	// 503, and once after 500. 503 when 0: it says what is the case, to load
	// balancers too. Use 502 to bridge a longer outage.
	RetryStatus int

	// Observe learns what became of each request, for logs and metrics. It is
	// called from several goroutines.
	Observe func(Outcome)
}

// An Outcome is what became of one request.
type Outcome struct {
	Status      int       // of the answer
	Event       EventName // empty when the request did not get so far; so are the next
	EventID     string
	OrderNumber string
	Duplicate   bool  // it was received before, or is being worked on
	Stale       bool  // it would have set its order back
	Err         error // why the status is not 204, or what could not be remembered
}

// Errors of an [Outcome].
var (
	ErrNotSigned = errors.New("the signature does not verify")
	ErrDeadline  = errors.New("not done in time")
	ErrInFlight  = errors.New("the same notification is being worked on")
)

// A Handler receives notifications over HTTP. It
//
//   - reads the raw body, up to a size and for a limited time (413, 408);
//   - verifies it before anything looks into it (401, without a detail);
//   - knows a notification that it has received before, and answers 204;
//   - works on the notifications of one order one after the other, and drops one
//     that would set the order back: they arrive in any order;
//   - answers before GoBiz gives up waiting, in the worst case with RetryStatus.
//
// A body that verifies and is no notification is answered 400, which GoBiz
// repeats twice; the answer would be the same however often.
//
// Its limits begin with a request's headers: see [NewServer] for those of a
// connection.
type Handler struct {
	o     Options
	slots chan struct{}
	locks orderLocks
}

// NewHandler checks the options.
func NewHandler(o Options) (*Handler, error) {
	switch {
	case o.Receive == nil:
		return nil, errors.New("webhook handler: nothing to receive with")
	case len(o.Secrets) == 0:
		return nil, errors.New("webhook handler: no relay secret")
	}
	for _, secret := range o.Secrets {
		if secret == "" || strings.TrimSpace(secret) != secret {
			return nil, errors.New("webhook handler: a relay secret is empty or has blanks around it")
		}
	}
	o.MaxBody = cmp.Or(o.MaxBody, DefaultMaxBody)
	o.Deadline = cmp.Or(o.Deadline, DefaultDeadline)
	o.Concurrency = cmp.Or(o.Concurrency, DefaultConcurrency)
	o.RetryStatus = cmp.Or(o.RetryStatus, http.StatusServiceUnavailable)
	if o.Deliveries == nil {
		o.Deliveries = NewMemoryDeliveries(DefaultRemembered, DefaultMemory)
	}
	if o.Orders == nil {
		o.Orders = NewMemoryOrders(DefaultRemembered, DefaultMemory)
	}
	return &Handler{o: o, slots: make(chan struct{}, o.Concurrency)}, nil
}

// ServeHTTP receives one notification.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := h.serve(w, r)
	if out.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	w.WriteHeader(out.Status)
	if h.o.Observe != nil {
		h.o.Observe(out)
	}
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) Outcome {
	if r.Method != http.MethodPost {
		return Outcome{Status: http.StatusMethodNotAllowed, Err: fmt.Errorf("the method is %.20q", r.Method)}
	}
	// What GoBiz has hung up on is still worth finishing: it sends it again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), h.o.Deadline)
	defer cancel()
	body, status, err := h.read(ctx, w, r)
	if err != nil {
		return Outcome{Status: status, Err: err}
	}
	if Verify(body, r.Header.Get(SignatureHeader), h.o.Secrets...) < 0 {
		return Outcome{Status: http.StatusUnauthorized, Err: ErrNotSigned}
	}
	n, err := Parse(body)
	if err != nil {
		return Outcome{Status: http.StatusBadRequest, Err: err}
	}
	out := h.receive(ctx, n, body, deliveryKeys(n, body))
	out.Event, out.EventID, out.OrderNumber = n.Event, n.EventID, n.orderNumber()
	if out.Status == 0 {
		out.Status = http.StatusNoContent
	}
	return out
}

func (n *Notification) orderNumber() string {
	switch {
	case n.Order != nil:
		return n.Order.Number
	case n.MappingError != nil:
		return n.MappingError.OrderNumber
	}
	return ""
}

// read takes the body, before the context's deadline: a client that sends a byte
// a second would hold its place for ever. Without the shape of a signature
// nothing is read.
func (h *Handler) read(ctx context.Context, w http.ResponseWriter, r *http.Request) (body []byte, status int, err error) {
	control := http.NewResponseController(w)
	if end, ok := ctx.Deadline(); ok {
		_ = control.SetReadDeadline(end) // not every server has one
	}
	switch signature := r.Header.Get(SignatureHeader); {
	case len(signature) != 2*sha256.Size || strings.Trim(signature, "0123456789abcdef") != "":
		return nil, http.StatusUnauthorized, ErrNotSigned
	case r.ContentLength > h.o.MaxBody:
		return nil, http.StatusRequestEntityTooLarge, &http.MaxBytesError{Limit: h.o.MaxBody}
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, h.o.MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, http.StatusRequestEntityTooLarge, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, http.StatusRequestTimeout, err
	case err != nil:
		return nil, http.StatusBadRequest, err
	}
	// The server watches the connection while the handler works: without this the
	// deadline would look like a client that is gone.
	_ = control.SetReadDeadline(time.Time{})
	return body, 0, nil
}

// receive works on a notification unless that is done, or being done.
func (h *Handler) receive(ctx context.Context, n *Notification, body []byte, keys []string) Outcome {
	claim, err := h.claim(ctx, keys)
	switch {
	case err != nil:
		return Outcome{Status: h.o.RetryStatus, Err: err}
	case claim == Completed:
		return Outcome{Duplicate: true}
	case claim == InFlight:
		return Outcome{Status: h.o.RetryStatus, Duplicate: true, Err: ErrInFlight}
	}
	done := make(chan Outcome, 1)
	go func() { done <- h.work(ctx, n, body, keys) }()
	select {
	case out := <-done:
		return out
	case <-ctx.Done():
		// The work goes on and decides what becomes of the claim: done, and the
		// repetition is a duplicate; or not, and it is worked on again.
		return Outcome{Status: h.o.RetryStatus, Err: ErrDeadline}
	}
}

// work calls Receive, and settles the claim by its result.
func (h *Handler) work(ctx context.Context, n *Notification, body []byte, keys []string) Outcome {
	var stale bool
	err := contain(func() (err error) {
		stale, err = h.inOrder(ctx, n, body)
		return err
	})
	if err != nil {
		return Outcome{Status: h.o.RetryStatus, Stale: stale, Err: errors.Join(err, h.settle(ctx, keys, h.o.Deliveries.Release))}
	}
	return Outcome{Stale: stale, Err: h.settle(ctx, keys, h.o.Deliveries.Complete)}
}

// inOrder calls Receive when a slot is free and no other notification of the
// same order is being worked on, and then only if the order is not further along.
func (h *Handler) inOrder(ctx context.Context, n *Notification, body []byte) (stale bool, err error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return false, ErrDeadline
	}
	if n.Order == nil || n.Order.Number == "" || n.Order.Status.Rank() == 0 {
		return false, h.o.Receive(ctx, n, body)
	}
	number, status := n.Order.Number, n.Order.Status
	unlock, err := h.locks.lock(ctx, number)
	if err != nil {
		return false, err
	}
	defer unlock()
	known, err := h.o.Orders.Status(ctx, number)
	if err != nil {
		return false, err
	}
	n.Stale = !status.Follows(known)
	if n.Stale && !h.o.PassStale {
		return true, nil
	}
	if err := h.o.Receive(ctx, n, body); err != nil || n.Stale {
		return n.Stale, err
	}
	settling, cancel := settleContext(ctx)
	defer cancel()
	return false, h.o.Orders.Advance(settling, number, status)
}

// errExited is a Receive that came to no end of its own, as by t.FailNow.
var errExited = errors.New("runtime.Goexit was called")

// contain returns the error of f, also when f panics or ends its goroutine: neither
// may end the process, nor keep a notification claimed for ever.
func contain(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := errExited
		defer func() {
			if cause := recover(); cause != nil {
				err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
			}
			done <- err
		}()
		err = f()
	}()
	return <-done
}

// settleTime is how long remembering a result may take. Its context does not end
// with the request's: the result would be lost.
const settleTime = 5 * time.Second

func settleContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTime)
}

func (h *Handler) settle(ctx context.Context, keys []string, settle func(context.Context, string) error) error {
	ctx, cancel := settleContext(ctx)
	defer cancel()
	var failed error
	for _, key := range keys {
		failed = errors.Join(failed, settle(ctx, key))
	}
	return failed
}

// NewServer returns an HTTP server for a [Handler] at address, with limits for
// connections that send their headers slowly, or nothing at all: net/http has
// none. GoBiz calls https with a valid certificate, on port 443 or 80, so in
// production TLS ends here or in front of it.
func NewServer(address string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              address,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      20 * time.Second, // above the deadline of a Handler
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}
