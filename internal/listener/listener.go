package listener

import (
	"context"
	"errors"
	"io"
	"iter"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The limits of a listener, where Options do not say otherwise.
const (
	DefaultMaxBody        = 1 << 20 // bytes
	DefaultMaxConnections = 1024
	// DefaultForwardTimeout is how long GoBiz waits for an answer (developer
	// documentation, "Best practices").
	DefaultForwardTimeout = 15 * time.Second
	// DefaultReadTimeout is shorter: whoever sends a byte a second does not hold a
	// connection for long.
	DefaultReadTimeout = 10 * time.Second
	DefaultQueueMemory = 32 << 20 // bytes
	DefaultPatience    = 5 * time.Second
)

const (
	idleTimeout   = time.Minute
	headerTimeout = 5 * time.Second
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

	// Record is the capture, which is made with mode 0600 and appended to.
	Record string
	// Dir is where queues that outgrow memory are kept for as long as they are
	// needed. It is made with mode 0700; the folders of Record and Missed are not,
	// unless they are this one.
	Dir string
	// Missed is the file for requests that the target did not answer. It is made,
	// with mode 0600, when there is one.
	Missed string

	Forward        *url.URL      // where to forward to; nil: nowhere
	ForwardTimeout time.Duration // for one request
	Patience       time.Duration // after which an event is given without the target's answer, see Event.Pending
	Filter         Filter        // what is forwarded and given to Events

	Answer      int           // status for requests that verify; 0: 200
	AnswerDelay time.Duration // before each answer to a request that verifies

	MaxBody        int64         // bytes; larger ones are answered 413
	MaxConnections int           // more wait to be accepted
	ReadTimeout    time.Duration // for a whole request; slower ones are answered 408
	QueueMemory    int           // bytes of requests that wait for the target, about; more wait in a file

	// Notify is told what is not an event: see Notice. It is called by one
	// goroutine and may block; then later notices are lost.
	Notify func(Notice)
	Now    func() time.Time // nil: time.Now
}

// A Listener receives notifications until Stop.
type Listener struct {
	options Options
	url     string
	tcp     net.Listener
	server  *http.Server

	stopping chan struct{} // closed by Stop
	verifier verifier
	recorder *recorder
	counts   counts
	seen     seen
	forward  *forwarder // nil: nowhere
	events   *backlog[Event]
	notices  *notices

	dispatched sync.WaitGroup
}

// Start opens the capture and the port, and receives from then on. An error that
// has to do with the port is a *net.OpError.
func Start(o Options) (*Listener, error) {
	o.setDefaults()
	l := &Listener{options: o, stopping: make(chan struct{}), verifier: newVerifier(o.Secrets)}
	removeSpools(o.Dir)
	if addr, err := net.ResolveTCPAddr("tcp", o.Addr); err == nil && isItself(o.Forward, addr) {
		return nil, ErrForwardsToItself
	}
	tcp, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, err
	}
	l.tcp, l.url = tcp, baseURL(tcp.Addr())
	if isItself(o.Forward, tcp.Addr()) { // by chance, with port 0
		return nil, errors.Join(ErrForwardsToItself, tcp.Close())
	}
	if o.Dir != "" && (filepath.Dir(o.Record) == filepath.Clean(o.Dir) || filepath.Dir(o.Missed) == filepath.Clean(o.Dir)) {
		if err := os.MkdirAll(o.Dir, 0o700); err != nil && filepath.Dir(o.Record) == filepath.Clean(o.Dir) {
			return nil, errors.Join(err, tcp.Close())
		}
	}
	l.notices = newNotices(o.Notify)
	if l.recorder, err = newRecorder(o.Record, l.notices); err != nil {
		l.notices.close()
		return nil, errors.Join(err, tcp.Close())
	}
	l.events = newEventQueue(o.Dir, func(err error) { l.notices.tellOnce(QueueFailed, fileReason(err)) })
	if o.Forward != nil {
		l.forward = newForwarder(o, &l.counts, l.events, l.notices)
	}
	l.dispatched.Go(l.dispatch)
	l.server = &http.Server{
		Handler:           http.HandlerFunc(l.receive),
		ReadTimeout:       o.ReadTimeout,
		ReadHeaderTimeout: min(headerTimeout, o.ReadTimeout),
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          log.New(io.Discard, "", 0), // what a stranger sends is no news
	}
	go l.server.Serve(limitConnections(tcp, o.MaxConnections))
	return l, nil
}

func (o *Options) setDefaults() {
	if o.Answer == 0 {
		o.Answer = http.StatusOK
	}
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = DefaultMaxConnections
	}
	if o.ForwardTimeout <= 0 {
		o.ForwardTimeout = DefaultForwardTimeout
	}
	if o.ReadTimeout <= 0 {
		o.ReadTimeout = DefaultReadTimeout
	}
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if o.QueueMemory <= 0 {
		o.QueueMemory = DefaultQueueMemory
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Notify == nil {
		o.Notify = func(Notice) {}
	}
}

// URL is where the listener can be reached from this machine, without a path.
func (l *Listener) URL() string { return l.url }

// Events gives what became of the requests: those to be forwarded when that is
// done, or after Options.Patience and again when it is done; the others when they
// are recorded. It waits for more, and ends when the listener has stopped and all
// have been given. Whoever takes them
// slowly holds up nothing.
func (l *Listener) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, ok := l.events.take()
			if !ok || !yield(e) {
				return
			}
		}
	}
}

// Waiting counts the requests that are still to be forwarded.
func (l *Listener) Waiting() int { return int(l.counts.waiting.Load()) }

// Stop ends the listener: it takes no more connections, finishes the requests
// that are being read, and forwards what waits until ctx ends. What is left is
// written to Options.Missed. It may be called once.
func (l *Listener) Stop(ctx context.Context) (Summary, error) {
	close(l.stopping)
	inFlight, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if l.server.Shutdown(inFlight) != nil {
		_ = l.server.Close() // nobody is to be waited for any longer
	}
	err := l.recorder.close()
	l.dispatched.Wait()
	if l.forward != nil {
		err = errors.Join(err, l.forward.stop(ctx))
	}
	l.events.close()
	l.notices.close()
	return l.Summary(), err
}

// ErrForwardsToItself is a target that is the listener: it would forward its own
// requests for ever.
var ErrForwardsToItself = errors.New("the target is the listener itself")

// isItself tells whether a target is the address that we listen on.
func isItself(target *url.URL, own net.Addr) bool {
	if target == nil {
		return false
	}
	host, port, err := net.SplitHostPort(targetAddr(target))
	_, ownPort, ownErr := net.SplitHostPort(own.String())
	if err != nil || ownErr != nil || port != ownPort {
		return false
	}
	ip := net.ParseIP(host)
	return isLoopback(host) || ip != nil && ip.IsUnspecified() || ip != nil && ip.Equal(own.(*net.TCPAddr).IP)
}

// baseURL is the URL of an address: one that means all addresses of the machine
// is reached by the loopback one.
func baseURL(a net.Addr) string {
	tcp := a.(*net.TCPAddr)
	host := tcp.IP
	if host.IsUnspecified() {
		host = net.IPv4(127, 0, 0, 1)
	}
	return (&url.URL{Scheme: "http", Host: (&net.TCPAddr{IP: host, Port: tcp.Port, Zone: tcp.Zone}).String()}).String()
}

// removeSpools removes what a killed listener has left behind. Those in use
// cannot be removed on Windows and have no name elsewhere.
func removeSpools(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, spoolPattern))
	for _, name := range left {
		_ = os.Remove(name)
	}
}
