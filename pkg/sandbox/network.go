package sandbox

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// checkCaller keeps other sites' pages away from the sandbox of the browser's
// user: the Host must be a loopback name or one of Options.Hosts, which stops
// DNS rebinding, and an Origin must be the sandbox itself.
func (s *Sandbox) checkCaller(r *http.Request) error {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	at, _ := localAddress(r)
	ip, err := netip.ParseAddr(host) // an address is no name that could lead elsewhere
	named := err == nil && ip.Unmap() == at.Addr().Unmap() ||
		slices.ContainsFunc(s.o.Hosts, func(known string) bool { return strings.EqualFold(known, host) })
	if !named && !publichost.Loopback(host) {
		return errForbidden("the sandbox does not answer to the host " + host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
			return errForbidden("the sandbox does not answer pages of another origin")
		}
	}
	if r.Header.Get(webhook.SignatureHeader) != "" {
		return errForbidden("the sandbox takes no notifications")
	}
	return nil
}

// localAddress is the address at which a request came in.
func localAddress(r *http.Request) (at netip.AddrPort, ok bool) {
	tcp, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if ok {
		at = tcp.AddrPort()
	}
	return at, ok
}

// defaultBodyTimeout is how long a request's body may take to arrive.
const defaultBodyTimeout = 30 * time.Second

// guarded refuses foreign callers and slow bodies before anything else happens.
func (s *Sandbox) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.checkCaller(r); err != nil {
			if strings.HasPrefix(r.URL.Path, controlPath+"/") {
				writeControlError(w, err)
			} else {
				writeError(w, false, err)
			}
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			body := &timedBody{ReadCloser: r.Body, limit: s.o.bodyTimeout, connection: http.NewResponseController(w)}
			body.start() // also for one that nobody reads
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// timedBody gives a request's body some time to arrive, from its first read on:
// a fault may delay an answer for longer before and after.
type timedBody struct {
	io.ReadCloser
	limit      time.Duration
	connection *http.ResponseController
	begun      bool
}

func (b *timedBody) start() {
	_ = b.connection.SetReadDeadline(time.Now().Add(b.limit)) // not supported without a connection
}

func (b *timedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.start()
	}
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// webhookURLProblem reports why webhooks cannot be sent to a URL; empty when
// they can. GoBiz delivers to public hosts, on ports 80 and 443 only (developer
// documentation, "Notification subscriptions"). A receiver on this machine, or
// on a private network where that is allowed, may have any port here.
func (s *Sandbox) webhookURLProblem(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "must be an http or https url"
	case u.User != nil:
		return "must not contain a user name or password"
	}
	host, port := u.Hostname(), u.Port()
	usual := port == "" || port == "80" || port == "443"
	ip, err := netip.ParseAddr(host)
	switch {
	case publichost.Loopback(host) && slices.ContainsFunc(s.own, func(own netip.AddrPort) bool { return port == strconv.Itoa(int(own.Port())) }):
		return "must not be the sandbox itself"
	case publichost.Loopback(host):
	case err == nil && unreachable(ip):
		return "must not be a link-local or unspecified address"
	case !publichost.Public(host) && !s.o.PrivateReceivers:
		return "must be a public host, or one on this machine"
	case publichost.Public(host) && !usual:
		return "must have port 80 or 443"
	}
	return ""
}

// checkDial holds every address that a webhook or an image download connects to
// against the same rules, since any name may lead anywhere. It is the Control of
// a net.Dialer.
func (s *Sandbox) checkDial(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := to.Addr().Unmap()
	switch {
	case slices.ContainsFunc(s.own, func(own netip.AddrPort) bool {
		return own.Port() == to.Port() && (own.Addr().Unmap() == ip || own.Addr().IsUnspecified() && ip.IsLoopback())
	}):
		return errors.New("the address is the sandbox itself")
	case unreachable(ip):
		return errors.New("the address is link-local or unspecified")
	case !ip.IsLoopback() && !publichost.Public(ip.String()) && !s.o.PrivateReceivers:
		return errors.New("the address is private")
	}
	return nil
}

// unreachable addresses lead to this machine or its own link, where metadata
// services of clouds are.
func unreachable(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast()
}

// newReceiverClient returns the client that webhooks are sent with. conns is how
// many connections to one receiver stay open.
func (s *Sandbox) newReceiverClient(conns int) *http.Client {
	client := sender.NewClient(conns, nil, s.webhookURLProblem)
	client.Transport.(*sender.Transport).Dialer.Control = s.checkDial
	return client
}
