// Package sandbox is a GoBiz on this machine: the OAuth server with its login
// pages, the partner API, the legacy Enterprise Integration Middleware, and the
// signed webhooks, in one process and on one loopback address.
//
// [Start] starts one; [Sandbox.Info] has its URLs and made-up credentials. It
// answers and refuses as GoBiz's published pages say: grants, scopes, links,
// limits, error bodies. Where the pages disagree, [Switches] take the other
// reading. A [Fault] makes requests fail on purpose. What happens at the real
// GoBiz by itself, such as a customer's order or a driver's arrival, a test
// does through the control API, of which [Control] is a client; [Merchant]
// walks through the login pages.
//
// The package shares no code with the client that is tested against it.
package sandbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	randv2 "math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

// Options configure a sandbox. The zero value is a sandbox in memory on a free
// loopback port.
type Options struct {
	// Addr is the host and port to listen on. The default is 127.0.0.1:0, a free
	// port. Any other than a loopback address is refused unless Exposed says that
	// it is meant, because everybody who reaches a sandbox may control it.
	Addr    string
	Exposed bool
	// OAuthAddr puts the OAuth server on an address of its own, as GoBiz does, so
	// that a client which mixes the two up is noticed. Empty: the same as Addr.
	OAuthAddr string
	// Hosts are names that the sandbox answers to, besides the loopback ones and
	// the address it was called at, such as the name that containers have for this
	// machine.
	Hosts []string
	// PrivateReceivers lets webhooks go to hosts of private networks, such as
	// containers.
	PrivateReceivers bool
	// StateFile keeps the state in one file that survives a kill. Empty: memory.
	StateFile string
	// TimeScale makes waiting times of GoBiz (webhook retries, order acceptance)
	// shorter: 60 turns a minute into a second. 0 means 1.
	TimeScale float64
	// CatalogDelay is how long a pushed menu takes to show. 0 means 300 ms; a
	// negative delay shows it at once. It is not scaled.
	CatalogDelay time.Duration
	// Faults make requests fail on purpose.
	Faults []Fault
	// Switches choose the other reading where sources disagree.
	Switches Switches
	// Now is the clock, time.Now by default.
	Now func() time.Time
	// Seed makes ids, PINs and shares of faults repeat from run to run. 0 takes a
	// new one at each start.
	Seed uint64
	// Log gets one debug record a request, without bodies or secrets. nil: none.
	Log *slog.Logger

	bodyTimeout time.Duration // 0 means defaultBodyTimeout
}

// Sandbox is a running sandbox.
type Sandbox struct {
	o          Options
	store      *store
	clock      *clock
	log        *slog.Logger
	requests   *requestLog
	faults     *faultSet
	logins     *logins
	dispatcher *dispatcher
	router     http.Handler

	origin      string           // http://127.0.0.1:PORT
	oauthOrigin string           // the same unless Options.OAuthAddr says otherwise
	own         []netip.AddrPort // that the sandbox listens on

	server *http.Server
	served sync.WaitGroup  // until the server has ended
	ctx    context.Context // ends on Close
	stop   context.CancelFunc
	close  func() error

	answerMu       sync.Mutex
	catalogAnswers map[string]catalogAnswer // by outlet id

	current atomic.Pointer[Switches]

	randMu sync.Mutex
	rand   *randv2.ChaCha8
}

const defaultCatalogDelay = 300 * time.Millisecond

// Start opens the state, listens and serves until Close is called or ctx ends.
// When it returns, the sandbox accepts requests. The caller must call Close.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	if o.TimeScale == 0 {
		o.TimeScale = 1
	}
	if err := checkTimeScale(o.TimeScale); err != nil {
		return nil, err
	}
	for _, fault := range o.Faults {
		if _, err := ParseFault(fault.String()); err != nil {
			return nil, err
		}
	}
	o.CatalogDelay = cmp.Or(o.CatalogDelay, defaultCatalogDelay)
	o.bodyTimeout = cmp.Or(o.bodyTimeout, defaultBodyTimeout)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	listeners, err := listen(ctx, o.Exposed, cmp.Or(o.Addr, "127.0.0.1:0"), o.OAuthAddr)
	if err != nil {
		return nil, err
	}
	st, err := openStore(o.StateFile)
	if err != nil {
		return nil, errors.Join(err, listeners.close())
	}
	s := &Sandbox{
		o:        o,
		store:    st,
		log:      o.Log,
		requests: &requestLog{counts: map[string]int{}},

		origin:      originOf(listeners[0]),
		oauthOrigin: originOf(listeners[len(listeners)-1]),

		catalogAnswers: map[string]catalogAnswer{},
	}
	for _, l := range listeners {
		s.own = append(s.own, l.Addr().(*net.TCPAddr).AddrPort())
	}
	s.setSwitches(o.Switches)
	s.ctx, s.stop = context.WithCancel(ctx)
	s.close = sync.OnceValue(s.shutdown)
	if err := s.load(); err != nil {
		s.stop()
		return nil, errors.Join(err, st.close(), listeners.close())
	}
	s.faults = newFaultSet(o.Faults)
	s.logins = newLogins()
	s.dispatcher = newDispatcher(s)
	s.router = s.newRouter()
	s.server = &http.Server{
		Handler:           s.router,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	s.proceed()
	for _, l := range listeners {
		s.served.Go(func() {
			if err := s.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				s.log.Error("sandbox stopped serving", "error", err)
			}
		})
	}
	context.AfterFunc(s.ctx, func() { _ = s.close() })
	return s, nil
}

