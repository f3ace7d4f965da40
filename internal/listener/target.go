package listener

import (
	"errors"
	"net"
	"net/url"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

// ErrForwardsToItself is a target that is the listener: it would forward its own
// requests for ever.
var ErrForwardsToItself = errors.New("the target is the listener itself")

// isItself reports whether a target is the address that we listen on.
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
	return publichost.Loopback(host) || ip != nil && ip.IsUnspecified() || ip != nil && ip.Equal(own.(*net.TCPAddr).IP)
}

// targetAddr is host:port.
func targetAddr(target *url.URL) string {
	port := target.Port()
	if port == "" {
		port = "80"
		if target.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(target.Hostname(), port)
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
