package listener

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The limits of a listener, where Options do not say otherwise.
const (
	DefaultMaxBody = 1 << 20 // bytes
	// DefaultForwardTimeout is how long GoBiz waits for an answer (developer
	// documentation, "Best practices").
	DefaultForwardTimeout = 15 * time.Second
	// DefaultReadTimeout is shorter: whoever sends a byte a second does not hold a
	// connection for long.
	DefaultReadTimeout = 10 * time.Second
	DefaultPatience    = 5 * time.Second
)

const (
	maxConnections = 1024 // for more, idle ones are closed
	idleTimeout    = time.Minute
	// stopTimeout is for requests that are being read when the listener stops.
	stopTimeout = 3 * time.Second
	maxHeaders  = 64 << 10 // bytes
)

// Options say how to listen.
type Options struct {
	Addr string // host:port; port 0 takes a free one

	// Secrets are the relay secrets that sign notifications; several while one is
	// being rotated. Without any, nothing verifies.
	Secrets []string
	// Unverified takes every request, signed or not.
	Unverified bool

	// Record is the capture, a regular file, which is made with mode 0600 and
	// appended to. Its folder is made with mode 0700.
	Record string
	// Missed is the list of requests that the target did not answer: where they
	// stand in Record, which is in the same folder. It is made, with mode 0600, when
	// there is one.
	Missed string

	Forward        *url.URL      // where to forward to; nil: nowhere
	ForwardTimeout time.Duration // for one request
	Patience       time.Duration // after which an event is given without the target's answer, see Event.Pending
	Filter         Filter        // what is forwarded and given to Events

	Answer      int           // status for requests that verify; 0: 200
	AnswerDelay time.Duration // before each answer to a request that verifies

	MaxBody     int64         // bytes; larger ones are answered 413
	ReadTimeout time.Duration // for a whole request; slower ones are answered 408

	// Notify receives what is not an event: see Notice. It is called by one
	// goroutine and may block; then later notices are lost.
	Notify func(Notice)
	Now    func() time.Time // nil: time.Now
}

// A Listener receives notifications until Stop.
type Listener struct {
	options Options
	url     string
	server  *http.Server

	stopping chan struct{} // closed by Stop
	recorder *recorder
	counts   counts
	seen     seen
	forward  *forwarder // nil: nowhere
	events   *queue[Event]
	notices  *notices
}

// Start opens the capture and the port, and receives from then on. An error that
// has to do with the port is a *net.OpError.
func Start(o Options) (*Listener, error) {
	o.setDefaults()
	if addr, err := net.ResolveTCPAddr("tcp", o.Addr); err == nil && isItself(o.Forward, addr) {
		return nil, ErrForwardsToItself
	}
	tcp, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, err
	}
	if isItself(o.Forward, tcp.Addr()) { // by chance, with port 0
		return nil, errors.Join(ErrForwardsToItself, tcp.Close())
	}
	l := &Listener{options: o, url: baseURL(tcp.Addr()), stopping: make(chan struct{}), events: newQueue[Event](), notices: newNotices(o.Notify)}
	if l.recorder, err = newRecorder(o.Record, l.notices, l.recorded); err != nil {
		l.notices.close()
		return nil, errors.Join(err, tcp.Close())
	}
	if o.Forward != nil {
		l.forward = newForwarder(o, l.recorder, &l.counts, l.report, l.notices)
	}
	connections := limitConnections(tcp, maxConnections)
	l.server = &http.Server{
		Handler:        http.HandlerFunc(l.receive),
		ReadTimeout:    o.ReadTimeout,
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: maxHeaders,
		ConnState:      connections.track,
		ErrorLog:       log.New(io.Discard, "", 0), // anybody can make it say something
	}
	go l.recorder.watch(l.stopping)
	go l.server.Serve(connections)
	return l, nil
}

func (o *Options) setDefaults() {
	o.Answer = cmp.Or(o.Answer, http.StatusOK)
	o.MaxBody = cmp.Or(o.MaxBody, DefaultMaxBody)
	o.ForwardTimeout = cmp.Or(o.ForwardTimeout, DefaultForwardTimeout)
	o.ReadTimeout = cmp.Or(o.ReadTimeout, DefaultReadTimeout)
	o.Patience = cmp.Or(o.Patience, DefaultPatience)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Notify == nil {
		o.Notify = func(Notice) {}
	}
}

// URL is where the listener can be reached from this machine, without a path.
func (l *Listener) URL() string { return l.url }

// recorded is called for each request that was recorded, in the order of the
// capture. It waits for nothing.
func (l *Listener) recorded(r *request) {
	e := &r.event
	e.Duplicate = e.Verdict != Invalid && l.isRepeated(r)
	l.counts.update(func(s *Summary) {
		s.Received++
		if e.Verdict == Invalid {
			s.Invalid++
		}
		if e.Duplicate {
			s.Duplicates++
		}
	})
	switch {
	case e.Verdict == Invalid: // whatever the filter: what it says of itself is not to be believed
		l.report(*e)
	case !l.options.Filter.Match(e.Summary):
	case l.forward == nil:
		l.report(*e)
	case strings.Contains(strings.Join(r.by, ","), l.forward.name):
		l.notices.notifyOnce(CameBack, "")
		e.ForwardError = "it was forwarded from here, and came back"
		l.report(*e)
	default:
		l.forward.put(r)
	}
}

// isRepeated reports whether the request, or its event, came before. A delivery is
// repeated with the same idempotency key; an event that is sent to two
// subscriptions has the same id in both.
func (l *Listener) isRepeated(r *request) bool {
	again := r.key != "" && l.seen.add('k', r.key)
	return r.event.EventID != "" && l.seen.add('e', r.event.EventID) || again
}

// report hands an event to the caller.
func (l *Listener) report(e Event) {
	if !l.events.put(e) {
		l.notices.notifyOnce(QueueFull, "")
	}
}

// Events returns what became of the requests: those to be forwarded when that is
// done, or after Options.Patience and again when it is done; the others when they
// are recorded. It waits for more, and ends when the listener has stopped and all
// have been taken. Whoever takes them slowly holds up nothing; events that come
// when 262,144 wait to be taken are left out.
func (l *Listener) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, ok := l.events.front()
			if !ok {
				return
			}
			l.events.remove()
			if !yield(e) {
				return
			}
		}
	}
}

// EventsWaiting counts the events that were not taken yet.
func (l *Listener) EventsWaiting() int {
	_, _, n := l.events.ends()
	return n
}

// Waiting counts the requests that are still to be forwarded.
func (l *Listener) Waiting() int {
	if l.forward == nil {
		return 0
	}
	return l.forward.waiting()
}

// Stop ends the listener: it takes no more connections, finishes the requests
// that are being read, and forwards what waits until ctx ends. What is left is
// listed in Options.Missed. It may be called once.
func (l *Listener) Stop(ctx context.Context) (Summary, error) {
	close(l.stopping)
	inFlight, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if l.server.Shutdown(inFlight) != nil {
		_ = l.server.Close() // nobody is to be waited for any longer
	}
	l.recorder.close()
	if l.forward != nil {
		l.forward.stop(ctx)
	}
	l.events.close()
	err := l.recorder.closeFile()
	l.notices.close()
	return l.Summary(), err
}