// load seeds an empty store, and takes clock and random numbers from where the
// last run left them.
func (s *Sandbox) load() error {
	var offset time.Duration
	var starts int
	err := s.store.update(func() error {
		if _, seeded := s.store.meta.get("seeded"); !seeded {
			s.seed()
		}
		if v, ok := s.store.meta.get("clock_offset"); ok {
			offset, _ = time.ParseDuration(v)
		}
		if v, ok := s.store.meta.get("starts"); ok {
			starts, _ = strconv.Atoi(v)
		}
		s.store.meta.put("starts", strconv.Itoa(starts+1))
		return nil
	})
	if err != nil {
		return err
	}
	s.clock = newClock(s.o.Now, offset)
	s.boundTokens()
	s.rand = randv2.NewChaCha8(randomKey(s.o.Seed, starts))
	return nil
}

// randomKey differs from start to start of one state file, so that a fixed seed
// does not hand out an id a second time.
func randomKey(seed uint64, starts int) [32]byte {
	var key [32]byte
	if seed == 0 {
		_, _ = rand.Read(key[:]) // never fails
		return key
	}
	b := binary.BigEndian.AppendUint64(nil, seed)
	return sha256.Sum256(binary.BigEndian.AppendUint64(b, uint64(starts)))
}

// proceed continues what was under way when the state was last written.
func (s *Sandbox) proceed() {
	s.resumeCatalogs()
	s.resumeOrders()
	s.resumeDeliveries()
}

// Handler serves the whole sandbox: OAuth, API, control API and pages. With
// Options.OAuthAddr, what a request gets depends on the listener it came from.
func (s *Sandbox) Handler() http.Handler { return s.router }

// Close ends the sandbox: it finishes the requests that are being answered,
// stops all timers and deliveries, and closes the state file. It may be called
// more than once.
func (s *Sandbox) Close() error { return s.close() }

// shutdownWait bounds how long a request may keep the sandbox from closing: a
// fault may delay an answer for hours.
const shutdownWait = 2 * time.Second

func (s *Sandbox) shutdown() error {
	s.stop() // wakes delayed answers
	ctx, cancel := context.WithTimeout(context.Background(), shutdownWait)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	s.served.Wait()
	s.clock.close()
	s.dispatcher.close()
	return errors.Join(err, s.store.close())
}

// now is the sandbox's time, which the control API may have advanced.
func (s *Sandbox) now() time.Time { return s.clock.now() }

// scaled turns a waiting time of GoBiz into one of this sandbox.
func (s *Sandbox) scaled(d time.Duration) time.Duration {
	scaled := float64(d) / s.o.TimeScale
	if scaled >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(scaled)
}

// after runs fn when d of GoBiz's time has passed. It is forgotten when the
// sandbox closes; a row with its due time brings it back (see at).
func (s *Sandbox) after(d time.Duration, fn func()) { s.clock.at(s.now().Add(s.scaled(d)), fn) }

// at runs fn when the sandbox's clock reaches due, at once when it has.
func (s *Sandbox) at(due time.Time, fn func()) { s.clock.at(due, fn) }

func (s *Sandbox) switches() Switches { return *s.current.Load() }

func (s *Sandbox) setSwitches(v Switches) { s.current.Store(&v) }

// random fills b. It is safe for concurrent use.
func (s *Sandbox) random(b []byte) {
	s.randMu.Lock()
	defer s.randMu.Unlock()
	_, _ = s.rand.Read(b) // never fails
}

// randomN returns a number in [0, n).
func (s *Sandbox) randomN(n int) int {
	s.randMu.Lock()
	defer s.randMu.Unlock()
	return randv2.New(s.rand).IntN(n)
}

// newUUID returns a random (version 4) UUID.
func (s *Sandbox) newUUID() string {
	var id uuid.UUID
	s.random(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// listeners are the one of the API, and that of the OAuth server if it has one.
type listeners []net.Listener

func listen(ctx context.Context, exposed bool, addrs ...string) (listeners, error) {
	var made listeners
	for _, addr := range addrs {
		if addr == "" {
			continue
		}
		l, err := listenOn(ctx, exposed, addr)
		if err != nil {
			return nil, errors.Join(err, made.close())
		}
		made = append(made, l)
	}
	return made, nil
}

func listenOn(ctx context.Context, exposed bool, addr string) (net.Listener, error) {
	if err := checkLoopback(addr); err != nil && !exposed {
		return nil, err
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenError(addr, err)
	}
	return l, nil
}

func (ls listeners) close() (err error) {
	for _, l := range ls {
		err = errors.Join(err, l.Close())
	}
	return err
}

// originOf is how this machine calls what listens, also on all addresses.
func originOf(l net.Listener) string {
	at := l.Addr().(*net.TCPAddr).AddrPort()
	if at.Addr().IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", at.Port())
	}
	return "http://" + at.String()
}

func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("sandbox address %q: %w", addr, err)
	}
	if publichost.Loopback(host) {
		return nil
	}
	return fmt.Errorf("sandbox address %q is not a loopback address; use 127.0.0.1", addr)
}

func checkTimeScale(scale float64) error {
	const hint = "60 turns a minute into a second"
	switch {
	case math.IsNaN(scale), math.IsInf(scale, 0):
		return fmt.Errorf("time scale %v is not a finite number; %s", scale, hint)
	case scale < 0:
		return fmt.Errorf("time scale %v is negative; %s", scale, hint)
	}
	return nil
}

// listenError reports why there is no server on addr, in words for what happens
// most.
func listenError(addr string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no permission to listen on %s; use a port from 1024 to 65535, or 0 for a free one: %w", addr, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("sandbox cannot listen on %s, another program does; use another port, or 0 for a free one: %w", addr, err)
	}
	return fmt.Errorf("sandbox cannot listen on %s: %w", addr, err)
}
